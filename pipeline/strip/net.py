"""The second opinion on every run: a small neural network that reads a page as a sequence inside a tree."""

from dataclasses import dataclass

import numpy as np

from pipeline.strip.features import Floats, Ints, Layout

LEVELS = (1, 2, 3, 5)
"""The ancestors, counted from a run's own element, whose runs are averaged."""

STEPS = (1, 2, 4, 8)
"""How far each layer along the sequence looks to both sides."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Which runs a run is seen together with: ranges `starts`/`ends` (a column for each of LEVELS, the page last), its `cluster`
    of runs that look alike, and the `weight` of each run in such a mean, log(1 + words)."""

    starts: Ints
    ends: Ints
    cluster: Ints
    weight: Floats


def surroundings(layout: Layout) -> Surroundings:
    """The groups each run of a page belongs to."""
    above = layout.levels[list(LEVELS)].T
    starts, ends = np.zeros((2, layout.count, len(LEVELS) + 1), dtype=np.int64)
    starts[:, :-1], ends[:, :-1], ends[:, -1] = layout.starts.take(above), layout.ends.take(above), layout.count
    return Surroundings(starts, ends, layout.looks[1], np.log1p(layout.words).astype(np.float32))


_IN_ONE_THREAD = 1 << 18
"""Multiplications OpenBLAS does without waking its threads (4 × 65,536), which cost more than they save: with two, twice the CPU time
a page."""


def matmul(rows: Floats, weight: Floats) -> Floats:
    """`rows` @ `weight`, in pieces that are computed in the calling thread."""
    piece = max(1, _IN_ONE_THREAD // weight.size)
    found = np.empty((len(rows), weight.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), piece):
        np.matmul(rows[start : start + piece], weight, out=found[start : start + piece])
    return found


@dataclass(frozen=True, slots=True)
class Dense:
    """An affine map: `weight` (inputs × outputs) and `bias`."""

    weight: Floats
    bias: Floats

    def __call__(self, values: Floats) -> Floats:
        """The map of each row of `values`."""
        mapped = matmul(values, self.weight)
        mapped += self.bias
        return mapped

    def rectified(self, values: Floats) -> Floats:
        """The map of each row of `values`, what is negative set to 0."""
        mapped = self(values)
        return np.maximum(mapped, 0, out=mapped)


@dataclass(frozen=True, slots=True)
class Along:
    """An affine map of a run and of two others: `weight` (inputs × three times the outputs: for the run before, the run, the run
    after) and `bias`."""

    weight: Floats
    bias: Floats

    def rectified(self, hidden: Floats, step: int) -> Floats:
        """The map of each row of `hidden` and the rows `step` before and after it, what is negative set to 0."""
        width = len(self.bias)
        mapped = matmul(hidden, self.weight)
        found = mapped[:, width : 2 * width] + self.bias
        found[step:] += mapped[:-step, :width]
        found[:-step] += mapped[step:, 2 * width :]
        return np.asarray(np.maximum(found, 0, out=found))


@dataclass(frozen=True, slots=True)
class Net:
    """The layers, each added to what comes before it: `entry` sees a run's features (each x / (|x| + half)) and the tags of
    its element and parent (`tags`, features number `tag_rows`); `around` and `again` the means of its surroundings; `along` the
    runs before and after it; `alone` itself; `exit` gives the log-odds."""

    half: Floats
    tag_rows: Ints
    tags: Floats
    entry: Dense
    around: Dense
    along: tuple[Along, ...]
    again: Dense
    alone: Dense
    exit: Dense

    def log_odds(self, features: Floats, near: Surroundings) -> Floats:
        """For each run (columns of `features`) the log-odds that it belongs to the document, shape (R,)."""
        squashed = np.abs(features)
        squashed += self.half
        np.divide(features, squashed, out=squashed)
        hidden = self.entry(squashed.T)
        for table, row in zip(self.tags, self.tag_rows.tolist(), strict=True):
            hidden += table.take(features[row].astype(np.int64), axis=0, mode="wrap")
        np.maximum(hidden, 0, out=hidden)
        means = Means(near)
        hidden += self.around.rectified(means.of(hidden))
        for layer, step in zip(self.along, STEPS, strict=True):
            hidden += layer.rectified(hidden, step)
        hidden += self.again.rectified(means.of(hidden))
        hidden += self.alone.rectified(hidden)
        return self.exit(hidden)[:, 0]


class Means:
    """Weighted means over each run's surroundings."""

    def __init__(self, near: Surroundings) -> None:
        total = np.zeros(len(near.weight) + 1, dtype=np.float32)
        near.weight.cumsum(out=total[1:])
        self._near = near
        self._shares = (1 / (total.take(near.ends) - total.take(near.starts)))[:, :, None]
        self._order = near.cluster.argsort(kind="stable")
        counts = np.bincount(near.cluster)
        self._firsts = counts.cumsum() - counts
        self._sizes = np.add.reduceat(near.weight[self._order], self._firsts)[:, None]

    def of(self, hidden: Floats) -> Floats:
        """The means of `hidden` (one row a run), side by side, the cluster's last."""
        near, count, width = self._near, *hidden.shape
        weighted = hidden * near.weight[:, None]
        sums = np.zeros((count + 1, width), dtype=np.float32)
        weighted.cumsum(axis=0, out=sums[1:])
        ranges = sums.take(near.ends, axis=0)  # a fourth of the time of sums[near.ends]
        ranges -= sums.take(near.starts, axis=0)
        ranges *= self._shares
        clusters = np.add.reduceat(weighted.take(self._order, axis=0), self._firsts) / self._sizes
        return np.concatenate([ranges.reshape(count, -1), clusters.take(near.cluster, axis=0)], axis=1)
