"""Dates and times read from short texts, without guessing: what is not stated is None."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.facts.months import months
from pipeline.facts.zones import NAMES, OFFSETS

MAX_LENGTH = 200  # code points of a candidate that are searched


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A date found in a text. `other` is what it would be with day and month exchanged, where nothing in the text tells;
    `clock` is the local time of day, `zone` where a zone is stated; `zone_text` as the record shows it; `raw` the text read."""

    day: date
    raw: str
    other: date | None = None
    clock: time | None = None
    zone: tzinfo | None = None
    zone_text: str | None = None
    start: int = 0

    def swapped(self) -> "Reading":
        """The other reading of an ambiguous date."""
        return replace(self, day=self.other or self.day, other=None)


_YEAR = re.compile(r"[12]\d{3}")
_TIMESTAMP = re.compile(r"[12]\d{3}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_ISO = re.compile(
    r"(?<!\d)(?P<year>[12]\d{3})-(?P<month>\d\d?)-(?P<day>\d\d?)(?!\d)"
    r"|(?<!\d)(?P<year2>(?:19|20)\d\d)(?P<month2>[01]\d)(?P<day2>[0-3]\d)(?=T?\d{4,6}Z?(?!\d)|(?!\d))"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>[12]\d{3})(?:[./]|\s?年\s?|\s?년\s?)(?P<month>\d\d?)(?:[./]|\s?月\s?|\s?월\s?)(?P<day>\d\d?)(?!\d)"
)
_NUMERIC = re.compile(
    r"(?<![\d.])(?P<first>\d\d?)(?P<mark>[./-])(?P<second>\d\d?)(?P=mark)(?P<year>[12]\d{3}|\d\d)(?!\d)"
)
_WORD = r"(?P<name>[^\W\d_]{3,12})"
_DAY_NAME_YEAR = re.compile(
    rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|º|ª)?[\s/,-]*(?:de\s|of\s|d')?\s*{_WORD}\.?,?[\s/-]*(?:de\s|del\s|of\s)?\s*"
    r"(?P<year>[12]\d{3})(?!\d)",
    re.I,
)
_NAME_DAY_YEAR = re.compile(
    rf"(?<![^\W\d_]){_WORD}\.?[\s-]*(?P<day>\d\d?)(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-)(?:\d\d?:\d\d(?::\d\d)?\s+(?:[A-Z]{{2,4}}\s+)?)?"
    r"(?P<year>[12]\d{3})(?!\d)",
    re.I,
)
_YEAR_DAY_NAME = re.compile(
    rf"(?<!\d)(?P<year>[12]\d{{3}})\s*(?:жылғы|жылдың|жылы|жыл|ж\.|г\.|,|-)?[\s-]*(?P<day>\d\d?)[\s-]*{_WORD}", re.I
)
_YEAR_NAME_DAY = re.compile(rf"(?<!\d)(?P<year>[12]\d{{3}})[\s,-]+{_WORD}\.?[\s-]+(?P<day>\d\d?)(?!\d)", re.I)
_CLOCK = re.compile(
    r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-4])\s?(?:[:h](?P<minute>[0-5]\d)|[.](?P<minute2>[0-5]\d)(?![.\d])|(?=\s?[ap]\.?m\b))"
    r"(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?\s?m\b\.?)?",
    re.I,
)
_COMPACT_CLOCK = re.compile(
    r"T(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?(?P<half>)(?P<minute2>)(?!\d)"
)
_OFFSET = re.compile(
    r"\s*[,(]?\s*(?:(?P<sign>(?:GMT|UTC)\s?[+−-]|[+−-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?(?!\d)|(?P<word>[^\W\d_]{1,12})\b)",
    re.I,
)
_EPOCH = re.compile(r"\s*(?P<seconds>1\d{9})(?:\d{3})?\s*")


def readings(text: str) -> Iterator[Reading]:
    """The dates that stand in the first 200 code points of `text`, in the order the forms are tried.

    >>> next(readings("Posted 18 November 2020, 5:18 p.m. GMT+3")).clock
    datetime.time(17, 18)
    """
    text = text[:MAX_LENGTH]
    if epoch := _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(epoch["seconds"]), UTC)
        yield Reading(day=moment.date(), clock=moment.time(), zone=UTC, zone_text="+00:00", raw=text.strip())
        return
    for start, end, day, other in _days(text):
        yield _with_clock(text, Reading(day=day, other=other, raw=text[start:end], start=start), end)


def _days(text: str) -> Iterator[tuple[int, int, date, date | None]]:
    """Start, end, date and other date of every date in `text`."""
    dated = _YEAR.search(text) is not None
    for pattern in (_ISO, _YEAR_FIRST) if dated else ():
        for match in pattern.finditer(text):
            parts = [part for part in match.groups() if part]
            if day := _date(*parts):
                yield match.start(), match.end(), day, None
    if _TIMESTAMP.fullmatch(text):  # as most metadata has it: nothing else reads as a date in one
        return
    for match in _NUMERIC.finditer(text):
        year = match["year"] if len(match["year"]) == 4 else f"20{match['year']}"
        first, second = _date(year, match["second"], match["first"]), _date(year, match["first"], match["second"])
        if match["mark"] == "." and first:  # dots are written where the day comes first
            second = None
        if found := first or second:
            yield match.start(), match.end(), found, second if first and second != first else None
    for pattern in (_DAY_NAME_YEAR, _NAME_DAY_YEAR, _YEAR_DAY_NAME, _YEAR_NAME_DAY) if dated else ():
        for match in pattern.finditer(text):
            month = months().get(match["name"].lower())
            if month and (day := _date(match["year"], str(month), match["day"])):
                yield match.start(), match.end(), day, None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _with_clock(text: str, reading: Reading, end: int) -> Reading:
    """`reading` with the time of day and zone that stand beside it."""
    match = _COMPACT_CLOCK.match(text, end) or _CLOCK.search(text, end + (text[end : end + 1] in "Tt"))
    if match is None or match.start() > end + 24:
        match = _CLOCK.search(text[: reading.start])
    if match is None or (clock := _clock(match)) is None:
        return reading
    zone, zone_text, stop = _zone(text, match.end(), reading.day)
    first, last = min(reading.start, match.start()), max(end, match.end(), stop)
    return replace(reading, clock=clock, zone=zone, zone_text=zone_text, raw=text[first:last].strip())


def _clock(match: re.Match[str]) -> time | None:
    hour, minute = int(match["hour"]), int(match["minute"] or match["minute2"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    return time(hour, minute, int(match["second"] or 0)) if hour < 24 else None


def _zone(text: str, position: int, day: date) -> tuple[tzinfo | None, str | None, int]:
    """The zone stated at `position` of `text`, how to write it, and where it ends."""
    match = _OFFSET.match(text, position)
    if match is None:
        return None, None, position
    if match["sign"]:
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        minutes = -minutes if match["sign"][-1] in "−-" else minutes
    else:
        word = match["word"].lower()
        if name := NAMES.get(word):
            return ZoneInfo(name), name, match.end()
        if word not in OFFSETS:
            return None, None, position
        minutes = OFFSETS[word]
    if abs(minutes) > 14 * 60:
        return None, None, position
    return timezone(timedelta(minutes=minutes)), offset_text(minutes), match.end()


def offset_text(minutes: int) -> str:
    """Minutes east of UTC as "+03:00"."""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def zone_named(name: str) -> tzinfo | None:
    """The IANA zone `name`, None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
