"""verify finds what is wrong, and repair makes it again."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.document import Capture
from pipeline.store import Store
from schemas import read, sums

URLS = [f"https://paper.example/{n}" for n in range(6)]


@pytest.fixture
def ledger_url() -> None:
    """SQLite; what is tested here does not go by the engine."""


@pytest.fixture
def filled(store: Store, ingest: Any, clock: Any) -> Store:
    ingest({url: f"Title {n}\nText of {n}." for n, url in enumerate(URLS)})
    clock.advance(days=1)
    ingest({URLS[0]: "Title 0\nText of 0, changed.", URLS[1]: "!", URLS[2]: "? odd\nx"})
    clock.advance(days=1)
    with store.run("paper") as run:
        run.note_gone(URLS[3], 404)
    return store


def kinds(store: Store) -> set[str]:
    return {problem.kind for problem in store.verify()}


def test_a_sound_store(filled: Store) -> None:
    assert filled.verify() == []


def shard(store: Store) -> Path:
    return next((store.clean / "v1").rglob("part-*"))


def body(store: Store) -> Path:
    return sorted(store.raw.rglob("*.zst"))[0]


def sidecar(store: Store) -> Path:
    return sorted((store.raw / "paper").rglob("*.json"))[0]


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def sql(store: Store, statement: str) -> None:
    store.close()
    with sqlite3.connect(store.raw / "ledger.sqlite") as connection:
        connection.execute(statement)
    connection.close()


DAMAGES: dict[str, tuple[Callable[[Store], object], str]] = {
    "a bit of a shard": (lambda s: flipped(shard(s)), "shard.line"),
    "a shard cut": (lambda s: shard(s).write_bytes(shard(s).read_bytes()[:-30]), "shard.line"),
    "a shard cut between lines": (
        lambda s: shard(s).write_bytes(b"".join(shard(s).read_bytes().splitlines(keepends=True)[:-1])),
        "record.row",
    ),
    "a shard's line twice": (lambda s: shard(s).write_bytes(shard(s).read_bytes() * 2), "shard.line"),
    "a shard's sums altered": (lambda s: flipped(sums.path_of(shard(s))), "shard.sums"),
    "a shard's sums gone": (lambda s: sums.path_of(shard(s)).unlink(), "shard.sums"),
    "what tells that a page is gone altered": (lambda s: flipped(next(s.raw.rglob("gone/*.json"))), "gone.sidecar"),
    "what tells that a page is gone lost": (lambda s: next(s.raw.rglob("gone/*.json")).unlink(), "gone.missing"),
    "a shard gone": (lambda s: shard(s).unlink(), "shard.file"),
    "a sidecar altered": (
        lambda s: sidecar(s).write_bytes(sidecar(s).read_bytes().replace(b"200", b"404")),
        "capture.sidecar",
    ),
    "a sidecar gone": (lambda s: sidecar(s).unlink(), "capture.missing"),
    "a record's row": (lambda s: sql(s, "UPDATE records SET revision = 7"), "record.row"),
    "a record's row gone": (lambda s: sql(s, "DELETE FROM records"), "record.row"),
    "a capture's row": (lambda s: sql(s, "UPDATE captures SET url = 'https://evil.example/'"), "capture.row"),
    "a capture's row gone": (lambda s: sql(s, "DELETE FROM captures"), "capture.unknown"),
    "a page's row": (lambda s: sql(s, "UPDATE pages SET sha256 = NULL"), "page.event"),
    "a shard's row": (lambda s: sql(s, "UPDATE shards SET sha256 = 'x'"), "shard.file"),
    "a refusal's row gone": (lambda s: sql(s, "DELETE FROM refusals"), "refusal.row"),
    "an outcome": (lambda s: sql(s, "UPDATE captures SET outcome = 'record', url_key = 'x'"), "capture.row"),
    "an outcome that is none": (
        lambda s: sql(s, "UPDATE captures SET outcome = '7' WHERE rowid = 1"),
        "capture.outcome",
    ),
    "a source's row gone": (lambda s: sql(s, "DELETE FROM sources"), "source.row"),
    "a moment that is none": (lambda s: sql(s, "UPDATE pages SET due_at = 'x'"), "ledger.damaged"),
    "a text that is none in place of a number": (
        lambda s: sql(s, "UPDATE pages SET failures = CAST(x'ff' AS TEXT)"),
        "ledger.damaged",
    ),
    "the ledger cut": (lambda s: (s.close(), _cut(s.raw / "ledger.sqlite")), "ledger.damaged"),
    "a byte of the ledger's schema": (
        lambda s: (s.close(), _misspelt(s.raw / "ledger.sqlite", b"CREATE INDEX")),
        "ledger.damaged",
    ),
    "the ledger no database": (
        lambda s: (s.close(), (s.raw / "ledger.sqlite").write_bytes(b"x" * 9000)),
        "ledger.damaged",
    ),
}


def history(store: Store) -> list[tuple[Any, ...]]:
    every = read.records(store.clean, read.Where(gone=True), every_revision=True)
    return sorted((r.url, r.revision, r.change, r.gone_at, r.text) for r in every)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _misspelt(path: Path, word: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(word, word[:-1] + b"\xd8", 1))


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_repaired(filled: Store, helpers: Any, name: str) -> None:
    before = history(filled)
    damage, kind = DAMAGES[name]
    damage(filled)
    assert kind in kinds(filled)
    mended = filled.verify(repair=True, clean=lambda source, capture: helpers.clean_of(capture))
    assert all(problem.repaired for problem in mended), [p for p in mended if not p.repaired]
    assert filled.verify() == []
    assert history(filled) == before


def test_a_lost_body_is_fetched_again(filled: Store, helpers: Any, ingest: Any, clock: Any) -> None:
    lost = filled.find(URLS[4])[0]
    flipped(filled.captures.body_path("paper", lost.capture.sha256))
    assert kinds(filled) == {"capture.body", "record.capture"}
    left = filled.verify(repair=True, clean=lambda source, capture: helpers.clean_of(capture))
    assert {problem.kind for problem in left if not problem.repaired} == {"capture.body", "record.capture"}
    with filled.run("paper") as run:
        (page,) = run.due([URLS[4]])
        assert page.etag is None
    ingest({URLS[4]: "Title 4\nText of 4."})
    assert filled.verify() == []


def test_gone_and_back_is_made_again_as_it_was(filled: Store, ingest: Any, helpers: Any, clock: Any) -> None:
    clock.advance(days=1)
    ingest({URLS[3]: "Title 3\nIt is back."})
    clock.advance(days=1)
    with filled.run("paper") as run:
        run.note_gone(URLS[3], 410)
    before = history(filled)
    assert [change for url, _, change, _, _ in before if url == URLS[3]] == [None, "gone", "page", "gone"]
    shard(filled).unlink()
    filled.verify(repair=True, clean=lambda source, capture: helpers.clean_of(capture))
    assert history(filled) == before
    assert filled.verify() == []


def test_what_was_purged_stays_out_when_the_ledger_is_lost(filled: Store) -> None:
    filled.purge(URLS[4])
    filled.close()
    for path in filled.raw.glob("ledger.sqlite*"):
        path.unlink()
    assert "purged.row" in kinds(filled)
    filled.verify(repair=True)
    with filled.run("paper") as run:
        assert [page.url for page in run.due([URLS[4], "https://paper.example/new"])] == ["https://paper.example/new"]


def test_without_a_cleaner_the_lost_are_pending(filled: Store, helpers: Any) -> None:
    shard(filled).unlink()
    filled.verify(repair=True)
    assert list(read.records(filled.clean)) == []
    with filled.run("paper") as run:
        run.save_records([helpers.clean_of(run.load(ref)) for ref in run.pending()])
    assert filled.find(URLS[0])[0].revision == 2
    assert filled.verify() == []


def test_a_body_without_event_is_an_orphan(filled: Store, helpers: Any) -> None:
    filled.captures._save_body("paper", helpers.capture_of(URLS[0], "cut short"))
    assert kinds(filled) == {"capture.orphan"}
    filled.verify(repair=True)
    assert filled.verify() == []


def test_inconsistent_records_are_found(store: Store, ingest: Any) -> None:
    from schemas.record_v1 import SpliceV1, StepV1

    ingest(
        {URLS[0]: "T\ntext"}, steps=(StepV1(block=0, rule="r", splices=(SpliceV1(start=0, before="", after="te"),)),)
    )
    (problem,) = store.verify()
    assert (problem.kind, problem.what) == (
        "record.invalid",
        "block 0: its steps do not lead back to the text as it stood",
    )


def test_verify_waits_for_nobody(filled: Store) -> None:
    from pipeline.errors import SourceBusy

    with filled.run("paper"), pytest.raises(SourceBusy):
        filled.verify()


@pytest.mark.parametrize("seed", range(30))
def test_mutated_files_are_found_or_harmless(filled: Store, seed: int) -> None:
    """Whatever happens to a file, verify finds it, and the reader gives right records or says which line is damaged."""
    chance = random.Random(seed)
    truth = {(r.id, r.revision): r for r in read.records(filled.clean, every_revision=True)}
    kept = [
        path for path in sorted(filled.home.rglob("*")) if path.is_file() and path.suffix in (".jsonl", ".zst", ".json")
    ]
    path = chance.choice(kept)
    mutate(path, chance)
    assert filled.verify() != [], path
    damages: list[read.Damage] = []
    for record in read.records(filled.clean, every_revision=True, on_damage=damages.append):
        assert truth[record.id, record.revision] == record


def mutate(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    match chance.randrange(5):
        case 0:
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at : at + chance.randrange(1, 50)]
        case 3:
            data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 20)))
        case 4:
            data[at : at + 8] = b"\x00" * min(8, len(data) - at)
    path.write_bytes(data)


def test_cleaning_again_keeps_the_history(filled: Store, helpers: Any) -> None:
    """Shards and ledger lost: raw/ alone gives the documents back, revision by revision."""
    import shutil

    filled.close()
    shutil.rmtree(filled.clean)
    for path in filled.raw.glob("ledger.sqlite*"):
        path.unlink()

    def clean(source: str, capture: Capture) -> Any:
        return helpers.clean_of(capture)

    filled.clean.mkdir()
    filled.verify(repair=True, clean=clean)
    assert filled.verify() == []
    assert [r.revision for r in filled.history(filled.find(URLS[0])[0].id)] == [1, 2]
    assert {r.url for r in filled.refused()} == {URLS[1], URLS[2]}
