"""When a page is due again: often where it changes, seldom where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.source_v1 import FetchV1


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One look at a page, `at` (UTC), and what it showed."""

    at: datetime
    result: Literal["changed", "unchanged", "gone", "failed"]


def next_due(history: Sequence[Visit], rules: FetchV1, now: datetime) -> datetime:
    """When to look again, never before `now`. `history` ascends in time; the first visit that got the page counts as changed."""
    raise NotImplementedError
