"""What the ledger answers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from pipeline.store import locks, tables
from pipeline.store.ledger import Ledger
from pipeline.store.run import ref_of
from pipeline.store.tables import url_digest
from pipeline.store.types import CaptureRef, Failure, RunInfo, SourceStatus

READ = 500


def sources(ledger: Ledger) -> list[str]:
    """Names, sorted."""
    return [name for (name,) in ledger.rows(select(tables.sources.c.name).order_by(tables.sources.c.name))]


def all_captures(ledger: Ledger, source: str) -> Iterator[CaptureRef]:
    """Every capture of `source`, oldest first; new ones that come meanwhile included."""
    captures = tables.captures.c
    last: tuple[Any, ...] | None = None
    while True:
        query = select(tables.captures).where(captures.source == source)
        if last is not None:
            same_moment = (captures.fetched_at == last[0]) & (captures.event > last[1])
            query = query.where((captures.fetched_at > last[0]) | same_moment)
        rows = ledger.rows(query.order_by(captures.fetched_at, captures.event).limit(READ))
        if not rows:
            return
        last = (rows[-1].fetched_at, rows[-1].event)
        yield from (ref_of(row._mapping) for row in rows)


def latest_captures(ledger: Ledger, source: str) -> Iterator[CaptureRef]:
    """The newest capture of each page of `source`, by page."""
    captures, pages = tables.captures, tables.pages
    joined = pages.join(captures, (captures.c.source == pages.c.source) & (captures.c.event == pages.c.event))
    last = ""
    while True:
        wanted = (pages.c.source == source) & (pages.c.key > last)
        query = select(captures).select_from(joined).where(wanted).order_by(pages.c.key).limit(READ)
        rows = ledger.rows(query)
        if not rows:
            return
        last = rows[-1].page_key
        yield from (ref_of(row._mapping) for row in rows)


def ids_of(ledger: Ledger, url: str) -> list[tuple[str, str]]:
    """Source and id of each document that `url` leads to."""
    key, captures, records = url_digest(url), tables.captures, tables.records
    answers = select(captures.c.url_key).where(captures.c.page_key == key)
    leads = (records.c.url_key == key) | (records.c.canonical_key == key) | records.c.url_key.in_(answers)
    return [(row.source, row.id) for row in ledger.rows(select(records.c.source, records.c.id).where(leads).distinct())]


def runs(ledger: Ledger, source: str | None, limit: int) -> list[RunInfo]:
    """Runs, newest first."""
    query = select(tables.runs).order_by(tables.runs.c.started_at.desc(), tables.runs.c.id.desc()).limit(limit)
    if source is not None:
        query = query.where(tables.runs.c.source == source)
    return [_run_info(row) for row in ledger.rows(query)]


def _run_info(row: Row[Any]) -> RunInfo:
    return RunInfo(**row._mapping)


def dead_letters(ledger: Ledger, source: str | None) -> list[Failure]:
    """Open failures, oldest first."""
    table = tables.failures
    query = select(table).where(table.c.resolved_at.is_(None)).order_by(table.c.at, table.c.id)
    if source is not None:
        query = query.where(table.c.source == source)
    return [
        Failure(
            source=row.source,
            url=row.url,
            stage=row.stage,
            reason=row.reason,
            detail=row.detail,
            transient=row.transient,
            attempts=row.attempts,
            at=row.at,
        )
        for row in ledger.rows(query)
    ]


def status(ledger: Ledger, source: str, now: datetime) -> SourceStatus:
    """Where a source stands."""
    captures, records, failures = tables.captures.c, tables.records.c, tables.failures.c
    last = runs(ledger, source, 1)
    with ledger.read() as connection:
        return SourceStatus(
            source=source,
            pages=_count(connection, select(tables.pages).where(tables.pages.c.source == source)),
            captures=_count(connection, select(tables.captures).where(captures.source == source)),
            pending=_count(
                connection, select(tables.captures).where((captures.source == source) & captures.outcome.is_(None))
            ),
            records=_count(
                connection, select(tables.records).where((records.source == source) & records.gone_at.is_(None))
            ),
            gone=_count(
                connection, select(tables.records).where((records.source == source) & records.gone_at.is_not(None))
            ),
            refused=_count(connection, select(tables.refusals).where(tables.refusals.c.source == source)),
            dead_letters=_count(
                connection, select(tables.failures).where((failures.source == source) & failures.resolved_at.is_(None))
            ),
            last_run=last[0] if last else None,
            held_by=locks.holder(connection, source, now),
            next_due=connection.execute(
                select(func.min(tables.pages.c.due_at)).where(tables.pages.c.source == source)
            ).scalar(),
        )


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
