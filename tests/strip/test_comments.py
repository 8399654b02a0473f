"""Comments are content on a page that is its comments, and boilerplate under an article."""

import numpy as np
import pytest

from pipeline.strip.features import Context, Layout
from pipeline.strip.scorer import comment_factors
from pipeline.strip.walk import Walked

ARTICLE, FORUM = Context(types=("Article",)), Context(types=("DiscussionForumPosting",))


def page(own: int, said: int) -> tuple[Walked, np.ndarray, np.ndarray]:
    """A run of `own` words, and one of `said` words in comments, both surely content by themselves."""
    texts = ["lamp " * own, "gull " * said]
    walked = Walked(
        ["body", "div", "div"], [-1, 0, 0], ["", "story", "comments-area comments"], [0] * 3, [0, 0, 1], [2, 1, 2],
        texts, [1, 2], [0, 0], [0, 0], [0, 0], ["", ""],
    )  # fmt: skip
    return walked, np.ones(2), np.array([own, said], dtype=float)


@pytest.mark.parametrize(
    ("context", "own", "said", "kept"),
    [
        (ARTICLE, 400, 300, False),
        (ARTICLE, 400, 700, False),
        (ARTICLE, 400, 900, True),
        (FORUM, 400, 300, False),
        (FORUM, 400, 700, True),
        (ARTICLE, 30, 40, True),
    ],
)
def test_an_article_is_not_its_comments_until_they_say_twice_as_much(
    context: Context, own: int, said: int, kept: bool
) -> None:
    walked, chances, words = page(own, said)
    left = comment_factors(Layout(walked), context, chances, words, None)
    assert left[0] == 1
    assert (left[1] == 1) == kept


@pytest.mark.parametrize(("profile", "left"), [("other", 1.0), ("article", 0.0)])
def test_a_source_says_what_its_comments_are(profile: str, left: float) -> None:
    walked, chances, words = page(400, 900)
    assert comment_factors(Layout(walked), FORUM, chances, words, profile)[1] == left
