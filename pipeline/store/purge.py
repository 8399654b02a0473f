"""Taking a document out for good: what remains is the hash of its id and URLs, by which it stays out."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, select

from pipeline import corrections
from pipeline.store import export, files, gone, queries, reconcile, shards, tables
from pipeline.store.ledger import chunks, insert_new
from pipeline.store.run import Run
from pipeline.store.tables import url_digest
from pipeline.store.types import Purged

if TYPE_CHECKING:
    from pipeline.store.store import Store


def purge(store: "Store", id_or_url: str) -> Purged:
    """See `Store.purge`. Each part can be repeated where it was cut short: what names the rest goes last."""
    documents = _documents(store, id_or_url)
    keys = {url_digest(files.storable(id_or_url))} | {key for _, _, key in documents}
    known = _captures(store, keys)
    revisions = bodies = 0
    for source in sorted({source for source, _, _ in documents} | {row.source for row in known}):
        with store.run(source, kind="purge") as run:
            ids = {id for of, id, _ in documents if of == source}
            _remember(store, keys | {row.page_key for row in known})
            bodies += _purge_raw(store, source, [row for row in known if row.source == source])
            _purge_graves(store, source, keys)
            _purge_rows(store, source, keys)
            revisions += _purge_shards(store, run, ids, keys)
    purged = tuple(sorted({id for _, id, _ in documents})) or ((id_or_url,) if known else ())
    written = [corrections.file_of(id, store.corrections) for _, id, _ in documents]
    return Purged(
        ids=purged,
        revisions=revisions,
        captures=len(known),
        bodies=bodies,
        exports=export.without(store, purged) if purged else 0,
        corrections=sum(files.remove(path) for path in sorted(set(written)) if path.exists()),
    )


def _documents(store: "Store", id_or_url: str) -> list[tuple[str, str, str]]:
    """Source, id and URL key of each document meant."""
    table = tables.records.c
    named = [id for _, id in queries.ids_of(store.ledger, files.storable(id_or_url))]
    query = select(table.source, table.id, table.url_key).where(table.id.in_([id_or_url, *named]))
    return [(row.source, row.id, row.url_key) for row in store.ledger.rows(query)]


def _captures(store: "Store", keys: set[str]) -> list[Row[Any]]:
    """Every capture that was asked for or answered under one of these URLs."""
    table = tables.captures
    return store.ledger.rows(select(table).where(table.c.url_key.in_(keys) | table.c.page_key.in_(keys)))


def _remember(store: "Store", keys: set[str]) -> None:
    for key in sorted(keys):
        gone.put_purged(store.raw, key, store.clock())
    with store.ledger.write() as connection:
        for key in sorted(keys):
            insert_new(connection, tables.purged, {"hash": key, "at": store.clock()})


def _purge_raw(store: "Store", source: str, rows: list[Row[Any]]) -> int:
    """Remove events, then bodies that no other event needs; how many bodies."""
    for row in rows:
        files.remove(store.captures.sidecar_path(source, row.event))
    bodies = [store.captures.body_path(source, sha256) for sha256 in sorted({row.sha256 for row in rows})]
    return sum(files.remove(path) for path in bodies if not any(path.parent.glob(f"{path.stem}.*.json")))


def _purge_graves(store: "Store", source: str, keys: set[str]) -> None:
    for name in gone.names(store.raw, source):
        if name.partition(".")[0] in keys:
            files.remove(gone.path_of(store.raw, source, name))


def _purge_rows(store: "Store", source: str, keys: set[str]) -> None:
    captures, pages, failures, attempts = tables.captures.c, tables.pages.c, tables.failures.c, tables.attempts.c
    asked = select(captures.page_key).where((captures.source == source) & captures.url_key.in_(keys))
    with store.ledger.write() as connection:
        page_keys = sorted(keys | set(connection.execute(asked).scalars()))
        for some in chunks(page_keys):
            connection.execute(delete(tables.pages).where((pages.source == source) & pages.key.in_(some)))
            connection.execute(delete(tables.failures).where((failures.source == source) & failures.page_key.in_(some)))
            connection.execute(delete(tables.attempts).where((attempts.source == source) & attempts.page_key.in_(some)))
            named = captures.url_key.in_(some) | captures.page_key.in_(some)
            connection.execute(delete(tables.captures).where((captures.source == source) & named))


def _purge_shards(store: "Store", run: Run, ids: set[str], keys: set[str]) -> int:
    """Rewrite the shards without the documents, and without what was refused under their URLs; how many lines went."""
    count = 0
    with shards.writing(store.clean, run.source):
        run.check()
        for path in _shards_of(store, run.source, ids, keys):
            content = shards.read(store.clean, path)
            kept = [line for line in content if line.key not in ids | keys]
            if len(kept) == len(content):
                continue
            count += len(content) - len(kept)
            info = shards.write(store.clean, path, kept)
            with store.ledger.write() as connection:
                reconcile.reindex(connection, run.source, info, kept)
    return count


def _shards_of(store: "Store", source: str, ids: set[str], keys: set[str]) -> list[str]:
    records, refusals = tables.records.c, tables.refusals.c
    standing = select(records.shard).where((records.source == source) & records.id.in_(ids))
    refused = select(refusals.shard).where((refusals.source == source) & refusals.key.in_(keys))
    found = {row.shard for query in (standing, refused) for row in store.ledger.rows(query)}
    folders = {path.rpartition("/")[0] for path in found}
    older = [path for path in shards.listed(store.clean, source) if shards.is_history(path)]
    return sorted({*found, *(path for path in older if path.rpartition("/")[0] in folders)})
