"""When the document was published and when it was last modified."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.document import Fact
from pipeline.facts.context import Context
from pipeline.facts.moments import Reading, readings, zone_named

EARLIEST = date(1990, 1, 1)
AHEAD = timedelta(hours=26)  # a zone may lie 14 hours ahead of UTC, and the clocks of sites run ahead

WEIGHTS = {
    "source-rule": 100.0,
    "json-ld:datePublished": 9.0,
    "meta:article:published_time": 8.5,
    "itemprop:datePublished": 7.5,
    "meta:parsely-pub-date": 7.5,
    "meta:sailthru.date": 7.0,
    "meta:datePublished": 7.0,
    "meta:og:published_time": 7.0,
    "meta:citation_publication_date": 6.5,
    "meta:publish-date": 6.5,
    "meta:pubdate": 6.5,
    "meta:dcterms.created": 6.0,
    "meta:dc.date.issued": 6.0,
    "near-title": 5.0,
    "labelled": 4.5,
    "class:published": 5.0,
    "rel:published": 5.0,
    "url": 5.0,
    "json-ld:uploadDate": 4.5,
    "json-ld:dateCreated": 4.5,
    "itemprop:dateCreated": 7.5,
    "meta:date": 4.5,
    "time": 4.0,
    "class:date": 3.5,
    "date-class": 3.3,
    "id:date": 3.5,
    "title": 2.0,
    "json-ld:dateModified": 9.0,
    "meta:article:modified_time": 8.5,
    "meta:og:updated_time": 8.0,
    "itemprop:dateModified": 7.5,
    "meta:last-modified": 5.0,
}
"""How far a place is believed; see `tests/benchmarks/bench_metadata.py --places`."""

OTHER, AGREEMENT, LATER, SITE_REGION, MOST = 3.0, 0.6, 1.5, 4.0, 60
_URL_DATE = re.compile(
    r"/((?:19|20)\d\d)[/-]([01]?\d)[/-]([0-3]?\d)(?=[/_.-]|$)|[/_-]((?:19|20)\d\d)([01]\d)([0-3]\d)(?=[/_.-]|$)"
)
_DATED = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d")
_REGIONS = re.compile(r"(?:^|>)(?:nav|footer|aside|header)(?:\[|>|$)")
_STATED = ("json-ld:", "meta:", "source-rule")
_AROUND = re.compile(
    r"(?:\W|\d+ min(?:ute)?s?(?: read)?|(?:first |originally )?(?:published|posted)|publication|release|start(?:ed)?|date|on|at|"
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}|veröffentlicht|am|publié|le|publicado|el|опубликовано|дата|opublikowano)*+",
    re.I,
)
_UPDATED = re.compile(
    r"(?:updated|modified|revised|edited|reviewed|обновлено|изменено|aktualisiert|geändert|mis à jour|modifié|actualizado|"
    r"zaktualizowano|жаңартылды)\W*(?:on|at|am|le|el|:)?\W*(?:\d\d?:\d\d\W*)?(?:\w+day,?\W*)?$",
    re.I,
)
_VISIBLE = frozenset(["near-title", "labelled"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time as the page states it: `at` in UTC (None where time of day or zone is unknown), `day` the local date,
    `raw` the text read, `zone` as written or IANA name, `evidence` a sentence."""

    at: datetime | None = None
    day: date | None = None
    raw: str | None = None
    zone: str | None = None
    evidence: str


class Candidate(NamedTuple):
    """A reading, where it stood, how far that place is believed, and whether the reader sees it standing alone by the title."""

    reading: Reading
    place: str
    weight: float
    alone: bool = False


def decide_dates(of_publication: Sequence[Fact], of_change: Sequence[Fact], context: Context) -> tuple[Moment, Moment]:
    """When the document was published and when it was last modified, from the candidates for each."""
    texts = {fact.text for fact in (*of_publication[:MOST], *of_change[:MOST])}
    read = {text: tuple(_readings(text, context)) for text in texts if _DATED.search(text)}
    published = [*_candidates(of_publication, read, updated=False), *_from_url(context.url)]
    modified = [*_candidates(of_change, read), *_candidates(of_publication, read, updated=True)]
    return (
        _decide(published, context, "no place on the page states when it was published"),
        _decide(modified, context, "no place on the page states when it was modified"),
    )


def _candidates(
    facts: Sequence[Fact], read: Mapping[str, Sequence[Reading]], updated: bool | None = None
) -> Iterator[Candidate]:
    """The first date in each of `facts` (the first after a word such as "Updated", or not after one, where `updated` is given)."""
    seen: dict[str, date] = {}
    for fact in facts[:MOST]:
        place = fact.place.removesuffix(":attribute")
        able = (r for r in read.get(fact.text, ()) if updated is None or _is_update(fact, r) is updated)
        reading = next(able, None)
        if reading is None:
            continue
        weight = WEIGHTS.get(place, OTHER)
        if not place.startswith(_STATED):
            weight -= SITE_REGION * (_REGIONS.search(fact.path) is not None)
        if seen.setdefault(place, reading.day) != reading.day:
            weight -= LATER
        alone = place in _VISIBLE and _AROUND.fullmatch(fact.text.replace(reading.raw, " ", 1)) is not None
        yield Candidate(reading, fact.place, weight, alone)


