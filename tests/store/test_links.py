"""Documents that say nearly the same are linked, the later to the earlier, whatever the order they are processed in."""

import random
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pipeline.store import Store, links, tables
from schemas import Record, read

ON_SQLITE = pytest.mark.parametrize("ledger_url", [None], ids=["sqlite"])
"""For damage done to the database's file."""

WORDS = [
    f"{a}{b}"
    for a in ("tide", "quay", "boat", "net", "rope", "gull")
    for b in ("s", "man", "like", "ward", "less", "ful", "ing")
]


@pytest.fixture
def ingest(store: Store, clock: Any, helpers: Any) -> Callable[..., None]:
    """ingest({url: body}, source): fetch, clean and store these pages in one run."""

    def do(pages: dict[str, str], source: str = "paper") -> None:
        with store.run(source) as run:
            refs = [run.save_capture(url, helpers.capture_of(url, body, clock())) for url, body in pages.items()]
            run.save_records([helpers.clean_of(store.load(r)).model_copy(update={"source": source}) for r in refs])

    return do


def text(seed: int, length: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def page(body: str, *, title: str = "Harbour") -> str:
    return f"{title}\n{body}"


STORY, OTHER = text(1), text(2)
COPY = f"{STORY} read more in the evening paper"
CUT = " ".join(STORY.split()[:95])
A, B, C = "https://paper.example/a", "https://paper.example/b", "https://gazette.example/c"


def linked(store: Store, url: str) -> list[tuple[str, str]]:
    """Source and URL of what a document is linked to."""
    (record,) = store.find(url)
    found = []
    for link in record.same_as:
        other = store.get(link.id, source=link.source)
        assert other is not None
        assert link.similarity >= links.ALIKE
        found.append((str(link.source), str(other.url)))
    return found


def count(store: Store, table: Any) -> int:
    with store.ledger.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_the_later_is_linked_to_the_earlier(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY), "https://paper.example/o": page(OTHER)})
    clock.advance(hours=1)
    ingest({C: page(CUT)}, source="gazette")
    assert linked(store, A) == linked(store, "https://paper.example/o") == []
    assert linked(store, B) == [("paper", A)]
    assert linked(store, C) == [("paper", A), ("paper", B)]
    assert store.verify() == []


def test_links_are_no_content(store: Store, ingest: Any, clock: Any) -> None:
    ingest({B: page(COPY)})
    (alone,) = store.find(B)
    clock.advance(hours=1)
    ingest({A: page(STORY)})
    (before, after) = (alone, store.find(A)[0])
    assert after.same_as
    assert after.model_copy(update={"same_as": ()}).content_hash == after.content_hash
    assert store.find(B)[0] == before


def test_short_texts_are_not_linked(store: Store, ingest: Any) -> None:
    short = " ".join(STORY.split()[: links.LEAST - 1])
    ingest({A: page(short), B: page(short)})
    assert linked(store, A) == linked(store, B) == []
    assert count(store, tables.bands) == 0
    assert store.verify() == []


def test_the_same_site_around_other_texts_is_no_copy(store: Store, ingest: Any) -> None:
    frame = text(3, 60)
    ingest({f"https://paper.example/{n}": page(f"{text(n, 60)}\n{frame}") for n in range(10, 16)})
    assert [record.same_as for record in read.records(store.clean)] == [()] * 6


DOCUMENTS = [
    ("paper", A, STORY),
    ("gazette", C, COPY),
    ("paper", B, CUT),
    ("gazette", "https://gazette.example/o", OTHER),
]


def stored(home: Path, clock: Any, helpers: Any, order: list[int]) -> list[Record]:
    """The records of a store into which DOCUMENTS, captured in their order, were ingested in another."""
    store = Store.open(home, clock=clock)
    for at in order:
        source, url, body = DOCUMENTS[at]
        with store.run(source) as run:
            ref = run.save_capture(url, helpers.capture_of(url, page(body), helpers.START + timedelta(hours=at)))
            run.save_records([helpers.clean_of(store.load(ref)).model_copy(update={"source": source})])
    assert store.verify() == []
    found = sorted(read.records(store.clean, every_revision=True), key=lambda record: record.id)
    store.close()
    return found


def test_the_order_of_ingestion_changes_nothing(tmp_path: Path, clock: Any, helpers: Any) -> None:
    told = [
        stored(tmp_path / str(turn), clock, helpers, list(order))
        for turn, order in enumerate(permutations(range(len(DOCUMENTS))))
        if turn % 3 == 0
    ]
    assert sum(len(record.same_as) for record in told[0]) == 3
    assert all(records == told[0] for records in told)


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_replay_changes_nothing(
    store: Store, ingest: Any, clock: Any, helpers: Any, backwards: bool
) -> None:
    for source, url, body in DOCUMENTS:
        ingest({url: page(body)}, source=source)
        clock.advance(hours=1)
    before = {record.url: record.same_as for record in read.records(store.clean)}
    for source in sorted({"paper", "gazette"}, reverse=backwards):
        with store.run(source, kind="replay") as run:
            refs = sorted(store.latest_captures(source), key=lambda ref: ref.fetched_at, reverse=backwards)
            for ref in refs:
                again = helpers.clean_of(store.load(ref)).model_copy(
                    update={"title": f"Again {ref.url}", "source": source}
                )
                run.save_records([again])
    after = {record.url: record.same_as for record in read.records(store.clean)}
    assert before == after
    assert [record.revision for record in read.records(store.clean)] == [2] * 4
    assert store.verify() == []


