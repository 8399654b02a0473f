"""Lost spaces restored, where the document itself proves that they were lost."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline import edits
from pipeline.document import Damage, Splice, Step, Suspect
from pipeline.language import SAMPLE, guess
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome
from pipeline.repair.spacing import joins
from pipeline.repair.spacing.lexicon import lexicon
from pipeline.repair.spacing.scattered import scattered_losses
from pipeline.repair.spacing.screen import Screen, screen
from pipeline.repair.spacing.suspects import find_suspects
from pipeline.repair.spacing.typographer import Diagnosis, diagnose
from pipeline.repair.spacing.words import word_lists

__all__ = ["repair_spacing"]

LONE = frozenset({"lone end"})
PASSES = 4
"""One repair may uncover another ("inBishkek,I"); then the document is looked at again, this often at most."""


def repair_spacing(texts: Sequence[str], *, language: str | None, options: RepairOptions) -> Outcome:
    """The blanks to restore in `texts`, which are diagnosed as one document.

    `language` is an ISO 639-1 code that is known; None lets the text decide. Without evidence of damage nothing changes.
    """
    repair = Repair(texts)
    if not options.spacing:
        return repair.outcome()
    for _ in range(PASSES):
        if not repair.once(language):
            break
    for _ in range(PASSES if options.aggressive else 0):
        if not repair.scattered(language):
            break
    repair.suspect(language)
    return repair.outcome()


class Repair:
    """A document under repair: its texts as they stand, with the steps and damages so far."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)
        self.language: str | None = None
        self._seen: Screen | None = None
        # The language that nothing speaks against; blanks that are restored do not either.
        self._judged: str | None = ""
        self._steps: list[list[Step]] = [[] for _ in texts]
        self._suspects: list[list[Suspect]] = [[] for _ in texts]
        self._damages: dict[str, Damage] = {}

    def outcome(self) -> Outcome:
        """What was done so far."""
        return Outcome(
            steps=tuple(map(tuple, self._steps)),
            suspects=tuple(map(tuple, self._suspects)),
            damages=tuple(self._damages.values()),
            language=self.language,
        )

    def once(self, language: str | None) -> bool:
        """Diagnoses and repairs each kind of damage once; says whether anything changed."""
        seen = self._seen = screen(self.texts, language)
        if not (seen.suspicious or seen.seams - LONE or self._damages):
            return False
        if seen.language != self._judged and not is_language(seen.language, self.texts):
            return False
        self._judged = seen.language
        changed = False
        if seen.language and seen.suspicious:
            changed = self._typographer(seen.language)
        if seen.language and (self._damages or seen.seams & {"end", "clause"}):
            changed |= self._sentences(seen.language)
        if seen.language and (self._damages or seen.seams & {"clock", "interface"}):
            changed |= self._interface(seen.language)
        return changed

    def scattered(self, language: str | None) -> bool:
        """Restores blanks lost at random or over a stretch; says whether there were any."""
        code = screen(self.texts, language).language
        if code is None or not is_language(code, self.texts):
            return False
        self.language = code
        places, share = scattered_losses(self.texts, word_lists()[code], lexicon(code))
        return self._insert("spacing.random", places, scattered_damage(len(places), share))

    def suspect(self, language: str | None) -> None:
        """Lists what looks damaged in the texts as they stand now, and stays as it is."""
        seen = self._seen or screen(self.texts, language)
        if seen.language is None or not (seen.present or seen.seams or self._damages):
            return
        damaged = bool(self._damages)
        # One document in 17 has a lone seam and nothing else; the tables cost it 0.14 CPU-seconds and 47 MB.
        table = lexicon(seen.language) if damaged or seen.present else None
        found = find_suspects(self.texts, word_lists()[seen.language], seen.present, table, damaged=damaged)
        for text, mine, more in zip(self.texts, self._suspects, found, strict=True):
            taken = {suspect.start for suspect in more}
            ties = [s for s in mine if s.start not in taken and text.startswith(s.text, s.start)]
            mine[:] = sorted([*more, *ties], key=lambda suspect: suspect.start)

    def _typographer(self, language: str) -> bool:
        found = diagnose(self.texts, word_lists()[language], lexicon(language))
        if not found.damaged:
            return False
        self.language = language
        for text, start, run, at in found.ties:
            self._suspects[text].append(tie(start, run, at))
        return self._insert("spacing.typographer", found.splits, typographer_damage(found))

    def _sentences(self, language: str) -> bool:
        found = joins.sentence_joins(
            self.texts, word_lists()[language], lexicon(language), damaged="spacing.typographer" in self._damages
        )
        return self._insert("spacing.sentence", found.joins, sentence_damage(found))

    def _interface(self, language: str) -> bool:
        places = joins.interface_joins(self.texts, word_lists()[language], lexicon(language))
        clocks = joins.clock_joins(self.texts)
        if len(clocks) > 1 or self._damages:
            places += clocks
        return self._insert("spacing.interface", places, interface_damage(len(places)))

    def _insert(self, rule: str, places: Iterable[tuple[int, int]], damage: Damage) -> bool:
        """Puts a blank at each (text, offset), as one step a text, and keeps the damage; says whether there was any."""
        offsets: dict[int, list[int]] = defaultdict(list)
        for text, at in places:
            offsets[text].append(at)
        for text, found in offsets.items():
            step = Step(rule, tuple(Splice(at, "", " ") for at in sorted(set(found))))
            self._steps[text].append(step)
            self.texts[text] = edits.apply(self.texts[text], step)
            self._suspects[text] = [
                replace(suspect, start=edits.carry(suspect.start, step)) for suspect in self._suspects[text]
            ]
        if offsets:
            self._seen = None
            before = self._damages.get(rule)
            self._damages[rule] = replace(before, repaired=before.repaired + damage.repaired) if before else damage
        return bool(offsets)


def is_language(code: str | None, texts: Sequence[str]) -> bool:
    """Whether `texts` are in a language with tables, which nothing else speaks against."""
    return code is not None and guess("\n".join(texts)[:SAMPLE]) in (code, None)


def tie(start: int, run: str, at: int) -> Suspect:
    """A word that may as well be two."""
    return Suspect(
        start=start,
        length=len(run),
        text=run,
        candidate=f"{run[:at]} {run[at:]}",
        reason="one word or two: the context does not decide",
    )


def typographer_damage(found: Diagnosis) -> Damage:
    """The typographer's damage in a sentence."""
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


def sentence_damage(found: joins.Seams) -> Damage:
    """Lost sentence ends in a sentence."""
    shown = ", ".join(f'"{example}"' for example in found.examples)
    return Damage(
        kind="spacing.sentence",
        evidence=f"{found.share:.0%} of the sentence ends have no blank behind them: {shown}.",
        confidence=round(1 - 0.5 ** len(found.joins), 3),
        repaired=len(found.joins),
    )


def interface_damage(count: int) -> Damage:
    """Joined texts of links and buttons in a sentence."""
    return Damage(
        kind="spacing.interface",
        evidence=f"{count} texts of links, buttons or clocks run into the one before.",
        confidence=0.9,
        repaired=count,
    )


def scattered_damage(count: int, share: float) -> Damage:
    """Blanks lost at random in a sentence."""
    return Damage(
        kind="spacing.random",
        evidence=f"{share:.1%} of the blanks are missing at no certain words; restored because it was asked for.",
        confidence=0.5,
        repaired=count,
        detail={"share": round(share, 4)},
    )
