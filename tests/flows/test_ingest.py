"""The whole line on the sample site, as a user runs it: fetched over HTTP, cleaned, stored, fetched again, changed, replayed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import cli
from flows.server import temporary_server
from flows.settings import PREFECT_ALWAYS, PREFECT_ONE_RUN
from pipeline.errors import SourceBusy
from pipeline.store import Store
from schemas import Record

ROOT = Path(__file__).resolve().parents[2]
CHARTER = "http://laketowns.example:41977/about/charter/"
PAGES, DOCUMENTS = 10, 9  # one of the pages is navigation only
NOISE = ("Traceback", "INFO", "WARNING", "DEBUG", "prefect.")


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended, and the shards as it left them."""

    code: int
    out: str
    err: str
    shards: dict[str, bytes]

    def counts(self, source: str = "sample") -> dict[str, int]:
        """The figures of a source in the table it printed."""
        heads, *rows = (line.split() for line in self.out.splitlines())
        row = next(row for row in rows if row[0] == source)
        return dict(zip(heads[1:], map(int, row[1:]), strict=True))


@dataclass(frozen=True, slots=True)
class Clone:
    """A copy of the packages, with a home, run by the module's name as from a fresh clone."""

    folder: Path
    api: str

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def pages(self) -> Path:
        return self.folder / "flows" / "sources" / "sample" / "pages"

    def run(self, *tokens: str) -> Run:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("UNSCRAPE_", "PREFECT_"))}
        env |= {"UNSCRAPE_HOME": str(self.home), "PREFECT_API_URL": self.api}
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", *tokens],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr, self.shards())

    def shards(self) -> dict[str, bytes]:
        paths = sorted((self.home / "clean").glob("v1/**/*.jsonl"))
        return {str(path.relative_to(self.home)): path.read_bytes() for path in paths}

    def records(self) -> list[Record]:
        lines = b"".join(self.shards().values()).splitlines()
        return [Record.model_validate_json(line) for line in lines]


