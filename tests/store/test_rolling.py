"""Shards stay small: what one change has to rewrite is bounded, however many revisions and documents pile up."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.store import Store, reconcile, shards
from schemas import read

A = "https://paper.example/a"
MOST = 20_000


@pytest.fixture
def ledger_url() -> None:
    """SQLite; what is tested here does not go by the engine."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "MAX_BYTES", MOST)


def files(store: Store) -> list[Path]:
    return sorted((store.clean / "v1").rglob("*-*.jsonl"))


def revise(store: Store, helpers: Any, clock: Any, url: str, texts: list[str]) -> None:
    with store.run("paper") as run:
        for text in texts:
            clock.advance(hours=1)
            capture = helpers.capture_of(url, f"Title\n{text}", clock())
            run.save_capture(url, capture)
            run.save_records([helpers.clean_of(capture)])


def test_revisions_pile_up(store: Store, ingest: Any, helpers: Any, clock: Any) -> None:
    ingest({f"https://paper.example/{n}": f"Other {n}\nx" for n in range(3)})
    texts = [f"text {n} " + "word " * 100 for n in range(40)]
    revise(store, helpers, clock, A, texts)
    assert [path.name for path in files(store)] == [*(f"history-000{n}.jsonl" for n in range(1, 5)), "part-0001.jsonl"]
    assert all(path.stat().st_size <= MOST for path in files(store))
    id = store.find(A)[0].id
    assert [r.revision for r in store.history(id)] == list(range(1, 41))
    assert [r.text for r in store.history(id)] == texts
    assert [r.revision for r in read.records(store.clean, every_revision=True) if r.id == id] == list(range(1, 41))
    assert len(list(read.records(store.clean))) == 4, "the history alone gives no documents"
    assert store.verify() == []


def test_records_too_large_for_one_part(store: Store, ingest: Any, clock: Any) -> None:
    pages = {f"https://paper.example/{n}": f"Title {n}\n" + f"{n} " * 1500 for n in range(12)}
    ingest(pages)
    assert len(files(store)) > 3
    assert all(path.stat().st_size <= MOST for path in files(store))
    assert sorted(r.title or "" for r in read.records(store.clean)) == sorted(f"Title {n}" for n in range(12))
    assert store.verify() == []
    before = {path: path.stat().st_ino for path in files(store)}
    clock.advance(days=1)
    assert ingest({"https://paper.example/7": "Title 7\nother"}).shards == 1
    assert sum(path.stat().st_ino != before.get(path) for path in files(store)) == 1
    assert store.verify() == []


def test_refusals_too_large_for_one_part(store: Store, ingest: Any, clock: Any) -> None:
    ingest({f"https://paper.example/{n}": f"? Title {n}\n" + f"{n} " * 1500 for n in range(12)})
    assert len(list((store.clean / "rejected").rglob("part-*.jsonl"))) > 3
    assert len(list(store.refused())) == 12
    assert store.verify() == []
    clock.advance(days=1)
    ingest({f"https://paper.example/{n}": f"Title {n}\nx" for n in range(12)})
    assert list(store.refused()) == []
    assert store.verify() == []


@pytest.mark.parametrize("kept", [1, 2])
def test_killed_while_rolling(
    store: Store, ingest: Any, helpers: Any, clock: Any, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first files of a roll were written, the rest and the ledger were not: nothing is there twice afterwards."""
    ingest({f"https://paper.example/{n}": f"Title {n}\n" + f"{n} " * 900 for n in range(4)})
    revise(store, helpers, clock, "https://paper.example/0", ["a " * 900])
    written = []
    write = shards.write

    def dying(*arguments: Any) -> shards.ShardInfo:
        if len(written) == kept:
            raise KeyboardInterrupt
        written.append(arguments[1])
        return write(*arguments)

    monkeypatch.setattr(shards, "MAX_BYTES", 9000)
    monkeypatch.setattr(shards, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        revise(store, helpers, clock, "https://paper.example/0", ["b " * 900])
    monkeypatch.setattr(shards, "write", write)
    assert shards.is_history(written[0])
    reconcile.settle(store.clean, written)
    with store.run("paper") as run:
        run.save_records([helpers.clean_of(run.load(ref)) for ref in run.pending()])
    assert store.verify() == []
    every = [(r.id, r.revision) for r in read.records(store.clean, every_revision=True)]
    assert len(every) == len(set(every)) == 6
    assert len(store.find("https://paper.example/0")) == 1


def test_damage_to_the_history_is_mended(store: Store, helpers: Any, clock: Any) -> None:
    revise(store, helpers, clock, A, [f"text {n} " + "word " * 100 for n in range(40)])
    before = [(r.revision, r.text) for r in store.history(store.find(A)[0].id)]
    files(store)[0].unlink()
    with pytest.raises(read.DamagedRecord, match=r"history-0001.jsonl:0: the file is missing"):
        list(read.records(store.clean, every_revision=True))
    assert "record.chain" in {problem.kind for problem in store.verify()}
    store.verify(repair=True, clean=lambda source, capture: helpers.clean_of(capture))
    assert store.verify() == []
    assert [(r.revision, r.text) for r in store.history(store.find(A)[0].id)] == before


def test_purge_reaches_the_history(store: Store, helpers: Any, clock: Any) -> None:
    revise(store, helpers, clock, A, [f"text {n} " + "word " * 100 for n in range(40)])
    assert store.purge(A).revisions == 40
    assert all(path.stat().st_size == 0 for path in files(store))
    assert store.verify() == []


def test_the_report_shows_a_document_once(store: Store, helpers: Any, clock: Any) -> None:
    from pipeline.store.report.entries import entries

    revise(store, helpers, clock, A, [f"text {n} " + "word " * 100 for n in range(14)])
    (entry,) = entries(store, ["paper"])
    assert [record.revision for record in entry.revisions] == list(range(1, 15))
