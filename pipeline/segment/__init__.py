"""Repaired → Segmented: headings, paragraphs, lists, quotes, captions, tables.

Blocks are cut where the page's own breaks say so, lines are joined where a fixed width broke them, and blanks become plain ones.
Every change is a Step. Two blocks are never merged.
"""

from itertools import filterfalse

from pipeline import edits
from pipeline.document import Block, Rejected, Removal, Repaired, Segmented
from pipeline.segment.blanks import is_plain, plain_block, plain_fact, readable
from pipeline.segment.kinds import as_prose, classify, unmarked
from pipeline.segment.lines import Layout, pieces
from pipeline.segment.sentences import sentences

__all__ = ["segment", "sentences"]


def segment(repaired: Repaired) -> Segmented | Rejected:
    """The final blocks of a document, in reading order, with plain blanks.

    What turns out to be blank leaves as a Removal. A document with no block left is Rejected.
    """
    plain = [is_plain(block.text) for block in repaired.blocks]  # nine in ten are, and stay as they are
    given = zip(repaired.blocks, plain, strict=True)
    blocks = [block if is_done else as_prose(readable(block)) for block, is_done in given]
    if repaired.mode == "text":
        blocks = list(map(unmarked, blocks))
    layout = Layout.of(blocks, repaired.mode)
    parts: list[Block] = []
    for block, is_done in zip(blocks, plain, strict=True):
        if is_done:
            parts.append(block)
        else:
            parts += map(plain_block, pieces(block, layout))
    kept = list(filter(_says_something, parts))
    if all(part.kind == "separator" for part in kept):
        return Rejected(stage="segment", reason="empty", detail="no text was left of the document")
    return Segmented(
        blocks=classify(kept, repaired.mode),
        facts=tuple(map(plain_fact, repaired.facts)),
        removals=repaired.removals + tuple(map(_removal, filterfalse(_says_something, parts))),
        mode=repaired.mode,
        confidence=repaired.confidence,
        notes=repaired.notes,
        damages=repaired.damages,
        language=repaired.language,
    )


def _says_something(block: Block) -> bool:
    return bool(block.text) or block.kind == "separator"


def _removal(block: Block) -> Removal:
    text = edits.before(block)
    return Removal(path=block.path, reason="blank", length=len(text), text=text, start=block.start)
