"""Saving, revising, refusing, entombing: what a run does to what lies on disk."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from pipeline.errors import SourceBusy, StoreError
from pipeline.store import Failure, Store, tables
from schemas import read
from schemas.source_v1 import SourceV1

A, B = "https://paper.example/a", "https://paper.example/b"


def shard_files(store: Store) -> list[str]:
    return [path.relative_to(store.clean).as_posix() for path in sorted(store.clean.rglob("part-*"))]


def test_first_save_and_reading_back(store: Store, ingest: Any) -> None:
    summary = ingest({A: "Rain\nIt rained.", B: "Sun\nIt shone."})
    assert (summary.new, summary.shards) == (2, 1)
    assert shard_files(store) == ["v1/source=paper/month=2026-03/part-0001.jsonl"]
    assert sorted(record.title for record in read.records(store.clean)) == ["Rain", "Sun"]
    (record,) = store.find(A)
    assert (record.revision, record.supersedes, record.change) == (1, None, None)
    assert store.get(record.id) == record
    assert store.body_of(record) == b"Rain\nIt rained."


def test_the_same_again_writes_nothing(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: "Rain\nIt rained."})
    before = {path: path.read_bytes() for path in store.clean.rglob("part-*")}
    clock.advance(days=1)
    summary = ingest({A: "Rain\nIt rained."})
    assert (summary.unchanged, summary.new, summary.revised, summary.shards) == (1, 0, 0, 0)
    assert {path: path.read_bytes() for path in store.clean.rglob("part-*")} == before
    assert len(list(store.raw.rglob("*.zst"))) == 1
    assert len(list(store.all_captures("paper"))) == 2


def test_a_changed_page_is_a_revision(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: "Rain\nIt rained.", B: "Sun\nIt shone."})
    clock.advance(days=40)
    assert ingest({A: "Rain\nIt rained all day."}).revised == 1
    first, second = store.history(store.find(A)[0].id)
    assert (second.revision, second.supersedes, second.change) == (2, first.content_hash, "page")
    assert first.text == "It rained."
    assert len(shard_files(store)) == 1, "the month is that of the first capture"
    assert [r.text for r in read.records(store.clean) if r.url == A] == ["It rained all day."]


@pytest.mark.parametrize(
    ("pipeline", "change"),
    [({"version": "0.2.0"}, "pipeline"), ({"source_hash": "1" * 64}, "source")],
)
def test_why_it_changed(store: Store, ingest: Any, helpers: Any, pipeline: dict[str, str], change: str) -> None:
    ingest({A: "Rain\nIt rained."})
    capture = helpers.capture_of(A, "Rain\nIt rained.")
    record = helpers.record_of(capture, title="RAIN")
    record = record.model_copy(update={"pipeline": record.pipeline.model_copy(update=pipeline)})
    with store.run("paper", kind="replay") as run:
        assert run.save_records([record]).revised == 1
    assert store.history(record.id)[-1].change == change


def test_an_older_capture_never_replaces_a_newer(store: Store, ingest: Any, clock: Any, helpers: Any) -> None:
    ingest({A: "Rain\nold"})
    old = helpers.clean_of(helpers.capture_of(A, "Rain\nold", clock()))
    clock.advance(days=1)
    ingest({A: "Rain\nnew"})
    with store.run("paper", kind="replay") as run:
        assert run.save_records([old]).stale == 1
    assert store.find(A)[0].text == "new"


def test_refused_documents(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: "Rain\nIt rained.", B: "!"})
    (refused,) = store.refused()
    assert (refused.stage, refused.reason, refused.url, refused.fetched_at) == ("strip", "empty", B, clock())
    clock.advance(days=1)
    summary = ingest({A: "? Log in\nto read"})
    assert (summary.quarantined, summary.revised) == (1, 0)
    assert store.find(A)[0].title == "Rain", "a quarantined record replaced a good one"
    assert {r.url: r.record is not None for r in store.refused()} == {A: True, B: False}
    clock.advance(days=1)
    ingest({A: "Rain\nIt rained more.", B: "Sun\nIt shone."})
    assert list(store.refused()) == []
    assert store.status()[0].refused == 0


def test_gone_and_back(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: "Rain\nIt rained."})
    clock.advance(days=1)
    with store.run("paper") as run:
        assert run.note_gone(A, 410) is True
        assert run.note_gone(A, 410) is False
    (tomb,) = store.find(A)
    assert (tomb.revision, tomb.change, tomb.gone_at, tomb.text) == (2, "gone", clock(), "It rained.")
    assert list(read.records(store.clean)) == []
    assert len(list(read.records(store.clean, read.Where(gone=True)))) == 1
    with store.run("paper", kind="replay") as run:
        summary = run.save_records([tomb.model_copy(update={"gone_at": None, "revision": 1})])
        assert summary.stale == 1, "a replay brought a gone page back"
    clock.advance(days=1)
    assert ingest({A: "Rain\nIt rained."}).revised == 1
    assert [r.change for r in store.history(tomb.id)] == [None, "gone", "page"]


def test_back_with_the_same_bytes(store: Store, ingest: Any, clock: Any, helpers: Any) -> None:
    ingest({A: "Rain\nIt rained."})
    clock.advance(days=1)
    with store.run("paper") as run:
        run.note_gone(A, 404)
        page = run.page(A)
        assert page is not None
        assert page.etag is None, "a 304 would keep the page's coming back from being seen"
    clock.advance(days=1)
    with store.run("paper") as run:
        ref = run.save_capture(A, helpers.capture_of(A, "Rain\nIt rained.", clock()))
        assert ref.fresh
        assert list(run.pending()) == [ref]
        run.save_records([helpers.clean_of(run.load(ref))])
    assert [r.change for r in store.history(store.find(A)[0].id)] == [None, "gone", "page"]


def test_one_change_rewrites_one_shard(store: Store, clock: Any, helpers: Any, ingest: Any) -> None:
    pages = {f"https://paper.example/{n}": f"Title {n}\ntext {n}" for n in range(40)}
    with store.run("paper") as run:
        run.parts.records.max_lines = 10
        captures = [helpers.capture_of(url, body, clock()) for url, body in pages.items()]
        for capture in captures:
            run.save_capture(capture.url, capture)
        assert run.save_records([helpers.clean_of(c) for c in captures]).shards == 4
    before = {path: path.stat().st_ino for path in store.clean.rglob("part-*")}
    clock.advance(days=1)
    assert ingest({"https://paper.example/7": "Title 7\nother"}).shards == 1
    after = {path: path.stat().st_ino for path in store.clean.rglob("part-*")}
    assert sum(before[path] != after[path] for path in before) == 1


def test_due_pages_and_validators(store: Store, clock: Any, helpers: Any) -> None:
    source = SourceV1.model_validate({"name": "paper", "fetch": {"min_interval": 100, "max_interval": 300}})
    with store.run(source) as run:
        assert [page.url for page in run.due([B, A, B])] == [B, A]
        ref = run.save_capture(A, helpers.capture_of(A, "Rain\nx", clock()))
        assert ref.fresh
        assert [page.url for page in run.due([A, B])] == [B]
        assert [page.url for page in run.due([A, B], force=True)] == [A, B]
        clock.advance(seconds=100)
        (page,) = run.due([A])
        assert (page.etag, page.answered, page.sha256) == ('"6"', A, ref.sha256)
        run.note_not_modified(A)
        clock.advance(seconds=100)
        assert run.due([A]) == [], "the interval did not grow"
        clock.advance(seconds=100)
        (page,) = run.due([A])
        assert [visit.result for visit in page.visits] == ["changed", "unchanged"]
        store.captures.body_path("paper", ref.sha256).unlink()
        assert run.due([A])[0].etag is None, "validators without a body"
        assert run.page("https://paper.example/none") is None


def test_dead_letters(store: Store, clock: Any, helpers: Any) -> None:
    failure = Failure(source="paper", url=A, stage="fetch", reason="timeout", detail="no answer in 60 s \udce9\x00")
    with store.run("paper") as run:
        run.note_failed(failure)
        clock.advance(hours=2)
        run.note_failed(failure)
    (letter,) = store.dead_letters()
    assert (letter.url, letter.reason, letter.at) == (A, "timeout", clock())
    assert store.status()[0].dead_letters == 1
    with store.run("paper") as run:
        assert run.page(A).failures == 2  # type: ignore[union-attr]
        run.save_capture(A, helpers.capture_of(A, "x", clock()))
    assert store.dead_letters("paper") == []


def test_pending_captures_come_until_they_are_saved(store: Store, helpers: Any, clock: Any) -> None:
    with store.run("paper") as run:
        for n, url in enumerate([A, B]):
            run.save_capture(url, helpers.capture_of(url, f"T\n{n}", clock()))
    with store.run("paper") as run:
        refs = list(run.pending())
        assert [ref.url for ref in refs] in ([A, B], [B, A])
        run.save_records([helpers.clean_of(run.load(refs[0]))])
        assert [ref.url for ref in run.pending()] == [refs[1].url]


def test_the_same_bytes_again_are_not_pending(store: Store, ingest: Any, helpers: Any, clock: Any) -> None:
    ingest({A: "Rain\nx"})
    clock.advance(days=1)
    with store.run("paper") as run:
        ref = run.save_capture(A, helpers.capture_of(A, "Rain\nx", clock()))
        assert not ref.fresh
        assert list(run.pending()) == []


def test_latest_captures(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: "Rain\nx", B: "Sun\ny"})
    clock.advance(days=1)
    ingest({A: "Rain\nz"})
    assert {ref.url: store.load(ref).body for ref in store.latest_captures("paper")} == {A: b"Rain\nz", B: b"Sun\ny"}
    assert [ref.fetched_at for ref in store.all_captures("paper")][-1] == clock()


def test_a_run_holds_its_source(store: Store) -> None:
    with store.run("paper") as run:
        with pytest.raises(SourceBusy, match=f"held by run {run.id} .process "), store.run("paper"):
            pytest.fail("two runs hold one source")
        with store.run("other"):
            pass
    with store.run("paper", kind="replay"):
        assert store.status()[1].held_by is not None
    assert [info.state for info in store.runs("paper")] == ["done", "done"]


def test_a_run_that_fails_says_so(store: Store) -> None:
    def fail() -> None:
        with store.run("paper") as run:
            run.count(found=3)
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        fail()
    (info,) = store.runs("paper")
    assert (info.state, info.error, info.counts) == ("failed", "RuntimeError: the disk is full", {"found": 3})


def test_what_a_failed_run_could_not_put_down_is_found_by_the_next(store: Store, helpers: Any, clock: Any) -> None:
    """As on a full disk, which took the event and refused the ledger's row of it."""

    def fail() -> None:
        with store.run("paper") as run:
            run.save_capture(A, helpers.capture_of(A, "Rain\nIt rained.", clock()))
            with store.ledger.write() as connection:
                connection.execute(delete(tables.captures))
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="space"):
        fail()
    assert [problem.kind for problem in store.verify()] == ["capture.unknown"]
    clock.advance(hours=1)
    with store.run("paper") as run:
        assert [ref.url for ref in run.pending()] == [A]
    assert store.verify() == []


def test_source_names_cannot_lead_elsewhere(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no source name"), store.run("../etc"):
        pytest.fail("it ran")


def test_strange_urls_and_headers(store: Store, helpers: Any, clock: Any) -> None:
    url = "https://paper.example/" + "x" * 5000 + "\udce9\x00"
    with store.run("paper") as run:
        (page,) = run.due([url])
        capture = helpers.capture_of(page.url, "T\nx", clock(), headers=(("x-odd", "\udcff\x00"),))
        ref = run.save_capture(page.url, capture)
        assert run.load(ref).headers == (("x-odd", "\\udcff\\x00"),)
        run.save_records([helpers.clean_of(run.load(ref))])
    assert len(store.find(page.url)) == 1


@pytest.mark.parametrize("name", ["what?x=1", "100%25 #1 [a]", "Größe Ж"])
def test_everything_lies_in_the_home_whatever_it_is_called(tmp_path: Path, helpers: Any, clock: Any, name: str) -> None:
    store = Store.open(tmp_path / name, clock=clock)
    with store.run("paper") as run:
        run.save_capture(A, helpers.capture_of(A, "Rain\nIt rained.", clock()))
    assert store.verify() == []
    store.close()
    assert (tmp_path / name / "raw" / "ledger.sqlite").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
