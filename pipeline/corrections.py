"""Hand corrections of a record: what a person wrote in a small TOML, applied as Steps and removals after every cleaning.

One file a document, named for its id with "-" for ":" (url-0f115db0….toml):

    id = "url:0f115db062b7c0dd030b16878c99dea5"
    reason = "The page's own title is that of another article."
    title = "The ferry runs again"
    published_at = 2026-03-01T14:18:00Z

    [[drop]]                        # a block that is not part of the document: by path, by how it begins, or both
    begins = "Subscribe to our newsletter"

    [[keep]]                        # text that was taken out and belongs to it; after a block, by how that begins (or first)
    path = "html>body>main>p[4]"
    text = "The whole text of the paragraph."
    after = "The ferry ran"

    [[refuse]]                      # a repair that is wrong: the rule, and the text as it stands after it
    rule = "spacing.typographer"
    text = "On line"

What no longer fits is noted in the record's quality and changes nothing else.
"""

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import edits
from pipeline.document import Splice, Step
from pipeline.errors import SourceError
from pipeline.replay import steps_of
from schemas import Record
from schemas.escape import escape, unescape
from schemas.record_v1 import BlockKind, BlockV1, RemovalV1, SpliceV1, StepV1, content_hash

RULE = "correction"
Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Drop(_Model):
    """A block to take out."""

    path: Text | None = None
    begins: Text | None = None

    @model_validator(mode="after")
    def _names_a_block(self) -> "Drop":
        if self.path is None and self.begins is None:
            raise ValueError("say `path` or `begins`, or both")
        return self

    def names(self, block: BlockV1) -> bool:
        """Whether it means this block."""
        return self.path in (None, block.path) and block.text.startswith(self.begins or "")


class Keep(_Model):
    """A removal to put back, with its whole text, as the record holds only how it began."""

    path: Text
    text: Text
    kind: BlockKind = "paragraph"
    level: int | None = Field(default=None, ge=1, le=6)
    after: Text | None = None


class Refuse(_Model):
    """A repair to undo: `text` is what it made, with as many neighbouring words as tell it from others."""

    rule: Text
    text: Text


class Correction(_Model):
    """What a person says about one document."""

    id: Text
    reason: Text
    title: Text | None = None
    byline: Text | None = None
    published_at: AwareDatetime | None = None
    drop: tuple[Drop, ...] = ()
    keep: tuple[Keep, ...] = ()
    refuse: tuple[Refuse, ...] = ()

    @property
    def digest(self) -> str:
        """What the record remembers of it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def file_of(id: str, folder: Path) -> Path:
    """Where the correction of a document lies; ids hold nothing that leads out of `folder`."""
    return folder / f"{id.replace(':', '-').replace('/', '-')}.toml"


def load(path: Path) -> Correction:
    """A correction from its file. Raises SourceError that says what is wrong with it."""
    try:
        correction = Correction.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: {error}") from error
    if file_of(correction.id, path.parent) != path:
        raise SourceError(
            f"{path}: the correction of {correction.id!r} has to be called {file_of(correction.id, path.parent).name}"
        )
    return correction


def corrected(record: Record, folder: Path) -> Record:
    """`record` with the correction that lies for it in `folder`, if any."""
    path = file_of(record.id, folder)
    return correct(record, load(path)) if path.exists() else record


def correct(record: Record, correction: Correction) -> Record:
    """`record` as the person says it should be. Applying the same correction again changes nothing."""
    if record.pipeline.correction_hash == correction.digest:
        return record
    notes: list[str] = []
    # Keeps come last: a drop must not take out what a keep put back.
    changes: Sequence[Callable[[Record], Record | None]] = (
        *(partial(_refused, refuse=refuse) for refuse in correction.refuse),
        *(partial(_dropped, drop=drop) for drop in correction.drop),
        *(partial(_kept, keep=keep) for keep in correction.keep),
    )
    wishes = (*correction.refuse, *correction.drop, *correction.keep)
    for wish, change in zip(wishes, changes, strict=True):
        changed = change(record)
        if changed is None:
            notes.append(
                f"a hand correction no longer fits: {type(wish).__name__.lower()} {wish.model_dump(exclude_none=True)}"
            )
        else:
            record = changed
    return _sealed(_with_facts(record, correction), correction, notes)


def _sealed(record: Record, correction: Correction, notes: list[str]) -> Record:
    quality = record.quality.model_copy(
        update={"notes": (*record.quality.notes, *notes), "characters_after": len(record.text), "quarantined": None}
    )
    return record.model_copy(
        update={
            "quality": quality,
            "pipeline": record.pipeline.model_copy(update={"correction_hash": correction.digest}),
            "content_hash": content_hash(record.title, record.byline, record.published_at, record.blocks),
        }
    )


def _with_facts(record: Record, correction: Correction) -> Record:
    evidence = f"{RULE}: {correction.reason}"
    update: dict[str, object] = {}
    for name in ("title", "byline"):
        wanted: str | None = getattr(correction, name)
        if wanted is not None:
            update |= {name: wanted, f"{name}_evidence": evidence}
            record = _logged(record, None, name, edits.changes(RULE, getattr(record, name) or "", wanted))
    if correction.byline is not None:
        update["authors"] = tuple(part.strip() for part in correction.byline.split(", "))
    if correction.published_at is not None:
        update |= {
            "published_at": correction.published_at.astimezone(UTC),
            "published_date": correction.published_at.date(),
            "published_zone": _zone(correction.published_at),
            "published_evidence": evidence,
        }
    return record.model_copy(update=update)


def _zone(moment: datetime) -> str:
    return f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:5]


def _dropped(record: Record, drop: Drop) -> Record | None:
    """The first block meant becomes a removal; its text as it stood, which its steps lead back to."""
    index = next((n for n, block in enumerate(record.blocks) if drop.names(block)), None)
    if index is None:
        return None
    block = record.blocks[index]
    before = edits.revert_all(block.text, steps_of(record, block=index))
    text, escaped = escape(before if block.start is not None else before[:80])
    removal = RemovalV1(path=block.path, reason=RULE, length=len(before), text=text, start=block.start, escaped=escaped)
    suspects = tuple(s for s in record.quality.suspects if s.block != index)
    record = record.model_copy(
        update={
            "blocks": (*record.blocks[:index], *record.blocks[index + 1 :]),
            "steps": tuple(step for step in record.steps if step.block != index),
            "quality": record.quality.model_copy(update={"suspects": suspects}),
            "removals": (*record.removals, removal),
        }
    )
    return _renumbered(record, index, -1)


def _kept(record: Record, keep: Keep) -> Record | None:
    """The removal meant becomes a block, where its text is as the record says it began."""
    removal = next((r for r in record.removals if r.path == keep.path and _begins(r, keep.text)), None)
    place = _place(record, keep)
    if removal is None or place is None:
        return None
    block = BlockV1(
        kind=keep.kind,
        text=keep.text,
        level=keep.level,
        path=keep.path,
        start=removal.start,
        before_sha256=hashlib.sha256(_whole(removal, keep.text).encode("utf-8", "surrogatepass")).hexdigest(),
    )
    step = edits.changes(RULE, _whole(removal, keep.text), keep.text)
    record = _renumbered(record, place, +1)
    record = record.model_copy(
        update={
            "blocks": (*record.blocks[:place], block, *record.blocks[place:]),
            "removals": tuple(r for r in record.removals if r is not removal),
        }
    )
    return _logged(record, place, None, step)


def _place(record: Record, keep: Keep) -> int | None:
    if keep.after is None:
        return 0
    after = keep.after
    return next((n + 1 for n, block in enumerate(record.blocks) if block.text.startswith(after)), None)


def _begins(removal: RemovalV1, text: str) -> bool:
    known = unescape(removal.text, removal.escaped)
    if removal.start is not None or len(known) == removal.length:
        return known.strip() == text.strip()
    return len(text) == removal.length and text.startswith(known)


def _whole(removal: RemovalV1, text: str) -> str:
    """The removal's text as it stood: the record's own where that is whole, else the person's."""
    known = unescape(removal.text, removal.escaped)
    return known if len(known) == removal.length else text


