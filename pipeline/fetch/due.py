"""When a page is due again: often where it changes, seldom where it does not."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from schemas.source_v1 import FetchV1

LOOKED_BACK = 20  # visits; what a page did long ago says little
GROWTH = 2.0  # times the last interval, at most: a page that was quiet twice is not quiet for a month
CHANCE = 0.5  # of a change at which a page is looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One look at a page, `at` (UTC), and what it showed; the first visit that got the page counts as changed."""

    at: datetime
    result: Literal["changed", "unchanged", "gone", "failed"]


def next_due(history: Sequence[Visit], rules: FetchV1, now: datetime) -> datetime:
    """When to look again, never before `now`, between the source's `min_interval` and `max_interval`. `history` ascends in time.

    A page never seen is due now; one that is gone, at `max_interval`; after failures the interval doubles. Else it is due when it
    has changed with a chance of one half, by the rate of change of Cho and Garcia-Molina (2003), whose estimate is not fooled by
    changes between two visits.
    """
    if not history:
        return now
    seconds = min(max(_interval(history, rules), rules.min_interval), rules.max_interval)
    return max(now, history[-1].at + timedelta(seconds=seconds))


def _interval(history: Sequence[Visit], rules: FetchV1) -> float:
    """Seconds after the last visit, before the source's bounds."""
    last = history[-1].result
    if last == "gone":
        return rules.max_interval
    if last == "failed":
        return float(rules.min_interval * 2.0 ** min(_failures(history) - 1, 30))
    looks = [visit for visit in history if visit.result in {"changed", "unchanged"}][-LOOKED_BACK:]
    if len(looks) < 2:
        return rules.min_interval
    return min(_expected(looks), GROWTH * _seconds(looks[-2], looks[-1]))


def _expected(looks: Sequence[Visit]) -> float:
    """Seconds until a change has come with CHANCE; infinite where none was ever seen."""
    count = len(looks) - 1
    mean = _seconds(looks[0], looks[-1]) / count
    changes = sum(visit.result == "changed" for visit in looks[1:])
    rate = -math.log((count - changes + 0.5) / (count + 0.5))
    return math.inf if rate == 0 else -math.log(1 - CHANCE) * mean / rate


def _failures(history: Sequence[Visit]) -> int:
    """How many of the last visits failed, in a row."""
    return next((n for n, visit in enumerate(reversed(history)) if visit.result != "failed"), len(history))


def _seconds(earlier: Visit, later: Visit) -> float:
    """From one visit to the other; a clock that was set back counts as one second."""
    return max((later.at - earlier.at) / timedelta(seconds=1), 1.0)
