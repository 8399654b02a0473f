"""The command line: usage, errors, and what it loads."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows import cli, help
from schemas import Record, lines
from schemas.examples import RECORD_V1

Unscrape = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Ferry to stop at noon</title></head><body><article>
<h1>Ferry to stop at noon</h1>
<p>The ferry between the two quays will stop at noon on Friday, because the cable has to be greased before the frost comes.</p>
<h2>Who may cross</h2>
<p>Passengers with a ticket for the afternoon may use the rowing boat of the harbour office, which leaves when it is full.</p>
<ul><li>Dogs on a lead travel free of charge, as they always have done.</li>
<li>Carts and barrows have to wait on the quay until Saturday morning.</li></ul>
</article></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def one_line(text: str) -> str:
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("unscrape: ")
    return lines[0]


def test_every_command_has_its_help() -> None:
    assert set(help.COMMANDS) == set(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_each_command_shows_an_example(name: str, unscrape: Unscrape) -> None:
    result = unscrape(name, "--help")
    assert result.code == 0
    assert f"unscrape {name}" in result.out


def test_help_names_exit_codes_and_groups(unscrape: Unscrape) -> None:
    result = unscrape("--help")
    assert result.code == 0
    for part in ("Exit codes", "ingest", "UNSCRAPE_HOME", "Fetch what is due"):
        assert part in result.out


@pytest.mark.parametrize(
    ("tokens", "parts"),
    [
        (("clan",), ("'clan'", "did you mean 'clean'?")),
        (("frobnicate",), ("'frobnicate'", "unscrape --help")),
        (("clean",), ("WHAT",)),
        (("clean", "nosuch.html"), ("nosuch.html", "No such file")),
        (("clean", "."), (". is a folder",)),
        (("clean", "x", "--sentences", "--format", "text"), ("--sentences", "--format text")),
        (("clean", "a\0b"), ("null byte",)),
        (("clean", "x", "--format", "yaml"), ("yaml", "json")),
        (("ingest", "smaple"), ("'smaple'", "did you mean 'sample'?")),
        (("ingest", "sample", "--url", "a/b"), ("'a/b'", "whole URL")),
        (("ingest", "sample", "--since", "yesterday"), ("yesterday",)),
        (("sources", "new", "example.org"), ("'example.org'", "https://")),
        (("sources", "new", "https://laketowns.example/", "--name", "sample"), ("'sample'", "--name")),
        (("sources", "check", "sampel"), ("did you mean 'sample'?",)),
        (("status",), ("nothing is stored", "unscrape ingest sample")),
        (("show", "https://a.example/"), ("nothing is stored",)),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    tokens: tuple[str, ...], parts: tuple[str, ...], unscrape: Unscrape
) -> None:
    result = unscrape(*tokens)
    assert result.code == 2
    line = one_line(result.err)
    for part in parts:
        assert part in line


def test_a_live_site_needs_a_contact(unscrape: Unscrape) -> None:
    result = unscrape("clean", "https://laketowns.example/")
    assert result.code == 1
    assert "UNSCRAPE_CONTACT" in one_line(result.err)


def test_wrong_settings_name_the_variable(unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSCRAPE_BATCH", "many")
    result = unscrape("sources", "list")
    assert result.code == 1
    assert "UNSCRAPE_BATCH" in one_line(result.err)


def test_clean_prints_the_record(unscrape: Unscrape, page: Path) -> None:
    result = unscrape("clean", str(page), "--url", "https://quay.example/ferry")
    assert result.code == 0
    record = json.loads(result.out)
    assert record["title"] == "Ferry to stop at noon"
    assert record["url"] == "https://quay.example/ferry"
    assert [block["kind"] for block in record["blocks"]] == [
        "paragraph",
        "heading",
        "paragraph",
        "list_item",
        "list_item",
    ]


def test_clean_as_markdown(unscrape: Unscrape, page: Path) -> None:
    result = unscrape("clean", str(page), "--format", "markdown")
    assert result.code == 0
    assert result.out.startswith("# Ferry to stop at noon\n\nThe ferry between")
    assert "\n\n### Who may cross\n\n" in result.out
    assert result.out.endswith(
        "as they always have done.\n- Carts and barrows have to wait on the quay until Saturday morning.\n"
    )


def test_clean_as_text(unscrape: Unscrape, page: Path) -> None:
    result = unscrape("clean", str(page), "--format", "text")
    assert result.out.startswith("Ferry to stop at noon\n\nThe ferry between")


def test_clean_prints_sentences_beside_the_record(unscrape: Unscrape, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE.replace("comes.</p>", "comes. Dr. Lind of St. Anne's will watch.</p>"), encoding="utf-8")
    result = unscrape("clean", str(path), "--sentences")
    assert result.code == 0
    printed = json.loads(result.out)
    assert printed["record"] == json.loads(unscrape("clean", str(path)).out)
    blocks = printed["record"]["blocks"]
    assert [blocks[block]["text"][start:end] for block, start, end in printed["sentences"]] == [
        "The ferry between the two quays will stop at noon on Friday, because the cable has to be greased before the frost comes.",
        "Dr. Lind of St. Anne's will watch.",
        "Passengers with a ticket for the afternoon may use the rowing boat of the harbour office, which leaves when it is full.",
        "Dogs on a lead travel free of charge, as they always have done.",
        "Carts and barrows have to wait on the quay until Saturday morning.",
    ]


def test_clean_reads_stdin_and_a_source(unscrape: Unscrape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(PAGE.encode())))
    result = unscrape("clean", "-", "--source", "sample")
    assert result.code == 0
    assert json.loads(result.out)["source"] == "sample"


def test_new_source_is_written_listed_and_checked(unscrape: Unscrape, home: Path) -> None:
    made = unscrape("sources", "new", "https://www.quay-office.example/news/", "--blank")
    path = home / "sources" / "quay-office.toml"
    assert (made.code, made.out) == (0, f"{path}\n")
    assert "quay-office" in unscrape("sources", "list").out
    assert unscrape("sources", "check", "quay-office", "--pages", "0").code == 0
    shown = json.loads(unscrape("sources", "show", "quay-office").out)
    assert shown["discover"]["include"] == [r"//www\.quay\-office\.example/"]


def test_a_wrong_file_among_the_sources_is_named_and_the_others_listed(unscrape: Unscrape, home: Path) -> None:
    (home / "sources").mkdir()
    (home / "sources" / "broken.toml").write_text("enabeld = true\n", encoding="utf-8")
    result = unscrape("sources", "list")
    assert result.code == 1
    assert "sample" in result.out
    line = one_line(result.err)
    for part in ("broken.toml", "enabeld", "did you mean 'enabled'?"):
        assert part in line


def test_clean_loads_neither_prefect_nor_a_database(page: Path) -> None:
    code = (
        "import sys; from flows import cli; code = cli.run(['clean', sys.argv[1], '--format', 'text']);"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'prefect', 'sqlalchemy', 'httpx', 'pydantic_settings'}), code)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(page)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"


@pytest.mark.parametrize("command", ["show", "history"])
def test_looking_a_record_up_loads_no_database_and_no_stage(command: str, home: Path) -> None:
    record = Record.model_validate(RECORD_V1)
    shard = home / "clean" / "v1" / f"source={record.source}" / "month=2026-03" / "part-0000.jsonl"
    shard.parent.mkdir(parents=True)
    shard.write_bytes(lines.dump(record) + b"\n")
    (home / "raw").mkdir()
    (home / "raw" / "ledger.sqlite").touch()
    heavy = "prefect sqlalchemy httpx numpy ftfy py3langid rensa selectolax fastwarc duckdb pyarrow rich"
    stages = "pipeline.line pipeline.strip pipeline.repair pipeline.segment pipeline.record pipeline.fetch"
    code = (
        "import sys; from flows import cli; code = cli.run(sys.argv[1:3]);"
        "print(sorted(set(sys.modules) & set(sys.argv[3:])), code)"
    )
    tokens = [command, record.id, *heavy.split(), *stages.split()]
    done = subprocess.run([sys.executable, "-c", code, *tokens], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_a_reader_that_goes_away_is_no_traceback(page: Path) -> None:
    command = f'"{sys.executable}" -m flows.cli clean "{page}" | true'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
