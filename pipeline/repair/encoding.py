"""Broken encoding undone."""

from collections.abc import Sequence

from pipeline.document import Stray
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome


def repair_encoding(
    texts: Sequence[str], *, language: str | None, options: RepairOptions, strays: tuple[Stray, ...] = ()
) -> Outcome:
    return Outcome.unchanged(len(texts))
