"""Records and captures for others to use: Parquet, JSON lines, a file a record, WARC.

An export is a folder with a manifest, `.unscrape-export.json`, which says what each shard became. A shard that has not changed since
is not exported again, so an export that was cut short goes on where it stopped. Every file is there whole or not at all.
"""

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

import orjson
import zstandard

from pipeline.errors import StoreError
from pipeline.store import files, shards
from pipeline.store.types import Exported
from schemas import Record, lines, read

if TYPE_CHECKING:
    from pipeline.store.store import Store

Format = Literal["parquet", "jsonl", "jsonl.zst", "json", "markdown", "text", "warc"]
Render = Callable[[Record], str]
Key = TypeVar("Key")

MANIFEST = ".unscrape-export.json"
SUFFIX: Mapping[str, str] = {"json": "json", "markdown": "md", "text": "txt"}
SAVE_EVERY = 20  # shards; what a cut loses of the work


@dataclass(frozen=True, slots=True)
class Order:
    """What is exported, and to which folder."""

    format: Format
    target: Path
    since: datetime | None = None
    sources: frozenset[str] = frozenset()
    render: Render | None = None

    @property
    def terms(self) -> dict[str, Any]:
        """What a later export to the same folder has to agree with, to build on this one."""
        since = self.since and self.since.isoformat()
        return {"version": 1, "format": self.format, "since": since, "sources": sorted(self.sources)}

    def takes(self, record: Record) -> bool:
        """Whether a newest revision belongs into it."""
        if record.gone_at is not None:
            return False
        return self.since is None or (record.fetched_at is not None and record.fetched_at >= self.since)


def export(store: "Store", order: Order) -> Exported:
    """See `Store.export`."""
    if order.format == "warc":
        from pipeline.store import warc

        return warc.export(store, order)
    writer = _writer(order)
    manifest = _manifest(order)
    _register(store, order)
    wanted = list(_shards(store.clean, order.sources))
    written = 0
    for path in sorted(manifest["shards"].keys() - set(wanted)):
        _drop(order.target, manifest["shards"].pop(path)["files"])
    for number, path in enumerate(wanted, 1):
        written += _export_shard(store.clean, path, order, manifest["shards"], writer)
        if number % SAVE_EVERY == 0:
            _save(order.target, manifest)
    _save(order.target, manifest)
    parts = manifest["shards"].values()
    return Exported(
        files=sum(len(p["files"]) for p in parts), records=sum(p["records"] for p in parts), written=written
    )


def without(store: "Store", ids: Sequence[str]) -> int:
    """Take documents out of the exports this store knows; how many exports held one."""
    from sqlalchemy import select

    from pipeline.store import tables

    count = 0
    for (path,) in store.ledger.rows(select(tables.exports.c.path)):
        target = Path(path)
        if (target / MANIFEST).exists():
            count += _export_without(store, target, set(ids))
    return count


def _export_without(store: "Store", target: Path, ids: set[str]) -> bool:
    manifest = orjson.loads((target / MANIFEST).read_bytes())
    if manifest["format"] == "warc":
        from pipeline.store import warc

        return warc.without(store, target, manifest)
    touched = [path for path, part in manifest["shards"].items() if ids & set(part["ids"])]
    for path in touched:
        _drop(target, manifest["shards"].pop(path)["files"])
    _save(target, manifest)
    if touched and manifest["format"] in ("parquet", "jsonl", "jsonl.zst", "json"):
        since = manifest["since"] and datetime.fromisoformat(manifest["since"])
        export(store, Order(manifest["format"], target, since, frozenset(manifest["sources"])))
    return bool(touched)


def _shards(clean: Path, sources: frozenset[str]) -> Iterator[str]:
    for file in sorted((clean / shards.RECORDS).glob("source=*/month=*/part-*.jsonl")):
        path = file.relative_to(clean).as_posix()
        if not sources or shards.source_of(path) in sources:
            yield path


