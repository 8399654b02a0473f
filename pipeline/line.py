"""The whole line: Capture → Decoded → Stripped → Repaired → Segmented → Record, or the Rejected of the stage that refused."""

import hashlib
from datetime import datetime

from pipeline.decode import as_decoded, decode_bytes
from pipeline.document import Capture, Rejected
from pipeline.record import record
from pipeline.repair import RepairOptions, repair
from pipeline.segment import segment
from pipeline.strip import strip
from schemas import Record, SourceV1


def clean(
    body: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    source: SourceV1 | None = None,
    fetched_at: datetime | None = None,
) -> Record | Rejected:
    """One scraped document, bytes or text, to a record; or why it is none.

    `url` is where it came from, `content_type` the header it came with, `source` the site's description, `fetched_at` (aware)
    when it was fetched, against which dates in the future are refused. Never raises for what `body` holds.
    """
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    capture = Capture(
        body=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        url_chain=(url,) if url else (),
        content_type=content_type,
        fetched_at=fetched_at,
    )
    return clean_capture(capture, source=source, text=body if isinstance(body, str) else None)


def clean_capture(capture: Capture, *, source: SourceV1 | None = None, text: str | None = None) -> Record | Rejected:
    """A capture to a record; `text` where it came as text already."""
    override = source.encoding if source else None
    decoded = (
        decode_bytes(capture.body, capture.content_type, capture.url, encoding_override=override)
        if text is None
        else as_decoded(text)
    )
    stripped = strip(decoded, source=source, url=capture.url, content_type=capture.content_type)
    if isinstance(stripped, Rejected):
        return stripped
    repaired = repair(stripped, _repair_options(source), language=source.language if source else None)
    segmented = segment(repaired)
    if isinstance(segmented, Rejected):
        return segmented
    return record(segmented, capture, decoded, source=source)


def _repair_options(source: SourceV1 | None) -> RepairOptions:
    if source is None:
        return RepairOptions()
    return RepairOptions(aggressive=source.repair.aggressive, normalization=source.repair.normalization)
