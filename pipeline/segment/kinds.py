"""What a block is, where its markup did not say: separators, captions, list items, headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline import edits
from pipeline.document import Block, Mode
from pipeline.language import guess
from pipeline.segment.blanks import trim
from pipeline.segment.marks import (
    LONGEST_HEADING,
    MOST_WORDS,
    Mark,
    article_level,
    begins_otherwise,
    is_separator,
    marks,
)

LONGEST_CAPTION = 240
PROSE_LINES, PROSE_WORDS, PROSE_SHARE = (
    5,
    6,
    0.6,
)  # of a text in <pre>: lines, words in a line of prose, share of such lines
LONG = 80  # code points: a text this long under a short line is what the line heads

_CREDITS = (
    "photo|photos|photo credit|photo credits|photo courtesy|photo courtesy of|photo by|photos by|photograph by|photography|"
    "picture credit|image|images|image credit|image source|image courtesy|illustration|illustration by|credit|credits|"
    "фото|фотография|иллюстрация|фотосурет|сурет|foto|fotos|fotografía|bild|bildquelle|bildnachweis|"
    "crédit|crédits|crédit photo|crédits photos|crédito de la foto|imagen|zdjęcie|fot."
)
_FIGURES = "figure|fig.|table|abbildung|abb.|tabelle|рисунок|рис.|таблица|figura|tabla|rysunek|rys.|tabela|сурет"


def _any_of(words: str) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words.split("|"), key=len, reverse=True)) + ")"


_CAPTION_START = re.compile(
    rf"[(\[]?\s*{_any_of(_CREDITS)}\s*[:/©–-]|{_any_of(_FIGURES)}\s*\d+[.:\s–-]",
    re.I,
)
_CAPTION_INITIALS = frozenset(
    letter for word in f"{_CREDITS}|{_FIGURES}".split("|") for letter in (word[0], word[0].upper())
)
_CREDIT = re.compile(r"\b(?:photo|image|picture)\s+credit\s*:|\bphoto\s*:\s*\S+(?:\s\S+){0,6}[.)\]]?$", re.I)
_DATELINE = re.compile(r"^[^\W\d_][\w .,'’()/-]{1,60}\s*[–—]\s*$")
_STATED = re.compile(r"\d{4}|@|https?://|www\.|\+\d|^(?:by|von|par|por|автор|от|przez|da)\s", re.I)
_OPEN_ENDS = frozenset(".!?…:;,。！？：；，")
_CLOSERS = "'\"’”»)]"
_SYNTAX = re.compile(r"[{}<=|\\]|;\s*$|\(\)|//|^\s*(?:#|\$|def |class |import |if .*:$)|\S\s{3,}\S")
_BOLD = (">b", ">strong")
_CELL = re.compile(r">(?:td|th)(?:\[|>)")


def as_prose(block: Block) -> Block:
    """A block of code as a paragraph, where it is a letter: mail archives set their text in <pre>."""
    if block.kind != "code":
        return block
    lines = [line for line in block.text.split("\n") if line.strip()]
    prose = sum(len(line.split()) >= PROSE_WORDS and not _SYNTAX.search(line) for line in lines)
    if len(lines) < PROSE_LINES or prose < PROSE_SHARE * len(lines) or guess(block.text) is None:
        return block
    return replace(block, kind="paragraph")


def unmarked(block: Block) -> Block:
    """`block` of a text without tags as a paragraph where it is an item only for the mark its line begins with: `classify`
    reads marks in sequence."""
    if block.kind == "list_item":
        return replace(block, kind="paragraph", ordered=None, depth=None)
    return block


def classify(blocks: Sequence[Block], mode: Mode) -> tuple[Block, ...]:
    """`blocks` with the kinds that their texts and their neighbours show; one block out for each block in."""
    found = [_alone(block) for block in blocks]
    found = list(_items(found))
    return tuple(
        _heading(block, found[at + 1 : at + 3], found[max(at - 1, 0) : at], mode)
        if block.kind == "paragraph" and len(block.text) <= LONGEST_HEADING + 1
        else block
        for at, block in enumerate(found)
    )


def _alone(block: Block) -> Block:
    """`block` as its own text shows."""
    if block.kind == "heading" and block.start is not None:
        return replace(block, level=article_level(block.text) or block.level)
    if block.kind != "paragraph" or (len(block.text) > LONGEST_CAPTION and block.text[0].isalnum()):
        return block
    if is_separator(block.text):
        return replace(block, kind="separator")
    if _is_caption(block.text):
        return replace(block, kind="caption")
    if (level := article_level(block.text)) is not None:
        return replace(block, kind="heading", level=level)
    return block


def _is_caption(text: str) -> bool:
    """Whether `text` credits a picture, or numbers a figure."""
    if len(text) > LONGEST_CAPTION:
        return False
    if not begins_otherwise(text, _CAPTION_INITIALS) and _CAPTION_START.match(text):
        return True
    return ":" in text and _CREDIT.search(text) is not None


def _items(blocks: Sequence[Block]) -> Iterator[Block]:
    """`blocks` with the items of lists that were written with marks: one bullet, or two marks that follow one another."""
    read = [marks(block.text) if block.kind == "paragraph" else () for block in blocks]
    if not any(read):
        yield from blocks
        return
    accepted = _sequences(read)
    depths: list[str] = []
    for block, mark in zip(blocks, accepted, strict=True):
        if mark is None:
            if block.kind == "heading":
                depths = []
            yield block
            continue
        depths = depths[: depths.index(mark.style)] if mark.style in depths else depths
        depths.append(mark.style)
        item = replace(block, kind="list_item", ordered=mark.value > 0, depth=len(depths))
        yield item if mark.value else edits.edit(item, trim(item.text, mark.length, len(item.text), "segment.bullet"))


def _sequences(read: Sequence[tuple[Mark, ...]]) -> list[Mark | None]:
    """Of the readings of each block's mark the one that its neighbours of the same style continue, None where there is none."""
    accepted: list[Mark | None] = [None] * len(read)
    last: dict[str, tuple[int, Mark]] = {}
    for at, readings in enumerate(read):
        for mark in readings:
            before = last.get(mark.style)
            if mark.style == "bullet":
                accepted[at] = mark
            elif before is not None and _follows(before, at, mark):
                accepted[before[0]] = accepted[before[0]] or before[1]
                accepted[at] = mark
                break
        for mark in readings:
            last[mark.style] = (at, mark)
    return accepted


