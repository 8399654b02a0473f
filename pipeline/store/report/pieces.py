"""A block's text cut where something was done to it: what stood there, what stands there now, and by which rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.document import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """`before` stood where `after` stands. `rules` are those that changed it, none where it is as it stood.

    `suspect` is why it looks damaged and was left alone, where it was.
    """

    before: str
    after: str
    rules: tuple[str, ...] = ()
    suspect: str | None = None


def pieces(text: str, steps: Iterable[Step]) -> list[Piece]:
    """`text` as it stood, after `steps`: the pieces' `before` joined are it, their `after` the text as it stands.

    >>> from pipeline.document import Splice
    >>> [(p.before, p.after) for p in pieces("viavideo", [Step("spacing", (Splice(3, "", " "),))])]
    [('via', 'via'), ('', ' '), ('video', 'video')]
    """
    found = [Piece(before=text, after=text)] if text else []
    for step in steps:
        shift = 0
        for start, before, after in step.splices:
            found = _spliced(found, start + shift, before, after, step.rule)
            shift += len(after) - len(before)
    return found


def _spliced(found: Sequence[Piece], start: int, before: str, after: str, rule: str) -> list[Piece]:
    end, position = start + len(before), 0
    head: list[Piece] = []
    touched: list[Piece] = []
    tail: list[Piece] = []
    for piece in found:
        stop = position + len(piece.after)
        if stop <= start and not (before == "" and stop == start and piece.after == ""):
            head.append(piece)
        elif position >= end:
            tail.append(piece)
        else:
            left, middle, right = _cut(piece, start - position, end - position)
            head += left
            touched += middle
            tail += right
        position = stop
    changed = Piece(
        before="".join(piece.before for piece in touched),
        after=after if not touched else _inside(touched, start, before, after, head),
        rules=tuple(dict.fromkeys([*(name for piece in touched for name in piece.rules), rule])),
    )
    return [*head, changed, *tail]


def _inside(touched: Sequence[Piece], start: int, before: str, after: str, head: Sequence[Piece]) -> str:
    """What stands in place of `touched`: they may reach beyond the splice where an earlier change cannot be cut."""
    whole = "".join(piece.after for piece in touched)
    offset = start - sum(len(piece.after) for piece in head)
    return whole[:offset] + after + whole[offset + len(before) :]


def _cut(piece: Piece, start: int, end: int) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """`piece` before, in and after a span of it; one that was changed is not cut, as nobody knows which part came from where."""
    if piece.rules:
        return [], [piece], []
    parts = [piece.after[: max(start, 0)], piece.after[max(start, 0) : end], piece.after[end:] if end >= 0 else ""]
    left, middle, right = ([Piece(before=part, after=part)] if part else [] for part in parts)
    return left, middle, right


def marked(found: Sequence[Piece], suspects: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """`found` with suspect places marked, given as start and length in the text as it stands, and reason."""
    result = list(found)
    for start, length, reason in suspects:
        result = _marked(result, start, start + length, reason)
    return result


def _marked(found: Sequence[Piece], start: int, end: int, reason: str) -> list[Piece]:
    result: list[Piece] = []
    position = 0
    for piece in found:
        stop = position + len(piece.after)
        if stop <= start or position >= end:
            result.append(piece)
        else:
            left, middle, right = _cut(piece, start - position, end - position)
            result += [*left, *(replace(part, suspect=reason) for part in middle), *right]
        position = stop
    return result
