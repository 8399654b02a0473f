"""Where the document of an article is sure, what is in doubt beside it is not kept."""

import numpy as np
import pytest

from pipeline.strip.features import Context
from pipeline.strip.scorer import beyond_doubt

WORDS = np.array([200.0, 150.0, 20.0, 20.0])


@pytest.mark.parametrize(
    ("types", "chances", "kept"),
    [
        (("NewsArticle",), [0.9, 0.8, 0.65, 0.5], [True, True, True, False]),
        (("article", "website"), [0.9, 0.8, 0.65, 0.5], [True, True, True, False]),
        (("Product",), [0.9, 0.8, 0.65, 0.5], [True] * 4),
        ((), [0.9, 0.8, 0.65, 0.5], [True] * 4),
        (("NewsArticle",), [0.7, 0.7, 0.65, 0.5], [True] * 4),  # nothing is sure
        (("NewsArticle",), [0.9, 0.7, 0.65, 0.5], [True] * 4),  # less than three quarters are
    ],
)
def test_doubtful_runs(types: tuple[str, ...], chances: list[float], kept: list[bool]) -> None:
    assert beyond_doubt(Context(types=types), np.array(chances), WORDS).tolist() == kept


def test_a_short_page_gives_no_measure() -> None:
    assert beyond_doubt(Context(types=("article",)), np.array([0.9, 0.5]), np.array([60.0, 10.0])).all()
