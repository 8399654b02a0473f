"""The title: of all that the page offers, with and without the site's name, what is most likely the document's own.

A linear score over what stands where and what agrees with what; its weights are learned (`pipeline/data/build_title.py`).
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline import edits
from pipeline.document import Fact, Splice, Step
from pipeline.facts.context import Context

LONGEST, MOST = 300, 40
CERTAIN = ("source-rule", "text:title")  # nobody has to weigh what a rule or the only line that can be one says
_WEIGHTS = Path(__file__).parent.parent / "data" / "title_weights.json"
_MARKS = re.compile(r"\s+[|–—·•»«:~/-]+\s+|\s*[|»«]\s*|(?<=\w):\s+")
_WORDS = re.compile(r"\w+")
_ENTITIES = re.compile(r"&(?:amp|quot|apos|lt|gt|nbsp|#\d{2,5}|#x[0-9a-f]{2,4});", re.I)
_NAMING = ("title", "meta:og:title")
_COVERS = (0.0, 0.01, 0.35, 0.7, 0.999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title as a fact with its log, None where there is none; `evidence` is a sentence."""

    fact: Fact | None
    evidence: str


class Variant(NamedTuple):
    """A stretch of a candidate's text that may be the title: `cut` names what was left off ("whole", "site", "cut|", "pre-", …),
    `nth` counts the candidates of one place, `sited` says that the stretch still holds the site's name at an end."""

    fact: Fact
    start: int
    end: int
    cut: str
    nth: int
    sited: bool = False


class Cut(NamedTuple):
    """A stretch of a text, as in Variant, with its folded words."""

    start: int
    end: int
    cut: str
    sited: bool
    key: str


@dataclass(slots=True)
class Offer:
    """One possible title: every variant that says it, folded alike."""

    variants: list[Variant] = field(default_factory=list)

    @property
    def places(self) -> list[str]:
        """Where it stands whole or without the site's name, once each."""
        found = [v.fact.place for v in self.variants if v.cut in ("whole", "site", "presite")]
        return list(dict.fromkeys(found))


def title(candidates: Sequence[Fact], site: str | None, context: Context) -> Title:
    """The title among `candidates`; `site` is the site's name."""
    certain = next((fact for fact in candidates if fact.place in CERTAIN), None)
    if certain is not None:
        return Title(fact=certain, evidence=f"stated by {certain.place}")
    names = site_names(site, context.url)
    offers = offered(candidates, names)
    if not offers:
        return Title(fact=None, evidence="no place on the page states a title")
    weights = _weights()
    scores = {
        key: sum(weights[name] * value for name, value in found.items() if name in weights)
        for key, found in features(offers, names, context.url).items()
    }
    best = offers[max(scores, key=lambda key: scores[key])]
    chosen = min(best.variants, key=lambda v: (v.cut != "whole", v.fact.place.startswith("json-ld"), v.nth))
    places = best.places or [chosen.fact.place]
    return Title(fact=_stretch(chosen), evidence=f"stated by {', '.join(places)}")


def offered(candidates: Sequence[Fact], names: frozenset[str]) -> dict[str, Offer]:
    """Every possible title by its folded words; `names` are those of the site (`site_names`)."""
    offers: dict[str, Offer] = {}
    seen: dict[str, int] = {}
    cuts: dict[str, list[Cut]] = {}
    for candidate in candidates[:MOST]:
        if len(candidate.text) <= LONGEST:
            fact = _unescaped(candidate)
            seen[fact.place] = nth = seen.get(fact.place, 0) + 1
            if fact.text not in cuts:  # most places say the same
                cuts[fact.text] = list(_cuts(fact.text, names))
            for start, end, cut, sited, key in cuts[fact.text]:
                offers.setdefault(key, Offer()).variants.append(Variant(fact, start, end, cut, nth, sited))
    return offers


def _cuts(text: str, names: frozenset[str]) -> Iterator[Cut]:
    """The stretches of `text` that may be a title, without those that have no words."""
    parts = list(_parts(text, names))
    sited = any(cut in ("site", "presite") for _, _, cut in parts)
    for start, end, cut in [(0, len(text), "whole"), *parts]:
        if key := _key(text[start:end]):
            yield Cut(start, end, cut, sited and cut == "whole", key)


