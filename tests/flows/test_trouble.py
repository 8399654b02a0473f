"""What goes wrong around Unscrape is one line that says where and what to do, whatever the command; nothing is harmed by it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from httpx import ConnectError
from sqlalchemy.exc import DatabaseError, OperationalError

from flows.trouble import explained
from pipeline.errors import Terminal
from pipeline.store import Store
from tests.flows.conftest import Unscrape, assert_one_line

ROOT = Path(__file__).resolve().parents[2]
# Root may write anywhere, unless it gives that up.
RIGHTS = "-dac_override,-dac_read_search"
WITHOUT_RIGHTS = ["setpriv", "--bounding-set", RIGHTS, "--inh-caps", RIGHTS] if os.geteuid() == 0 else []


def called(words: Sequence[str], by: Sequence[str] = (), **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with these settings and no others."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
    return subprocess.run(
        [*by, sys.executable, "-m", "flows.cli", *words],
        env=env | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A store that may not be written to."""
    store = Store.open(tmp_path)
    with store.run("harbour"):
        pass
    store.close()
    (tmp_path / ".prefect").mkdir()
    folders = [tmp_path, *(path for path in tmp_path.rglob("*"))]
    for path in folders:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield tmp_path
    for path in folders:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["ingest", "sample"], ".prefect/server.users: Permission denied"),
        (["schedule"], ".prefect/service.lock: Permission denied"),
        (["verify"], "the ledger, raw/ledger.sqlite: attempt to write a readonly database"),
        (["verify", "--repair"], "the ledger, raw/ledger.sqlite: attempt to write a readonly database"),
    ],
    ids=" ".join,
)
def test_a_store_that_may_not_be_written_is_named(read_only: Path, words: list[str], where: str) -> None:
    before = sorted(read_only.rglob("*"))
    done = called(words, WITHOUT_RIGHTS, UNSCRAPE_HOME=str(read_only))
    assert done.returncode == 1
    assert_one_line(done.stderr, where, "set UNSCRAPE_HOME to one you may write to")
    assert sorted(read_only.rglob("*")) == before


@pytest.mark.parametrize("words", [["status"], ["status", "--failures"]], ids=" ".join)
def test_a_store_that_may_not_be_written_is_read(read_only: Path, words: list[str]) -> None:
    """A snapshot, or a backup that was mounted."""
    before = sorted(read_only.rglob("*"))
    done = called(words, WITHOUT_RIGHTS, UNSCRAPE_HOME=str(read_only))
    assert done.returncode == 0, done.stderr
    assert sorted(read_only.rglob("*")) == before


def test_a_locked_ledger_is_not_called_damaged_nor_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.ledger.BUSY_SECONDS", 0.1)
    store = Store.open(tmp_path)
    with store.run("harbour"):
        pass
    store.close()
    other = sqlite3.connect(tmp_path / "raw" / "ledger.sqlite")
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(OperationalError) as caught:
            store.verify(repair=True)
        assert "another program holds it" in str(explained(caught.value))
    finally:
        other.close()
        store.close()
    assert [path.name for path in (tmp_path / "raw").iterdir() if "ledger" not in path.name] == []


def test_a_ledger_that_cannot_be_reached_is_named_without_its_password(
    unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("UNSCRAPE_LEDGER", "postgresql://unscrape:correct-horse@127.0.0.1:9/ledger")
    for words in (("status",), ("verify", "--repair")):
        result = unscrape(*words)
        assert result.code == 1
        assert_one_line(result.err, "the ledger", "port 9", "UNSCRAPE_LEDGER")
        assert "correct-horse" not in result.err


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (OSError(28, "No space left on device", "raw/x"), "raw/x: No space left on device: make room"),
        (OSError(24, "Too many open files"), "ulimit"),
        (OperationalError("", {}, sqlite3.OperationalError("database or disk is full")), "make room"),
        (DatabaseError("", {}, sqlite3.DatabaseError("file is not a database")), "unscrape verify"),
        (ConnectError("refused"), "Prefect's server does not answer any more (refused)"),
        (FileNotFoundError(2, "No such file", "x"), None),
        (ValueError("a bug"), None),
    ],
)
def test_what_is_known_is_explained(error: Exception, part: str | None) -> None:
    said = explained(error)
    assert said is None if part is None else part in str(said)


def test_a_fault_of_ours_is_not_hidden(unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("flows.commands.look.load_settings", broken)
    with pytest.raises(ValueError, match="a bug"):
        unscrape("status")


@pytest.mark.parametrize("name", ["UNSCRAPE_HOME", "UNSCRAPE_SOURCES"])
def test_a_home_of_nobody_is_named(unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "~nobody-of-that-name/news")
    result = unscrape("sources")
    assert result.code == 1
    assert_one_line(result.err, name, "~nobody-of-that-name/news", "Write the whole path")


def test_a_configured_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = called(["ingest", "sample"], UNSCRAPE_HOME=str(tmp_path), PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 1
    assert_one_line(done.stderr, "http://127.0.0.1:9/api does not answer", "unset PREFECT_API_URL")


def test_terminal_errors_need_no_explanation() -> None:
    assert explained(Terminal("said already")) is None


LEDGERS = {
    "ledger.sqlite": "the ledger's URL is none: write sqlite:////PATH",
    "mysql://u:correct-horse@db/ledger": "the ledger's URL speaks of mysql: write sqlite:////PATH",
}


@pytest.mark.parametrize("url", LEDGERS)
def test_a_ledger_that_is_none_is_told_what_to_write(
    unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("UNSCRAPE_LEDGER", url)
    result = unscrape("status")
    assert result.code == 1
    assert_one_line(result.err, LEDGERS[url], "postgresql://")
    assert "correct-horse" not in result.err


def test_a_missing_extra_is_named(unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSCRAPE_LEDGER", "postgresql://unscrape@127.0.0.1:9/ledger")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    result = unscrape("status")
    assert result.code == 1
    assert_one_line(result.err, "pip install 'unscrape[postgres]'")


def test_prefect_is_told_apart_from_a_path_it_would_cut(unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its database would lie beside that folder, under another name."""
    monkeypatch.setenv("PREFECT_HOME", "/nowhere/what?/prefect")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    result = unscrape("ingest", "sample")
    assert result.code == 1
    assert_one_line(result.err, "/nowhere/what?/prefect", "set PREFECT_HOME")


def test_a_run_whose_process_is_dead_is_not_said_to_run(unscrape: Unscrape, home: Path) -> None:
    begun = "import os, sys; from pathlib import Path; from pipeline.store import Store; run = Store.open(Path(sys.argv[1]))"
    dying = [sys.executable, "-c", f"{begun}.run('harbour'); run.__enter__(); os._exit(9)", str(home)]
    assert subprocess.run(dying, cwd=ROOT, check=False).returncode == 9
    assert "ingest lost" in unscrape("status").out
    store = Store.open(home)
    with store.run("harbour"):
        assert "ingest running" in unscrape("status").out
    store.close()
    assert "ingest done" in unscrape("status").out