def _is_update(fact: Fact, reading: Reading) -> bool:
    return _UPDATED.search(fact.text, 0, reading.start) is not None


def _readings(text: str, context: Context) -> Iterator[Reading]:
    """What `text` says, the source's own formats first."""
    for form in context.dates.formats:
        try:
            moment = datetime.strptime(text.strip(), form)  # noqa: DTZ007 -- the zone comes from the format or the source
        except ValueError:
            continue
        clock = moment.time() if "%H" in form or "%I" in form else None
        yield Reading(day=moment.date(), clock=clock, zone=moment.tzinfo, zone_text=None, raw=text.strip())
    yield from readings(text)


def _from_url(url: str | None) -> Iterator[Candidate]:
    for match in _URL_DATE.finditer(urlsplit(url).path) if url else ():
        year, month, day = (int(part) for part in match.groups() if part)
        try:
            yield Candidate(Reading(day=date(year, month, day), raw=match[0].strip("/_-")), "url", WEIGHTS["url"])
        except ValueError:
            continue


def _decide(found: Sequence[Candidate], context: Context, nothing: str) -> Moment:
    latest = (context.fetched_at + AHEAD).date() if context.fetched_at else None
    able = [c for c in found if c.reading.day >= EARLIEST and (latest is None or c.reading.day <= latest)]
    if not able:
        late = next((c for c in found if latest and c.reading.day > latest), None)
        reason = f"{late.place} says {late.reading.raw!r}, which is after the fetch" if late else nothing
        return Moment(raw=late.reading.raw if late else None, evidence=reason)
    scores = [c.weight + AGREEMENT * min(_agreeing(c, able), 3) for c in able]
    best = able[scores.index(max(scores))]
    return _moment(_detailed(_shown_earlier(best, able), able), able, context)


def _agreeing(candidate: Candidate, others: Sequence[Candidate]) -> int:
    """How many other places say the same day, give or take one for the zone."""
    day = candidate.reading.day
    return len({c.place for c in others if abs((c.reading.day - day).days) <= 1} - {candidate.place})


def _shown_earlier(best: Candidate, able: Sequence[Candidate]) -> Candidate:
    """`best`, or the date by the title where it is earlier: no page shows a date before it is published, but a page that was
    moved to another system is given a new date in its metadata."""
    shown = next((c for c in able if c.place in _VISIBLE), None)
    if shown is None or not shown.alone or shown.reading.other is not None:
        return best
    return shown if (best.reading.day - shown.reading.day).days > 1 else best


def _detailed(best: Candidate, able: Sequence[Candidate]) -> Candidate:
    """The candidate of the same day as `best` that also states the time, where `best` does not."""
    if best.reading.clock is not None:
        return best
    timed = [c for c in able if c.reading.day == best.reading.day and c.reading.clock is not None]
    return max(timed, key=lambda c: (c.reading.zone is not None, c.weight), default=best)


def _moment(best: Candidate, able: Sequence[Candidate], context: Context) -> Moment:
    reading = best.reading
    where = f"{best.place} says {reading.raw!r}"
    if reading.other is not None:
        reading, order = _ordered(reading, able, context)
        if order is None:
            return Moment(raw=reading.raw, evidence=f"{where}; nothing tells whether the day or the month comes first")
        where = f"{where}; {order}"
    agreeing = sorted({c.place for c in able if c.reading.day == reading.day and c.place != best.place})
    if agreeing:
        where = f"{where}; {', '.join(agreeing)} agree"
    if reading.clock is None:
        return Moment(day=reading.day, raw=reading.raw, evidence=f"{where}; no time of day is stated")
    zone, text, note = _zone(reading, context)
    if zone is None:
        return Moment(day=reading.day, raw=reading.raw, evidence=f"{where}; {note}")
    at = datetime.combine(reading.day, reading.clock, zone).astimezone(UTC)
    if context.fetched_at and at > context.fetched_at + timedelta(hours=1):
        return Moment(day=reading.day, raw=reading.raw, zone=text, evidence=f"{where}; that hour is after the fetch")
    return Moment(at=at, day=reading.day, raw=reading.raw, zone=text, evidence=f"{where}; {note}")


def _zone(reading: Reading, context: Context) -> tuple[tzinfo | None, str | None, str]:
    """The zone of a reading, how to write it, and whether it is stated or assumed."""
    if reading.zone is not None:
        return reading.zone, reading.zone_text, "the zone is stated"
    if name := context.dates.timezone:
        return zone_named(name), name, f"the zone {name} is assumed, from the source"
    return None, None, "the time zone is not stated"


def _ordered(reading: Reading, able: Sequence[Candidate], context: Context) -> tuple[Reading, str | None]:
    """An ambiguous reading with day and month in the order that the source or the rest of the page shows; None where nothing does.

    `reading.day` puts the day first, `reading.other` the month.
    """
    if context.dates.day_first is not None:
        first = context.dates.day_first
        return (reading if first else reading.swapped()), f"the source puts the {'day' if first else 'month'} first"
    sure = {c.reading.day: c.place for c in able if c.reading.other is None}
    for choice in (reading, reading.swapped()):
        if choice.day in sure:
            return choice, f"{sure[choice.day]} shows which is the day"
    if context.language and context.language != "en":
        return reading, f"in {context.language!r} the day comes first"
    return reading, None
