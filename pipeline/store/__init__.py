"""Everything on disk: captures in raw/, the ledger, records in clean/. `Store.open` is the way in."""

from pipeline.store.store import Run, Store
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

__all__ = [
    "CaptureRef",
    "Failure",
    "Page",
    "Problem",
    "Purged",
    "Refused",
    "Run",
    "RunInfo",
    "SourceStatus",
    "Store",
    "WriteSummary",
]
