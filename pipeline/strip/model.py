"""The scorer's weights and how they are applied: trees whose every level asks one question, answered for all runs at once, and a
network whose log-odds are mixed with theirs."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from pipeline.strip.features import Floats, Layout, Tables
from pipeline.strip.net import STEPS, Along, Dense, Net, surroundings

WEIGHTS = "strip.npz"


@dataclass(frozen=True, slots=True)
class Trees:
    """T trees of depth D over Q questions: is feature `feature[q]` greater than `border[q]`? `questions[t, d]` names the
    question of level d, `leaves[t, i]` the value of the leaf whose bits are the answers (level 0 lowest)."""

    feature: npt.NDArray[np.int64]
    border: npt.NDArray[np.float32]
    questions: npt.NDArray[np.int64]
    leaves: npt.NDArray[np.float32]
    bias: float

    def log_odds(self, features: Floats) -> Floats:
        """For each run (columns of `features`) the log-odds that it belongs to the document, shape (R,)."""
        answers = (features.take(self.feature, axis=0) > self.border[:, None]).view(np.uint8)
        count, depth = self.questions.shape
        leaf = np.zeros((count, features.shape[1]), dtype=np.min_scalar_type((1 << depth) - 1))
        for level in reversed(range(depth)):
            leaf += leaf  # a shift to the left, in bytes
            leaf |= answers.take(self.questions[:, level], axis=0)
        index = (np.arange(count, dtype=np.int32) << depth)[:, None] + leaf
        return np.asarray(self.leaves.ravel().take(index).sum(axis=0) + np.float32(self.bias))


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that was learned: token tables, the trees that see a run by itself and its surroundings, and the network that
    also sees what becomes of its neighbours."""

    tables: Tables
    trees: Trees
    net: Net

    def probability(self, features: Floats, layout: Layout) -> Floats:
        """For each run (columns of `features`) the probability that it belongs to the document, shape (R,)."""
        return chance(self.trees.log_odds(features), self.net.log_odds(features, surroundings(layout)))


NET_SHARE = 0.5
"""What the network's log-odds weigh beside those of the trees (out of fold 0.3 to 0.7 score the same, within .002)."""


def chance(trees: Floats, net: Floats) -> Floats:
    """The probability that both sets of log-odds speak for together."""
    odds = (1 - NET_SHARE) * trees.astype(np.float64) + NET_SHARE * net
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float32)


@cache
def load() -> Model:
    """The weights shipped with the pipeline, read once."""
    with (files("pipeline") / "data" / WEIGHTS).open("rb") as file, np.load(file, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    return unpack(arrays)


def unpack(arrays: dict[str, npt.NDArray[np.generic]]) -> Model:
    """A model from the arrays of its file."""
    tables = (
        dict(zip(str(arrays[f"{name}_tokens"]).split("\n"), arrays[f"{name}_odds"].astype(float).tolist(), strict=True))
        for name in ("marks", "words", "page")
    )
    return Model(Tables(*tables), _trees(arrays), _net(arrays))


def _trees(arrays: dict[str, npt.NDArray[np.generic]]) -> Trees:
    return Trees(
        feature=arrays["trees_feature"].astype(np.int64),
        border=arrays["trees_border"].astype(np.float32),
        questions=arrays["trees_questions"].astype(np.int64),
        leaves=arrays["trees_leaves"].astype(np.float32),
        bias=float(arrays["trees_bias"]),
    )


def _net(arrays: dict[str, npt.NDArray[np.generic]]) -> Net:
    def dense(name: str) -> Dense:
        return Dense(arrays[f"net_{name}"].astype(np.float32), arrays[f"net_{name}_bias"].astype(np.float32))

    def along(name: str) -> Along:
        return Along(arrays[f"net_{name}"].astype(np.float32), arrays[f"net_{name}_bias"].astype(np.float32))

    return Net(
        half=arrays["net_half"].astype(np.float32),
        tag_rows=arrays["net_tag_rows"].astype(np.int64),
        tags=arrays["net_tags"].astype(np.float32),
        entry=dense("entry"),
        around=dense("around"),
        along=tuple(along(f"along{number}") for number in range(len(STEPS))),
        again=dense("again"),
        alone=dense("alone"),
        exit=dense("exit"),
    )
