"""Whether something looks like a word at all, whatever the language."""

import re
import unicodedata
from functools import cache

# Signs before and after a word, and all that may be one: Latin-1, general punctuation, figures, symbols.
EDGES = '«»‹›“”„‚•·°§№©®™€£\xad،؛؟!"#$%&()*+,./:;<=>?@[\\]^_`{|}~0123456789'
ALL_EDGES = "".join(
    chr(c) for c in (*range(0x21, 0x7F), *range(0xA1, 0xC0), 0xD7, 0xF7, *range(0x2010, 0x2C00)) if not chr(c).isalpha()
)
BETWEEN = re.compile(r"[\s!-@\[-`{-~\xa0‘’“”«»„–—…]+")  # what may part two words without a blank
FIGURES = frozenset("²³¹¼½¾⁰⁴⁵⁶⁷⁸⁹")
ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HEBREW", "ARABIC"})  # never two in a word


def pieces(word: str, edges: str = EDGES) -> list[str]:
    """The parts of a word of a text that are words of a language, without the signs at their edges.

    >>> pieces("(l’été–automne)"), pieces("2019–2021")
    (['l', 'été', 'automne'], [])
    """
    return [piece for each in BETWEEN.split(word) if (piece := each.strip(edges))]


def possible(word: str) -> bool:
    """Whether some language may write such a word: one alphabet, no sign between letters, capitals first or throughout.

    >>> possible("Müller’s"), possible("fьr"), possible("f³r"), possible("malgrÈ")
    (True, False, False, False)
    """
    return all(map(_possible, pieces(word)))


def _possible(piece: str) -> bool:
    letters = [c for c in piece if c.isalpha()]
    scripts = set(map(_script, letters))
    if not scripts or not scripts <= ALPHABETS:  # no alphabet: Chinese, Thai and many others, which part no words
        return len(scripts & ALPHABETS) < 2
    if len(scripts) > 1 or any(unicodedata.category(c)[0] in "SPZ" or c in FIGURES for c in piece):
        return False
    tail = "".join(letters[1:])
    return tail.lower() == tail or (tail.upper() == tail and piece[0].upper() == piece[0])


@cache
def _script(letter: str) -> str:
    """The first word of the letter's name, which for alphabets is the script."""
    return unicodedata.name(letter, "UNNAMED").partition(" ")[0]
