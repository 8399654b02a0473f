"""The title: what several places agree on, without the site's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import edits
from pipeline.document import Fact
from pipeline.facts.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title as a fact with its log, None where there is none; `evidence` is a sentence."""

    fact: Fact | None
    evidence: str


_ORDER = (
    "source-rule",
    "near-title",
    "json-ld:headline",
    "meta:og:title",
    "h1",
    "itemprop:headline",
    "meta:twitter:title",
)
_MARKS = re.compile(r"\s+[|–—·•»«:-]+\s+|\s*[|»«]\s*|\s+::\s+")


def title(candidates: Sequence[Fact], site: str | None, context: Context) -> Title:
    """The title among `candidates`."""
    ranked = sorted(candidates, key=lambda fact: _rank(fact.place))
    if not ranked:
        return Title(fact=None, evidence="no place on the page states a title")
    best = _without_site(ranked[0], site)
    agreeing = sorted(
        {fact.place for fact in ranked if _without_site(fact, site).text.casefold() == best.text.casefold()}
    )
    return Title(fact=best, evidence=f"stated by {', '.join(agreeing)}")


def _rank(place: str) -> int:
    return _ORDER.index(place) if place in _ORDER else len(_ORDER)


def _without_site(fact: Fact, site: str | None) -> Fact:
    if not site:
        return fact
    for match in _MARKS.finditer(fact.text):
        if fact.text[match.end() :].casefold() == site.casefold() and match.start():
            return edits.edit(fact, edits.changes("facts.title-site", fact.text, fact.text[: match.start()]))
    return fact
