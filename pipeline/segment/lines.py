"""Where a block's line breaks begin a new block, where a fixed width put them in, and where they belong to the text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pipeline import edits
from pipeline.document import Block, Mode, Splice, Step
from pipeline.errors import EditError
from pipeline.segment.marks import QUOTE_MARK, begins_piece, is_article_heading, is_separator

WIDEST = 100  # code points: text is wrapped at 65–80; from about 100 on, a line is a paragraph
NARROWEST = 36
FULL_SHARE = 0.7  # of the breaks inside blocks, that stand where the next word no longer fits
SENTENCE = 60  # a line this long that ends like a sentence ends a paragraph

Break = Literal["cut", "join", "keep"]

_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*$")
_LINE_END_HYPHEN = re.compile(r"(?P<left>[^\W\d_]+)[-\u2010\u00ad]\s*\n\s*(?P<right>[^\W\d_]+)")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_LINE_PATH = re.compile(r"line (\d+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BLANKS = " \t\u00a0"
_WHOLE = ("code", "table", "heading", "separator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the lines of a document lie: `width` in code points where lines were broken at one, else None; `words` (lower case)
    of the document where hyphens stand at line ends."""

    mode: Mode
    width: int | None = None
    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, blocks: Iterable[Block], mode: Mode) -> "Layout":
        """The layout that the lines of `blocks` show."""
        texts = [block.text for block in blocks if "\n" in block.text and block.kind not in _WHOLE]
        texts = [text for text in texts if "\n" in text.strip("\n")]
        paragraphs = [part.strip("\n") for text in texts for part in _BLANK_LINES.split(text)]
        lines = [[" ".join(line.split()) for line in part.split("\n")] for part in paragraphs if part.strip()]
        width = _width(lines, least=2 if mode == "text" else 5)
        hyphens = (width is not None or mode == "text") and any(_LINE_END_HYPHEN.search(text) for text in texts)
        return cls(
            mode=mode,
            width=width,
            words=frozenset(word for text in texts for word in _WORD.findall(text.lower())) if hyphens else frozenset(),
        )

    def between(self, line: str, following: str) -> Break:
        """What the break between two lines of one block is."""
        first, second = " ".join(line.split()), " ".join(following.split())
        if not first or not second or is_separator(first) or is_separator(second) or is_article_heading(first):
            return "cut"
        if bool(QUOTE_MARK.match(first)) != bool(QUOTE_MARK.match(second)):
            return "cut"
        full = self.width is not None and _is_full(first, second, self.width)
        if begins_piece(second) and not (full and not _ENDS.search(first) and first[-1] not in ":;,"):
            return "cut"
        if full or (self.width is not None and _flows(first, second, self.width)):
            return "join"
        if self.width is not None:
            return "cut" if _ENDS.search(first) or following[:1].isspace() else self._otherwise
        if max(len(first), len(second)) > WIDEST:
            return "cut"
        return "cut" if len(first) >= SENTENCE and _ENDS.search(first) else self._otherwise

    @property
    def _otherwise(self) -> Break:
        """Strip leaves two lines of a text without tags together only where one goes on in the other."""
        return "join" if self.mode == "text" else "keep"


