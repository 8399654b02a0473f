"""What is known of each URL of a source: its last answer, its visits, when it is due again, and who is looking at it now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from pipeline.store import tables
from pipeline.store.captures import Sidecar
from pipeline.store.ledger import chunks
from pipeline.store.tables import url_digest
from pipeline.store.types import Attempt, Failure, Page, Result, Visit
from schemas.source_v1 import FetchV1

MISSING = "missing"
"""Outcome of a capture whose body was lost: nothing can be made of it."""
VISITS_KEPT = 12
GROWTH = {"changed": 0.5, "unchanged": 2.0, "gone": 4.0, "failed": 2.0, "deferred": 1.0}
"""What each result does to the time until the next visit, which stays between the source's bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Seconds between two visits of a page, at least and at most."""

    least: float = FetchV1().min_interval
    most: float = FetchV1().max_interval

    def after(self, interval: float | None, result: Result) -> float:
        """The next interval, after a visit with `result`; the first visit that got the page starts at the least."""
        if interval is None:
            return self.least
        return min(max(interval * GROWTH[result], self.least), self.most)


def discover(connection: Connection, source: str, urls: Iterable[str], now: datetime) -> None:
    """Enter those of `urls` that are not known."""
    for some in chunks(list(dict.fromkeys(urls))):
        rows = [{"source": source, "key": url_digest(url), "url": url, "discovered_at": now} for url in some]
        table = tables.pages
        keys = [row["key"] for row in rows]
        query = select(table.c.key).where((table.c.source == source) & table.c.key.in_(keys))
        known = {key for (key,) in connection.execute(query)}
        if fresh := [row for row in rows if row["key"] not in known]:
            connection.execute(insert(table), fresh)


