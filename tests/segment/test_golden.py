"""Every golden page: each block's boundary and kind, and a log that gives the page's own text back."""

import json
from pathlib import Path

import pytest

from pipeline import clean, edits, replay
from pipeline.document import Rejected
from schemas import Record

PAGES = sorted((Path(__file__).resolve().parents[1] / "golden" / "blocks").iterdir())
FIELDS = ("level", "ordered", "depth", "header_rows")
TYPES = {".html": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8"}


def cleaned(folder: Path) -> Record:
    source = next(folder.glob("input.*"))
    result = clean(source.read_bytes(), content_type=TYPES[source.suffix])
    assert not isinstance(result, Rejected), result
    return result


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_blocks(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    record = cleaned(folder)
    found = [
        {"kind": block.kind, "text": block.text}
        | {name: getattr(block, name) for name in FIELDS if getattr(block, name) is not None}
        for block in record.blocks
    ]
    assert found == expected["blocks"]
    assert record.title == expected["title"]


@pytest.mark.parametrize(
    "folder", [page for page in PAGES if page.name.startswith("text-")], ids=lambda folder: folder.name
)
def test_the_input_can_be_rebuilt(folder: Path) -> None:
    source = next(folder.glob("input.*"))
    assert replay.rebuild(cleaned(folder)) == source.read_bytes().decode()


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_steps_replay(folder: Path) -> None:
    for block in replay.blocks_of(cleaned(folder)):
        assert edits.replay(edits.before(block), block.steps) == block.text


def test_there_are_forty_pages() -> None:
    assert len(PAGES) >= 40
