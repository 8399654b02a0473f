"""A document far from its source's usual is quarantined; one that is only short, or long, is not."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import line, usual
from flows.line import Work
from flows.usual import Figures, Usual
from pipeline.document import Capture
from pipeline.store import Run, Store
from schemas import SourceV1
from schemas.source_v1 import StripV1

DAY = datetime(2026, 5, 4, tzinfo=UTC)
HISTORY = [Figures(2000 + 300 * (n % 7), 900 + 20 * (n % 5), 0.95 - 0.01 * (n % 4)) for n in range(25)]


def usually() -> Usual:
    found = Usual.of(HISTORY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("figures", "what"),
    [
        (Figures(150, 3600, 0.9), "too little is kept"),  # a teaser; the document is among the removed
        (Figures(3900, 0, 0.9), "too much is kept"),  # the whole page
        (Figures(2400, 950, 0.3), "the confidence is low"),
    ],
)
def test_a_failed_extraction_is_far(figures: Figures, what: str) -> None:
    why = usually().far(figures)
    assert why is not None
    assert why.startswith(what)
    assert "deviations from the source's usual" in why
    assert "usually 2900 characters" in why


@pytest.mark.parametrize(
    "figures",
    [
        Figures(150, 940, 0.9),  # a note
        Figures(40_000, 940, 0.95),  # a long read
        Figures(2400, 30_000, 0.9),  # with a thousand comments
        Figures(150, 940, 0.75),
        Figures(2900, 500, 0.95),
    ],
)
def test_what_varies_by_itself_is_usual(figures: Figures) -> None:
    assert usually().far(figures) is None


def test_a_short_history_says_nothing() -> None:
    assert Usual.of(HISTORY[: usual.ENOUGH - 1]) is None


def test_where_nothing_is_usually_removed_nothing_removed_is_usual() -> None:
    found = Usual.of([replace(one, removed=one.removed // 10) for one in HISTORY])
    assert found is not None
    assert found.far(Figures(3000, 0, 0.9)) is None


SOURCE = SourceV1(name="harbour", strip=StripV1(keep=(".body",)))
MENU = "".join(f"<li><a href=/{n}>Pier number {n} and its boats</a></li>" for n in range(12))


def capture(number: int, *, kept: int, beside: int = 0) -> Capture:
    """A page with so many paragraphs inside the element the source keeps, and beside it."""
    inside, outside = (
        "".join(
            f"<p>{part} {n} of week {number} tells of boats, ropes and the price of herring.</p>" for n in range(count)
        )
        for part, count in (("Part", kept), ("Piece", beside))
    )
    html = f"<html><body><ul>{MENU}</ul><div class=body><h1>Week {number}</h1>{inside}</div><div>{outside}</div></body></html>"
    body = html.encode()
    return Capture(
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        url_chain=(f"https://harbour.example/{number}",),
        status=200,
        headers=(("content-type", "text/html; charset=utf-8"),),
        content_type="text/html; charset=utf-8",
        fetched_at=DAY,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path)
    with store.run(SOURCE) as run:
        ingest(run, SOURCE, *(capture(number, kept=20 + number % 5) for number in range(24)))
    yield store
    store.close()


def ingest(run: Run, source: SourceV1, *captures: Capture) -> None:
    work = Work(source, run)
    refs = [run.save_capture(str(one.url), one) for one in captures]
    line.save_outcomes(work, line.clean_captures(work, refs))


REBUILT = capture(100, kept=1, beside=22)
SHORT = capture(101, kept=2)


def test_a_rebuilt_page_is_quarantined_and_a_short_one_kept(store: Store) -> None:
    with store.run(SOURCE) as run:
        ingest(run, SOURCE, REBUILT, SHORT)
    assert [status.records for status in store.status()] == [25]
    (refused,) = store.refused("harbour")
    assert (refused.url, refused.reason) == (REBUILT.url, "quarantined")
    assert refused.detail.startswith("too little is kept")
    assert refused.record is not None


def test_what_is_usual_is_read_once_and_before_the_run_stores_a_record(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing: list[int] = []

    def counted(clean: Path, source: str) -> Usual | None:
        standing.append(store.status()[0].records)
        return usual.usual_of(clean, source)

    monkeypatch.setattr(line, "usual_of", counted)
    with store.run(SOURCE) as run:
        work = Work(SOURCE, run)
        assert standing == [], "a run that cleans nothing reads nothing"
        for one in (REBUILT, SHORT):
            line.save_outcomes(work, line.clean_captures(work, [run.save_capture(str(one.url), one)]))
    assert standing == [24]


def test_who_finds_it_right_says_so_in_the_source(store: Store) -> None:
    trusted = SOURCE.model_copy(update={"quarantine_unusual": False})
    with store.run(trusted) as run:
        ingest(run, trusted, REBUILT)
    assert list(store.refused("harbour")) == []


def test_a_damaged_history_stops_no_run(store: Store) -> None:
    (shard,) = store.clean.glob("v1/source=harbour/*/*.jsonl")
    shard.write_bytes(shard.read_bytes()[:-5])
    assert usual.usual_of(store.clean, "harbour") is None
