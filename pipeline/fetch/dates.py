"""Times as feeds and sitemaps write them. What is no date stays none: 2026-13-45 is not January 2027."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_W3C = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.IGNORECASE,
)
_LONGEST = 64


def instant(text: str) -> datetime | None:
    """The time `text` names (W3C-DTF or RFC 822), UTC; without a zone it is taken as UTC, without a day as the first.

    >>> instant("2026-03-01T10:00:00+03:00"), instant("2026-13-45"), instant("Sun, 01 Mar 2026 10:00:00 GMT") is not None
    (datetime.datetime(2026, 3, 1, 7, 0, tzinfo=datetime.timezone.utc), None, True)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        match = _W3C.fullmatch(text)
        when = _w3c(match) if match else parsedate_to_datetime(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _w3c(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (
        int(group or default) for group, default in zip(match.groups()[:6], "111000", strict=True)
    )
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(match[7]))


def _zone(text: str | None) -> timezone:
    if not text or text.upper() == "Z":
        return UTC
    away = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-away if text[0] == "-" else away)
