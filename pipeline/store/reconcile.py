"""What a dead run left is put right when its source is next held: raw/ and clean/ are true, the ledger follows them."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import Connection, delete, select, update

from pipeline.store import files, links, shards, tables
from pipeline.store.captures import Captures, Sidecar
from pipeline.store.ledger import Ledger, chunks, upsert
from pipeline.store.pages import capture_row, note_event
from pipeline.store.records import (
    QUARANTINED,
    RECORD,
    REJECTED,
    Dealt,
    mark_outcomes,
    record_row,
    refusal_row,
    register_shards,
)
from pipeline.store.shards import Line, ShardInfo
from pipeline.store.tables import url_digest
from schemas import lines, sums

SLACK = timedelta(minutes=5)
"""How much earlier than the dead run's start its files may be dated, as file systems and clocks differ."""


def after_death(captures: Captures, clean: Path, ledger: Ledger, source: str, since: datetime) -> int:
    """Take up what a run that began at `since` and never ended has left; how many captures the ledger did not know."""
    for root in (
        captures.root / source,
        *(clean / kind / f"source={source}" for kind in (shards.RECORDS, shards.REJECTED)),
    ):
        for path in list(files.leftovers(root)):
            files.remove(path)
    drop_orphans(captures, ledger, source, touched_since=(since - SLACK).timestamp())
    return adopt_captures(captures, ledger, source, touched_since=(since - SLACK).timestamp())


def drop_orphans(captures: Captures, ledger: Ledger, source: str, *, touched_since: float = 0) -> list[Path]:
    """Remove bodies that no event names and nothing was made of: their storing was cut short; their paths."""
    named = {name.partition(".")[0] for name in captures.names(source, touched_since=touched_since)}
    orphans = [
        captures.body_path(source, sha256)
        for sha256 in captures.bodies(source, touched_since=touched_since)
        if sha256 not in named and not _used(ledger, source, sha256)
    ]
    for path in orphans:
        files.remove(path)
    return orphans


def _used(ledger: Ledger, source: str, sha256: str) -> bool:
    tried = (tables.captures, tables.records)
    return any(
        ledger.rows(select(table.c.sha256).where((table.c.source == source) & (table.c.sha256 == sha256)).limit(1))
        for table in tried
    )


def adopt_captures(captures: Captures, ledger: Ledger, source: str, *, touched_since: float = 0) -> int:
    """Enter the sidecars that the ledger does not know, oldest first; how many."""
    table = tables.captures
    unknown: list[Sidecar] = []
    for names in chunks(list(captures.names(source, touched_since=touched_since))):
        query = select(table.c.event).where((table.c.source == source) & table.c.event.in_(names))
        known = {event for (event,) in ledger.rows(query)}
        unknown += [captures.sidecar(source, name) for name in names if name not in known]
    for some in chunks(sorted(unknown, key=lambda event: event.fetched_at)):
        with ledger.write() as connection:
            for event in some:
                upsert(connection, tables.captures, [capture_row(event, None)])
                note_event(connection, event)
    return len(unknown)


def changed_shards(clean: Path, ledger: Ledger, source: str) -> tuple[list[str], list[str]]:
    """Shards on disk that are not as the ledger knows them, and shards it knows that are missing."""
    table = tables.shards
    query = select(table.c.path, table.c.size, table.c.mtime_ns).where(table.c.source == source)
    known = {path: (size, mtime_ns) for path, size, mtime_ns in ledger.rows(query)}
    listed = shards.listed(clean, source)
    return [path for path in listed if known.get(path) != shards.stat(clean, path)], sorted(known.keys() - set(listed))


