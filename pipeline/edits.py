"""Splices, steps, and the only code that alters a document's text.

Every change is a `Step`: which rule, and which splices. Applying a block's steps to its text as it stood gives the record's
text; reverting them gives it back exactly.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from pipeline.document import Block, Fact, Removal, Splice, Step, Suspect
from pipeline.errors import EditError

Editable = TypeVar("Editable", bound=Block | Fact)


def apply(text: str, step: Step) -> str:
    """The text after `step`. Raises EditError where a splice does not fit.

    >>> apply("held viavideo", Step("spacing", (Splice(8, "", " "),)))
    'held via video'
    """
    return _spliced(text, step.rule, step.splices)


def _spliced(text: str, rule: str, splices: Iterable[tuple[int, str, str]]) -> str:
    parts, position = [], 0
    for start, before, after in splices:
        if start < position or text[start : start + len(before)] != before or start > len(text):
            raise EditError(
                f"step {rule!r} does not fit: {before!r} does not stand at {start} of a text of {len(text)}"
            )
        parts += [text[position:start], after]
        position = start + len(before)
    return "".join([*parts, text[position:]])


def revert(text: str, step: Step) -> str:
    """The text before `step`, given the text after it. Raises EditError where a splice does not fit.

    >>> revert("held via video", Step("spacing", (Splice(8, "", " "),)))
    'held viavideo'
    """
    return _spliced(text, step.rule, _inverted(step.splices))


def inverse(step: Step) -> Step:
    """The step that undoes `step`."""
    return Step(step.rule, tuple(Splice(*splice) for splice in _inverted(step.splices)))


def _inverted(splices: Iterable[Splice]) -> Iterator[tuple[int, str, str]]:
    shift = 0
    for start, before, after in splices:
        yield start + shift, after, before
        shift += len(after) - len(before)


def replay(text: str, steps: Iterable[Step]) -> str:
    """The text after all `steps`, first to last."""
    for step in steps:
        text = apply(text, step)
    return text


def revert_all(text: str, steps: Sequence[Step]) -> str:
    """The text before all `steps`, undone last to first."""
    for step in reversed(steps):
        text = revert(text, step)
    return text


def before(item: Block | Fact) -> str:
    """The text of a block or fact as it stood when it left the page."""
    return revert_all(item.text, item.steps) if item.steps else item.text


def carry(position: int, step: Step) -> int:
    """Where `position` of the text before `step` lies after it (inside a replaced stretch: at its new end)."""
    shift = 0
    for start, old, new in step.splices:
        if start + len(old) > position:
            return start + shift + len(new) if start < position else position + shift
        shift += len(new) - len(old)
    return position + shift


def edit(item: Editable, step: Step) -> Editable:
    """`item` after `step`, with the step logged and its suspects moved along; unchanged where the step is empty."""
    if not step.splices:
        return item
    suspects = tuple(_moved(suspect, step) for suspect in item.suspects)
    return replace(item, text=apply(item.text, step), steps=(*item.steps, step), suspects=suspects)


def _moved(suspect: Suspect, step: Step) -> Suspect:
    start = carry(suspect.start, step)
    length = carry(suspect.start + suspect.length, step) - start
    return replace(suspect, start=start, length=max(length, 0))


def cut(block: Block, positions: Sequence[int]) -> tuple[Block, ...]:
    """`block` cut into pieces at `positions` of its text (ascending, inside it), each piece with its own share of the log.

    The pieces' texts joined are the block's text, and their texts as they stood, joined, are the block's text as it stood. A
    splice that reaches across a position raises EditError; one that ends at it goes left.
    """
    edges = [0, *positions, len(block.text)]
    if any(a > b for a, b in pairwise(edges)):
        raise EditError(f"cut positions {positions!r} are not ascending inside a text of {len(block.text)}")
    logs: list[list[Step]] = [[] for _ in range(len(edges) - 1)]
    for step in reversed(block.steps):
        shares, edges = _share(step, edges)
        for log, share in zip(logs, shares, strict=True):
            if share.splices:
                log.append(share)
    starts = [None if block.start is None else block.start + edge for edge in edges[:-1]]
    bounds = [0, *positions, len(block.text)]
    return tuple(
        replace(
            block,
            text=block.text[a:b],
            start=start,
            steps=tuple(reversed(log)),
            suspects=tuple(
                replace(s, start=s.start - a) for s in block.suspects if a <= s.start and s.start + s.length <= b
            ),
        )
        for (a, b), start, log in zip(pairwise(bounds), starts, logs, strict=True)
    )


def _share(step: Step, edges: list[int]) -> tuple[list[Step], list[int]]:
    """`step` dealt out to the pieces between `edges` (of the text after it), and the edges in the text before it."""
    shares: list[list[Splice]] = [[] for _ in range(len(edges) - 1)]
    earlier = [0]
    piece, shift = 0, 0
    for start, old, new in step.splices:
        at = start + shift
        while edges[piece + 1] < at + len(new):
            if edges[piece + 1] > at:
                raise EditError(f"step {step.rule!r} reaches across the cut at {edges[piece + 1]}")
            earlier.append(edges[piece + 1] - shift)
            piece += 1
        shares[piece].append(Splice(start - earlier[piece], old, new))
        shift += len(new) - len(old)
    earlier += [edge - shift for edge in edges[piece + 1 :]]
    return [Step(step.rule, tuple(share)) for share in shares], earlier


def changes(rule: str, old: str, new: str) -> Step:
    """The step that turns `old` into `new` as one splice, without the ends they share (empty where they are equal)."""
    if old == new:
        return Step(rule, ())
    head = 0
    limit = min(len(old), len(new))
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Step(rule, (Splice(head, old[head : len(old) - tail], new[head : len(new) - tail]),))


def rebuild(blocks: Iterable[Block], removals: Iterable[Removal]) -> str:
    """The whole input of a text without tags, from its blocks and removals. Raises EditError where they do not tile it."""
    pieces = [(b.start, before(b)) for b in blocks] + [(r.start, r.text) for r in removals]
    parts, position = [], 0
    for start, text in sorted((s, t) for s, t in pieces if s is not None):
        if start != position:
            raise EditError(
                f"the pieces do not tile the text: one starts at {start}, the one before ends at {position}"
            )
        parts.append(text)
        position += len(text)
    return "".join(parts)
