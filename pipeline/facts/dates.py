"""When the document was published and when it was last modified."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.document import Fact
from pipeline.facts.context import Context
from pipeline.facts.moments import Reading, readings, zone_named
from pipeline.facts.months import months

EARLIEST = date(1990, 1, 1)
WEST, EAST = 12, 14  # hours by which the zones furthest west and east differ from UTC
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
    "near-title:labelled": 6.5,
    "original": 6.0,
    "near-title": 5.0,
    "labelled": 4.5,
    "dateline": 4.5,
    "near-byline": 4.5,
    "class:published": 5.0,
    "rel:published": 5.0,
    "url": 5.0,
    "json-ld:uploadDate": 4.5,
    "json-ld:dateCreated": 4.5,
    "itemprop:dateCreated": 7.5,
    "meta:published-time": 5.5,
    "meta:date": 4.5,
    "meta:dc.date": 4.5,
    "meta:dcterms.date": 4.5,
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

STATED, OTHER, AGREEMENT, LATER, SITE_REGION, LIST, MOST = 6.0, 3.0, 0.6, 1.5, 4.0, 3.0, 60
MANY = 3  # days that one kind of element states on a page, from which on they are taken to be those of other documents
_URL_DATE = re.compile(
    r"/((?:19|20)\d\d)[/-]([01]?\d|[a-z]{3,9})[/-]([0-3]?\d)(?=[/_.-]|$)|[/_-]((?:19|20)\d\d)([01]\d)([0-3]\d)(?=[/_.-]|$)",
    re.I,
)
_DATED = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d")
_REGIONS = re.compile(r"(?:^|>)(?:nav|footer|aside)(?:\[|>|$)|^(?!.*>(?:main|article)\b).*>header(?:\[|>|$)")
_NUMBER = re.compile(r"\[\d+\]")
_CELL = re.compile(r">t[dh](?:\[|>|$)")
_STATED = ("json-ld:", "meta:", "source-rule")
_PROSE = re.compile(r"(?:\w+\W+){8}.*[^\W\d_]{3,}[.!?](?:\s|$)", re.S)
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
_VISIBLE = frozenset(["near-title:labelled", "near-title", "labelled"])
_ELEMENTS = ("time", "class:", "rel:")
_LISTED = (*_ELEMENTS, "itemprop:", "date-class", "near-byline")
_WEIGHTS = {place.lower(): weight for place, weight in WEIGHTS.items()}


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
    path: str = ""


def decide_dates(of_publication: Sequence[Fact], of_change: Sequence[Fact], context: Context) -> tuple[Moment, Moment]:
    """When the document was published and when it was last modified, from the candidates for each."""
    texts = {fact.text for fact in (*of_publication[:MOST], *of_change[:MOST])}
    read = {text: tuple(_readings(text, context)) for text in texts if _DATED.search(text)}
    modified = [*_candidates(of_change, read), *_candidates(of_publication, read, updated=True)]
    changed = {(c.path, c.reading.day) for c in modified if not c.place.startswith(_STATED)}
    stated = _apart(_candidates(of_publication, read, updated=False), changed)
    is_told = any(c.place.startswith("near-title") for c in modified)
    published = [*_lists_lowered(list(stated), is_told), *_from_url(context.url)]
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
        place = _kind(fact.place)
        able = (r for r in read.get(fact.text, ()) if updated is None or _is_update(fact, r) is updated)
        reading = next(able, None)
        if reading is None:
            continue
        if place == "near-title" and _PROSE.search(fact.text):
            continue
        weight = _WEIGHTS.get(place.lower(), STATED if place.startswith("meta:") else OTHER)
        if not place.startswith(_STATED):
            weight -= SITE_REGION * (_REGIONS.search(fact.path) is not None)
        if seen.setdefault(place, reading.day) != reading.day:
            weight -= LATER
        alone = place in _VISIBLE and _AROUND.fullmatch(fact.text.replace(reading.raw, " ", 1)) is not None
        yield Candidate(reading, fact.place, weight, alone, fact.path)


def _apart(found: Iterable[Candidate], changed: Container[tuple[str, date]]) -> Iterator[Candidate]:
    """`found` without the elements that stand where the text says that the day is that of a change ("Updated <time>…")."""
    for candidate in found:
        if not (candidate.place.startswith(_ELEMENTS) and (candidate.path, candidate.reading.day) in changed):
            yield candidate


def _lists_lowered(found: Sequence[Candidate], is_told: bool) -> Iterator[Candidate]:
    """`found`, where elements of one kind that state many days are believed less: they belong to a list of other documents, or
    are the posts of a thread. Where the page shows by its title when it was changed (`is_told`), entries of a list are left out."""
    days: dict[str, set[date]] = {}
    entries: dict[tuple[str, str], set[date]] = {}
    for c in found:
        days.setdefault(_kind(c.place), set()).add(c.reading.day)
        entries.setdefault((c.place, _NUMBER.sub("", c.path)), set()).add(c.reading.day)
    for c in found:
        if not c.place.startswith(_LISTED) or len(days[_kind(c.place)]) < MANY:
            yield c
        elif not is_told or len(entries[c.place, _NUMBER.sub("", c.path)]) == 1:
            yield c._replace(weight=c.weight - LIST)


def _kind(place: str) -> str:
    return place.removesuffix(":attribute")


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
        year, month, day = (part for part in match.groups() if part)
        number = int(month) if month.isdigit() else months().get(month.lower(), 0)
        try:
            reading = Reading(day=date(int(year), number, int(day)), raw=match[0].strip("/_-"))
            yield Candidate(reading, "url", WEIGHTS["url"])
        except ValueError:
            continue


def _decide(found: Sequence[Candidate], context: Context, nothing: str) -> Moment:
    latest = (context.fetched_at + AHEAD).date() if context.fetched_at else None
    able = [c for c in found if c.reading.day >= EARLIEST and (latest is None or c.reading.day <= latest)]
    if not able:
        late = next((c for c in found if latest and c.reading.day > latest), None)
        reason = f"{late.place} says {late.reading.raw!r}, which is after the fetch" if late else nothing
        return Moment(raw=late.reading.raw if late else None, evidence=reason)
    places: dict[date, set[str]] = {}
    for c in able:
        places.setdefault(c.reading.day, set()).add(_kind(c.place))
    best = max(able, key=lambda c: c.weight + AGREEMENT * min(_agreeing(c, places), 3))
    return _moment(_detailed(_shown_earlier(best, able), able), able, context)


def _agreeing(candidate: Candidate, places: Mapping[date, set[str]]) -> int:
    """How many other places (by day) say the same day, give or take one for the zone."""
    day = candidate.reading.day
    near = (found for other, found in places.items() if abs((other - day).days) <= 1)
    return len(set().union(*near) - {_kind(candidate.place)})


def _shown_earlier(best: Candidate, able: Sequence[Candidate]) -> Candidate:
    """`best`, or the date by the title where it is earlier: no page shows a date before it is published, but a page that was
    moved to another system is given a new date in its metadata."""
    shown = next((c for c in able if c.place in _VISIBLE), None)
    if shown is None or not shown.alone or shown.reading.other is not None or _CELL.search(shown.path):
        return best
    later = (best.reading.day - shown.reading.day).days
    return shown if later > 1 or (later == 1 and not _is_zone_apart(best.reading, shown.reading.day)) else best


def _is_zone_apart(reading: Reading, day: date) -> bool:
    """Whether a time written in UTC, or without a zone, may fall on `day` where the page was written, a day before or after."""
    if reading.clock is None or not _may_be_utc(reading):
        return False
    apart = (day - reading.day).days
    return (apart == -1 and reading.clock.hour < WEST) or (apart == 1 and reading.clock.hour >= 24 - EAST)


def _local(reading: Reading, able: Sequence[Candidate]) -> tuple[Reading, str]:
    """A time in UTC, or without a zone, as it was where the page was written, if the page shows that; and a note on it."""
    if reading.clock is None or not _may_be_utc(reading):
        return reading, ""
    moment = datetime.combine(reading.day, reading.clock, UTC)
    for c in able if reading.zone else ():
        told = c.reading
        if (
            told.day != reading.day
            and told.zone
            and told.clock
            and datetime.combine(told.day, told.clock, told.zone) == moment
        ):
            return told, f"; {c.place} gives it as {told.raw!r}, local time"
    shown = [c for c in able if c.alone or c.place == "url"]
    if any(c.reading.day == reading.day for c in shown):
        return reading, ""
    local = next((c for c in shown if _is_zone_apart(reading, c.reading.day)), None)
    if local is None:
        return reading, ""
    return replace(reading, day=local.reading.day), f"; {local.place} shows {local.reading.raw!r}, the local day"


def _may_be_utc(reading: Reading) -> bool:
    return reading.zone is None or reading.zone.utcoffset(None) == timedelta(0)


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
    local, shown = _local(reading, able) if zone is None or reading.zone else (reading, "")
    if zone is None:
        return Moment(day=local.day, raw=reading.raw, evidence=f"{where}{shown}; {note}")
    at = datetime.combine(reading.day, reading.clock, zone).astimezone(UTC)
    if local.zone_text != reading.zone_text:
        text = local.zone_text
    if context.fetched_at and at > context.fetched_at + timedelta(hours=1):
        return Moment(
            day=local.day, raw=reading.raw, zone=text, evidence=f"{where}{shown}; that hour is after the fetch"
        )
    return Moment(at=at, day=local.day, raw=reading.raw, zone=text, evidence=f"{where}{shown}; {note}")


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
