"""A record read backwards: the texts as they stood, from the record alone."""

from collections.abc import Sequence

from pipeline import edits
from pipeline.document import Block, Removal, Splice, Step
from schemas import Record
from schemas.escape import unescape
from schemas.record_v1 import StepV1


def steps_of(record: Record, *, block: int | None = None, fact: str | None = None) -> tuple[Step, ...]:
    """The steps of one block or fact of `record`, in the order they were applied."""
    return tuple(_step(step) for step in record.steps if step.block == block and step.fact == fact)


def blocks_of(record: Record) -> tuple[Block, ...]:
    """The blocks of `record` with their logs, as the stages knew them; `edits.before` gives each text as it stood."""
    logs: dict[int, list[Step]] = {}
    for step in record.steps:
        if step.block is not None:
            logs.setdefault(step.block, []).append(_step(step))
    return tuple(
        Block(kind=block.kind, text=block.text, path=block.path, start=block.start, steps=tuple(logs.get(index, ())))
        for index, block in enumerate(record.blocks)
    )


def removals_of(record: Record) -> tuple[Removal, ...]:
    """The removals of `record`, unescaped."""
    return tuple(
        Removal(path=r.path, reason=r.reason, length=r.length, text=unescape(r.text, r.escaped), start=r.start)
        for r in record.removals
    )


def rebuild(record: Record) -> str:
    """The whole input of a record made from text without tags. Raises EditError where it was made from HTML."""
    return edits.rebuild(blocks_of(record), removals_of(record))


def _step(step: StepV1) -> Step:
    splices: Sequence[Splice] = [
        Splice(s.start, unescape(s.before, s.escaped), unescape(s.after, s.escaped)) for s in step.splices
    ]
    return Step(step.rule, tuple(splices))
