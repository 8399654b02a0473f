"""Blanks, and characters no text can hold: what is folded, trimmed and taken out of blocks and facts."""

import re
from collections.abc import Callable
from typing import TypeVar

from pipeline import edits
from pipeline.document import Block, Fact, Splice, Step

Item = TypeVar("Item", Block, Fact)

# NUL and lone surrogates can stand neither in UTF-8 nor in JSON for PostgreSQL; the other controls mean nothing in text.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]+")
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1e\x7f\x85\u2028\u2029\ud800-\udfff]")
_ODD = "\t\x1f\u00a0\u1680\u2000-\u200a\u202f\u205f"  # every blank but the plain and the ideographic one
_RUNS = re.compile(f"[ \n{_ODD}]{{2,}}|[{_ODD}]")
_RUNS_IN_HEADING = re.compile(f"[ \n{_ODD}]{{2,}}|[\n{_ODD}]")
_RUNS_IN_TABLE = re.compile(f"[ {_ODD[1:]}]*[\t\n][ {_ODD[1:]}]*|[ {_ODD[1:]}]{{2,}}|[{_ODD[1:]}]")
_TABLE_EDGES = " \n\u00a0\u2007\u202f"


def readable(item: Item) -> Item:
    """`item` without characters that no text can hold, every line break written as "\\n"."""
    # What is printable but for ordinary blanks holds none; to ask that is several times as fast.
    if item.text.replace("\u00a0", " ").replace("\n", " ").isprintable() or not _UNREADABLE.search(item.text):
        return item
    item = edits.edit(item, substitution("segment.controls", _CONTROLS, lambda _: "", item.text))
    return edits.edit(item, substitution("segment.newlines", _NEWLINES, lambda _: "\n", item.text))


def plain_block(block: Block) -> Block:
    """`block` trimmed, with single plain blanks; in code every blank is left, in tables the tabs and newlines."""
    if is_plain(block.text):
        return block
    if block.kind != "code" and is_plain(block.text.replace("\u00a0", " ")):
        return edits.edit(block, _untied(block.text))
    if block.kind == "code":
        return edits.edit(
            block, trim(block.text, len(block.text) - len(block.text.lstrip("\n")), len(block.text.rstrip()))
        )
    if block.kind == "table":
        block = edits.edit(block, trim(block.text, *_bounds(block.text, _TABLE_EDGES)))
        return edits.edit(block, substitution("segment.fold-blanks", _RUNS_IN_TABLE, _cell_blank, block.text))
    block = edits.edit(block, trim(block.text, *_bounds(block.text)))
    runs = _RUNS_IN_HEADING if block.kind == "heading" else _RUNS
    return edits.edit(
        block, substitution("segment.fold-blanks", runs, _line_blank if runs is _RUNS else _blank, block.text)
    )


def plain_fact(fact: Fact) -> Fact:
    """`fact` on one line, trimmed, with single plain blanks."""
    if is_plain(fact.text):
        return fact
    fact = readable(fact)
    fact = edits.edit(fact, trim(fact.text, *_bounds(fact.text)))
    return edits.edit(fact, substitution("segment.fold-blanks", _RUNS_IN_HEADING, _blank, fact.text))


def is_plain(text: str) -> bool:
    """Whether `text` is one readable line without a blank to fold or trim: of all blanks, only the plain one is printable."""
    return "  " not in text and text.strip(" ") == text and text.isprintable()


def _untied(text: str) -> Step:
    """What folding blanks comes to where only single no-break ones are to be folded, found several times as fast."""
    splices, at = [], text.find("\u00a0")
    while at >= 0:
        splices.append(Splice(at, "\u00a0", " "))
        at = text.find("\u00a0", at + 1)
    return Step("segment.fold-blanks", tuple(splices))


def trim(text: str, start: int, end: int, rule: str = "segment.trim") -> Step:
    """The step that leaves only `text[start:end]`."""
    if start <= 0 and end >= len(text):
        return Step(rule, ())
    splices = []
    if start > 0:
        splices.append(Splice(0, text[:start], ""))
    if max(start, end) < len(text):
        splices.append(Splice(max(start, end), text[max(start, end) :], ""))
    return Step(rule, tuple(splices))


def substitution(rule: str, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str], text: str) -> Step:
    """The step that puts `replace(match)` for every match of `pattern` in `text`."""
    found = ((match.start(), match[0], replace(match)) for match in pattern.finditer(text))
    return Step(rule, tuple(Splice(start, old, new) for start, old, new in found if old != new))


def _bounds(text: str, characters: str | None = None) -> tuple[int, int]:
    """Where `text` begins and ends without the blanks around it (both 0 where nothing is left)."""
    kept = text.lstrip(characters)
    start = len(text) - len(kept)
    return (start, start + len(kept.rstrip(characters))) if kept else (len(text), len(text))


def _blank(_: re.Match[str]) -> str:
    return " "


def _line_blank(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _cell_blank(match: re.Match[str]) -> str:
    return next((c for c in match[0] if c in "\t\n"), " ")
