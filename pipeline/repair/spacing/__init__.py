"""Lost spaces restored, where the document itself proves that they were lost."""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.document import Damage, Splice, Step
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome
from pipeline.repair.spacing.lexicon import lexicon
from pipeline.repair.spacing.screen import screen
from pipeline.repair.spacing.typographer import Diagnosis, diagnose
from pipeline.repair.spacing.words import word_lists

__all__ = ["repair_spacing"]


def repair_spacing(texts: Sequence[str], *, language: str | None, options: RepairOptions) -> Outcome:
    """The blanks to restore in `texts`, which are diagnosed as one document.

    `language` is an ISO 639-1 code that is known; None lets the text decide. Without evidence of damage nothing changes.
    """
    if not options.spacing:
        return Outcome.unchanged(len(texts))
    seen = screen(texts, language)
    if seen.language is None or not seen.suspicious:
        return Outcome.unchanged(len(texts))
    found = diagnose(texts, word_lists()[seen.language], lexicon(seen.language))
    if not found.damaged:
        return Outcome.unchanged(len(texts))
    return Outcome(
        steps=steps("spacing.typographer", len(texts), found.splits),
        suspects=((),) * len(texts),
        damages=(damage(found),),
        language=seen.language,
    )


def steps(rule: str, count: int, places: Sequence[tuple[int, int]]) -> tuple[tuple[Step, ...], ...]:
    """For each of `count` texts the step that puts a blank at each of its (text, offset) `places`."""
    offsets: dict[int, list[int]] = defaultdict(list)
    for text, at in places:
        offsets[text].append(at)
    return tuple(
        (Step(rule, tuple(Splice(at, "", " ") for at in sorted(offsets[i]))),) if i in offsets else ()
        for i in range(count)
    )


def damage(found: Diagnosis) -> Damage:
    """The diagnosis in a sentence."""
    keys = sorted(found.function_keys(), key=lambda key: -found.lost[key])[:4]
    shown = ", ".join(f'"{k}" {found.lost[k]:.0f} of {found.lost[k] + found.free.get(k, 0.0):.0f}' for k in keys)
    return Damage(
        kind="spacing.typographer",
        evidence=f"{found.kinds} different words are fused with the short word before them, which hardly ever stands free: "
        f"blanks lost after {shown}.",
        confidence=round(found.share, 3),
        repaired=len(found.splits),
        detail={key: round(found.lost[key], 1) for key in keys},
    )
