"""A run: what is done to one source while it is held."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from pipeline.document import Capture, Rejected
from pipeline.errors import SourceBusy
from pipeline.store import files, locks, pages, tables
from pipeline.store.captures import Captures
from pipeline.store.ledger import Ledger, chunks, upsert
from pipeline.store.pages import Intervals
from pipeline.store.records import Records
from pipeline.store.tables import url_digest
from pipeline.store.types import Attempt, CaptureRef, Failure, Page, WriteSummary
from schemas import Record

Clock = Callable[[], datetime]
PENDING_READ = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a run works with: the store's own parts."""

    captures: Captures
    ledger: Ledger
    records: Records
    clock: Clock
    correct: Callable[[Record], Record]


@dataclass(slots=True)
class Run:
    """A run that holds its source. Made by `Store.run`; what writes raises SourceBusy once the lock was lost."""

    id: str
    source: str
    parts: Parts
    intervals: Intervals = field(default_factory=Intervals)
    worker: str = ""
    _counts: Counter[str] = field(default_factory=Counter)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def due(self, urls: Iterable[str], *, force: bool = False) -> list[Page]:
        """Those of `urls` to look at now (all, with `force`), in the order given; unknown ones are noted. Purged ones never."""
        wanted = list(dict.fromkeys(files.storable(url) for url in urls))
        now = self.parts.clock()
        with self._writing() as connection:
            purged = _purged(connection, wanted)
            wanted = [url for url in wanted if url not in purged]
            pages.discover(connection, self.source, wanted, now)
            rows = pages.rows_of(connection, self.source, wanted)
        return [self._page(rows[url]) for url in wanted if force or _is_due(rows[url], now)]

    def lease(self, limit: int, *, seconds: float = 600) -> list[Page]:
        """Up to `limit` due pages that no other worker holds; they are this worker's for `seconds` or until they are noted."""
        now = self.parts.clock()
        with self._writing() as connection:
            rows = pages.due_rows(connection, self.source, now, limit)
            pages.lease(connection, self.source, rows, self.worker or self.id, now + timedelta(seconds=seconds))
        return [self._page(row) for row in rows]

    def page(self, url: str) -> Page | None:
        """What is known of `url`. Its `etag` and `last_modified` are None where no body is stored that a 304 could stand for."""
        with self.parts.ledger.read() as connection:
            row = pages.rows_of(connection, self.source, [files.storable(url)]).get(files.storable(url))
        return None if row is None else self._page(row)

    def save_capture(
        self,
        page_url: str,
        capture: Capture,
        *,
        request_headers: Sequence[tuple[str, str]] = (),
        times: Mapping[str, Any] | None = None,
        attempts: Sequence[Attempt] = (),
    ) -> CaptureRef:
        """Store the body (once per content) and the event, and note the page as fetched: durable when this returns.

        `capture.fetched_at` must be aware. `times` is what else the sidecar is to keep of the fetch, as JSON can hold it:
        seconds by what took them, the hops. `attempts` go to the ledger. Secrets are the fetcher's to scrub.
        """
        event = self.parts.captures.save(self.source, page_url, capture, request_headers, times)
        with self._writing() as connection:
            fresh = pages.note_event(connection, event, self.intervals)
            row = pages.capture_row(event, None)
            # The same bytes from the same place need no cleaning where they were cleaned before.
            row["outcome"] = None if fresh else _outcome(connection, row)
            upsert(connection, tables.captures, [row])
            pages.log_attempts(connection, self.id, self.source, event.page_url, attempts)
        return replace(ref_of(row), fresh=fresh)

    def load(self, ref: CaptureRef) -> Capture:
        """The capture as it was fetched. Raises StoreError where its bytes are missing or not those that were stored."""
        return self.parts.captures.load(ref.source, ref.event)

    def note_not_modified(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        attempts: Sequence[Attempt] = (),
    ) -> None:
        """The server said 304: the page is checked, its interval grows; validators given replace the old ones."""
        values: dict[str, Any] = {"status": 304, "failures": 0, "gone_at": None}
        values |= {name: value for name, value in (("etag", etag), ("last_modified", last_modified)) if value}
        self._note(url, "unchanged", values, attempts)

    def note_gone(self, url: str, status: int, *, attempts: Sequence[Attempt] = ()) -> bool:
        """The server said 404 or 410: the page is marked and its record gets a tombstone. True where a record stood."""
        now = self.parts.clock()
        row = self._note(url, "gone", {"status": status, "gone_at": now, "failures": 0}, attempts)
        keys = {row.key} | ({url_digest(row.answered)} if row.answered else set())
        return self.parts.records.entomb(self.source, sorted(keys), now, self.check) > 0

    def note_deferred(self, url: str, until: datetime, *, attempts: Sequence[Attempt] = ()) -> None:
        """The host asked for time: the page is due again at `until`. No failure."""
        self._note(url, "deferred", {"due_at": until}, attempts)

    def note_failed(self, failure: Failure, *, attempts: Sequence[Attempt] = ()) -> None:
        """A dead letter; the page is due again after a growing delay. A later success of the page resolves it."""
        now = self.parts.clock()
        failure = replace(failure, source=self.source, url=files.storable(failure.url))
        with self._writing() as connection:
            pages.discover(connection, self.source, [failure.url], now)
            row = pages.rows_of(connection, self.source, [failure.url])[failure.url]
            pages.visited(connection, row, "failed", now, self.intervals, {"failures": row.failures + 1})
            pages.bury(connection, failure, failure.at or now)
            pages.log_attempts(connection, self.id, self.source, failure.url, attempts)

    def pending(self) -> Iterator[CaptureRef]:
        """Captures stored whose outcome was never saved (left by a run that died, or by this one), oldest first."""
        table = tables.captures
        last: tuple[Any, ...] | None = None
        while True:
            query = select(table).where((table.c.source == self.source) & table.c.outcome.is_(None))
            if last is not None:
                later = (table.c.fetched_at > last[0]) | ((table.c.fetched_at == last[0]) & (table.c.event > last[1]))
                query = query.where(later)
            rows = self.parts.ledger.rows(query.order_by(table.c.fetched_at, table.c.event).limit(PENDING_READ))
            if not rows:
                return
            last = (rows[-1].fetched_at, rows[-1].event)
            yield from (ref_of(row._mapping) for row in rows)

    def save_records(self, batch: Iterable[Record | Rejected]) -> WriteSummary:
        """Write a batch: each shard touched is replaced whole; durable when this returns, idempotent when repeated.

        The store numbers revisions, links and explains them, and applies hand corrections. A record whose `quality.quarantined`
        is set and every Rejected go to clean/rejected/. A Rejected must carry `url` (the one that answered) and `sha256`, or its
        capture stays pending.
        """
        summary = self.parts.records.save(self.source, batch, self.parts.correct, self.check)
        self.count(**{name: getattr(summary, name) for name in summary.__slots__})
        return summary

    def count(self, **figures: int) -> None:
        """Add to the run's figures."""
        with self._counting:
            self._counts.update(figures)

    def figures(self) -> dict[str, int]:
        """The run's figures so far, in this process."""
        with self._counting:
            return dict(self._counts)

    def check(self) -> None:
        """Raises SourceBusy where another run has taken the source over from this one."""
        with self.parts.ledger.read() as connection:
            _still_held(connection, self.source, self.id)

    def _writing(self) -> "_Held":
        return _Held(self)

    def _note(self, url: str, result: Any, values: dict[str, Any], attempts: Sequence[Attempt]) -> Any:
        now, url = self.parts.clock(), files.storable(url)
        with self._writing() as connection:
            pages.discover(connection, self.source, [url], now)
            row = pages.rows_of(connection, self.source, [url])[url]
            pages.visited(connection, row, result, now, self.intervals, values)
            pages.log_attempts(connection, self.id, self.source, url, attempts)
            if row.failures and result in ("unchanged", "gone"):
                pages.resolve(connection, self.source, row.key, now)
        return row

    def _page(self, row: Any) -> Page:
        stored = row.sha256 is not None and self.parts.captures.body_path(self.source, row.sha256).exists()
        return pages.page_of(row, stored=stored)


