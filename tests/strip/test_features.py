"""What the model sees of a run: the tokens of its marks, its words, what repeats."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.strip.features import Context, Layout, Tables, features, mark_tokens, marks_with, word_rows
from pipeline.strip.walk import Walked


@given(st.text("abAB -_9éİ", max_size=12))
def test_tokens_are_small_letters_with_a_capital_before_or_capitals(mark: str) -> None:
    said = re.findall(r"[a-z]+|[A-Z](?:[a-z]+|[A-Z]+)", mark)
    assert mark_tokens(mark) == [token.lower() for token in said]


def test_marks_are_told_by_whole_tokens() -> None:
    marks = ["post-comments", "commented", "", "areaComment x", "COMMENT", "comment comments"]
    assert set(marks_with(marks, ["comment", "comments"]).tolist()) == {0, 3, 4, 5}
    assert marks_with(["nav"], ["comment"]).tolist() == []


def page_of(*texts: str) -> Walked:
    """Each text in a paragraph of its own."""
    count = len(texts)
    return Walked(
        tags=["html", *["p"] * count],
        parents=[-1, *[0] * count],
        marks=[""] * (count + 1),
        regions=[0] * (count + 1),
        starts=[0, *range(count)],
        ends=[count, *range(1, count + 1)],
        texts=list(texts),
        owners=list(range(1, count + 1)),
        linked=[0] * count,
        anchors=[0] * count,
        strong=[0] * count,
        inner=[""] * count,
    )


def test_repetitions_are_counted_in_order() -> None:
    layout = Layout(page_of("Read on", "A line", "Read on", "Read on"))
    assert layout.same.tolist() == [3, 1, 3, 3]
    assert layout.twins.tolist() == [0, 0, 1, 2]


def test_only_the_first_words_of_a_run_count() -> None:
    tables = Tables({}, {"print": -2.0, "harbour": 1.0, "late": 5.0}, {})
    page = page_of("Print the HARBOUR map", "nothing known", " ".join(["word"] * 16 + ["late"]), "x" * 158 + " late")
    found = features(page, Context(), tables)[word_rows(page, Layout(page))]
    own = found[:5].T.tolist()
    assert own[0] == [-1.0, -0.5, -2.0, 1.0, -2.0], "sum, mean, least, greatest, first"
    assert own[1] == own[2] == own[3] == [0.0] * 5
    assert found[6].tolist() == [0.0, -0.5, 0.0, 0.0], "the mean of the run before"


@pytest.mark.parametrize("capital", ["İstanbul", "ΟΔΟΣ", "Straße"])
def test_the_words_of_the_title_are_found_whatever_their_case(capital: str) -> None:
    page = page_of("İ and nothing else", f"{capital} harbour", "the harbours", f"of {capital}")
    context = Context(titles=(f"{capital.lower()} harbour",))
    agreeing = features(page, context, Tables({}, {}, {}))
    in_title = [row.tolist() for row in agreeing if row.tolist() == [0.0, 1.0, 0.0, 0.5]]
    assert len(in_title) == 1
    assert np.isfinite(agreeing).all()


def test_looks_are_told_apart_on_a_page_where_no_two_are_alike() -> None:
    count = 1100
    page = Walked(
        tags=["html", *["div", "p"] * count],
        parents=[-1, *(above for run in range(count) for above in (0, 2 * run + 1))],
        marks=["", *(f"{kind}{run}" for run in range(count) for kind in ("box", "line"))],
        regions=[0] * (2 * count + 1),
        starts=[0, *(run for run in range(count) for _ in range(2))],
        ends=[count, *(run + 1 for run in range(count) for _ in range(2))],
        texts=["A line"] * count,
        owners=[2 * run + 2 for run in range(count)],
        linked=[0] * count,
        anchors=[0] * count,
        strong=[0] * count,
        inner=[""] * count,
    )
    near, wide = Layout(page).looks
    assert sorted(near.tolist()) == sorted(wide.tolist()) == list(range(count))
