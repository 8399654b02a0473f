"""The authors, as names: not "By Jane Doe | Staff writer", not an address, not the site."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from pipeline import edits
from pipeline.document import Fact, Splice, Step

WEIGHTS = {
    "source-rule": 9.0,
    "meta:sailthru.author": 5.0,
    "meta:parsely-author": 5.0,
    "meta:citation_author": 4.5,
    "near-title": 4.2,
    "near-title:labelled": 4.0,
    "labelled": 2.2,
    "json-ld:author": 4.0,
    "meta:author": 3.9,
    "rel:author": 3.6,
    "meta:twitter:data1": 3.4,
    "class:byline": 3.3,
    "near-title:author-class": 3.2,
    "class:author": 3.0,
    "meta:article:author": 2.6,
    "itemprop:author": 2.4,
    "author-class": 2.0,
    "link:author": 1.0,
    "json-ld:creator": 1.2,
    "meta:twitter:creator": 0.2,
}
"""How far a place is believed: the share of pages of ../shared/bench/wcxb-dev where its first text is the author, ranked."""

_OTHER, _AGREEMENT, _PEOPLE, _SITE, _LATER = 1.0, 1.5, 1.0, 6.0, 1.5
_LONGEST, _MOST, _OFFERS = 300, 60, 20
_LEAD = re.compile(
    r"^.*?(?:\b(?:written|posted|published|authored|reported|reviewed|words|text|story|article|started|asked|created|content)\s+by|"
    r"(?:^|(?<=[|·•–—,\s\d]))by)\b[:\s]*|^\W*(?-i:[Bb]y(?=[A-Z]))|^(?:thread starter|original poster|op)\s|"
    r"^\W*(?:author|authors|writer|contributor|autor|autorka|autora|auteur|autorzy|автор|авторы|текст|von|par|por)\b(?:\(s\))?\s*:?\s*",
    re.I,
)
_REGIONS = re.compile(r"(?:^|>)(?:nav|footer|aside)(?:\[|>|$)")
_WORDS = re.compile(r"\w+")
_WRITTEN_BY = re.compile(r"^.*\b(?:written|authored|words)\s+by\b[:\s]*", re.I)
_DAYS = r"(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|nesday|rsday|urday)?"
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*"
_TAIL = re.compile(
    r"\s*(?:[|·•⋅]|\s[-–—]{1,2}\s|\s/\s|\s+(?:on|in|at|from)\s|"
    r",?\s*\b(?:posted|published|updated|last|modified|reviewed|edited|written|originally|view|follow|share)\b|"
    rf",?\s*\b{_DAYS},?\s|,?\s*\b{_MONTHS}\.?\s+\d|(?:,\s*|\s+)\(?\d|\s@).*$",
    re.I | re.S,
)
_TAIL_STATED = re.compile(r"\s*(?:\||\s[-–—]\s).*$", re.S)
_SPLIT = re.compile(r"\s*(?:,\s*and\s|,\s*&\s|\band\b|&|;|,|\bи\b|\bund\b|\bet\b|\by\b(?=\s+[A-ZÁÉÍÓÚ]))\s*")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’])*\.?(?:(?:\s|-)(?:[^\W\d_]|['’.])+){1,6}")
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|^#|\.(?:com|org|net|io|co)\b|\w\.\w+\.\w+\.|\b(?:19|20)\d\d\b|\d:\d\d|\d+\s+(?:posts|messages|comments)|"
    r"^(?:[\d\W]*|admin|administrator|editor|editors|staff|guest|unknown|anonymous|none|null|undefined|author|authors|by|written by|"
    r"posted by|user|webmaster|default|root|contributors?|.*minutes?|.*\bmins? read|read\s.*|about the author|.*\s(?:articles|posts)|"
    r"view (?:all|more).*|"
    r"see all.*|meet the.*|follow.*|share.*|more from.*|leave a comment)$",
    re.I,
)
_CREDENTIALS = re.compile(r"(?:[A-Z][A-Za-z]?\.?){2,6}|Ph\.?D\.?|M\.?D\.?|Jr\.?|Sr\.?|Esq\.?|[IV]+")
_ROLE = re.compile(
    r"\b(?:correspondent|editor|writer|reporter|analyst|contributor|columnist|journalist|director|manager|president|ceo|cto|founder|"
    r"professor|staff|fellow|specialist|expert|redakteur(?:in)?|redactor|журналист|корреспондент|редактор)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The authors in order, each a fact whose text is one name; `evidence` is a sentence."""

    authors: tuple[Fact, ...]
    evidence: str


