"""Trees answered for all runs at once, and the choice with the highest expected F1."""

from itertools import product

import numpy as np
import pytest

from pipeline.strip.features import Context, features
from pipeline.strip.model import Trees, load
from pipeline.strip.scorer import likeliest
from pipeline.strip.walk import Walked


def test_trees_add_the_leaves_their_answers_lead_to() -> None:
    trees = Trees(
        feature=np.array([0, 1]),
        border=np.array([0.5, 10.0], dtype=np.float32),
        questions=np.array([[0, 1], [1, 1]]),
        leaves=np.array([[0, 1, 2, 3], [0, 0, 0, 10]], dtype=np.float32),
        bias=-1.0,
    )
    runs = np.array([[0, 1, 0, 1], [0, 0, 20, 20]], dtype=np.float32)
    logits = np.array([0, 1, 2 + 10, 3 + 10]) - 1.0
    assert trees.probability(runs) == pytest.approx(1 / (1 + np.exp(-logits)), rel=1e-5)


def test_the_shipped_weights_fit_the_features() -> None:
    model = load()
    page = Walked(
        ["html", "p"], [-1, 0], ["", "lead"], [0, 0], [0, 0], [1, 1], ["A line of text."], [1], [0], [0], [0], [""]
    )
    seen = features(page, Context(), model.tables)
    assert model.first.feature.max() < len(seen)
    assert 0 < model.first.probability(seen)[0] < 1


@pytest.mark.parametrize(
    "chances", [[0.9, 0.8, 0.1], [0.5, 0.5, 0.5], [0.99, 0.3, 0.2], [0.3, 0.2, 0.1], [0.06, 0.9, 0.07]]
)
def test_no_other_choice_has_a_higher_expected_f1(chances: list[float]) -> None:
    words = np.array([30.0, 10.0, 80.0])
    p = np.array(chances)

    def expected(chosen: tuple[bool, ...]) -> float:
        mask = np.array(chosen)
        size = float(words[mask].sum()) + float((p * words).sum())
        return 2 * float((p * words)[mask].sum()) / size

    best = max(product([False, True], repeat=3), key=expected)
    assert expected(tuple(likeliest(p, words).tolist())) == pytest.approx(expected(best))
