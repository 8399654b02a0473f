"""The cheap look at a document that decides whether the tables are worth loading."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.repair.spacing.words import Words, word_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the different chunks of a document say at a glance: its `language` (None: unsure), how many `words` it has, and
    how many different telltale `fusions` such as "ofthe"."""

    language: str | None
    words: int
    fusions: int

    @property
    def suspicious(self) -> bool:
        """Whether blanks may have been lost: two different fusions, or one in a short text."""
        return self.fusions >= 2 or (self.fusions == 1 and self.words < SHORT)


SHORT = 150
"""Words of a text so short that one fusion is worth a look."""
MARKED = 0.03
"""At least this share of the words of a text are function words of its language, even where most are fused with others."""


def screen(texts: Sequence[str], language: str | None) -> Screen:
    """Looks the texts' chunks up in lists of function words and of their commonest fusions; `language` where it is known."""
    chunks: Counter[str] = Counter()
    for text in texts:
        chunks.update(text.split())
    words, lists = chunks.total(), word_lists()
    known = lists if language is None else [language] if language in lists else []
    best, code = max(((share(chunks, lists[code]), code) for code in known), default=(0, ""))
    if best < MARKED * words or not words:
        return Screen(language=None, words=words, fusions=0)
    return Screen(language=code, words=words, fusions=len(lists[code].telltales.intersection(chunks)))


def share(chunks: Counter[str], words: Words) -> int:
    """How many chunks are function words, or such fused with another."""
    return sum(chunks[word] for word in words.marks.intersection(chunks))
