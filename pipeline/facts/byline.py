"""The authors, as names."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.document import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The authors in order, each a fact whose text is one name; `evidence` is a sentence."""

    authors: tuple[Fact, ...]
    evidence: str


def byline(candidates: Sequence[Fact], site: str | None) -> Byline:
    """The authors among `candidates`."""
    for fact in candidates:
        if "://" not in fact.text and len(fact.text) < 100:
            return Byline(authors=(fact,), evidence=f"stated by {fact.place}")
    return Byline(authors=(), evidence="no place on the page states an author")