def settle(clean: Path, paths: Iterable[str]) -> None:
    """Where a crash cut short the moving of lines from one shard to another, take them out of the one they were to leave.

    `paths` are shards that changed behind the ledger's back: their folders are looked at. Raises StoreError on a damaged shard.
    """
    for folder in sorted({path.rpartition("/")[0] for path in paths}):
        content = {path: shards.read(clean, path) for path in shards.in_folder(clean, folder)}
        older = {line[:2] for path, found in content.items() if shards.is_history(path) for line in found}
        parts = {path: found for path, found in content.items() if not shards.is_history(path)}
        owner: dict[str, tuple[int, str]] = {}
        for path, found in sorted(parts.items()):
            for line in found:
                owner[line.key] = max(owner.get(line.key, (0, "")), (line.revision, path))
        for path, found in content.items():
            if shards.is_history(path):
                kept = [line for line in found if line.revision < owner.get(line.key, (line.revision + 1, ""))[0]]
            else:
                kept = [
                    line
                    for line in found
                    if owner[line.key][1] == path and (line[:2] not in older or owner[line.key][0] == line.revision)
                ]
            if len(kept) != len(found):
                shards.write(clean, path, kept)


def follow_shards(clean: Path, ledger: Ledger, source: str) -> int:
    """Make the ledger say what the shards say, where they differ; how many differed. Raises StoreError on a damaged shard."""
    changed, missing = changed_shards(clean, ledger, source)
    for path in changed:
        info, content = shards.inspect(clean, path)
        shards.put_down(clean / path, content, replaced=True)
        with ledger.write() as connection:
            reindex(connection, source, info, content)
    for path in missing:
        files.remove(sums.path_of(clean / path))
        with ledger.write() as connection:
            forget_shard(connection, source, path)
    return len(changed) + len(missing)


def reindex(connection: Connection, source: str, info: ShardInfo, content: Iterable[Line]) -> None:
    """Replace what the ledger says of one shard."""
    newest = {line.key: line for line in content}
    forget_shard(connection, source, info.path, newest)
    if info.path.startswith(shards.REJECTED):
        _index_refusals(connection, source, info.path, newest.values())
    elif not shards.is_history(info.path):  # the ledger knows the newest revisions, which lie in the parts
        records = [lines.record(line.data) for line in newest.values()]
        for some in chunks([record_row(record, info.path) for record in records]):
            upsert(connection, tables.records, some)
        # The same bytes fetched later may be those of a page that was gone meanwhile and came back.
        done = [Dealt(url_digest(r.url or r.id), r.capture.sha256, RECORD, r.gone_at or r.fetched_at) for r in records]
        mark_outcomes(connection, source, done)
        links.enter(connection, links.signed(connection, source, records))
    register_shards(connection, [info])


def _index_refusals(connection: Connection, source: str, path: str, content: Iterable[Line]) -> None:
    rows, done = [], []
    for line in content:
        data = orjson.loads(line.data)
        rows.append(refusal_row(source, path, line))
        done.append((line.key, data["sha256"], QUARANTINED if data["record"] else REJECTED))
    for some in chunks(rows):
        upsert(connection, tables.refusals, some)
    mark_outcomes(connection, source, [Dealt(*dealt) for dealt in done if dealt[1]])


def forget_shard(connection: Connection, source: str, path: str, standing: Collection[str] = ()) -> None:
    """Take what lay in a shard out of the ledger; captures of documents not among `standing` are pending again."""
    captures, records, refusals = tables.captures, tables.records, tables.refusals
    named = connection.execute(select(records.c.id, records.c.url_key).where(records.c.shard == path))
    gone = {id: key for id, key in named if id not in standing}
    links.forget(connection, source, gone)
    lost = set(gone.values())
    refused = connection.execute(select(refusals.c.key).where(refusals.c.shard == path))
    lost |= {key for (key,) in refused if key not in standing}
    for keys in chunks(sorted(lost)):
        where = (captures.c.source == source) & captures.c.url_key.in_(keys)
        connection.execute(update(captures).where(where).values(outcome=None))
    for table in (records, refusals):
        connection.execute(delete(table).where(table.c.shard == path))
    connection.execute(delete(tables.shards).where(tables.shards.c.path == path))
