"""Which runs belong to the document."""

from dataclasses import dataclass

from pipeline.strip.rules import line_tests
from pipeline.strip.tags import REGIONS
from pipeline.strip.walk import DROP, HIDDEN, KEEP, Walked
from schemas import SourceV1

_SITE = REGIONS["nav"] | REGIONS["header"] | REGIONS["footer"] | REGIONS["aside"] | REGIONS["form"] | REGIONS["dialog"]
_SPOKEN = REGIONS["p"] | REGIONS["pre"] | REGIONS["blockquote"]


@dataclass(frozen=True, slots=True)
class Decision:
    """For each run why it is removed ("" where it is kept), how sure that is (0–1), and what speaks against it."""

    reasons: tuple[str, ...]
    confidence: float
    notes: tuple[str, ...] = ()


def decide(page: Walked, source: SourceV1 | None, url: str | None) -> Decision:
    """The decision for every run: the source's rules first, then the scorer."""
    dropped, stops = line_tests(source)
    reasons = []
    keeps = source is not None and bool(source.strip.keep)
    stopped = False
    for text, owner, linked in zip(page.texts, page.owners, page.linked, strict=True):
        region = page.regions[owner]
        stopped = stopped or stops(text)
        if region & HIDDEN:
            reason = "hidden"
        elif region & DROP:
            reason = "rule:drop"
        elif stopped:
            reason = "rule:stop"
        elif why := dropped(text):
            reason = why
        elif keeps:
            reason = "" if region & KEEP else "rule:keep"
        elif region & _SITE and not (region & REGIONS["header"] and region & REGIONS["article"]):
            reason = "navigation"
        elif linked > 0.5 * len(text):
            reason = "links"
        elif region & REGIONS["h1"]:
            reason = "title"
        elif region & _SPOKEN or len(text) > 80 or region & (REGIONS["article"] | REGIONS["main"]):
            reason = ""
        else:
            reason = "scorer"
        reasons.append(reason)
    return Decision(tuple(reasons), 0.7)