class _Held:
    """A transaction of a run, which begins with the proof that the run still holds its source."""

    def __init__(self, run: Run) -> None:
        self._run, self._transaction = run, run.parts.ledger.write()

    def __enter__(self) -> Connection:
        connection = self._transaction.__enter__()
        try:
            _still_held(connection, self._run.source, self._run.id)
        except SourceBusy as error:
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise
        return connection

    def __exit__(self, *error: Any) -> None:
        self._transaction.__exit__(*error)


def ref_of(row: Mapping[Any, Any]) -> CaptureRef:
    """A row of the captures as a reference."""
    return CaptureRef(
        source=row["source"],
        page_url=row["page_url"],
        url=row["url"],
        sha256=row["sha256"],
        event=row["event"],
        fetched_at=row["fetched_at"],
        status=row["status"],
    )


def beat(run: Run) -> bool:
    """Say that the run lives, and note its figures; False where it lost its source."""
    with run.parts.ledger.write() as connection:
        connection.execute(update(tables.runs).where(tables.runs.c.id == run.id).values(counts=run.figures()))
        return locks.beat(connection, run.source, run.id, run.parts.clock())


def _still_held(connection: Connection, source: str, run_id: str) -> None:
    holder = connection.execute(select(tables.locks.c.run_id).where(tables.locks.c.name == source)).scalar()
    if holder != run_id:
        raise SourceBusy(f"source {source!r} was taken over from run {run_id} by {holder or 'nobody'}; this run stops")


def _outcome(connection: Connection, row: Mapping[str, Any]) -> str | None:
    table = tables.captures
    same = (table.c.source == row["source"]) & (table.c.url_key == row["url_key"]) & (table.c.sha256 == row["sha256"])
    query = select(table.c.outcome).where(same & table.c.outcome.is_not(None)).limit(1)
    return connection.execute(query).scalar()


def _purged(connection: Connection, urls: Sequence[str]) -> set[str]:
    hashes = {url_digest(url): url for url in urls}
    found: set[str] = set()
    for some in chunks(list(hashes)):
        query = select(tables.purged.c.hash).where(tables.purged.c.hash.in_(some))
        found |= {hashes[hash] for hash in connection.execute(query).scalars()}
    return found


def _is_due(row: Any, now: datetime) -> bool:
    leased = row.lease_until is not None and row.lease_until > now
    return not leased and (row.due_at is None or row.due_at <= now)
