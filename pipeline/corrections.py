"""Hand corrections of a record, as Steps that survive every replay."""

from pathlib import Path

from schemas import Record


def corrected(record: Record, folder: Path) -> Record:
    """`record` with the correction that lies for it in `folder`, if any."""
    return record
