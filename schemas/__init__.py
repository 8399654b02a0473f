"""The published schemas: records as they are written, sources as they are described. Imports neither pipeline nor Prefect."""

from schemas.record_v1 import Record, RecordV1
from schemas.source_v1 import SourceV1

__all__ = ["Record", "RecordV1", "SourceV1"]
