"""What a pass over the texts of a document answers, and the splices it is made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.document import Damage, Splice, Step
from pipeline.repair.encoding.draft import WORD, Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`steps` by the index of the text they change (a text not named stays), and the damage they undo."""

    steps: Mapping[int, Step] = field(default_factory=dict)
    damages: tuple[Damage, ...] = ()


NOTHING = Finding()
Pass = Callable[[Draft], Finding]


def steps_of(rule: str, splices: Iterable[Sequence[Splice]]) -> dict[int, Step]:
    """One step for every text that has splices, by its index."""
    return {index: Step(rule, tuple(each)) for index, each in enumerate(splices) if each}


def word_splices(text: str, mended: Mapping[str, str]) -> list[Splice]:
    """The splices that put `mended` in the place of every word of `text` that is a key of it."""
    if text.isascii():
        return []
    found = [differences(word.start(), word[0], mended[word[0]]) for word in WORD.finditer(text) if word[0] in mended]
    return [splice for splices in found for splice in splices]


def places(steps: Mapping[int, Step]) -> int:
    """How many places the steps change."""
    return sum(len(step.splices) for step in steps.values())


def differences(start: int, before: str, after: str) -> list[Splice]:
    """The splices, each as short as can be, that turn `before`, standing at `start`, into `after`.

    Texts of one length are compared character by character, others but for the ends they share.

    >>> differences(7, "SCOĺs witháit", "SCO’s with it")
    [Splice(start=10, before='ĺ', after='’'), Splice(start=17, before='á', after=' ')]
    """
    if before == after:
        return []
    if len(before) != len(after):
        return [_trimmed(start, before, after)]
    splices: list[Splice] = []
    run = None
    for at, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            if run is not None:
                splices.append(Splice(start + run, before[run:at], after[run:at]))
                run = None
        elif run is None:
            run = at
    if run is not None:
        splices.append(Splice(start + run, before[run:], after[run:]))
    return splices


def _trimmed(start: int, before: str, after: str) -> Splice:
    limit = min(len(before), len(after))
    head = next((i for i in range(limit) if before[i] != after[i]), limit)
    limit -= head
    tail = next((i for i in range(limit) if before[-1 - i] != after[-1 - i]), limit)
    return Splice(start + head, before[head : len(before) - tail], after[head : len(after) - tail])