def _refused(record: Record, refuse: Refuse) -> Record | None:
    """Every splice of the rule that lies inside `text`, undone by a step of its own."""
    for index, block in enumerate(record.blocks):
        place = block.text.find(refuse.text)
        if place >= 0:
            step = _undoing(block.text, steps_of(record, block=index), refuse.rule, (place, place + len(refuse.text)))
            if step.splices:
                return _with_text(_logged(record, index, None, step), index, edits.apply(block.text, step))
    return None


def _undoing(text: str, steps: Sequence[Step], rule: str, span: tuple[int, int]) -> Step:
    """The step that takes back what `rule` did between the ends of `span` of the final text, where nothing later touched it."""
    undone = []
    for number, step in enumerate(steps):
        if step.rule != rule:
            continue
        for splice in edits.inverse(step).splices:
            start, end = splice.start, splice.start + len(splice.before)
            for later in steps[number + 1 :]:
                start, end = edits.carry(start, later), edits.carry(end, later)
            if span[0] <= start and end <= span[1] and text[start:end] == splice.before:
                undone.append(Splice(start, splice.before, splice.after))
    return Step(f"{RULE}.refused", tuple(sorted(undone)))


def _with_text(record: Record, index: int, text: str) -> Record:
    block = record.blocks[index].model_copy(update={"text": text})
    return record.model_copy(update={"blocks": (*record.blocks[:index], block, *record.blocks[index + 1 :])})


def _logged(record: Record, block: int | None, fact: str | None, step: Step) -> Record:
    if not step.splices:
        return record
    written = StepV1(block=block, fact=fact, rule=step.rule, splices=tuple(_splice(splice) for splice in step.splices))
    return record.model_copy(update={"steps": (*record.steps, written)})


def _splice(splice: Splice) -> SpliceV1:
    if escape(splice.before + splice.after)[1]:
        # One flag for both: what needs no escape by itself is escaped by way of a NUL that is then taken off.
        before, after = (escape(part + "\x00")[0].removesuffix("\\u0000") for part in (splice.before, splice.after))
        return SpliceV1(start=splice.start, before=before, after=after, escaped=True)
    return SpliceV1(start=splice.start, before=splice.before, after=splice.after)


def _renumbered(record: Record, start: int, shift: int) -> Record:
    """`record` with the blocks that steps and suspects name, from `start` on, moved by `shift`."""

    def moved(block: int | None) -> int | None:
        return block + shift if block is not None and block >= start else block

    steps = tuple(step.model_copy(update={"block": moved(step.block)}) for step in record.steps)
    suspects = tuple(s.model_copy(update={"block": moved(s.block)}) for s in record.quality.suspects)
    return record.model_copy(
        update={"steps": steps, "quality": record.quality.model_copy(update={"suspects": suspects})}
    )
