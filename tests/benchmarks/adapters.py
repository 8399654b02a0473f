"""Thin wrappers around the public entry points, in the shapes the benches' scorer calls."""

from typing import Any

from pipeline import clean
from pipeline.decode import decode_bytes
from pipeline.document import Rejected
from pipeline.repair import RepairOptions, repair_text


def extraction(html: bytes, url: str | None) -> str:
    """The text of a page, paragraphs separated by blank lines."""
    result = clean(html, url=url)
    return "" if isinstance(result, Rejected) else result.text


def metadata(html: bytes, url: str | None) -> dict[str, Any]:
    """Title, author and date (YYYY-MM-DD) of a page: of its publication, else of its last change."""
    result = clean(html, url=url)
    if isinstance(result, Rejected):
        return {}
    day = result.published_date or result.modified_date
    return {"title": result.title, "author": result.byline, "date": day and day.isoformat()}


def spacing(text: str) -> str:
    """`text` with lost blanks restored where the document itself proves the loss.

    The spacing part alone: a few of the bench's undamaged documents hold mojibake and surviving entities, which the whole
    repair undoes (`repair` below measures that part).
    """
    return repair_text(text, options=RepairOptions(encoding=False)).text


def spacing_aggressive(text: str) -> str:
    """`text` with randomly lost blanks restored too; the spacing part alone."""
    return repair_text(text, options=RepairOptions(encoding=False, aggressive=True)).text


def charset(body: bytes, content_type: str | None, url: str) -> str:
    """`body` as text."""
    return decode_bytes(body, content_type, url).text


def repair(text: str) -> str:
    """`text` with broken encoding undone; the encoding part alone."""
    return repair_text(text, options=RepairOptions(spacing=False)).text
