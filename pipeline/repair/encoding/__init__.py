"""Broken encoding undone: first what proves itself, last what can only be tidied.

UTF-8 misread, once or twice → single-byte mojibake, judged on the whole document → what ftfy knows besides → leftovers. Blanks,
no-break ones included, are left to segmentation.
"""

from collections.abc import Sequence

from pipeline import edits
from pipeline.document import Damage, Step, Stray
from pipeline.repair.encoding.finding import Pass
from pipeline.repair.encoding.round_trip import undo_round_trip
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome

PASSES: tuple[Pass, ...] = (undo_round_trip, undo_round_trip, undo_round_trip)


def repair_encoding(
    texts: Sequence[str], *, language: str | None, options: RepairOptions, strays: tuple[Stray, ...] = ()
) -> Outcome:
    """The steps that undo broken encoding in `texts`, all of one document.

    `language` is an ISO 639-1 code that is known, `strays` are the bytes decoding could not read.
    """
    if not options.encoding:
        return Outcome.unchanged(len(texts))
    current = list(texts)
    logs: list[list[Step]] = [[] for _ in texts]
    damages: list[Damage] = []
    for repair in PASSES:
        finding = repair(current)
        damages += finding.damages
        for index, step in finding.steps.items():
            current[index] = edits.apply(current[index], step)
            logs[index].append(step)
    return Outcome(steps=tuple(map(tuple, logs)), suspects=((),) * len(texts), damages=tuple(damages))