def _parts(text: str, names: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """The text before each mark, and the text after the first: start, end, and what was left off."""
    for number, match in enumerate(_MARKS.finditer(text)):
        mark = "|" if "|" in match[0] else ":" if match[0].strip() == ":" else "-"
        if match.start():
            yield 0, match.start(), "site" if _is_site(text[match.end() :], names) else f"cut{mark}"
        if number == 0 and match.end() < len(text):
            yield match.end(), len(text), "presite" if _is_site(text[: match.start()], names) else f"pre{mark}"


def features(offers: Mapping[str, Offer], names: frozenset[str], url: str | None) -> dict[str, dict[str, float]]:
    """What speaks for and against each offer, by name; `names` are those of the site."""
    every = [(key, v.fact, v.nth) for key, offer in offers.items() for v in offer.variants if v.cut == "whole"]
    headlines = len({nth for _, fact, nth in every if fact.place == "h1"})
    naming = frozenset(word for key, fact, _ in every if fact.place in _NAMING for word in key.split())
    path = frozenset(_WORDS.findall(urlsplit(url).path.casefold())) if url else frozenset()
    article = any("rticle" in fact.path or "Posting" in fact.path for _, fact, _ in every)
    return {
        key: {**_of_places(offer, headlines), **_of_words(key.split(), offer, naming, path, article)}
        | {"is-site": float(key.replace(" ", "") in names)}
        for key, offer in offers.items()
    }


def _of_places(offer: Offer, headlines: int) -> dict[str, float]:
    found = {f"{v.fact.place}{'+' if v.nth > 1 else ''}/{v.cut}": 1.0 for v in offer.variants}
    places = offer.places
    found |= {"places": float(min(len(places), 4)), "with site": float(any(v.sited for v in offer.variants))}
    found |= {f"{a}&{b}": 1.0 for a in places for b in places if a < b}
    if "h1" in places:
        found[f"h1 of {min(headlines, 3)}"] = 1.0
        if any(">header" in v.fact.path for v in offer.variants if v.fact.place == "h1"):
            found["h1 in header"] = 1.0
    return found


def _of_words(
    words: Sequence[str], offer: Offer, naming: frozenset[str], path: frozenset[str], article: bool
) -> dict[str, float]:
    cover = sum(word in naming for word in words) / len(words)
    recall = len(naming.intersection(words)) / len(naming) if naming else 0.0
    found = {"cover": cover, "recall": recall, "path": sum(word in path for word in words) / len(words)}
    found[f"{min(len(words), 3)} words"] = 1.0
    if len(words) > 14:
        found["long"] = 1.0
    if any(variant.fact.place == "h1" for variant in offer.variants):
        step = max(edge for edge in _COVERS if edge <= cover)
        found |= {f"h1 cover {step}": 1.0, f"h1 cover {step} article {article}": 1.0, "h1 recall": recall}
    else:
        found[f"no h1, article {article}"] = 1.0
    return found


def site_names(site: str | None, url: str | None) -> frozenset[str]:
    """What the site may be called in a title, letters and digits only."""
    host = re.sub(r"^www\d?\.", "", (urlsplit(url).hostname or "") if url else "")
    names = [host, ".".join(host.split(".")[:-1]), *host.split(".")[:-1], site or ""]
    return frozenset(name for name in (_key(name).replace(" ", "") for name in names) if len(name) > 2)


def _is_site(text: str, names: frozenset[str]) -> bool:
    name = _key(text).replace(" ", "")
    return name in names or any(len(known) > 4 and known in name for known in names)


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def _unescaped(fact: Fact) -> Fact:
    """`fact` with the character references that JSON-LD was written with by mistake."""
    if "&" not in fact.text:
        return fact
    found = [(match.start(), match[0], html.unescape(match[0])) for match in _ENTITIES.finditer(fact.text)]
    return edits.edit(fact, Step("facts.entities", tuple(Splice(*splice) for splice in found)))


def _stretch(variant: Variant) -> Fact:
    text = variant.fact.text
    ends = ((0, text[: variant.start]), (variant.end, text[variant.end :]))
    return edits.edit(variant.fact, Step("facts.title-site", tuple(Splice(at, old, "") for at, old in ends if old)))


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, float]:
    weights: dict[str, float] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return weights
