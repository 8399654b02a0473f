"""The cheap look at a document that decides whether the tables are worth loading."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from pipeline.repair.spacing.words import Words, all_marks, word_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the different chunks of a document say at a glance: its `language` (None: unsure), how many `words` it has, how
    many of them are `core` prepositions, how many different telltale `fusions` ("ofthe") there are, and which kinds of
    `seams` ("end" or "lone end", "clause", "clock", "interface") lack their blanks: "end.Next", "fabric,which", "22:51Abu", "usAdd"."""

    language: str | None
    words: int
    fusions: int
    core: int
    seams: frozenset[str]
    present: frozenset[str]
    """The telltale fusions and contractions without apostrophe themselves."""

    @property
    def suspicious(self) -> bool:
        """Whether blanks may have been lost: two different fusions, or one in a short text, or no prepositions in a long one."""
        few = self.language is not None and self.words >= LONG and self.core < SPARSE * self.words
        return few or self.fusions >= 2 or (self.fusions == 1 and self.words < SHORT)


END = re.compile(r"[.!?][\"”’»)\]]?[\"“‘«'(\[]?[A-ZА-ЯЁ][a-zа-яё'’ ]")
KEPT_END = re.compile(r"[.!?]\s")
KEPT_CLAUSE = re.compile(r"[,;]\s")
SHARE = 0.05
"""From this share on lost seams deserve a closer look; `joins` asks for more."""
CLAUSE = re.compile(r"[,;][a-zа-яё]")
CLOCK = re.compile(r":\d\d[A-ZА-ЯЁ]")
HUMP = re.compile(r"([A-ZА-ЯЁ](?<=[a-zа-яё].)[a-zа-яё]+)[A-ZА-ЯЁ]?")
"""Of "aBcDe" only the first: the small letter before the second is part of a hump already."""
SHORT = 150
"""Words of a text so short that one fusion is worth a look."""
LONG, SPARSE = 40, 0.025
"""A text of so many words has more of the core prepositions: at least 3.1 % of the words in 676 undamaged pages of five
languages, at most 0.9 % where a typographer had tied prepositions (`score.py spacing`, `score.py spacing-clean`)."""
MARKED = 0.03
"""At least this share of the words of a text are function words of its language, even where most are fused with others."""


def screen(texts: Sequence[str], language: str | None) -> Screen:
    """Looks the texts' chunks up in lists of function words and of their commonest fusions; `language` where it is known."""
    chunks = Counter("\n".join(texts).split())
    lists = word_lists()
    marks = all_marks().intersection(chunks)
    known = lists if language is None else [language] if language in lists else []
    best, code = max(((count(chunks, lists[code].marks & marks), code) for code in known), default=(0, ""))
    words = chunks.total()
    if best < MARKED * words or not words:
        return Screen(language=None, words=words, fusions=0, core=0, seams=frozenset(), present=frozenset())
    return Screen(
        language=code,
        words=words,
        core=count(chunks, lists[code].core & marks),
        fusions=len(lists[code].telltales & marks),
        present=(marks & lists[code].marks) - lists[code].function_words,
        seams=seams(texts, chunks, lists[code]),
    )


def seams(texts: Sequence[str], chunks: Iterable[str], words: Words) -> frozenset[str]:
    """The kinds of seams that lack a blank often enough for a closer look."""
    found = set()
    once = " ".join((*chunks, ""))  # each chunk once: half the text, and most texts have no seam at all
    joined = "\n".join(texts)  # what lost its blank has none inside, so nothing is found across two texts
    ends = len(END.findall(joined)) if END.search(once) else 0
    if ends:
        found.add("end" if share(ends, texts, KEPT_END) >= SHARE else "lone end")
    if CLAUSE.search(once) and share(len(CLAUSE.findall(joined)), texts, KEPT_CLAUSE) >= SHARE:
        found.add("clause")
    if CLOCK.search(once) and len(CLOCK.findall(joined)) > 1:
        found.add("clock")
    if len({hump for hump in HUMP.findall(once) if hump.lower() in words.interface}) > 1:
        found.add("interface")
    return frozenset(found)


def share(lost: int, texts: Sequence[str], kept: re.Pattern[str]) -> float:
    """Which share of the seams of one kind lost its blank; 0 for a single one."""
    return lost / (lost + sum(len(kept.findall(text)) for text in texts)) if lost > 1 else 0.0


def count(chunks: Counter[str], words: Set[str]) -> int:
    """How many of the chunks are one of `words`."""
    return sum(chunks[word] for word in words)
