"""The line over batches of pages, as plain functions: what the flows' tasks do, without Prefect."""

import logging
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from flows.fetching import Fetching
from flows.usual import Usual, held_back, usual_of
from pipeline.document import Capture, Rejected
from pipeline.errors import UnscrapeError
from pipeline.fetch import Deferred, Failed, Fetched, Gone, NotModified, Outcome, Request, Validators, home
from pipeline.fetch.gate import gate
from pipeline.line import clean_capture
from pipeline.store import CaptureRef, Failure, Page, Run, WriteSummary
from schemas import Record, SourceV1

logger = logging.getLogger("unscrape.line")

CRASH = "crash"  # the reason of a document on which our own code failed


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What a run did for one source. `counts` in the order of the line; `busy` names who holds the source; `error` why it stopped."""

    source: str
    counts: dict[str, int] = field(default_factory=dict)
    busy: str | None = None
    error: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something went wrong that somebody should look at."""
        return bool(self.error or self.counts.get("failed") or self.counts.get("crashed"))


class Work:
    """A source that is held: its description, its run, and, where it is fetched, the fetcher.

    As `Outcomes`, no dataclass and no sequence: Prefect walks into those, field by field, whenever they are given to a task.
    """

    def __init__(self, source: SourceV1, run: Run, fetching: Fetching | None = None) -> None:
        self.source, self.run, self._fetching = source, run, fetching

    @cached_property
    def usual(self) -> Usual | None:
        """What the source usually gives, read when the first batch is cleaned: a run without new pages reads no shard.

        No record of the run is stored by then, so that the order of its pages changes nothing.
        """
        return usual_of(self.run.parts.records.clean, self.source.name) if self.source.quarantine_unusual else None

    @property
    def fetching(self) -> Fetching:
        """The fetcher."""
        assert self._fetching is not None, "this run does not fetch"
        return self._fetching


class Outcomes:
    """The outcomes of a batch of captures."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[Record | Rejected]) -> None:
        self.items = items


def find_pages(work: Work, since: datetime | None = None, limit: int | None = None) -> tuple[list[str], list[str]]:
    """See `discovered`."""
    return discovered(work.fetching, work.source, since, limit)


def discovered(
    fetching: Fetching, source: SourceV1, since: datetime | None = None, limit: int | None = None
) -> tuple[list[str], list[str]]:
    """At most `limit` of the source's URLs in the order to fetch them, and what was wrong on the way, as lines."""
    found = fetching.discover(source, since, limit)
    return [page.url for page in found.pages], [f"{p.url}: {p.reason}: {p.detail}" for p in found.problems]


def fetch_pages(work: Work, pages: Sequence[Page]) -> list[CaptureRef]:
    """Fetch a batch and note every outcome; the captures to be cleaned. Those that brought the same bytes again are left out."""
    captures: list[CaptureRef] = []

    def received(request: Request, outcome: Outcome) -> None:
        ref = note(work.run, request.url, outcome)
        if ref is not None and ref.fresh:
            captures.append(ref)

    origins = home(work.source)
    work.fetching.fetch([_request(page, origins) for page in pages], work.source.fetch, received)
    return captures


def note(run: Run, url: str, outcome: Outcome) -> CaptureRef | None:
    """Put down what became of one page; its capture, where there is one."""
    tries = outcome.attempts
    what = " ".join([type(outcome).__name__, getattr(outcome, "reason", "")]).strip()
    logger.info("%s: %s", what, url, extra={"run": run.id, "source": run.source, "url": url})
    match outcome:
        case Fetched():
            sent = outcome.request_headers
            ref = run.save_capture(url, outcome.capture, request_headers=sent, times=_course(outcome), attempts=tries)
            run.count(fetched=1, same_bytes=int(not ref.fresh), wire_bytes=outcome.wire_bytes)
            return ref
        case NotModified():
            headers = dict(outcome.headers)
            etag, last_modified = headers.get("etag"), headers.get("last-modified")
            run.note_not_modified(url, etag=etag, last_modified=last_modified, attempts=tries)
            run.count(not_modified=1)
        case Gone():
            run.note_gone(url, outcome.status, attempts=tries)
            run.count(gone=1)
        case Deferred():
            run.note_deferred(url, outcome.until, attempts=tries)
            run.count(deferred=1)
        case Failed():
            run.note_failed(_failure(run.source, url, outcome), attempts=tries)
            run.count(failed=1)
    return None


def clean_captures(work: Work, captures: Iterable[CaptureRef]) -> Outcomes:
    """Captures to records, each on its own: whatever one of them holds, the others are cleaned.

    A record far from what the source usually gives says that it is quarantined.
    """
    return Outcomes([held_back(clean_one(work.run.load(ref), work.source), work.usual) for ref in captures])


def clean_one(capture: Capture, source: SourceV1 | None) -> Record | Rejected:
    """One capture to a record or the reason why not, which then says whose it is."""
    try:
        outcome = gate(capture) or clean_capture(capture, source=source)
    except UnscrapeError as error:
        outcome = _crashed(error)
    except Exception as error:  # noqa: BLE001 - a bug met on one page must not hold up the source for good; the place is kept
        outcome = _crashed(error)
    if isinstance(outcome, Rejected):
        name = source.name if source else None
        logger.info(
            "rejected by %s: %s",
            outcome.stage,
            outcome.reason,
            extra={"source": name, "url": outcome.url or capture.url},
        )
        return replace(outcome, url=outcome.url or capture.url, sha256=capture.sha256)
    return outcome


def save_outcomes(work: Work, outcomes: Outcomes) -> WriteSummary:
    """Write a batch of records and rejections; what became of them."""
    summary = work.run.save_records(outcomes.items)
    work.run.count(**_figures(outcomes.items))
    return summary


def _figures(items: Sequence[Record | Rejected]) -> dict[str, int]:
    """What the run notes of a batch beside the write summary; means are sums here, to be divided by `documents`."""
    records = [item for item in items if not isinstance(item, Rejected)]
    return {
        "crashed": sum(isinstance(item, Rejected) and item.reason == CRASH for item in items),
        "documents": len(records),
        "confidence_permille": sum(round(1000 * record.quality.confidence) for record in records),
        "repairs": sum(damage.repaired for record in records for damage in record.quality.damages),
    }


def batches(items: Iterable[CaptureRef], size: int) -> Iterator[list[CaptureRef]]:
    """`items` in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _request(page: Page, origins: tuple[str, ...]) -> Request:
    """A request that asks for the page only if it changed, where we hold it."""
    held = bool(page.etag or page.last_modified)
    seen = Validators(url=page.answered or page.url, etag=page.etag, last_modified=page.last_modified)
    return Request(url=page.url, validators=seen if held else None, home=origins)


def _course(outcome: Fetched) -> dict[str, Any]:
    """What the sidecar keeps of how the page came: seconds, and the way there."""
    times = outcome.timings
    seconds = {"waited": times.waited, "headers": times.headers, "total": times.total}
    return {"seconds": seconds, "hops": [asdict(hop) for hop in outcome.hops], "http_version": outcome.http_version}


def _failure(source: str, url: str, outcome: Failed) -> Failure:
    return Failure(
        source=source,
        url=url,
        stage="fetch",
        reason=outcome.reason,
        detail=outcome.detail,
        transient=outcome.transient,
        attempts=len(outcome.attempts),
    )


def _crashed(error: Exception) -> Rejected:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return Rejected(
        stage="line",
        reason=CRASH,
        detail=f"{type(error).__name__}: {str(error)[:500]} (in {place.name}, {Path(place.filename).name}:{place.lineno})",
    )
