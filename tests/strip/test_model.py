"""Trees and network answered for all runs at once, and the choice with the highest expected F1."""

from itertools import product

import numpy as np
import pytest

from pipeline.strip.features import Context, Layout, features, tag_rows
from pipeline.strip.model import NET_SHARE, Trees, load
from pipeline.strip.net import Along, Means, Surroundings, matmul, surroundings
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
    assert trees.log_odds(runs) == pytest.approx(logits, rel=1e-5)


def test_a_run_is_seen_with_those_before_and_after_it() -> None:
    before, own, after = np.array([[1.0]]), np.array([[10.0]]), np.array([[100.0]])
    layer = Along(np.concatenate([before, own, after], axis=1).astype(np.float32), np.array([0.5], dtype=np.float32))
    runs = np.array([[1.0], [2.0], [3.0]], dtype=np.float32)
    assert layer.rectified(runs, 1)[:, 0].tolist() == [10 + 200 + 0.5, 20 + 1 + 300 + 0.5, 30 + 2 + 0.5]
    assert layer.rectified(runs, 8)[:, 0].tolist() == [10.5, 20.5, 30.5], "nothing stands so far away"
    assert layer.rectified(-runs, 8)[:, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("count", [0, 1, 18, 1000])
def test_a_product_in_pieces_is_the_product(count: int) -> None:
    lots = np.random.default_rng(1)
    rows, weight = lots.random((count, 223), dtype=np.float32), lots.random((223, 32), dtype=np.float32)
    assert matmul(rows, weight) == pytest.approx(rows @ weight, rel=1e-5)


def test_means_weigh_runs_by_their_words() -> None:
    near = Surroundings(
        starts=np.array([[0], [0], [2]]),
        ends=np.array([[2], [2], [3]]),
        cluster=np.array([0, 1, 0]),
        weight=np.array([1, 3, 2], dtype=np.float32),
    )
    found = Means(near).of(np.array([[4.0], [8.0], [10.0]], dtype=np.float32))
    assert found.tolist() == pytest.approx(np.array([[7, 8], [7, 8], [10, 8]])), "the range, then the cluster"


def one_run() -> Walked:
    return Walked(
        ["html", "p"], [-1, 0], ["", "lead"], [0, 0], [0, 0], [1, 1], ["A line of text."], [1], [0], [0], [0], [""]
    )


def test_the_shipped_weights_fit_the_features() -> None:
    model, page = load(), one_run()
    layout = Layout(page)
    seen = features(page, Context(), model.tables, layout)
    assert model.trees.feature.max() < len(seen) == len(model.net.half)
    assert model.net.tag_rows.tolist() == tag_rows(page, layout)
    assert 0 < model.probability(seen, layout)[0] < 1


def test_both_judges_are_heard() -> None:
    model, page = load(), one_run()
    layout = Layout(page)
    seen = features(page, Context(), model.tables, layout)
    trees, net = model.trees.log_odds(seen)[0], model.net.log_odds(seen, surroundings(layout))[0]
    odds = (1 - NET_SHARE) * trees + NET_SHARE * net
    assert model.probability(seen, layout)[0] == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-4)


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
