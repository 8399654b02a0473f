"""Broken encoding undone: first what proves itself, last what can only be tidied.

UTF-8 misread, once or twice → single-byte mojibake, judged on the whole document → what ftfy knows besides → leftovers. Blanks,
no-break ones included, are left to segmentation.
"""

from collections.abc import Sequence
from functools import partial

from pipeline import edits
from pipeline.document import Damage, Step, Stray
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.entities import unescape_entities
from pipeline.repair.encoding.finding import Finding, Pass
from pipeline.repair.encoding.foreign import undo_foreign, undo_gbk
from pipeline.repair.encoding.leftovers import (
    join_surrogates,
    remove_controls,
    remove_invisibles,
    restore_c1,
    restore_dashes,
)
from pipeline.repair.encoding.normalization import normalize
from pipeline.repair.encoding.replaced import lost, restore_strays, suspects
from pipeline.repair.encoding.residue import undo_residue
from pipeline.repair.encoding.round_trip import undo_round_trip
from pipeline.repair.encoding.single_byte import undo_single_byte
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome

LAYERS = 3  # how often text may have been misread, one time upon the other


def repair_encoding(
    texts: Sequence[str], *, language: str | None, options: RepairOptions, strays: tuple[Stray, ...] = ()
) -> Outcome:
    """The steps that undo broken encoding in `texts`, all of one document.

    `language` is an ISO 639-1 code that is known, `strays` are the bytes decoding could not read.
    """
    if not options.encoding:
        return Outcome.unchanged(len(texts))
    draft = Draft.of(texts)
    logs: list[list[Step]] = [[] for _ in texts]
    damages: list[Damage] = []
    for repair in _passes(language, options, strays):
        for _ in range(LAYERS):
            finding = repair(draft)
            if not finding.steps:
                break
            damages += finding.damages
            for index, step in finding.steps.items():
                logs[index].append(step)
            draft = _after(draft, finding)
    return Outcome(
        steps=tuple(map(tuple, logs)),
        suspects=suspects(draft),
        damages=(*damages, *lost(draft)),
    )


def _passes(language: str | None, options: RepairOptions, strays: tuple[Stray, ...]) -> tuple[Pass, ...]:
    """What is done, in order; each pass until it finds nothing more, for text may have been misread twice."""
    asked: tuple[Pass, ...] = (partial(normalize, form=options.normalization),) if options.normalization else ()
    return (
        partial(restore_strays, strays=strays, language=language),
        undo_round_trip,
        undo_gbk,
        undo_foreign,
        restore_c1,
        partial(undo_single_byte, language=language),
        undo_residue,
        unescape_entities,
        restore_dashes,
        join_surrogates,
        remove_controls,
        remove_invisibles,
        *asked,
    )


def _after(draft: Draft, finding: Finding) -> Draft:
    texts = list(draft.texts)
    for index, step in finding.steps.items():
        texts[index] = edits.apply(texts[index], step)
    misread = any(damage.kind.startswith("mojibake") for damage in finding.damages)
    return Draft.of(texts, misread=draft.misread or misread)
