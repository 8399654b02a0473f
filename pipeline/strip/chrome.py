"""Evidence from a source's other pages: a site's own text repeats from page to page, a document's does not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from pipeline import markup
from pipeline.document import Decoded
from pipeline.strip import gate
from pipeline.strip.rules import text_hash
from pipeline.strip.tags import HEADINGS
from pipeline.strip.walk import Walked, walk
from schemas.source_v1 import ChromeV1

_SAME_DOCUMENT = 0.8
"""Two pages that share this much of their pieces of text are copies of one document and count as one."""

_LEAST, _TEXT_SHARE = 3, 0.5
"""A text that stands at the same place on so many of the pages, and on more than this share, is the site's, or a part of the template
its documents are written in."""

_VARYING = 0.6
"""At a place where less than this share of the texts repeats, documents speak."""

_LONG, _SHORT, _OWN = -2.0, -1.0, 0.3
"""What is added to the log-odds of a run: of a text of _WORDS or more that repeats, of a shorter one, and of a short one that does not
repeat at a place where texts vary. Headings are spared: documents of one template share theirs. Chosen on the sites of the development
bench with three pages or more, by the chances of trees that saw no page of them (`bench_chrome.py --train`)."""

_WORDS = 12

_NOTHING_OWN, _EMPTY = 20, -6.0
"""Where what does not repeat is expected to hold fewer words of content than that, the page is a shell: what repeats is no document."""

_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """For each run what speaks against it ("" where nothing repeats), and its chance in the light of the site's other pages."""

    reasons: tuple[str, ...]
    chances: npt.NDArray[np.float64]


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
    enough = max(_LEAST - 1, _TEXT_SHARE * len(kept))
    texts = {text: count / len(kept) for text, count in seen.items() if count > enough}
    return ChromeV1(
        version=version,
        learned_from=tuple(sorted(kept)),
        texts=dict(sorted(texts.items())),
        paths=_repeating_places(kept.values(), texts),
    )


def _pieces(page: Decoded) -> list[tuple[str, str]]:
    """(hash of the text at its place, place) of every run, or (hash, "") of every line of a text without tags."""
    data = page.text.encode("utf-8", "ignore")
    if gate.refuse(page.text, None) or markup.refuse(data):
        return []
    if gate.mode_of(page.text, None) == "text":
        return [(text_hash(line), "") for line in page.text.split("\n") if line.strip()]
    walked = walk(LexborHTMLParser(data), {})
    if walked.depth > markup.LIMITS.depth:
        return []
    places = Places(walked)
    owners = zip(walked.texts, walked.owners, strict=True)
    return [(_key(text, place), place) for text, owner in owners for place in (places.of(owner),)]


def _key(text: str, place: str) -> str:
    return text_hash(f"{place}\n{text}")


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
    """Place → share of the texts there that repeat, for the places that several pages have."""
    repeated: Counter[str] = Counter()
    total: Counter[str] = Counter()
    having: Counter[str] = Counter()
    for pieces in pages:
        having.update({place for _, place in pieces if place})
        for text, place in pieces:
            total[place] += 1
            repeated[place] += text in texts
    return {
        place: round(repeated[place] / total[place], 4) for place, count in sorted(having.items()) if count >= _LEAST
    }


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


def evidence(page: Walked, chrome: ChromeV1, chances: npt.NDArray[np.float64]) -> Evidence:
    """What `chrome` says of the runs of a page, whose `chances` by themselves are these."""
    places, count = Places(page), len(chrome.learned_from)
    found = [places.of(owner) for owner in page.owners]
    shares = [chrome.texts.get(_key(text, place), 0.0) for text, place in zip(page.texts, found, strict=True)]
    words = np.array([text.count(" ") + 1 for text in page.texts])
    repeating = np.array([share > 0 for share in shares])
    varying = np.array([chrome.paths.get(place, 1.0) < _VARYING for place in found])
    heading = np.array([page.tags[owner] in HEADINGS for owner in page.owners])
    if float((chances * words)[~repeating].sum()) < _NOTHING_OWN:
        shift = np.where(repeating, _EMPTY, 0.0)
    else:
        against = np.where(heading, 0.0, np.where(words >= _WORDS, _LONG, _SHORT))
        shift = np.where(repeating, against, np.where(varying & (words < _WORDS), _OWN, 0.0))
    reasons = tuple(repeats(share, count) if share else "" for share in shares)
    return Evidence(reasons, _shifted(chances, shift))


def _shifted(chances: npt.NDArray[np.float64], shift: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`chances` with `shift` added to their log-odds."""
    odds = np.exp(shift) * chances
    return np.asarray(odds / (odds + 1.0 - chances + 1e-12))


def repeats(share: float, count: int) -> str:
    """The reason of a removal: on how many of the pages learned from the text stood."""
    return f"chrome:repeats on {round(share * count)} of {count} pages"


def repeated_line(line: str, chrome: ChromeV1) -> str | None:
    """Why a line of text without tags is the site's; None where it does not repeat."""
    share = chrome.texts.get(text_hash(line), 0.0)
    return repeats(share, len(chrome.learned_from)) if share else None
