"""Segmented → Record."""

from pipeline.document import Capture, Decoded, Rejected, Segmented
from schemas import Record, SourceV1


def record(
    segmented: Segmented, capture: Capture, decoded: Decoded, *, source: SourceV1 | None = None
) -> Record | Rejected:
    raise NotImplementedError