def test_a_text_that_changes_loses_its_links(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY)})
    clock.advance(hours=1)
    ingest({C: page(CUT)}, source="gazette")
    clock.advance(hours=1)
    ingest({B: page(OTHER)})
    assert linked(store, B) == []
    assert linked(store, C) == [("paper", A)]
    assert [record.same_as for record in store.history(store.find(B)[0].id)] == [(), ()]
    clock.advance(hours=1)
    ingest({A: page(OTHER)})
    assert linked(store, B) == [("paper", A)]
    assert linked(store, C) == []
    assert store.verify() == []


def test_a_tombstone_keeps_its_links(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY)})
    with store.run("paper") as run:
        run.note_gone(B, 404)
    assert linked(store, B) == [("paper", A)]
    assert store.verify() == []


def test_links_to_what_is_purged_go(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY)})
    clock.advance(hours=1)
    ingest({C: page(CUT)}, source="gazette")
    (id,) = store.purge(A).ids
    assert linked(store, B) == []
    assert linked(store, C) == [("paper", B)]
    assert not [path for path in store.clean.rglob("*") if path.is_file() and id.encode() in path.read_bytes()]
    assert count(store, tables.signatures) == 2
    assert count(store, tables.bands) == 2 * links.BANDS
    assert store.verify() == []


def test_a_source_that_is_held_is_linked_when_it_is_next(store: Store, ingest: Any, clock: Any, helpers: Any) -> None:
    with store.run("gazette") as run:
        later = run.save_capture(C, helpers.capture_of(C, page(COPY), clock() + timedelta(hours=1)))
        run.save_records([helpers.clean_of(store.load(later)).model_copy(update={"source": "gazette"})])
        ingest({A: page(STORY)})
        assert linked(store, C) == []
    assert linked(store, C) == [("paper", A)]
    assert store.verify() == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("DELETE FROM signatures", "signature.row"),
        ("UPDATE signatures SET first_at = '2020-01-01 00:00:00.000000'", "signature.row"),
        ("DELETE FROM bands WHERE band > 0", "signature.row"),
        ("DELETE FROM bands", "signature.row"),
        ("INSERT INTO bands SELECT 5, document FROM signatures", "signature.row"),
        ("UPDATE bands SET band = band + 1", "signature.row"),
        ("UPDATE signatures SET minhash = zeroblob(512)", "signature.row"),
        ("UPDATE signatures SET minhash = x''", "signature.row"),
        ("UPDATE signatures SET minhash = x'01'", "signature.row"),
        ("UPDATE signatures SET minhash = x'01' WHERE rowid = 1", "signature.row"),
        ("UPDATE signatures SET seal = seal - 1", "signature.row"),
        ("UPDATE signatures SET (minhash, seal) = (SELECT minhash, seal FROM signatures LIMIT 1)", "signature.row"),
    ],
)
def test_a_damaged_signature_is_found_and_made_again(
    home: Path, ingest: Any, clock: Any, damage: str, kind: str
) -> None:
    store = Store.open(home, clock=clock)
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY)})
    store.close()
    with sqlite3.connect(store.raw / "ledger.sqlite") as connection:
        connection.execute(damage)
    connection.close()
    assert {problem.kind for problem in store.verify()} >= {kind}
    store.verify(repair=True)
    assert store.verify() == []
    assert linked(store, B) == [("paper", A)]
    store.close()


@ON_SQLITE
def test_links_outlive_the_ledger(home: Path, ingest: Any, clock: Any) -> None:
    for source, url, body in DOCUMENTS:
        ingest({url: page(body)}, source=source)
        clock.advance(hours=1)
    store = Store.open(home, clock=clock)
    before = [(record.id, record.same_as) for record in read.records(store.clean)]
    store.close()
    (store.raw / "ledger.sqlite").write_bytes(b"no database" * 100)
    for suffix in ("-wal", "-shm"):
        (store.raw / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    store = Store.open(home, clock=clock)
    store.verify(repair=True)
    assert store.verify() == []
    assert [(record.id, record.same_as) for record in read.records(store.clean)] == before
    assert count(store, tables.signatures) == len(DOCUMENTS)
    store.close()


def test_a_ledger_of_before_is_upgraded(
    store: Store, ingest: Any, clock: Any, home: Path, ledger_url: str | None
) -> None:
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY)})
    told = list(read.records(store.clean))
    with store.ledger.write() as connection:
        for table in (tables.bands, tables.signatures):
            table.drop(connection)
        connection.exec_driver_sql("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
    store.close()
    again = Store.open(home, ledger_url, clock=clock)
    assert again.verify() == []
    with again.run("paper"):
        pass
    assert count(again, tables.signatures) == 2
    assert list(read.records(again.clean)) == told
    assert again.verify() == []
    again.close()


def test_links_of_many_copies_are_the_earliest(store: Store, ingest: Any, clock: Any) -> None:
    ingest({f"https://paper.example/{n:03}": page(STORY, title=str(n)) for n in range(links.MOST + 5)})
    clock.advance(hours=1)
    ingest({A: page(STORY)})
    found = linked(store, A)
    assert len(found) == links.MOST
    assert found == linked(store, A)
    (record,) = store.find(A)
    assert [link.id for link in record.same_as] == sorted(link.id for link in record.same_as)
    assert store.verify() == []


def test_the_report_names_them(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: page(STORY)})
    clock.advance(hours=1)
    ingest({B: page(COPY)})
    written = store.report()
    told = "".join(path.read_text() for path in written.parent.rglob("*") if path.is_file())
    assert "Same as" in told
