"""A run that differs from what its source usually gives: pure arithmetic over the ledger's runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.store import RunInfo

HISTORY = 20  # runs looked back at
ENOUGH = 5  # of them, with figures, before anything is called unusual
SPREADS = 5.0  # median absolute deviations that are still usual; of normal noise, more than 3.3 standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of a run: the sum of the counts `above` over that of `below` (1 where there are none). A run with less than
    `least` below has no figure. A difference under `margin`, or under `share` of the usual, never counts."""

    above: tuple[str, ...]
    below: tuple[str, ...] = ()
    least: int = 1
    margin: float
    share: float = 0.0


CLEANED = ("new", "revised", "unchanged", "rejected", "quarantined")
MEASURES: Mapping[str, Measure] = {
    "found": Measure(above=("found",), margin=5, share=0.7),
    "yield": Measure(above=("new", "revised", "unchanged"), below=CLEANED, least=5, margin=0.2),
    "failures": Measure(above=("failed", "crashed"), below=("failed", "fetched", "not_modified"), least=5, margin=0.2),
    "confidence": Measure(above=("confidence_permille",), below=("documents",), least=5, margin=100),
    "repairs": Measure(above=("repairs",), below=("documents",), least=5, margin=2, share=1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A figure of a run that is not usual for its source."""

    source: str
    run: str
    measure: str
    value: float
    usual: float

    def __str__(self) -> str:
        return f"{self.source}: {self.measure} is {self.value:.4g}, usually {self.usual:.4g} (run {self.run})"


def unusual(runs: Sequence[RunInfo]) -> list[Flag]:
    """What is unusual in the newest of a source's `runs` (newest first) of its kind; nothing where its history is short.

    Only runs that ended by themselves count.
    """
    ended = [run for run in runs if run.state in {"done", "failed"} and run.kind == runs[0].kind]
    if not ended:
        return []
    latest, before = ended[0], ended[1 : HISTORY + 1]
    flags = (_flag(name, latest, before) for name in MEASURES)
    return [flag for flag in flags if flag is not None]


def _flag(name: str, latest: RunInfo, before: Iterable[RunInfo]) -> Flag | None:
    measure = MEASURES[name]
    value = figure(measure, latest.counts)
    history = [past for run in before if (past := figure(measure, run.counts)) is not None]
    if value is None or len(history) < ENOUGH:
        return None
    usual = median(history)
    spread = median(abs(past - usual) for past in history)
    if abs(value - usual) <= max(SPREADS * spread, measure.margin, measure.share * usual):
        return None
    return Flag(source=latest.source, run=latest.id, measure=name, value=value, usual=usual)


def figure(measure: Measure, counts: Mapping[str, int]) -> float | None:
    """The measure of one run; None where it has too few pages to say, or does not count them."""
    if not any(name in counts for name in measure.above):
        return None
    above = sum(counts.get(name, 0) for name in measure.above)
    if not measure.below:
        return float(above)
    below = sum(counts.get(name, 0) for name in measure.below)
    return above / below if below >= measure.least else None
