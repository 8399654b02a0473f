"""What changed between two revisions, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from schemas import Record

Kind = Literal["same", "removed", "added"]
FACTS = ("title", "byline", "published_at", "published_date", "language", "url", "gone_at")

_WORD = re.compile(r"\w+|\s+|[^\w\s]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or only the older or the newer."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs in one place. `where` is a fact's name, or "block 3" (counted from 1, in the newer; in the older if it went)."""

    where: str
    pieces: tuple[Piece, ...]


def words(old: str, new: str) -> tuple[Piece, ...]:
    """What turns `old` into `new`: the pieces that are not added make `old`, those that are not removed make `new`.

    >>> [(p.kind, p.text) for p in words("it rained here", "it snowed here")]
    [('same', 'it '), ('removed', 'rained'), ('added', 'snowed'), ('same', ' here')]
    """
    a, b = _WORD.findall(old), _WORD.findall(new)
    pieces: list[Piece] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(a[a0:a1])))
            continue
        pieces += [Piece("removed", "".join(a[a0:a1]))] if a1 > a0 else []
        pieces += [Piece("added", "".join(b[b0:b1]))] if b1 > b0 else []
    return tuple(pieces)


def diff(old: Record, new: Record) -> tuple[Change, ...]:
    """What a reader of `new` sees otherwise than a reader of `old`; empty where nothing."""
    return (*_facts(old, new), *_blocks(old, new))


def _facts(old: Record, new: Record) -> Iterator[Change]:
    for name in FACTS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(where=name, pieces=words(_said(before), _said(after)))


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _blocks(old: Record, new: Record) -> Iterator[Change]:
    a = [(block.kind, block.level, block.text) for block in old.blocks]
    b = [(block.kind, block.level, block.text) for block in new.blocks]
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(a1 - a0, b1 - b0)
        for n in range(paired):
            before, after = a[a0 + n], b[b0 + n]
            what = "" if before[:2] == after[:2] else f" ({before[0]} → {after[0]})"
            yield Change(where=f"block {b0 + n + 1}{what}", pieces=words(before[2], after[2]))
        for n in range(a0 + paired, a1):
            yield Change(where=f"block {n + 1}", pieces=(Piece("removed", a[n][2]),))
        for n in range(b0 + paired, b1):
            yield Change(where=f"block {n + 1}", pieces=(Piece("added", b[n][2]),))
