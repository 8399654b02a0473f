"""Evidence from a source's other pages: a site's own text repeats from page to page, a document's does not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from pipeline.document import Decoded
from pipeline.strip import gate, markup
from pipeline.strip.rules import text_hash
from pipeline.strip.walk import Walked, walk
from schemas.source_v1 import ChromeV1

_SAME_DOCUMENT = 0.8
"""Two pages that share this much of their pieces of text are copies of one document and count as one."""

_TEXT_SHARE, _PATH_SHARE = 0.5, 0.6
"""A text on half of the pages, at a place where most texts repeat, is the site's. At a place where texts mostly do not
repeat — the body of a document, with its standard headings — it is only less likely to be part of it."""

_DOUBT = {"text": 0.5, "path": 0.6}
"""What is left of the chance of a run whose text repeats, or at whose place texts repeat, where nothing else speaks."""

_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """For each run why the site's other pages make it chrome ("" where they do not), and what is left of its chance."""

    reasons: tuple[str, ...]
    factors: npt.NDArray[np.float64]


def learn(pages: Mapping[str, Decoded], *, version: int = 1) -> ChromeV1:
    """What repeats on `pages` (sha256 of the capture → its text), three of them at least, of one source.

    Copies of one document count once. With fewer than three different pages nothing is learned.
    """
    kept = _different({name: _pieces(page) for name, page in pages.items()})
    if len(kept) < 3:
        return ChromeV1(version=version, learned_from=tuple(sorted(kept)))
    seen: Counter[str] = Counter()
    for pieces in kept.values():
        seen.update({text for text, _ in pieces})
    texts = {text: count / len(kept) for text, count in seen.items() if count >= max(2, _TEXT_SHARE * len(kept))}
    return ChromeV1(
        version=version,
        learned_from=tuple(sorted(kept)),
        texts=dict(sorted(texts.items())),
        paths=_repeating_places(kept.values(), texts),
    )


def _pieces(page: Decoded) -> list[tuple[str, str]]:
    """(hash of the text, place) of every run or line of a page."""
    if gate.refuse(page.text, None) or markup.refuse(page.text):
        return []
    if gate.mode_of(page.text, None) == "text":
        return [(text_hash(line), "") for line in page.text.split("\n") if line.strip()]
    walked = walk(LexborHTMLParser(page.text), {})
    places = Places(walked)
    return [(text_hash(text), places.of(owner)) for text, owner in zip(walked.texts, walked.owners, strict=True)]


def _different(pages: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    """`pages` without empty ones and without copies of earlier ones."""
    kept: dict[str, list[tuple[str, str]]] = {}
    sets: list[set[str]] = []
    for name, pieces in sorted(pages.items()):
        texts = {text for text, _ in pieces}
        if texts and all(len(texts & other) < _SAME_DOCUMENT * len(texts | other) for other in sets):
            kept[name] = pieces
            sets.append(texts)
    return kept


def _repeating_places(pages: Iterable[list[tuple[str, str]]], texts: Mapping[str, float]) -> dict[str, float]:
    """Place → share of the texts there that repeat, where most do."""
    repeated: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for pieces in pages:
        for text, place in pieces:
            if place:
                total[place] += 1
                repeated[place] += text in texts
    shares = {place: repeated[place] / count for place, count in total.items()}
    return {place: round(share, 4) for place, share in sorted(shares.items()) if share >= _PATH_SHARE}


class Places:
    """Where an element stands, in words that are the same on every page: its tag and first class, and those above it."""

    def __init__(self, page: Walked) -> None:
        self._page = page
        self._made: dict[int, str] = {}

    def of(self, element: int) -> str:
        """Such as "aside>div.widget>ul>li.menu-item"."""
        if element not in self._made:
            chain = self._page.chain(element)[:_LEVELS]
            self._made[element] = ">".join(self._step(above) for above in reversed(chain))
        return self._made[element]

    def _step(self, element: int) -> str:
        first = next((token for token in self._page.marks[element].split() if not any(map(str.isdigit, token))), "")
        return f"{self._page.tags[element]}.{first}" if first else self._page.tags[element]


def evidence(page: Walked, chrome: ChromeV1) -> Evidence:
    """What `chrome` says of the runs of a page."""
    places, count = Places(page), len(chrome.learned_from)
    reasons, factors = [], np.ones(len(page.texts))
    for run, (text, owner) in enumerate(zip(page.texts, page.owners, strict=True)):
        share, repeating = chrome.texts.get(text_hash(text), 0.0), chrome.paths.get(places.of(owner), 0.0)
        reasons.append(repeats(share, count) if share and repeating else "")
        if share:
            factors[run] = _DOUBT["text"]
        elif repeating:
            factors[run] = _DOUBT["path"]
    return Evidence(tuple(reasons), factors)


def repeats(share: float, count: int) -> str:
    """The reason of a removal: on how many of the pages learned from the text stood."""
    return f"chrome:repeats on {round(share * count)} of {count} pages"


def repeated_line(line: str, chrome: ChromeV1) -> str | None:
    """Why a line of text without tags is the site's; None where it does not repeat."""
    share = chrome.texts.get(text_hash(line), 0.0)
    return repeats(share, len(chrome.learned_from)) if share else None
