"""A document that differs from what its source usually gives: where a site was rebuilt, selectors and scorer may find a teaser, or
the whole page. Its record is quarantined, with the reason and how far it is off.

A document may well be short, or long, or on a page with many comments. What gives a failure away is that the missing text is found
among what was removed, or that nothing was removed where the source's pages always have something to remove. False alarms and
faults found are printed by `python tests/benchmarks/bench_usual.py`.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import Any, Self

import orjson

from pipeline.document import Rejected
from pipeline.errors import StoreError
from pipeline.store import shards
from schemas import Record

logger = logging.getLogger("unscrape.usual")

ENOUGH = 20  # records before anything is called unusual
HISTORY = 200  # records looked at: the first of the newest shards, whose order is that of hashes, so that these are any
FAR = 4.0  # deviations; no undamaged page of 136 was 3 off, with four others of its site to compare
UNSURE = 8.0  # deviations of the confidence alone; none was
DEVIATION = 1.4826  # of a normal distribution, in median absolute deviations
LEAST_LENGTH, LEAST_SHARE, LEAST_CONFIDENCE = 0.35, 0.35, 0.05  # deviations that are usual on any site
ALWAYS = 200  # code points removed from the source's median page: then a page with none to remove is strange


@dataclass(frozen=True, slots=True)
class Figures:
    """What is compared: code points of text kept and of text removed, and the confidence."""

    kept: int
    removed: int
    confidence: float

    @property
    def length(self) -> float:
        """The logarithm of the text's length."""
        return math.log(self.kept + 1)

    @property
    def share(self) -> float:
        """The logarithm of the ratio of kept to removed."""
        return self.length - math.log(self.removed + 1)

    def __str__(self) -> str:
        share = self.kept / max(1, self.kept + self.removed)
        return f"{self.kept} characters, {share:.0%} of the page's text, confidence {self.confidence:.2f}"


@dataclass(frozen=True, slots=True)
class Scale:
    """The usual value of a figure, and the deviation that is usual too."""

    usual: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float], least: float) -> Self:
        """From a source's values; the deviation is never under `least`."""
        usual = median(values)
        return cls(usual, max(least, DEVIATION * median(abs(value - usual) for value in values)))

    def off(self, value: float) -> float:
        """How many deviations `value` is above the usual."""
        return (value - self.usual) / self.deviation


@dataclass(frozen=True, slots=True)
class Usual:
    """What a source usually gives: its median document, the scales of its figures, and the least it ever had to remove."""

    typical: Figures
    length: Scale
    share: Scale
    confidence: Scale
    least_removed: int

    @classmethod
    def of(cls, history: Iterable[Figures]) -> Self | None:
        """From a source's records; None where they are too few to say."""
        found = list(history)
        if len(found) < ENOUGH:
            return None
        return cls(
            typical=Figures(
                kept=round(median(one.kept for one in found)),
                removed=round(median(one.removed for one in found)),
                confidence=median(one.confidence for one in found),
            ),
            length=Scale.of([one.length for one in found], LEAST_LENGTH),
            share=Scale.of([one.share for one in found], LEAST_SHARE),
            confidence=Scale.of([one.confidence for one in found], LEAST_CONFIDENCE),
            least_removed=min(one.removed for one in found),
        )

    def far(self, figures: Figures) -> str | None:
        """Why a document is not what the source usually gives, with how far it is off; None where it is."""
        checks = (
            ("too little is kept", self._too_little(figures), FAR),
            ("too much is kept", self._too_much(figures), FAR),
            ("the confidence is low", -self.confidence.off(figures.confidence), UNSURE),
        )
        found = ((what, off) for what, off, limit in checks if off >= limit)
        what, off = max(found, key=lambda check: check[1], default=("", 0.0))
        return (
            f"{what}, {off:.1f} deviations from the source's usual: {figures}; usually {self.typical}" if what else None
        )

    def _too_little(self, figures: Figures) -> float:
        """Deviations below the usual of a text that is short while half a document more than usual was removed."""
        if figures.removed - self.typical.removed < self.typical.kept / 2:
            return 0.0
        return min(-self.length.off(figures.length), -self.share.off(figures.share))

    def _too_much(self, figures: Figures) -> float:
        """Deviations above the usual of the share kept, where far less was removed than from any page of the source."""
        if self.typical.removed < ALWAYS or figures.removed >= self.least_removed / 4:
            return 0.0
        return self.share.off(figures.share)


def held_back(outcome: Record | Rejected, usual: Usual | None) -> Record | Rejected:
    """`outcome`, quarantined where it is a record far from the `usual`."""
    if usual is None or isinstance(outcome, Rejected) or outcome.quality.quarantined is not None:
        return outcome
    removed = sum(removal.length for removal in outcome.removals)
    why = usual.far(Figures(outcome.quality.characters_after, removed, outcome.quality.confidence))
    if why is None:
        return outcome
    return outcome.model_copy(update={"quality": outcome.quality.model_copy(update={"quarantined": why})})


def usual_of(clean: Path, source: str) -> Usual | None:
    """What `source` usually gives, from the records that stand in `clean`; None where they are too few or cannot be read."""
    paths = sorted(path for path in shards.listed(clean, source) if path.startswith(shards.RECORDS))
    standing = chain.from_iterable(_standing(shards.read(clean, path)) for path in reversed(paths))
    try:
        return Usual.of(islice(standing, HISTORY))
    except StoreError as error:
        logger.warning("%s: what is usual cannot be told: %s", source, error)
        return None


def _standing(content: Sequence[shards.Line]) -> Iterator[Figures]:
    """The figures of each document's newest revision, in one shard."""
    for line, following in zip(content, [*content[1:], None], strict=True):
        if following is None or following.key != line.key:
            yield _figures(orjson.loads(line.data))


def _figures(record: Any) -> Figures:
    removed = sum(removal["length"] for removal in record["removals"])
    return Figures(record["quality"]["characters_after"], removed, record["quality"]["confidence"])
