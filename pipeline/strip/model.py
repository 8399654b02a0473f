"""The scorer's weights and how they are applied: trees whose every level asks one question, answered for all runs at once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from pipeline.strip.features import Floats, Tables

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

    def probability(self, features: Floats) -> Floats:
        """For each run (columns of `features`) the probability that it belongs to the document, shape (R,)."""
        answers = (np.take(features, self.feature, axis=0) > self.border[:, None]).view(np.uint8)
        count, depth = self.questions.shape
        leaf = np.zeros((count, features.shape[1]), dtype=np.min_scalar_type((1 << depth) - 1))
        for level in reversed(range(depth)):
            leaf += leaf  # a shift to the left, in bytes
            leaf |= np.take(answers, self.questions[:, level], axis=0)
        index = (np.arange(count, dtype=np.int32) << depth)[:, None] + leaf
        logit = np.take(self.leaves.ravel(), index).sum(axis=0, dtype=np.float64) + self.bias
        return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that was learned: token tables, the trees that see a run by itself and its surroundings (`first`), and those
    that also see what the first said of its neighbours (`second`)."""

    tables: Tables
    first: Trees
    second: Trees


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
    return Model(Tables(*tables), _trees(arrays, "first"), _trees(arrays, "second"))


def _trees(arrays: dict[str, npt.NDArray[np.generic]], name: str) -> Trees:
    return Trees(
        feature=arrays[f"{name}_feature"].astype(np.int64),
        border=arrays[f"{name}_border"].astype(np.float32),
        questions=arrays[f"{name}_questions"].astype(np.int64),
        leaves=arrays[f"{name}_leaves"].astype(np.float32),
        bias=float(arrays[f"{name}_bias"]),
    )
