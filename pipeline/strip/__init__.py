"""Decoded → Stripped: the document without its site."""

from pipeline.document import Block, Decoded, Rejected, Stripped
from schemas import SourceV1


def strip(
    decoded: Decoded, *, source: SourceV1 | None = None, url: str | None = None, content_type: str | None = None
) -> Stripped | Rejected:
    return Stripped(
        blocks=(Block(kind="paragraph", text=decoded.text, path="line 1", start=0),),
        facts=(),
        removals=(),
        mode="text",
        confidence=1.0,
    )