Writer = Callable[[Path, str, list[Record]], list[str]]
"""Writes the records of one shard below a folder; the files' names. The string is the shard's place, without "v1/" and ".jsonl"."""


def _export_shard(clean: Path, path: str, order: Order, done: dict[str, Any], writer: Writer) -> int:
    size, mtime_ns = shards.stat(clean, path)
    stamp = [size, mtime_ns]
    known = done.get(path)
    if known and known["stamp"] == stamp and all((order.target / name).exists() for name in known["files"]):
        return 0
    records = [record for record in read.records(clean / path) if order.takes(record)]
    place = path.removeprefix(f"{shards.RECORDS}/").removesuffix(".jsonl")
    names = writer(order.target, place, records) if records else []
    if known:
        _drop(order.target, set(known["files"]) - set(names))
    done[path] = {"stamp": stamp, "files": names, "records": len(records), "ids": [record.id for record in records]}
    return len(names)


def _writer(order: Order) -> Writer:
    match order.format:
        case "parquet":
            if importlib.util.find_spec("pyarrow") is None:
                raise StoreError('Parquet needs the extra "parquet": pip install "unscrape[parquet]"')
            from pipeline.store.parquet import write_parquet

            return write_parquet
        case "jsonl":
            return partial(_write_lines, suffix="jsonl", pack=_plain)
        case "jsonl.zst":
            return partial(_write_lines, suffix="jsonl.zst", pack=_packed)
        case "json":
            return partial(_write_each, suffix="json", render=_pretty)
        case _:
            if order.render is None:
                raise ValueError(f"the format {order.format!r} needs `render`")
            return partial(_write_each, suffix=SUFFIX[order.format], render=order.render)


def _write_lines(
    target: Path, place: str, records: list[Record], *, suffix: str, pack: Callable[[IO[bytes], Iterable[bytes]], None]
) -> list[str]:
    name = f"{place}.{suffix}"
    with files.replacing(target / name, durable=False) as file:
        pack(file, (lines.dump(record) + b"\n" for record in records))
    return [name]


def _plain(file: IO[bytes], data: Iterable[bytes]) -> None:
    file.writelines(data)


def _packed(file: IO[bytes], data: Iterable[bytes]) -> None:
    with zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(file, closefd=False) as packed:
        for line in data:
            packed.write(line)


def _write_each(target: Path, place: str, records: list[Record], *, suffix: str, render: Render) -> list[str]:
    names = []
    for record in records:
        name = f"{place.partition('/')[0]}/{record.id.replace(':', '-')}.{suffix}"
        files.write(target / name, [render(record).encode("utf-8"), b"\n"], durable=False)
        names.append(name)
    return names


def _pretty(record: Record) -> str:
    return record.model_dump_json(indent=2, exclude={"checksum"})


def _manifest(order: Order) -> dict[str, Any]:
    """What a former export left in the folder, where it was made on the same terms."""
    file = order.target / MANIFEST
    if file.exists():
        found: dict[str, Any] = orjson.loads(file.read_bytes())
        terms = {name: found.get(name) for name in order.terms}
        if terms != order.terms:
            raise StoreError(
                f"{order.target} holds an export made otherwise ({terms}): choose another folder, or remove it"
            )
        return found
    if order.target.exists() and any(order.target.iterdir()):
        raise StoreError(f"{order.target} is not empty and no export: choose another folder")
    return {**order.terms, "shards": {}}


def _save(target: Path, manifest: Mapping[str, Any]) -> None:
    files.write(target / MANIFEST, [orjson.dumps(manifest)], durable=False)


def _drop(target: Path, names: Iterable[str]) -> None:
    for name in names:
        (target / name).unlink(missing_ok=True)


def _register(store: "Store", order: Order) -> None:
    """So that `purge` finds it again."""
    from pipeline.store import tables
    from pipeline.store.ledger import upsert

    with store.ledger.write() as connection:
        upsert(connection, tables.exports, [{"path": str(order.target), "format": order.format, "at": store.clock()}])
