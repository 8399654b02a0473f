"""The way in: `Store.open(home)`, then `with store.run(source, kind="ingest") as run`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from pipeline.document import Capture, Rejected
from pipeline.store.types import (
    CaptureRef,
    Failure,
    Page,
    Problem,
    Purged,
    Refused,
    RunInfo,
    SourceStatus,
    WriteSummary,
)
from schemas import Record, SourceV1

Clock = Callable[[], datetime]
Clean = Callable[[str, Capture], Record | Rejected]


class Run:
    """A run that holds its source. Made by `Store.run`; every method raises SourceBusy once the lock was lost."""

    id: str
    source: str

    def due(self, urls: Iterable[str], *, force: bool = False) -> list[Page]:
        """Those of `urls` to look at now (all, with `force`), in the order given; unknown ones are noted. Purged ones never."""
        raise NotImplementedError

    def lease(self, limit: int, *, seconds: float = 600) -> list[Page]:
        """Up to `limit` due pages that no other worker holds; they are this worker's for `seconds` or until they are noted."""
        raise NotImplementedError

    def page(self, url: str) -> Page | None:
        """What is known of `url`. Its `etag` and `last_modified` are None where no body is stored that a 304 could stand for."""
        raise NotImplementedError

    def save_capture(
        self,
        page_url: str,
        capture: Capture,
        *,
        request_headers: Sequence[tuple[str, str]] = (),
        times: dict[str, float] | None = None,
    ) -> CaptureRef:
        """Store the body (once per content) and the event, and note the page as fetched: durable when this returns.

        `capture.fetched_at` must be aware. `times` are seconds, by what took them. Secrets are the fetcher's to scrub.
        """
        raise NotImplementedError

    def load(self, ref: CaptureRef) -> Capture:
        """The capture as it was fetched. Raises StoreError where its bytes are missing or not those that were stored."""
        raise NotImplementedError

    def note_not_modified(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> None:
        """The server said 304: the page is checked, its interval grows."""
        raise NotImplementedError

    def note_gone(self, url: str, status: int) -> bool:
        """The server said 404 or 410: the page is marked and its record gets a tombstone. True where a record stood."""
        raise NotImplementedError

    def note_failed(self, failure: Failure) -> None:
        """A dead letter; the page is due again after a growing delay. A later success of the page resolves it."""
        raise NotImplementedError

    def pending(self) -> Iterator[CaptureRef]:
        """Captures stored whose outcome was never saved (left by a run that died, or by this one), oldest first."""
        raise NotImplementedError

    def save_records(self, batch: Iterable[Record | Rejected]) -> WriteSummary:
        """Write a batch: each shard touched is replaced whole; durable when this returns, idempotent when repeated.

        The store numbers revisions, links and explains them, and applies hand corrections. A record whose `quality.quarantined`
        is set and every Rejected go to clean/rejected/. A Rejected must carry `url` (the one that answered) and `sha256`, or its
        capture stays pending.
        """
        raise NotImplementedError

    def count(self, **figures: int) -> None:
        """Add to the run's figures."""
        raise NotImplementedError


class Store:
    """raw/, clean/ and the ledger under one home."""

    home: Path
    raw: Path
    clean: Path

    @classmethod
    def open(cls, home: Path, ledger_url: str | None = None, *, clock: Clock | None = None) -> "Store":
        """The store under `home`, made if it is not there. `ledger_url` is an SQLAlchemy URL; default raw/ledger.sqlite."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the ledger."""

    def run(self, source: str | SourceV1, kind: str = "ingest") -> AbstractContextManager[Run]:
        """Hold `source` for a run, after finishing what a dead run left. Raises SourceBusy naming the holder.

        With a SourceV1 its fetch intervals bound the due times. The run ends as "failed" where the block raises.
        """
        raise NotImplementedError

    def attach(self, run_id: str) -> Run:
        """Another worker (process, machine) of a run that holds its source."""
        raise NotImplementedError

    def latest_captures(self, source: str) -> Iterator[CaptureRef]:
        """The newest capture of each page of `source`."""
        raise NotImplementedError

    def all_captures(self, source: str) -> Iterator[CaptureRef]:
        """Every capture of `source`, oldest first."""
        raise NotImplementedError

    def load(self, ref: CaptureRef) -> Capture:
        """As `Run.load`."""
        raise NotImplementedError

    def capture_of(self, record: Record) -> Capture | None:
        """The capture a record was made from, or None where it was purged."""
        raise NotImplementedError

    def get(self, id: str, *, source: str | None = None) -> Record | None:
        """The newest revision of a document."""
        raise NotImplementedError

    def history(self, id: str, *, source: str | None = None) -> list[Record]:
        """All revisions of a document, oldest first."""
        raise NotImplementedError

    def find(self, url: str) -> list[Record]:
        """The newest revisions of the documents that `url` leads to (asked for, answering, or canonical)."""
        raise NotImplementedError

    def refused(self, source: str | None = None) -> Iterator[Refused]:
        """What lies in clean/rejected/."""
        raise NotImplementedError

    def sources(self) -> list[str]:
        """The sources the store knows."""
        raise NotImplementedError

    def status(self) -> list[SourceStatus]:
        """Where each source stands."""
        raise NotImplementedError

    def runs(self, source: str | None = None, *, limit: int = 50) -> list[RunInfo]:
        """Runs, newest first."""
        raise NotImplementedError

    def dead_letters(self, source: str | None = None) -> list[Failure]:
        """Failures that nothing has resolved, oldest first."""
        raise NotImplementedError

    def verify(self, *, repair: bool = False, clean: Clean | None = None) -> list[Problem]:
        """What is wrong with the store. With `repair`, captures whose record was lost are cleaned again by `clean(source, capture)`,
        or, without it, left pending for the next run."""
        raise NotImplementedError

    def purge(self, id_or_url: str) -> Purged:
        """Take a document out of raw/, clean/, the ledger and known exports, leaving only its hash, by which it stays out."""
        raise NotImplementedError
