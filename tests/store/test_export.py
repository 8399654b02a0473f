"""Exports: every format holds the newest revisions, is whole, and goes on where it stopped."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.errors import StoreError
from pipeline.store import Exported, Store
from schemas import Record, read

A, B, C = (f"https://paper.example/{name}" for name in "abc")


@pytest.fixture
def filled(store: Store, ingest: Any, clock: Any) -> Store:
    ingest({A: "Rain\nIt rained.", B: "Sun\nIt shone.", C: "Gone\nx"})
    clock.advance(days=1)
    ingest({A: "Rain\nIt rained all day."})
    with store.run("paper") as run:
        run.note_gone(C, 410)
    return store


@pytest.mark.parametrize("format", ["jsonl", "jsonl.zst"])
def test_lines(filled: Store, tmp_path: Path, format: Any) -> None:
    target = tmp_path / "out"
    assert filled.export(format, target) == Exported(files=1, records=2, written=1)
    (file,) = target.rglob(f"*.{format}")
    assert file.relative_to(target).as_posix() == f"source=paper/month=2026-03/part-0001.{format}"
    assert sorted(r.text for r in read.records(file)) == ["It rained all day.", "It shone."]
    assert sorted(r.text for r in read.records(target)) == ["It rained all day.", "It shone."] or format == "jsonl.zst"


def test_each(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert filled.export("json", target).files == 2
    record = filled.find(A)[0]
    written = (target / "source=paper" / f"{record.id.replace(':', '-')}.json").read_text(encoding="utf-8")
    assert Record.model_validate(json.loads(written)).text == record.text

    def render(record: Record) -> str:
        return f"# {record.title}\n\n{record.text}"

    filled.export("markdown", tmp_path / "md", render=render)
    assert sorted(path.read_text(encoding="utf-8") for path in (tmp_path / "md").rglob("*.md")) == [
        "# Rain\n\nIt rained all day.\n",
        "# Sun\n\nIt shone.\n",
    ]


def test_an_export_goes_on_where_it_stopped(filled: Store, ingest: Any, clock: Any, tmp_path: Path) -> None:
    target = tmp_path / "out"
    filled.export("json", target)
    assert filled.export("json", target) == Exported(files=2, records=2, written=0)
    with filled.run("paper") as run:
        run.note_gone(B, 410)
    assert filled.export("json", target).files == 1
    assert len(list(target.rglob("*.json"))) == 2, "the record and the manifest"


def test_since(filled: Store, clock: Any, tmp_path: Path) -> None:
    exported = filled.export("jsonl", tmp_path / "out", since=clock() - timedelta(hours=1))
    assert exported.records == 1
    with pytest.raises(StoreError, match="made otherwise"):
        filled.export("jsonl", tmp_path / "out")


def test_foreign_folders_are_left_alone(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(StoreError, match="no export"):
        filled.export("jsonl", tmp_path)


def test_warc(filled: Store, tmp_path: Path) -> None:
    filled.export("warc", tmp_path / "out")
    found = []
    for path in (tmp_path / "out").rglob("*.warc.gz"):
        with path.open("rb") as stream:
            records = ArchiveIterator(stream, check_digests="raise")
            found += [
                (record.rec_headers["WARC-Target-URI"], record.content_stream().read())
                for record in records
                if record.rec_type == "response"
            ]
    assert sorted(found) == [
        (A, b"Rain\nIt rained all day."),
        (A, b"Rain\nIt rained."),
        (B, b"Sun\nIt shone."),
        (C, b"Gone\nx"),
    ]


def test_warc_keeps_time_headers_and_revisits(store: Store, helpers: Any, clock: Any) -> None:
    from pipeline.store import warc

    headers = (("content-encoding", "gzip"), ("x-a", "1"), ("x-a", "2"))
    with store.run("paper") as run:
        for _ in range(2):
            run.save_capture(
                A, helpers.capture_of(A, "T\nx", clock(), headers=headers), request_headers=(("accept", "*/*"),)
            )
            clock.advance(seconds=1)
    events = [store.captures.sidecar("paper", ref.event) for ref in store.all_captures("paper")]
    out = io.BytesIO()
    warc.write(out, store.captures, events)
    records = [
        (record.rec_type, record.rec_headers.get_header("WARC-Date"), record.http_headers)
        for record in ArchiveIterator(io.BytesIO(out.getvalue()))
    ]
    assert [(kind, date) for kind, date, _ in records[1:]] == [
        ("response", "2026-03-01T12:00:00.000000Z"),
        ("request", "2026-03-01T12:00:00.000000Z"),
        ("revisit", "2026-03-01T12:00:01.000000Z"),
    ]
    assert records[1][2].headers == [
        ("X-Unscrape-Original-content-encoding", "gzip"),
        ("x-a", "1"),
        ("x-a", "2"),
        ("Content-Length", "3"),
    ]


def test_parquet(filled: Store, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="the extra [parquet] is not installed")
    filled.export("parquet", tmp_path / "out")
    rows = pq.read_table(tmp_path / "out").to_pylist()
    assert sorted((row["source"], row["month"], row["text"]) for row in rows) == [
        ("paper", "2026-03", "It rained all day."),
        ("paper", "2026-03", "It shone."),
    ]


def test_parquet_has_every_column(store: Store, ingest: Any, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="the extra [parquet] is not installed")
    from pipeline.store.parquet import schema

    names = set(Record.model_fields) - {"source", "checksum"} | {"text"}
    assert set(schema().names) == names
    assert schema().field("steps").type.value_type.field("splices").type == pa.list_(
        pa.struct([("start", pa.int64()), ("before", pa.string()), ("after", pa.string()), ("escaped", pa.bool_())])
    )


def test_the_manifest_is_whole(filled: Store, tmp_path: Path) -> None:
    filled.export("jsonl", tmp_path / "out")
    manifest = orjson.loads((tmp_path / "out" / ".unscrape-export.json").read_bytes())
    assert manifest["format"] == "jsonl"
    assert len(next(iter(manifest["shards"].values()))["ids"]) == 2