def _follows(before: tuple[int, Mark], at: int, mark: Mark) -> bool:
    """A dash continues a list only from the block just before; a number wherever the number before it stood."""
    index, earlier = before
    return index == at - 1 if mark.style == "dash" else mark.value == earlier.value + 1


def _heading(block: Block, following: Sequence[Block], preceding: Sequence[Block], mode: Mode) -> Block:
    """A paragraph as a heading, where it is a short line that heads what follows: in bold, or on a line of its own."""
    asks = mode == "html" and block.path.endswith(_BOLD) and block.text.endswith("?")
    if not _is_short_line(block.text[:-1] if asks else block.text):
        return block
    bold = block.path.endswith(_BOLD) and not _CELL.search(block.path)
    own_line = mode == "text" or any(other.path == block.path for other in (*following[:1], *preceding))
    if (bold and following) or (own_line and _heads(block.text, following)):
        return replace(block, kind="heading", level=3 if bold and mode == "html" else 2)
    return block


def _is_short_line(text: str) -> bool:
    """Whether `text` could be a heading, by itself."""
    if len(text) > LONGEST_HEADING or "\n" in text or text.rstrip(_CLOSERS)[-1:] in _OPEN_ENDS:
        return False
    if len(text.split()) > MOST_WORDS:
        return False
    first = next((c for c in text if c.isalnum()), "")
    return (
        bool(first)
        and not first.islower()
        and any(map(str.isalpha, text))
        and not (_STATED.search(text) or _DATELINE.match(text))
    )


def _heads(text: str, following: Sequence[Block]) -> bool:
    """Whether what follows is long enough to be what `text` heads."""
    after = next(iter(following), None)
    if after is None or after.kind in ("heading", "separator", "caption"):
        return False
    return after.kind in ("list_item", "table", "quote", "code") or len(after.text) >= max(LONG, 2 * len(text))
