"""Repaired → Segmented: headings, paragraphs, lists, quotes, captions, tables.

Blocks are cut where the page's own breaks say so, lines are joined where a fixed width broke them, and blanks become plain ones.
Every change is a Step. Two blocks are never merged.
"""

from pipeline import edits
from pipeline.document import Block, Rejected, Removal, Repaired, Segmented
from pipeline.segment.blanks import plain_block, plain_fact, readable
from pipeline.segment.kinds import as_prose, classify, unmarked
from pipeline.segment.lines import Layout, pieces
from pipeline.segment.sentences import sentences

__all__ = ["segment", "sentences"]


def segment(repaired: Repaired) -> Segmented | Rejected:
    """The final blocks of a document, in reading order, with plain blanks.

    What turns out to be blank leaves as a Removal. A document with no block left is Rejected.
    """
    blocks = [unmarked(as_prose(readable(block)), repaired.mode) for block in repaired.blocks]
    layout = Layout.of(blocks, repaired.mode)
    parts = [plain_block(part) for block in blocks for part in pieces(block, layout)]
    kept = [part for part in parts if _says_something(part)]
    if all(part.kind == "separator" for part in kept):
        return Rejected(stage="segment", reason="empty", detail="no text was left of the document")
    return Segmented(
        blocks=classify(kept, repaired.mode),
        facts=tuple(map(plain_fact, repaired.facts)),
        removals=repaired.removals + tuple(_removal(part) for part in parts if not _says_something(part)),
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
