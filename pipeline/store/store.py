"""The way in: `Store.open(home)`, then `with store.run(source, kind="ingest") as run`.

The ledger is opened when first asked for: looking up a document by its id needs only the shards.
"""

import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from pipeline import corrections
from pipeline.document import Capture, Rejected
from pipeline.errors import StoreError
from pipeline.store import files
from pipeline.store.captures import Captures
from pipeline.store.types import CaptureRef, Exported, Failure, Problem, Purged, Refused, RunInfo, SourceStatus
from schemas import Record, SourceV1, read

if TYPE_CHECKING:
    from pipeline.store.export import Format
    from pipeline.store.hosts import LedgerBudget
    from pipeline.store.ledger import Ledger
    from pipeline.store.run import Parts, Run

Clock = Callable[[], datetime]
Clean = Callable[[str, Capture], Record | Rejected]
Leave = TypeVar("Leave")
Wait = TypeVar("Wait")


class Store:
    """raw/, clean/ and the ledger under one home."""

    def __init__(self, home: Path, ledger_url: str | None = None, clock: Clock | None = None) -> None:
        self.home = home.absolute()
        self.raw, self.clean = self.home / "raw", self.home / "clean"
        self.ledger_url: str | Path = ledger_url or self.raw / "ledger.sqlite"  # no URL of a path: it may hold a "?"
        self.clock: Clock = clock or _now
        self.captures = Captures(self.raw)
        self.corrections = self.home / "corrections"

    @classmethod
    def open(cls, home: Path, ledger_url: str | None = None, *, clock: Clock | None = None) -> "Store":
        """The store under `home`, made if it is not there. `ledger_url` is an SQLAlchemy URL; default raw/ledger.sqlite."""
        store = cls(Path(home), ledger_url, clock)
        files.make_folder(store.raw)
        files.make_folder(store.clean)
        return store

    @cached_property
    def ledger(self) -> "Ledger":
        """The ledger, opened and upgraded."""
        from pipeline.store.ledger import Ledger

        return Ledger(self.ledger_url)

    def close(self) -> None:
        """Let go of the ledger."""
        if "ledger" in self.__dict__:
            self.ledger.close()
            del self.__dict__["ledger"]

    @contextmanager
    def run(self, source: str | SourceV1, kind: str = "ingest") -> Iterator["Run"]:
        """Hold `source` for a run, after finishing what a dead run left. Raises SourceBusy naming the holder.

        With a SourceV1 its fetch intervals bound the due times. The run ends as "failed" where the block raises.
        """
        from pipeline.store import holding

        name = files.checked_source(source if isinstance(source, str) else source.name)
        run_id = f"{self.clock():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        dead_since = holding.begin(self.ledger, name, run_id, kind, self.clock())
        run = self._run(run_id, name, source if isinstance(source, SourceV1) else None)
        stop = threading.Event()
        heart = threading.Thread(target=holding.keep_beating, args=(run, stop), name=f"heartbeat {name}", daemon=True)
        heart.start()
        error: BaseException | None = None
        try:
            holding.put_right(run, self.clean, dead_since)
            yield run
        except BaseException as raised:
            error = raised
            raise
        finally:
            stop.set()
            heart.join()
            holding.end(run, error)
        holding.settle_others(self.clean, self.ledger, run.parts.records, self.clock())

    def attach(self, run_id: str, worker: str = "") -> "Run":
        """Another worker (process, machine) of a run that holds its source; `worker` names it in leases."""
        from pipeline.store import holding

        source = holding.source_of_run(self.ledger, run_id)
        return self._run(run_id, source, None, worker or f"{run_id}/{secrets.token_hex(4)}")

    def _run(self, run_id: str, name: str, source: SourceV1 | None, worker: str = "") -> "Run":
        from pipeline.store.pages import Intervals
        from pipeline.store.run import Run

        bounds = Intervals(least=source.fetch.min_interval, most=source.fetch.max_interval) if source else Intervals()
        return Run(run_id, name, self._parts(), bounds, worker)

    def _parts(self) -> "Parts":
        from pipeline.store.records import Records
        from pipeline.store.run import Parts

        return Parts(
            captures=self.captures,
            ledger=self.ledger,
            records=Records(self.clean, self.ledger, self.raw),
            clock=self.clock,
            correct=lambda record: corrections.corrected(record, self.corrections),
        )

    def host_budget(
        self, leave: Callable[[str, str], Any], wait: Callable[[float, str], Any]
    ) -> "LedgerBudget[Any, Any]":
        """What hosts are asked to bear, shared by all runs: the fetcher's `HostBudget`, given its `Leave` and `Wait`."""
        from pipeline.store.hosts import LedgerBudget

        return LedgerBudget(self.ledger, leave, wait, self.clock)

    def latest_captures(self, source: str) -> Iterator[CaptureRef]:
        """The newest capture of each page of `source`."""
        from pipeline.store import queries

        return queries.latest_captures(self.ledger, source)

    def all_captures(self, source: str) -> Iterator[CaptureRef]:
        """Every capture of `source`, oldest first."""
        from pipeline.store import queries

        return queries.all_captures(self.ledger, source)

    def load(self, ref: CaptureRef) -> Capture:
        """The capture as it was fetched. Raises StoreError where its bytes are missing or not those that were stored."""
        return self.captures.load(ref.source, ref.event)

    def body_of(self, record: Record) -> bytes:
        """The page as fetched. Raises StoreError where it is not there."""
        if record.source is None:
            raise StoreError(f"record {record.id} has no source: it was never stored")
        return self.captures.body(record.source, record.capture.sha256)

    def get(self, id: str, *, source: str | None = None) -> Record | None:
        """The newest revision of a document; of several sources the one fetched last."""
        found = self.history(id, source=source)
        return max(found, key=_age) if found else None

    def history(self, id: str, *, source: str | None = None) -> list[Record]:
        """All revisions of a document, oldest first. Raises DamagedRecord."""
        return read.find(self.clean, id, sources=[source] if source else ())

    def find(self, url: str) -> list[Record]:
        """The newest revisions of the documents that `url` leads to (asked for, answering, or canonical)."""
        from pipeline.store import queries

        found = [self.get(id, source=source) for source, id in queries.ids_of(self.ledger, files.storable(url))]
        return [record for record in found if record is not None]

    def refused(self, source: str | None = None) -> Iterator[Refused]:
        """What lies in clean/rejected/."""
        from pipeline.store import shards

        for name in [source] if source else self.sources():
            for path in shards.listed(self.clean, name):
                if path.startswith(shards.REJECTED):
                    yield from (_refused(line.data) for line in shards.read(self.clean, path))

    def sources(self) -> list[str]:
        """The sources the store knows."""
        from pipeline.store import queries

        return queries.sources(self.ledger)

    def status(self) -> list[SourceStatus]:
        """Where each source stands."""
        from pipeline.store import queries

        return [queries.status(self.ledger, name, self.clock()) for name in self.sources()]

    def runs(self, source: str | None = None, *, limit: int = 50) -> list[RunInfo]:
        """Runs, newest first."""
        from pipeline.store import queries

        return queries.runs(self.ledger, source, limit)

    def dead_letters(self, source: str | None = None) -> list[Failure]:
        """Failures that nothing has resolved, oldest first."""
        from pipeline.store import queries

        return queries.dead_letters(self.ledger, source)

    def verify(self, *, repair: bool = False, clean: Clean | None = None) -> list[Problem]:
        """What is wrong with the store; the kinds are in `pipeline.store.verify`. Raises SourceBusy where a source is held.

        With `repair`, what is damaged is moved aside and made again from raw/: documents that were lost are cleaned by
        `clean(source, capture)` at once or, without it, left pending for the next run. Problems then say what became of them.
        """
        from pipeline.store import check

        return check.mended(self, clean) if repair else check.problems(self)

    def purge(self, id_or_url: str) -> Purged:
        """Take a document out of raw/, clean/, the ledger and known exports, leaving only its hash, by which it stays out.

        `ids` of the answer is empty where nothing was known. Other copies (backups, exports moved elsewhere) are not reached.
        """
        from pipeline.store.purge import purge

        return purge(self, id_or_url)

    def export(
        self,
        format: "Format",
        target: Path,
        *,
        since: datetime | None = None,
        sources: Collection[str] = (),
        render: Callable[[Record], str] | None = None,
    ) -> Exported:
        """The newest revisions (for "warc" the captures), for others to use; what is there already and unchanged is kept.

        `target` is a folder, made if it is not there. `since`: only what was fetched then or later. `render` makes the text of
        the formats "markdown" and "text". Raises StoreError where `target` holds something else, or an extra is missing.
        """
        from pipeline.store import export

        return export.export(self, export.Order(format, Path(target).absolute(), since, frozenset(sources), render))

    def report(self, target: Path | None = None, sources: Sequence[str] = ()) -> Path:
        """Write the review page on `sources` (default: all) to the folder `target` (default: report/ beside clean/); its index.html."""
        from pipeline.store.report import build

        return build(self, target or self.home / "report", sources)


def _now() -> datetime:
    return datetime.now(UTC)


def _age(record: Record) -> tuple[datetime, int]:
    return record.fetched_at or datetime.min.replace(tzinfo=UTC), record.revision


def _refused(data: bytes) -> Refused:
    found = orjson.loads(data)
    del found["checksum"]
    fetched = found["fetched_at"]
    return Refused(**{**found, "fetched_at": fetched and datetime.fromisoformat(fetched)})
