"""Shards: planned the same again, cleaned once, whole or not at all."""

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import zstandard

from flows import line, remote, shards
from flows.shards import Done, Job, Plan, Shard
from pipeline.document import Capture
from pipeline.errors import StoreError
from pipeline.store.captures import Captures
from schemas import SourceV1
from tests.ops import crawl
from tests.ops.crawl import page, record


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "site.warc.gz"
    path.parent.mkdir()
    path.write_bytes(crawl.warc(range(7)) + record("http://a.example/gone", b"gone", "404 Not Found"))
    return path


def jobs(path: Path, out: Path, *, pages: int = 3, source: SourceV1 | None = None) -> list[Job]:
    dealt = shards.plan_shards(Plan(path=str(path), out=str(out), pages=pages, split=0))
    return [
        Job(shard=s, out=str(out), key=shards.key(s, source), pipeline=shards.pipeline_version(), source=source)
        for s in dealt
    ]


def lines(out: Path, folder: str) -> list[dict[str, object]]:
    found = []
    for path in sorted((out / folder).glob("*.zst")):
        text = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read()
        found += [orjson.loads(each) for each in text.splitlines()]
    return found


def state(out: Path, *folders: str) -> dict[str, str]:
    """Digest of every file in `folders`."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted((out / folder).rglob("*"))
    }


def test_every_page_comes_out_once(warc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = [shards.clean_shard(job) for job in jobs(warc, out)]
    assert [one.records + one.rejected + one.quarantined for one in done] == [3, 3, 2]
    assert sum(one.crashed for one in done) == 0
    assert {str(r["url"]) for r in lines(out, "v1")} == {f"http://a.example/{n}" for n in range(7)}
    (refused,) = lines(out, "rejected")
    assert (refused["reason"], refused["url"]) == ("status-404", "http://a.example/gone")
    assert done[-1].reasons == {"warc: status-404": 1}


def test_a_second_run_has_nothing_left_and_the_same_job_writes_the_same_bytes(warc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    todo = jobs(warc, out)
    assert shards.left(todo, str(out)) == todo
    for job in todo:
        shards.clean_shard(job)
    assert shards.left(jobs(warc, out), str(out)) == []
    before = state(out, "v1", "rejected")
    for job in todo:
        shards.clean_shard(job)
    assert state(out, "v1", "rejected") == before


def test_the_marker_names_what_the_output_depends_on(warc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first, *_ = jobs(warc, out)
    shards.clean_shard(first)
    marker = remote.read_json(shards.marker(first))
    assert marker["pipeline"] == shards.pipeline_version()
    assert marker["shard"]["version"] == first.shard.version
    bodies = hashlib.sha256(b"".join(hashlib.sha256(page(n)).digest() for n in range(3))).hexdigest()
    assert marker["captures"] == bodies


def test_another_source_does_the_shards_again_and_drops_old_markers(warc: Path, tmp_path: Path) -> None:
    out, source = tmp_path / "out", SourceV1(name="harbour", site="The Harbour")
    for job in jobs(warc, out):
        shards.clean_shard(job)
    again = shards.left(jobs(warc, out, source=source), str(out))
    assert len(again) == 3
    assert all(len(job.stale) == 1 for job in again)
    for job in again:
        shards.clean_shard(job)
    assert len(list((out / "done").iterdir())) == 3
    assert {r["source"] for r in lines(out, "v1")} == {"harbour"}


def test_a_changed_input_leaves_nothing_of_the_old(warc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for job in jobs(warc, out, pages=2):
        shards.clean_shard(job)
    warc.write_bytes(crawl.warc(range(3), "b.example"))
    for job in shards.left(jobs(warc, out, pages=2), str(out)):
        shards.clean_shard(job)
    assert {str(r["url"]) for r in lines(out, "v1")} == {f"http://b.example/{n}" for n in range(3)}
    assert lines(out, "rejected") == []
    assert len(list((out / "done").iterdir())) == 2


def test_the_plan_is_kept_for_as_long_as_the_input_stays(warc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert len(jobs(warc, out, pages=3)) == 3
    assert len(jobs(warc, out, pages=1)) == 3
    os.utime(warc, (1, 1))
    assert len(jobs(warc, out, pages=1)) == 8


def test_a_small_file_is_one_shard(warc: Path, tmp_path: Path) -> None:
    (only,) = shards.plan_shards(Plan(path=str(warc), out=str(tmp_path / "out")))
    assert (only.start, only.stop) == (0, None)


def test_an_unreadable_input_leaves_no_marker(warc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    todo = jobs(warc, out)
    warc.unlink()
    with pytest.raises(FileNotFoundError):
        shards.clean_shard(todo[0])
    assert list(out.glob("done/*")) == []
    assert list(out.glob("v1/*")) == []


def test_a_worker_with_another_pipeline_refuses(warc: Path, tmp_path: Path) -> None:
    job = replace(jobs(warc, tmp_path / "out")[0], pipeline="0.0+other")
    with pytest.raises(StoreError, match="install the same everywhere"):
        shards.clean_shard(job)


def test_a_page_that_breaks_a_stage_costs_that_page(
    warc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, clean = tmp_path / "out", line.clean_capture

    def breaking(capture: Capture, **options: object) -> object:
        if capture.url == "http://a.example/1":
            raise KeyError("no such key")
        return clean(capture, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(line, "clean_capture", breaking)
    done = shards.clean_shard(jobs(warc, out)[0])
    assert (done.records, done.crashed) == (2, 1)
    (broken,) = lines(out, "rejected")
    assert broken["url"] == "http://a.example/1"
    assert "KeyError" in str(broken["detail"])


Stored = Callable[[int], str]


@pytest.fixture
def raw(tmp_path: Path) -> tuple[Path, Stored]:
    folder = tmp_path / "raw"
    store = Captures(folder)

    def stored(number: int) -> str:
        body = page(number)
        capture = Capture(
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            url_chain=(f"http://a.example/{number}",),
            status=200,
            content_type="text/html; charset=utf-8",
            fetched_at=datetime(2026, 2, 3, tzinfo=UTC),
        )
        return store.save("harbour", f"http://a.example/{number}", capture).sha256

    return folder / "harbour", stored


def test_raw_is_dealt_by_folder_and_only_changed_folders_are_done_again(
    raw: tuple[Path, Stored], tmp_path: Path
) -> None:
    folder, stored = raw
    out = tmp_path / "out"
    digests = [stored(number) for number in range(6)]
    first = jobs(folder, out)
    assert [job.shard.path for job in first] == [f"{folder}/{prefix}" for prefix in sorted({d[:2] for d in digests})]
    assert {job.shard.source for job in first} == {"harbour"}
    done = [shards.clean_shard(job) for job in first]
    assert sum(one.records for one in done) == 6
    added = stored(17)
    assert [job.shard.path for job in shards.left(jobs(folder, out), str(out))] == [f"{folder}/{added[:2]}"]


def test_a_damaged_body_is_refused_with_its_reason(raw: tuple[Path, Stored], tmp_path: Path) -> None:
    folder, stored = raw
    digest = stored(1)
    (folder / digest[:2] / f"{digest}.zst").write_bytes(b"\x28\xb5\x2f\xfdnonsense")
    (job,) = jobs(folder, tmp_path / "out")
    done = shards.clean_shard(job)
    assert (done.records, done.reasons) == (0, {"raw: body": 1})


def test_names_tell_inputs_apart() -> None:
    one = Shard(path="s3://bucket/a/pages [1].warc.gz", version="")
    other = Shard(path="s3://bucket/b/pages [1].warc.gz", version="")
    assert one.name != other.name
    assert replace(one, start=5).name != one.name
    assert set(one.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_done_is_json(warc: Path, tmp_path: Path) -> None:
    job = jobs(warc, tmp_path / "out")[0]
    done = shards.clean_shard(job)
    marker = remote.read_json(shards.marker(job))
    assert Done(**{**marker, "shard": Shard(**marker["shard"])}) == done