def _width(lines: Sequence[Sequence[str]], least: int) -> int | None:
    """The width the lines were broken at, None where they were not; `least` breaks must speak for it."""
    broken = sorted(len(line) for block in lines for line in block[:-1])
    if len(broken) < least:
        return None
    width = broken[-1] if broken[-1] <= WIDEST else broken[(len(broken) * 9) // 10]
    if not NARROWEST <= width <= WIDEST:
        return None
    breaks = [pair for block in lines for pair in pairwise(block) if not begins_piece(pair[1])]
    full = sum(_is_full(first, second, width) for first, second in breaks)
    running = sum(not _ENDS.search(first) and second[:1].islower() for first, second in breaks)
    return width if full >= FULL_SHARE * len(breaks) and 4 * running >= len(breaks) and breaks else None


def _flows(line: str, following: str, width: int) -> bool:
    """Whether a sentence goes on from a line not much shorter than the others: not all who wrapped by hand filled their lines."""
    return 10 * len(line) >= 6 * width and following[:1].islower() and not _ENDS.search(line)


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether the first word of the following line no longer fitted on `line`."""
    word = next(iter(following.split(None, 1)), "")
    return len(line) + 1 + len(word) > width


def pieces(block: Block, layout: Layout) -> Sequence[Block]:
    """`block` cut into its paragraphs, each with the lines joined that a fixed width broke.

    The texts of the pieces as they stood, joined, are the block's text as it stood.
    """
    if "\n" not in block.text or block.kind in _WHOLE:
        return (block,)
    positions = list(_cuts(block.text, layout))
    return [_unwrapped(_unquoted(piece), layout) for piece in _numbered(_cut(block, positions))]


def _cuts(text: str, layout: Layout) -> Iterator[int]:
    """Where new blocks begin in `text`: at a line, after the blank lines before it."""
    start, line = 0, ""
    previous: str | None = None
    for line in text.split("\n"):
        if line.strip():
            if previous is not None and (text[start - 2 : start] == "\n\n" or layout.between(previous, line) == "cut"):
                yield start
            previous = line
        elif previous is not None:
            previous = ""
        start += len(line) + 1


def _cut(block: Block, positions: Sequence[int]) -> tuple[Block, ...]:
    """`block` cut at `positions`, but not inside what a repair put there."""
    if not positions:
        return (block,)
    return edits.cut(block, _able(block, positions))


def _able(block: Block, positions: Sequence[int]) -> Sequence[int]:
    """Those of `positions` where `block` can be cut, found by halving."""
    try:
        edits.cut(block, positions)
    except EditError:
        half = len(positions) // 2
        return [*_able(block, positions[:half]), *_able(block, positions[half:])] if half else ()
    return positions


def _numbered(parts: Sequence[Block]) -> Iterator[Block]:
    """`parts` of one block of a text without tags, each with the number of its own first line."""
    match = _LINE_PATH.fullmatch(parts[0].path)
    number = int(match[1]) if match else 0
    for part in parts:
        yield replace(part, path=f"line {number}") if match and part is not parts[0] else part
        number += part.text.count("\n")


def _unquoted(block: Block) -> Block:
    """`block` without the ">" before each of its lines, as a quote, where every line has one."""
    lines = block.text.rstrip().split("\n")
    marks = [QUOTE_MARK.match(line) for line in lines]
    if block.kind != "paragraph" or not all(marks):
        return block
    splices, start = [], 0
    for line, mark in zip(lines, marks, strict=True):
        if mark:
            splices.append(Splice(start, mark[0], ""))
        start += len(line) + 1
    return edits.edit(replace(block, kind="quote"), Step("segment.quote-mark", tuple(splices)))


def _unwrapped(block: Block, layout: Layout) -> Block:
    """`block` with the lines joined that a fixed width broke, and the words a hyphen parted there."""
    if "\n" not in block.text.strip("\n"):
        return block
    breaks, start = [], 0
    lines = block.text.split("\n")
    for line, following in pairwise(lines):
        start += len(line)
        if following.strip() and layout.between(line, following) == "join":
            breaks.append(start)
        start += 1
    parted = _LINE_END_HYPHEN.finditer(block.text)
    hyphens = [match for match in parted if match.start() + match[0].index("\n") in breaks]
    return _joined(block, breaks, hyphens, layout.words)


def _joined(block: Block, breaks: Sequence[int], hyphens: Sequence[re.Match[str]], words: frozenset[str]) -> Block:
    """`block` after its `breaks` (positions of "\\n") became blanks, or nothing where a hyphen parts a word."""
    at_hyphen, apart = {}, []
    for match in hyphens:
        end, newline = match.end("left"), match.start() + match[0].index("\n")
        at_hyphen[newline] = ""
        left, right = match["left"].lower(), match["right"].lower()
        if block.text[end] == "\u00ad" or (match["right"][0].islower() and _is_one_word(left, right, words)):
            apart.append(Splice(end, block.text[end], ""))
    joins = Step("segment.unwrap", tuple(_break_splice(block.text, at, at_hyphen.get(at, " ")) for at in breaks))
    block = edits.edit(block, joins)
    return edits.edit(
        block, Step("segment.hyphen", tuple(s._replace(start=edits.carry(s.start, joins)) for s in apart))
    )


def _break_splice(text: str, newline: int, after: str) -> Splice:
    """The break at `newline` with the blanks around it, as one blank or nothing."""
    start, end = newline, newline + 1
    while start and text[start - 1] in _BLANKS:
        start -= 1
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    return Splice(start, text[start:end], after)


def _is_one_word(left: str, right: str, words: frozenset[str]) -> bool:
    """Whether the hyphen between `left` and `right` was put in at the line's end, as the rest of the document shows."""
    if left + right in words:
        return True
    return f"{left}-{right}" not in words and left not in _COMPOUNDING and len(right) > 1 and len(left) > 1


_COMPOUNDING = frozenset([
    "all", "anti", "co", "cross", "ex", "far", "full", "half", "high", "long", "low", "mid", "multi", "non", "post", "pre", "pro",
    "quasi", "self", "semi", "short", "socio", "sub", "so", "well", "year", "two", "three", "four", "five", "six", "seven",
    "eight", "nine", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
])  # fmt: skip
"""First parts that keep their hyphen: without other evidence "self-\\nmade" is "self-made", "agree-\\nment" is "agreement"."""