@dataclass(frozen=True, slots=True)
class Story:
    """Four runs, one after the other."""

    clone: Clone
    first: Run
    second: Run
    changed: Run
    replayed: Run


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server for all runs of this module."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**PREFECT_ALWAYS, **PREFECT_ONE_RUN, "PREFECT_HOME": str(home)}.items():
            patch.setenv(name, value)
        with temporary_server(home) as server:
            server.wait()
            yield server.url


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, api: str) -> Story:
    clone = Clone(tmp_path_factory.mktemp("clone"), api)
    shutil.copytree(ROOT / "flows", clone.folder / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    for package in ("pipeline", "schemas"):
        (clone.folder / package).symlink_to(ROOT / package)
    first, second = clone.run("ingest", "sample"), clone.run("ingest", "sample")
    charter = clone.pages / "charter.html"
    charter.write_bytes(charter.read_bytes().replace(b"twice a year", b"three times a year"))
    return Story(clone, first, second, clone.run("ingest", "sample"), clone.run("replay", "sample"))


def test_the_first_run_fetches_cleans_and_stores(story: Story) -> None:
    assert story.first.code == 0, story.first.err
    counts = story.first.counts()
    assert (counts["found"], counts["fetched"], counts["new"], counts["failed"]) == (PAGES, PAGES, DOCUMENTS, 0)
    assert counts["rejected"] == PAGES - DOCUMENTS


def test_a_run_says_where_things_lie_and_nothing_that_is_not_for_the_user(story: Story) -> None:
    for run in (story.first, story.second, story.changed, story.replayed):
        assert f"records: {story.clone.home / 'clean'}" in run.err
        assert not [noise for noise in NOISE if noise in run.err]


def test_the_second_run_fetches_nothing_new_and_writes_nothing(story: Story) -> None:
    assert story.second.code == 0
    counts = story.second.counts()
    assert (counts["found"], counts["unchanged"]) == (PAGES, PAGES)
    assert [counts[name] for name in ("fetched", "new", "revised", "rejected", "failed")] == [0] * 5
    assert story.second.shards == story.first.shards


def test_one_changed_page_makes_exactly_one_revision(story: Story) -> None:
    counts = story.changed.counts()
    assert [counts[name] for name in ("fetched", "new", "revised")] == [1, 0, 1]
    lines = {line for shard in story.changed.shards.values() for line in shard.splitlines()}
    before = {line for shard in story.second.shards.values() for line in shard.splitlines()}
    assert before < lines
    (added,) = (Record.model_validate_json(line) for line in lines - before)
    assert (added.url, added.revision, added.change) == (CHARTER, 2, "page")
    assert "The Council meets three times a year" in added.text


def test_replay_finds_everything_as_it_was(story: Story) -> None:
    assert story.replayed.code == 0
    counts = story.replayed.counts()
    assert (counts["replayed"], counts["new"], counts["revised"]) == (PAGES, 0, 0)
    assert story.replayed.shards == story.changed.shards


def test_the_site_is_gone_from_the_records(story: Story) -> None:
    for record in story.clone.records():
        assert record.title
        for chrome in ("Add Comment", "09:41", "Related news", "Leave a comment", "Towns of the Union"):
            assert chrome not in record.text, record.url


@pytest.mark.parametrize(
    ("path", "present", "absent"),
    [
        ("news/declaration/", ("of the Council", "2019 – 2021"), ("\u00a0", "\u0335")),
        ("news/harvest-fair/", ("ten o’clock", "last year’s surprise success"), ("â€",)),
        ("2021/03/bridge-opened/", ("“The lake lent us its floor.”",), ("Get the stories",)),
        ("archive/minutes-1998/", ("The autumn session of the Council of Mayors was held in the",), ("ofthe", "inthe")),
        ("about/charter/", ("Any town with a harbour",), ()),
        ("news/water-levels/", ("Osterlake\t251\t+6",), ()),
        (
            "news/choir-festival/",
            ("“It was so cold that the tuning forks wouldn’t ring,” said conductor Marit Löwe",),
            ("â€", "Ã"),
        ),
        ("news/library-hours/", ("People here work on the water until dark.",), ()),
        ("ru/ferries/", ("Совет мэров Союза озёрных городов утвердил порядок",), ("\ufffd",)),
    ],
)
def test_each_kind_of_damage_is_undone(
    path: str, present: tuple[str, ...], absent: tuple[str, ...], story: Story
) -> None:
    url = f"http://laketowns.example:41977/{path}"
    record = next(record for record in story.clone.records() if record.url == url)
    for part in present:
        assert part in record.text
    for part in absent:
        assert part not in record.text


def test_what_is_stored_can_be_looked_at(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("UNSCRAPE_HOME", str(story.clone.home))

    def printed(*tokens: str) -> str:
        assert cli.run(tokens) == 0
        return capsysbinary.readouterr().out.decode("utf-8")

    assert "three times a year" in printed("show", CHARTER, "--format", "text")
    assert printed("show", CHARTER, "--raw").encode() == (story.clone.pages / "charter.html").read_bytes()
    assert "revision 2 (page)" in printed("explain", CHARTER)
    assert len(printed("history", CHARTER).splitlines()) == 4
    assert "The Council meets [-twice-]{+three times+} a year" in printed("diff", CHARTER)
    assert printed("status").splitlines()[2].split()[:2] == ["sample", str(PAGES)]
    assert printed("retry") == ""


def test_a_source_that_is_held_is_exit_3(story: Story) -> None:
    store = Store.open(story.clone.home)
    try:
        with store.run("sample", kind="ingest"), pytest.raises(SourceBusy), store.run("sample", kind="ingest"):
            pass
        with store.run("sample", kind="ingest"):
            busy = story.clone.run("ingest", "sample")
    finally:
        store.close()
    assert busy.code == 3
    assert busy.err.startswith("unscrape: sample: ")
    assert len(busy.err.splitlines()) == 1


@pytest.mark.slow
def test_without_a_server_one_is_started_and_ended(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("UNSCRAPE_", "PREFECT_"))}
    env["UNSCRAPE_HOME"] = str(tmp_path / "deep" / "home")
    command = [sys.executable, "-m", "flows.cli", "ingest", "sample"]
    done = [
        subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
        for _ in range(2)
    ]
    assert [run.returncode for run in done] == [0, 0], done[0].stderr
    assert "First run: Prefect builds its database" in done[0].stderr
    assert "First run" not in done[1].stderr
    assert not list(tmp_path.glob("*.db"))
    assert (tmp_path / "deep" / "home" / ".prefect" / "prefect.db").exists()
