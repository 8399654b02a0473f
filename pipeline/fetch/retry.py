"""How long to wait before trying again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

RETRY_AFTER_MAX = 86400.0  # seconds; whoever asks for a year is looked at again tomorrow
RETRY_AFTER_MIN = 1.0
BACKOFF_BASE = 1.0  # seconds before the second attempt
BACKOFF_MAX = 60.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds a Retry-After header (seconds or an HTTP date) asks for, clamped; None where it says nothing.

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> [retry_after(v, noon) for v in ("120", "999999999999", "-5", "soon", "Thu, 01 Jan 2026 12:00:30 GMT", None)]
    [120.0, 86400.0, None, None, 30.0, None]
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return _clamped(float(text[:12]) if len(text) <= 12 else RETRY_AFTER_MAX)
    try:
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return _clamped((until - now) / timedelta(seconds=1))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _clamped(seconds: float) -> float:
    return min(max(seconds, RETRY_AFTER_MIN), RETRY_AFTER_MAX)


def backoff(attempt: int, jitter: Callable[[], float]) -> float:
    """Seconds after the failure of `attempt` (from 1): doubling, capped, the second half of it at random (`jitter` 0–1).

    >>> [backoff(n, lambda: 1.0) for n in (1, 2, 3, 30)]
    [1.0, 2.0, 4.0, 60.0]
    """
    delay = min(BACKOFF_BASE * 2.0 ** min(attempt - 1, 30), BACKOFF_MAX)
    return delay * (0.5 + 0.5 * jitter())
