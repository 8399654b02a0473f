"""Where a block's line breaks begin a new block, where they were put in by a fixed width, and where they stay."""

import re
from dataclasses import dataclass

from pipeline import edits
from pipeline.document import Block, Mode
from pipeline.errors import EditError

_LINES = re.compile(r"\n+")
_BLANK_LINE = re.compile(r"\n(?:[^\S\n]*\n)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the lines of a document lie: `mode` as in Stripped."""

    mode: Mode

    @classmethod
    def of(cls, blocks: tuple[Block, ...], mode: Mode) -> "Layout":
        """The layout that the lines of `blocks` show."""
        return cls(mode=mode)


def pieces(block: Block, layout: Layout) -> tuple[Block, ...]:
    """`block` cut into its paragraphs; the texts of the pieces joined are its text."""
    if block.kind in ("code", "table", "heading") or "\n" not in block.text:
        return (block,)
    breaks = _BLANK_LINE if layout.mode == "html" else _LINES
    positions = [match.end() for match in breaks.finditer(block.text) if match.end() < len(block.text)]
    try:
        return edits.cut(block, positions)
    except EditError:  # a repair reaches across the break: then it is none
        return (block,)
