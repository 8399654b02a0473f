"""When the document was published and last modified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pipeline.document import Fact
from pipeline.facts.context import Context
from pipeline.facts.moments import Reading, readings, zone_named

EARLIEST = date(1990, 1, 1)
SKEW = timedelta(hours=26)  # a zone may lie 14 hours ahead of UTC, and clocks of sites run ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time as the page states it: `at` in UTC (None where time of day or zone is unknown), `day` the local date,
    `raw` the text read, `zone` as written or IANA name, `evidence` a sentence."""

    at: datetime | None = None
    day: date | None = None
    raw: str | None = None
    zone: str | None = None
    evidence: str


def published(candidates: Sequence[Fact], context: Context) -> Moment:
    """When the document was published."""
    for fact in candidates:
        for reading in readings(fact.text):
            if reading.day >= EARLIEST:
                return _moment(reading, fact, context)
    return Moment(evidence="no place on the page states when it was published")


def modified(candidates: Sequence[Fact], context: Context) -> Moment:
    """When the document was last modified."""
    return published(candidates, context)


def _moment(reading: Reading, fact: Fact, context: Context) -> Moment:
    where = f"{fact.place} says {reading.raw!r}"
    if reading.clock is None:
        return Moment(day=reading.day, raw=reading.raw, evidence=f"{where}; no time of day is stated")
    zone, text, note = reading.zone, reading.zone_text, "zone stated"
    if zone is None and context.dates.timezone:
        zone, text = zone_named(context.dates.timezone), context.dates.timezone
        note = f"zone {text} assumed from the source"
    if zone is None:
        return Moment(day=reading.day, raw=reading.raw, evidence=f"{where}; the time zone is not stated")
    at = datetime.combine(reading.day, reading.clock, zone).astimezone(UTC)
    return Moment(at=at, day=reading.day, raw=reading.raw, zone=text, evidence=f"{where}; {note}")
