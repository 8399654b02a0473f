"""Two texts compared word by word, paragraph by paragraph."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def changes(old: str, new: str) -> list[str]:
    """The paragraphs that differ, in order, with what went in [-…-] and what came in {+…+}.

    >>> changes("It met twice.\\n\\nIt rained.", "It met three times.\\n\\nIt rained.")
    ['It met [-twice-]{+three times+}.']
    """
    return [_compared(before, after) for before, after in _pairs(old.split("\n\n"), new.split("\n\n"))]


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The paragraphs that differ beside what they became; "" where there is nothing beside one."""
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for index in range(max(b - a, d - c)):
            before = old[a + index] if a + index < b else ""
            after = new[c + index] if c + index < d else ""
            yield before, after


def _compared(old: str, new: str) -> str:
    before, after = WORDS.findall(old), WORDS.findall(new)
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append("".join(before[a:b]))
            continue
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        parts.append((f"[-{gone}-]" if gone else "") + (f"{{+{come}+}}" if come else ""))
    return "".join(parts)
