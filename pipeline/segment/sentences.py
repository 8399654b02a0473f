"""Where sentences begin and end inside a block, as offsets."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

_TABLE = Path(__file__).parent.parent / "data" / "abbreviations.txt"
_STOP = re.compile(
    r"(?P<mark>[.!?…]+)(?P<close>[\"'”’»)\]]*)(?P<blank>[ \t\u00a0]+|\n+)(?=[\"'“‘„«(\[¿¡–—-]*\s?(?P<next>[^\W_]))"
    r"|(?P<wide>[。！？]+[”’」』）]*)(?=\S)"
)
_WORD_BEFORE = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")


def sentences(text: str, language: str | None = None) -> tuple[tuple[int, int], ...]:
    """(start, end) of each sentence of `text`, blanks between them left out; `language` (ISO 639-1) picks the abbreviations.

    >>> text = "Dr. J. K. Lee spoke at 5 p.m. in St. Ives. Nobody left."
    >>> [text[a:b] for a, b in sentences(text, "en")]
    ['Dr. J. K. Lee spoke at 5 p.m. in St. Ives.', 'Nobody left.']
    """
    edges = [0, *_edges(text, language), len(text)]
    spans = []
    for start, end in pairwise(edges):
        piece = text[start:end]
        if piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(piece.strip())))
    return tuple(spans)


def _edges(text: str, language: str | None) -> Iterator[int]:
    abbreviations = _abbreviations(language)
    for match in _STOP.finditer(text):
        if match["wide"] or "\n" in match["blank"] or _ends(text, match, abbreviations, language):
            yield match.end()


def _ends(text: str, match: re.Match[str], abbreviations: frozenset[str], language: str | None) -> bool:
    """Whether the stop at `match` ends a sentence."""
    following = match["next"]
    if following.islower():
        return False
    if match["mark"] != "." or match["close"]:
        return True
    before = _WORD_BEFORE.search(text, max(match.start() - 30, 0), match.start())
    if before is None:
        return True
    word = before[0]
    if word.lower() in abbreviations:
        return False
    if len(word) == 1 and word.isalpha() and text[match.start("next") + 1 :][:1] == ".":  # "z. B.", "J. K."
        return False
    if word.isdigit():  # "3. Oktober", "No. 5. The"
        return not (language in _ORDINALS and len(word) <= 2)
    return not (_INITIALS.fullmatch(word) and word[-1].isupper() and following.isupper() and word != "I")


_ORDINALS = frozenset(["de", "da", "no", "fi", "cs", "sk", "hu", "pl", "hr", "sr", "sl", "et", "lv"])
"""Languages that write ordinal numbers with a full stop."""


@lru_cache(maxsize=64)
def _abbreviations(language: str | None) -> frozenset[str]:
    """Abbreviations (lower case, without the last full stop) of `language`; of all languages where it is None."""
    found: set[str] = set()
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        name, *words = line.split()
        if name in ("*", language) or (language is None and name != "#"):
            found.update(words)
    return frozenset(found)
