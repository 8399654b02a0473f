"""Everything on disk: captures in raw/, the ledger, records in clean/. `Store.open` is the way in."""

from typing import TYPE_CHECKING, Any

from pipeline.store.store import Store
from pipeline.store.types import (
    CaptureRef,
    Exported,
    Failure,
    Page,
    Problem,
    Purged,
    Refused,
    RunInfo,
    SourceStatus,
    WriteSummary,
)

if TYPE_CHECKING:
    from pipeline.store.run import Run

__all__ = [
    "CaptureRef",
    "Exported",
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


def __getattr__(name: str) -> Any:
    # `Run` brings SQLAlchemy, half a second of start-up that looking up a document does not need.
    if name != "Run":
        raise AttributeError(name)
    from pipeline.store.run import Run

    return Run
