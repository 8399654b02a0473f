"""Putting a source right from raw/ and its sidecars: what is damaged is moved aside, what it stood for is made again.

Nothing is deleted: damaged files go to raw/.damaged/ and clean/.damaged/ under their own names.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from pipeline.store import files, gone, links, reconcile, shards, tables
from pipeline.store.captures import Captures
from pipeline.store.ledger import Ledger, chunks, insert_new
from pipeline.store.pages import MISSING
from pipeline.store.records import OUTCOMES, register_shards
from pipeline.store.shards import Line
from pipeline.store.verify import Found
from schemas import lines, sums
from schemas.lines import DamagedLine

DAMAGED = ".damaged"


def repair(captures: Captures, clean: Path, ledger: Ledger, found: Found, stamp: datetime) -> None:
    """Put one source right, given what `verify.survey` and `compare` found; documents that were lost are pending afterwards."""
    aside = f"{stamp:%Y%m%dT%H%M%S}"
    kinds = {problem.kind for problem in found.problems}
    for problem in found.problems:
        if problem.kind in ("capture.sidecar", "capture.body", "capture.orphan", "gone.sidecar"):
            _move_aside(captures.root, Path(problem.where), aside)
    for path in sorted(found.broken):
        _keep_sound_lines(clean, path, found, aside)
    _put_down_sums(clean, found)
    for tomb in found.tombs:
        gone.put(captures.root, tomb)
    _rebuild(captures, clean, ledger, found.source, forget_pages=bool(kinds & {"page.event", "capture.row"}))
    with ledger.write() as connection:
        _give_up_missing(connection, captures, found.source)


def restore_purged(ledger: Ledger, root: Path, now: datetime) -> None:
    """What was purged stays purged, whether raw/ or the ledger lost it."""
    in_raw = dict(gone.purged(root))
    known = ledger.rows(select(tables.purged.c.hash))
    for (hash,) in known:
        if hash not in in_raw and gone.is_hash(hash):
            gone.put_purged(root, hash, now)
    with ledger.write() as connection:
        for (hash,) in known:
            if not gone.is_hash(hash):
                connection.execute(delete(tables.purged).where(tables.purged.c.hash == hash))
        for hash, at in in_raw.items():
            insert_new(connection, tables.purged, {"hash": hash, "at": at or now})


def rebuilt_ledger(path: Path, stamp: datetime) -> None:
    """Move a damaged SQLite ledger aside, with what belongs to it; the next `Ledger` is a new one."""
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(path.with_name(f"{path.name}{DAMAGED}-{stamp:%Y%m%dT%H%M%S}{suffix}"))
    files.sync_folder(path.parent)


def _move_aside(root: Path, path: Path, aside: str) -> None:
    if path.exists():
        target = root / DAMAGED / aside / path.relative_to(root)
        files.make_folder(target.parent)
        path.replace(target)
        files.sync_folder(path.parent)


def _keep_sound_lines(clean: Path, path: str, found: Found, aside: str) -> None:
    """Write a damaged shard again without lines that were not written there and documents whose revisions are incomplete."""
    data, refusals = (clean / path).read_bytes(), path.startswith(shards.REJECTED)
    written = _written(clean, path, found)
    kept: dict[tuple[str, int], Line] = {}
    for raw in data.splitlines(keepends=True):
        with suppress(DamagedLine):
            line = shards.parsed(raw, refusals=refusals)
            belongs = refusals or lines.record(line.data).source == found.source
            if (
                belongs
                and (path, line.key) not in found.lost
                and (written is None or sums.of_line(line.data) in written)
            ):
                kept.setdefault(line[:2], line)
    files.write(clean / DAMAGED / aside / path, [data])
    shards.write(clean, path, [*kept.values()] if refusals else _whole_chains(kept.values(), path, found))


def _written(clean: Path, path: str, found: Found) -> set[bytes] | None:
    """The checksums of the lines that were written to a shard; None where nothing tells."""
    if path in found.unsealed:
        return None
    digits = b"".join(version.lines for version in sums.load(clean / path))
    return {digits[at : at + sums.WIDTH] for at in range(0, len(digits), sums.WIDTH)}


def _whole_chains(content: Iterable[Line], path: str, found: Found) -> list[Line]:
    """Those whose revisions are an unbroken row, which begins at 1 or goes on from the history."""
    revisions: dict[str, list[Line]] = {}
    for line in sorted(content, key=lambda line: line[:2]):
        revisions.setdefault(line.key, []).append(line)
    return [
        line
        for id, chain in revisions.items()
        if id in found.intact or (chain[0].revision == 1 and not shards.is_history(path))
        if [line.revision for line in chain] == list(range(chain[0].revision, chain[-1].revision + 1))
        for line in chain
    ]


def _put_down_sums(clean: Path, found: Found) -> None:
    """For shards whose sums are missing or damaged; what was put down of a shard that is missing goes."""
    for path in sorted(found.unsealed - found.broken):
        files.remove(sums.path_of(clean / path))
        shards.put_down(clean / path, shards.read(clean, path), replaced=True)
    for path in shards.without_file(clean, found.source):
        files.remove(sums.path_of(clean / path))


def _rebuild(captures: Captures, clean: Path, ledger: Ledger, source: str, *, forget_pages: bool) -> None:
    """Make the ledger say what raw/ and clean/ say."""
    outcomes, revisions = _outcomes(ledger, source), _revisions(ledger, source)
    with ledger.write() as connection:
        links.forget(connection, source, [row.id for row in links.known(connection, source)])
        for table in (tables.captures, tables.records, tables.refusals, tables.shards):
            connection.execute(delete(table).where(table.c.source == source))
        if forget_pages:
            connection.execute(delete(tables.pages).where(tables.pages.c.source == source))
    reconcile.adopt_captures(captures, ledger, source)
    reconcile.follow_shards(clean, ledger, source)
    _drop_twins(clean, ledger, source)
    # Captures that made no revision have no line to show for it; what the ledger said of them stands while their document does.
    standing = {
        key: revision for key, revision in _revisions(ledger, source).items() if revision >= revisions.get(key, 0)
    }
    with ledger.write() as connection:
        for event, (key, outcome) in outcomes.items():
            if key in standing:
                table = tables.captures
                same = (table.c.source == source) & (table.c.event == event) & table.c.outcome.is_(None)
                connection.execute(update(table).where(same).values(outcome=outcome))


def _outcomes(ledger: Ledger, source: str) -> dict[str, tuple[str, str]]:
    table = tables.captures.c
    query = select(table.event, table.url_key, table.outcome).where(
        (table.source == source) & table.outcome.in_([*OUTCOMES, MISSING])
    )
    return {row.event: (row.url_key, row.outcome) for row in ledger.rows(query)}


def _revisions(ledger: Ledger, source: str) -> dict[str, int]:
    """The newest revision of what each URL answers with; 0 where it was refused."""
    records, refusals = tables.records.c, tables.refusals.c
    refused = {key: 0 for (key,) in ledger.rows(select(refusals.key).where(refusals.source == source))}
    query = select(records.url_key, records.revision).where(records.source == source)
    return refused | {row.url_key: row.revision for row in ledger.rows(query)}


def _drop_twins(clean: Path, ledger: Ledger, source: str) -> None:
    """Where a document lies in two shards, keep the one the ledger names."""
    table = tables.records
    rows = ledger.rows(select(table.c.id, table.c.shard).where(table.c.source == source))
    shard_of = {row.id: row.shard for row in rows}
    for path in shards.listed(clean, source):
        if path.startswith(shards.REJECTED) or shards.is_history(path):
            continue
        _, content = shards.inspect(clean, path)
        kept = [line for line in content if shard_of.get(line.key, path) == path]
        if len(kept) != len(content):
            info = shards.write(clean, path, kept)
            with ledger.write() as connection:
                register_shards(connection, [info])


def _give_up_missing(connection: Connection, captures: Captures, source: str) -> None:
    """Pages whose body is missing are due now and fetched without conditions; captures without a body are not pending."""
    pages, events = tables.pages, tables.captures
    query = select(pages.c.key, pages.c.sha256).where((pages.c.source == source) & pages.c.sha256.is_not(None))
    bodiless = [key for key, sha256 in connection.execute(query) if not captures.body_path(source, sha256).exists()]
    for some in chunks(bodiless):
        where = (pages.c.source == source) & pages.c.key.in_(some)
        connection.execute(update(pages).where(where).values(etag=None, last_modified=None, due_at=None))
    pending = (events.c.source == source) & events.c.outcome.is_(None)
    for sha256 in list(connection.execute(select(events.c.sha256).where(pending).distinct()).scalars()):
        if not captures.body_path(source, sha256).exists():
            connection.execute(update(events).where(pending & (events.c.sha256 == sha256)).values(outcome=MISSING))
