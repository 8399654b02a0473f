"""Stripped → Repaired: broken encoding first, then lost spaces. Every change is a Step; without evidence nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline import edits
from pipeline.document import Block, Damage, Fact, Repaired, Step, Stray, Stripped, Suspect
from pipeline.repair.encoding import repair_encoding
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome
from pipeline.repair.spacing import repair_spacing

__all__ = ["RepairOptions", "RepairedText", "repair", "repair_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedText:
    """A repaired text: `steps` turn the text given into `text`."""

    text: str
    steps: tuple[Step, ...]
    damages: tuple[Damage, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    language: str | None = None


def repair(stripped: Stripped, options: RepairOptions = RepairOptions(), *, language: str | None = None) -> Repaired:
    """Undo the damage of a whole document, diagnosed over all its blocks and facts together.

    `language` is an ISO 639-1 code that is known (from the source); None lets the text decide.
    """
    items: list[Block | Fact] = [*stripped.blocks, *stripped.facts]
    repaired, damages, found = _repair_items(items, language, options, stripped.strays)
    return Repaired(
        blocks=tuple(item for item in repaired if isinstance(item, Block)),
        facts=tuple(item for item in repaired if isinstance(item, Fact)),
        removals=stripped.removals,
        mode=stripped.mode,
        confidence=stripped.confidence,
        notes=stripped.notes,
        damages=damages,
        language=found,
    )


def repair_text(
    text: str, *, language: str | None = None, options: RepairOptions = RepairOptions(), strays: tuple[Stray, ...] = ()
) -> RepairedText:
    """Undo the damage of one text, which is diagnosed as a whole document.

    >>> repair_text("It has been raining for days.").steps
    ()
    """
    block = Block(kind="paragraph", text=text, path="", start=0)
    (item,), damages, found = _repair_items([block], language, options, strays)
    return RepairedText(text=item.text, steps=item.steps, damages=damages, suspects=item.suspects, language=found)


def _repair_items(
    items: Sequence[Block | Fact], language: str | None, options: RepairOptions, strays: tuple[Stray, ...]
) -> tuple[list[Block | Fact], tuple[Damage, ...], str | None]:
    encoding = repair_encoding([item.text for item in items], language=language, options=options, strays=strays)
    items = _edited(items, encoding)
    spacing = repair_spacing([item.text for item in items], language=language or encoding.language, options=options)
    return (
        _edited(items, spacing),
        encoding.damages + spacing.damages,
        language or spacing.language or encoding.language,
    )


def _edited(items: Sequence[Block | Fact], outcome: Outcome) -> list[Block | Fact]:
    """Each item after its own steps, with the suspects found in it."""
    if not (any(outcome.steps) or any(outcome.suspects)):
        return list(items)
    edited = []
    for item, steps, suspects in zip(items, outcome.steps, outcome.suspects, strict=True):
        for step in steps:
            item = edits.edit(item, step)
        edited.append(replace(item, suspects=item.suspects + suspects) if suspects else item)
    return edited
