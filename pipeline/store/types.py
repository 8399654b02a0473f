"""What the store takes and gives; all frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

Result = Literal["changed", "unchanged", "gone", "failed", "deferred"]
State = Literal["running", "done", "failed", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRef:
    """One capture event that is stored: `event` names its sidecar, `sha256` its body.

    `page_url` is the URL asked for, `url` the one that answered. `fresh` is False where the page had the same body at its last
    capture.
    """

    source: str
    page_url: str
    url: str
    sha256: str
    event: str
    fetched_at: datetime
    status: int | None = None
    fresh: bool = True


class Attempt(Protocol):
    """What the ledger keeps of one try at a page; `pipeline.fetch` answers with such.

    `result` is "fetched", "not-modified", "gone", or the reason it failed; `seconds` on the network, `waited` seconds before it.
    """

    @property
    def number(self) -> int: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def seconds(self) -> float: ...
    @property
    def waited(self) -> float: ...
    @property
    def result(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def wire_bytes(self) -> int: ...


class Visit(NamedTuple):
    """One look at a page and what it showed; its first capture counts as changed."""

    at: datetime
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is known of a URL of a source. Times are UTC; `due_at` None means now.

    `etag`, `last_modified` and `answered` (the URL that answered with them) are of the capture `sha256`; they are None where no
    body is stored that a 304 could stand for. `visits` are the last few, oldest first.
    """

    source: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    answered: str | None = None
    sha256: str | None = None
    status: int | None = None
    checked_at: datetime | None = None
    changed_at: datetime | None = None
    due_at: datetime | None = None
    gone_at: datetime | None = None
    visits: tuple[Visit, ...] = ()
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A dead letter: what could not be done, at which stage, and why; `transient` where trying again may help."""

    source: str
    url: str
    stage: str
    reason: str
    detail: str
    transient: bool = True
    attempts: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSummary:
    """What became of a batch of records. `stale`: made from an older capture than the record that stands, so not written."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    stale: int = 0
    rejected: int = 0
    quarantined: int = 0
    shards: int = 0

    def __add__(self, other: "WriteSummary") -> "WriteSummary":
        return WriteSummary(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One row of the runs. `counts` are the figures the run noted, the write summaries included."""

    id: str
    source: str
    kind: str
    state: State
    started_at: datetime
    ended_at: datetime | None = None
    holder: str = ""
    error: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """Where a source stands: counts of what lies in the store, its last run, who holds it (None: nobody), when it is next due."""

    source: str
    pages: int
    captures: int
    pending: int
    records: int
    gone: int
    refused: int
    dead_letters: int
    last_run: RunInfo | None
    held_by: str | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A document in clean/rejected/: rejected (`record` is None) or quarantined (`record` is what it would have been).

    `key` stands for the URL that answered: one document is refused once, until something else becomes of it.
    """

    key: str
    source: str
    stage: str
    reason: str
    detail: str
    url: str | None = None
    sha256: str | None = None
    fetched_at: datetime | None = None
    record: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that `verify` found wrong. `kind` is stable ("capture.missing", "shard.line", …); `repaired` says what was done."""

    kind: str
    where: str
    what: str
    repaired: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export holds now: files, records (or captures) in them, and how many files had to be written."""

    files: int
    records: int
    written: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What `purge` took out; `corrections` are hand corrections of the documents, which quote them."""

    ids: tuple[str, ...]
    revisions: int
    captures: int
    bodies: int
    exports: int
    corrections: int = 0
