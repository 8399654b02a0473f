"""The two real documents the project began with. Their text is not part of the repository: these tests run where it lies."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from flows import catalog
from pipeline import clean, replay
from pipeline.document import Rejected
from schemas import Record

SEEDS = Path(__file__).resolve().parent.parent.parent / "shared" / "seeds"
GOLD = Path(__file__).parent / "golden" / "spacing-seed-blanks.txt"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not here")]

DECLARATION, NEWS = "000_df1b2610c50c2123.txt", "002_9abfdcff137a48cb.txt"
HEADINGS = (116, 120, 124, 196, 252)  # lines of the declaration, counted from 1
FIRST, LAST = 15, 275


@cache
def body(name: str) -> bytes:
    return (SEEDS / name).read_bytes()


@cache
def lines(name: str) -> list[str]:
    return body(name).decode().splitlines()


@cache
def cleaned(name: str, source: str | None = None) -> Record:
    result = clean(body(name), source=catalog.find(source, None).source if source else None)
    assert not isinstance(result, Rejected), result
    return result


def letters(text: str) -> str:
    """`text` without blanks, its dashes told apart from nothing: what spacing may never change."""
    return re.sub(r"\s+", "", text.replace("\u0335", "–"))


SOURCES = pytest.mark.parametrize("source", [None, "infoshos"])


@SOURCES
def test_declaration_keeps_every_line_of_the_document_and_nothing_else(source: str | None) -> None:
    record, given = cleaned(DECLARATION, source), lines(DECLARATION)
    assert record.title == given[11]
    kept = [line for line in given[FIRST - 1 : LAST] if line.strip()]
    assert [letters(b.text) for b in record.blocks] == [letters(line) for line in kept]


@SOURCES
def test_declaration_headings(source: str | None) -> None:
    found = [letters(b.text) for b in cleaned(DECLARATION, source).blocks if b.kind == "heading"]
    assert found == [letters(lines(DECLARATION)[n - 1]) for n in HEADINGS]


@cache
def lost_blanks() -> dict[int, frozenset[int]]:
    """By line of the declaration: before which of its characters other than blanks one was lost, as checked by hand."""
    rows = [row for row in GOLD.read_text(encoding="utf-8").splitlines() if not row.startswith("#")]
    return {int(row.partition(":")[0]): frozenset(map(int, row.partition(":")[2].split())) for row in rows}


def blanks(text: str) -> set[int]:
    """Before which of the characters other than blanks there is one."""
    found, count = set(), 0
    for character in text:
        if character.isspace():
            found.add(count)
        count += not character.isspace()
    return found


@SOURCES
def test_declaration_spaces_are_restored(source: str | None) -> None:
    record, given = cleaned(DECLARATION, source), lines(DECLARATION)
    numbers = [n for n in range(FIRST, LAST + 1) if given[n - 1].strip()]
    wrong = missed = 0
    for n, block in zip(numbers, record.blocks, strict=True):
        restored = blanks(block.text) - blanks(given[n - 1].strip())
        wrong += len(restored - lost_blanks().get(n, frozenset()))
        missed += len(lost_blanks().get(n, frozenset()) - restored)
    assert sum(map(len, lost_blanks().values())) == 1276
    assert wrong + missed <= 3
    assert "2019 – 2021" in record.text or "2019 – 2020" in record.text
    assert "\u0335" not in record.text


def test_declaration_date_in_the_sources_zone() -> None:
    record = cleaned(DECLARATION, "infoshos")
    assert record.published_at == datetime(2020, 11, 18, 14, 18, tzinfo=UTC)
    assert record.published_raw == lines(DECLARATION)[12]


def test_declaration_date_without_a_source_has_no_zone() -> None:
    record = cleaned(DECLARATION)
    assert record.published_at is None
    assert str(record.published_date) == "2020-11-18"
    assert "zone" in record.published_evidence


@pytest.mark.parametrize("name", [DECLARATION, NEWS])
@SOURCES
def test_steps_and_removals_rebuild_the_input(name: str, source: str | None) -> None:
    record = cleaned(name, source)
    assert replay.rebuild(record) == body(name).decode()


@pytest.mark.parametrize("source", [None, "astanatimes"])
def test_news_changes_one_blank_and_drops_one_line(source: str | None) -> None:
    record, given = cleaned(NEWS, source), [line for line in lines(NEWS) if line.strip()]
    assert record.title == given[0]
    assert [b.text for b in record.blocks] == [re.sub(r"\s+", " ", line.strip()) for line in given[1:-1]]
    assert [b.kind for b in record.blocks[:3]] == ["paragraph", "caption", "paragraph"]
    assert {b.kind for b in record.blocks[2:]} == {"paragraph"}