class Offer(NamedTuple):
    """The names one place gives: `nth` counts the offers of a place, `keys` are the names folded."""

    place: str
    names: tuple[Fact, ...]
    keys: frozenset[str]
    nth: int


def byline(candidates: Sequence[Fact], site: str | None) -> Byline:
    """The authors among `candidates`: the names of the place that is believed most, agreement counted."""
    offers = list(islice(_offers(candidates[:_MOST]), _OFFERS))
    if not offers:
        return Byline(authors=(), evidence="no place on the page states an author")
    organisation = frozenset([_key(site or "")])
    best = max(offers, key=lambda offer: _score(offer, offers) - _SITE * (offer.keys == organisation))
    agreeing = dict.fromkeys(offer.place for offer in offers if offer.keys & best.keys)
    return Byline(authors=best.names, evidence=f"stated by {', '.join(agreeing)}")


def _offers(candidates: Iterable[Fact]) -> Iterator[Offer]:
    """The names of each JSON-LD object, of all <meta> elements of one name, and of each element of the page."""
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in candidates:
        if len(fact.text) <= _LONGEST and not (fact.place == "link:author" and _REGIONS.search(fact.path)):
            groups.setdefault((fact.place, "" if fact.place.startswith("meta:") else fact.path), []).append(fact)
    seen: Counter[str] = Counter()
    for (place, _), facts in groups.items():
        if names := _names(facts):
            yield Offer(place, tuple(names.values()), frozenset(names), seen[place])
            seen[place] += 1


def _score(offer: Offer, offers: Iterable[Offer]) -> float:
    """How far an offer is believed: its place, the places that agree, and whether it looks like the names of people."""
    agreeing = {other.place for other in offers if other.keys & offer.keys} - {offer.place}
    people = all(_NAME.fullmatch(name.text) and name.text[0].isupper() for name in offer.names)
    weight = WEIGHTS.get(offer.place.removesuffix(":attribute"), _OTHER) - _LATER * min(offer.nth, 2)
    return weight + _AGREEMENT * min(len(agreeing), 3) + _PEOPLE * people


def _key(name: str) -> str:
    return " ".join(_WORDS.findall(name.casefold()))


def _names(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Every name in `facts` once, by its folded words."""
    found: dict[str, Fact] = {}
    for fact in facts:
        for start, end in _spans(fact):
            key = _key(fact.text[start:end])
            if key and key not in found:
                found[key] = _part(fact, start, end)
    return found


def _spans(fact: Fact) -> Iterator[tuple[int, int]]:
    """(start, end) of each name in the text of a fact."""
    text = fact.text
    lead = _WRITTEN_BY.match(text) or _LEAD.match(text)
    start = lead.end() if lead else 0
    stated = fact.place.startswith(("meta:", "json-ld:"))
    tail = (_TAIL_STATED if stated and not lead else _TAIL).search(text, start)
    end = tail.start() if tail and tail.start() > start else len(text)
    named = text[start:end].strip(" ,;:")
    if _NOT_A_NAME.search(named) or end - start > 160 or (fact.place == "near-title" and named[:1].islower()):
        return
    parts = list(_parts(text, start, end))
    roles = next((at for at, part in enumerate(parts) if at and _ROLE.search(text[slice(*part)])), len(parts))
    parts = parts[:roles]
    if len(parts) > 1 and all(_NAME.fullmatch(text[a:b]) for a, b in parts):
        yield from parts
    elif len(parts) == 1 or _is_role(text, parts):
        yield parts[0]
    else:
        yield _stripped(text, start, end)


def _is_role(text: str, parts: Sequence[tuple[int, int]]) -> bool:
    """Whether what follows the name after a comma is what its bearer does: "Ann Lee, Senior Analyst", not "Ann Lee, MD"."""
    first, rest = text[slice(*parts[0])], [text[slice(*part)] for part in parts[1:]]
    return (
        bool(rest)
        and _NAME.fullmatch(first) is not None
        and text[parts[0][1] : parts[0][1] + 1] == ","
        and not _CREDENTIALS.fullmatch(rest[0])
    )


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position = start
    for match in _SPLIT.finditer(text, start, end):
        yield _stripped(text, position, match.start())
        position = match.end()
    yield _stripped(text, position, end)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip(" \t,;:|-–—·\u00a0"))
    return start + left, start + max(left, len(piece.rstrip(" \t,;:|-–—·\u00a0")))


def _part(fact: Fact, start: int, end: int) -> Fact:
    """`fact` cut down to the name between `start` and `end`."""
    splices = [Splice(at, old, "") for at, old in ((0, fact.text[:start]), (end, fact.text[end:])) if old]
    return edits.edit(fact, Step("facts.byline", tuple(splices)))