def rows_of(connection: Connection, source: str, urls: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of `urls`, by URL, with the URL that answered last."""
    found: dict[str, Row[Any]] = {}
    for some in chunks(list(dict.fromkeys(urls))):
        query = _with_answer().where(
            (tables.pages.c.source == source) & tables.pages.c.key.in_([url_digest(url) for url in some])
        )
        found |= {row.url: row for row in connection.execute(query)}
    return found


def due_rows(connection: Connection, source: str, now: datetime, limit: int) -> list[Row[Any]]:
    """Up to `limit` due pages that nobody has leased; locked on PostgreSQL, so that no other worker sees them."""
    page = tables.pages.c
    free = or_(page.lease_until.is_(None), page.lease_until <= now)
    due = or_(page.due_at.is_(None), page.due_at <= now)
    keys = (
        select(page.key)
        .where((page.source == source) & due & free)
        .order_by(page.due_at.is_not(None), page.due_at, page.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [key for (key,) in connection.execute(keys)]
    rows: list[Row[Any]] = []
    for some in chunks(found):
        rows += connection.execute(_with_answer().where((page.source == source) & page.key.in_(some)))
    return rows


def _with_answer() -> Any:
    captures, pages = tables.captures, tables.pages
    joined = pages.outerjoin(captures, (captures.c.source == pages.c.source) & (captures.c.event == pages.c.event))
    return select(pages, captures.c.url.label("answered")).select_from(joined)


def lease(connection: Connection, source: str, rows: Sequence[Row[Any]], worker: str, until: datetime) -> None:
    """Note that `worker` looks at these pages."""
    for some in chunks([row.key for row in rows]):
        where = (tables.pages.c.source == source) & tables.pages.c.key.in_(some)
        connection.execute(update(tables.pages).where(where).values(lease_until=until, lease_by=worker))


def page_of(row: Row[Any], *, stored: bool) -> Page:
    """A row as a Page. Without `stored` no validators are told, as no body lies there; nor of a page that is gone, as its coming back
    is to be seen."""
    conditional = stored and row.gone_at is None
    return Page(
        source=row.source,
        url=row.url,
        etag=row.etag if conditional else None,
        last_modified=row.last_modified if conditional else None,
        answered=row.answered if stored else None,
        sha256=row.sha256 if stored else None,
        status=row.status,
        checked_at=row.checked_at,
        changed_at=row.changed_at,
        due_at=row.due_at,
        gone_at=row.gone_at,
        visits=tuple(Visit(datetime.fromisoformat(at), result) for at, result in row.visits),
        failures=row.failures,
    )


def capture_row(event: Sidecar, outcome: str | None) -> dict[str, Any]:
    """The ledger's row of a capture."""
    return {
        "source": event.source,
        "event": event.name,
        "page_key": url_digest(event.page_url),
        "page_url": event.page_url,
        "url": event.url,
        "url_key": url_digest(event.url),
        "sha256": event.sha256,
        "fetched_at": event.fetched_at,
        "status": event.status,
        "outcome": outcome,
    }


def note_event(connection: Connection, event: Sidecar, intervals: Intervals = Intervals()) -> bool:
    """Note on the page that it was captured; whether its body differs from the last, or it had been gone. Events older than the
    last change nothing."""
    discover(connection, event.source, [event.page_url], event.fetched_at)
    row = rows_of(connection, event.source, [event.page_url])[event.page_url]
    fresh = bool(row.sha256 != event.sha256 or row.gone_at is not None)
    if row.checked_at is not None and row.checked_at > event.fetched_at:
        return fresh
    values: dict[str, Any] = {
        "etag": event.header("etag"),
        "last_modified": event.header("last-modified"),
        "event": event.name,
        "sha256": event.sha256,
        "status": event.status,
        "gone_at": None,
        "failures": 0,
    }
    if fresh:
        values["changed_at"] = event.fetched_at
    visited(connection, row, "changed" if fresh else "unchanged", event.fetched_at, intervals, values)
    if row.failures:
        resolve(connection, event.source, row.key, event.fetched_at)
    return fresh


def visited(
    connection: Connection,
    row: Row[Any],
    result: Result,
    at: datetime,
    intervals: Intervals,
    values: dict[str, Any],
) -> None:
    """Note a visit: what it showed, when the page is due again (unless `values` say), and that nobody looks at it now."""
    interval = intervals.after(row.interval, result)
    visits = [*row.visits, [at.isoformat(), result]][-VISITS_KEPT:]
    noted = {
        "checked_at": at,
        "interval": interval,
        "due_at": at + timedelta(seconds=interval),
        "visits": visits,
        "lease_until": None,
        "lease_by": None,
        **values,
    }
    where = (tables.pages.c.source == row.source) & (tables.pages.c.key == row.key)
    connection.execute(update(tables.pages).where(where).values(noted))


def resolve(connection: Connection, source: str, page_key: str, at: datetime) -> None:
    """The page's dead letters are answered."""
    table = tables.failures
    where = (table.c.source == source) & (table.c.page_key == page_key) & table.c.resolved_at.is_(None)
    connection.execute(update(table).where(where).values(resolved_at=at))


def bury(connection: Connection, failure: Failure, at: datetime) -> None:
    """A dead letter; one a page and stage stays open, the newest."""
    table, key = tables.failures, url_digest(failure.url)
    where = (table.c.source == failure.source) & (table.c.page_key == key) & (table.c.stage == failure.stage)
    connection.execute(update(table).where(where & table.c.resolved_at.is_(None)).values(resolved_at=at))
    connection.execute(
        insert(table).values(
            source=failure.source,
            page_key=key,
            url=failure.url,
            stage=failure.stage,
            reason=failure.reason,
            detail=failure.detail.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00"),
            transient=failure.transient,
            attempts=failure.attempts,
            at=at,
        )
    )


def log_attempts(connection: Connection, run_id: str, source: str, url: str, attempts: Sequence[Attempt]) -> None:
    """Keep every try at a page."""
    if attempts:
        connection.execute(
            insert(tables.attempts),
            [
                {
                    "run_id": run_id,
                    "source": source,
                    "page_key": url_digest(url),
                    "number": attempt.number,
                    "started_at": attempt.started_at,
                    "seconds": attempt.seconds,
                    "waited": attempt.waited,
                    "result": attempt.result[:64],
                    "detail": attempt.detail.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00"),
                    "wire_bytes": attempt.wire_bytes,
                }
                for attempt in attempts
            ],
        )
