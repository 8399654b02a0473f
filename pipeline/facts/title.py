"""The title: what several places agree on, without the site's name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline import edits
from pipeline.document import Fact
from pipeline.facts.context import Context

WEIGHTS = {
    "source-rule": 100.0,
    "near-title": 3.0,
    "h1": 3.0,
    "meta:headline": 2.6,
    "json-ld:headline": 2.5,
    "meta:citation_title": 2.4,
    "itemprop:headline": 2.4,
    "class:entry-title": 2.4,
    "class:p-name": 2.2,
    "class:post-title": 1.8,
    "class:article-title": 2.0,
    "meta:og:title": 2.0,
    "meta:parsely-title": 2.0,
    "meta:sailthru.title": 2.0,
    "meta:dc.title": 1.5,
    "meta:dcterms.title": 1.5,
    "meta:twitter:title": 1.6,
    "meta:title": 1.2,
    "title": 1.4,
    "json-ld:name": 1.0,
    "json-ld:alternativeHeadline": 0.3,
}
"""How much a place says about the title: the share of pages of ../shared/bench/wcxb-dev where it holds it, scaled."""

_OTHER = 0.5
_MARKS = re.compile(r"\s+[|–—·•»«:~/-]+\s+|\s*[|»«]\s*|(?<=\w):\s+")
_WORDS = re.compile(r"\w+")
_LONGEST, _MOST = 300, 60
_NAMING = ("title", "meta:og:title", "meta:twitter:title", "json-ld:headline")
HEADLINE = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title as a fact with its log, None where there is none; `evidence` is a sentence."""

    fact: Fact | None
    evidence: str


def title(candidates: Sequence[Fact], site: str | None, context: Context) -> Title:
    """The title among `candidates`: what the reader sees as the headline, where the rest of the page does not contradict it."""
    names = _site_names(site, context.url)
    groups: dict[str, list[Fact]] = {}
    for candidate in candidates[:_MOST]:
        fact = _without_site(candidate, names)
        key = _key(fact.text)
        if key and len(key) <= _LONGEST and key.replace(" ", "") not in names:
            groups.setdefault(key, []).append(fact)
    if not groups:
        return Title(fact=None, evidence="no place on the page states a title")
    named = _words(fact for facts in groups.values() for fact in facts if fact.place in _NAMING) | _words_of_path(
        context.url
    )
    scores = {key: _score(key, facts, named, groups) for key, facts in groups.items()}
    best = max(scores, key=lambda key: scores[key])
    fact = max(groups[best], key=lambda fact: WEIGHTS.get(fact.place, _OTHER))
    return Title(fact=fact, evidence=f"stated by {', '.join(dict.fromkeys(fact.place for fact in groups[best]))}")


def _score(key: str, facts: Sequence[Fact], named: frozenset[str], groups: Mapping[str, list[Fact]]) -> float:
    places = {fact.place for fact in facts}
    score = sum(WEIGHTS.get(place, _OTHER) for place in places)
    words = key.split()
    if "h1" in places and words:
        score += HEADLINE * (sum(word in named for word in words) / len(words) if named else 1.0)
    return score


def _words(facts: Iterable[Fact]) -> frozenset[str]:
    return frozenset(word for fact in facts for word in _key(fact.text).split())


def _words_of_path(url: str | None) -> frozenset[str]:
    return (
        frozenset(word for word in _WORDS.findall(urlsplit(url).path.casefold()) if len(word) > 3)
        if url
        else frozenset()
    )


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def _site_names(site: str | None, url: str | None) -> frozenset[str]:
    """What the site may be called in a title, letters and digits only."""
    host = (urlsplit(url).hostname or "") if url else ""
    host = re.sub(r"^www\d?\.", "", host)
    names = [host, ".".join(host.split(".")[:-1]), *host.split(".")[:-1], site or ""]
    return frozenset(name for name in (_key(name).replace(" ", "") for name in names) if len(name) > 2)


def _without_site(fact: Fact, names: Iterable[str]) -> Fact:
    """`fact` without the site's name after or before a mark."""
    for match in reversed(list(_MARKS.finditer(fact.text))):
        if match.start() and _key(fact.text[match.end() :]).replace(" ", "") in names:
            return edits.edit(fact, edits.changes("facts.title-site", fact.text, fact.text[: match.start()]))
        if match.end() < len(fact.text) and _key(fact.text[: match.start()]).replace(" ", "") in names:
            return edits.edit(fact, edits.changes("facts.title-site", fact.text, fact.text[match.end() :]))
    return fact
