"""Word-level differences."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.diff import Change, Piece, diff, words

TEXT = st.text(alphabet="ab .,\né", max_size=40)


@given(TEXT, TEXT)
def test_pieces_make_both_texts(old: str, new: str) -> None:
    pieces = words(old, new)
    assert "".join(p.text for p in pieces if p.kind != "added") == old
    assert "".join(p.text for p in pieces if p.kind != "removed") == new


@given(TEXT)
def test_the_same_has_no_change(text: str) -> None:
    assert {piece.kind for piece in words(text, text)} <= {"same"}


@pytest.fixture
def old(helpers: Any) -> Any:
    return helpers.record_of(helpers.capture_of("https://paper.example/a", "Rain\nIt rained.\nThe end."))


def test_a_record_is_as_itself(old: Any) -> None:
    assert diff(old, old) == ()


def test_facts_and_blocks(old: Any, helpers: Any) -> None:
    new = helpers.record_of(helpers.capture_of("https://paper.example/a", "Snow\nIt snowed.\nThe end.\nReally."))
    assert diff(old, new) == (
        Change(where="title", pieces=(Piece("removed", "Rain"), Piece("added", "Snow"))),
        Change(
            where="block 1",
            pieces=(Piece("same", "It "), Piece("removed", "rained"), Piece("added", "snowed"), Piece("same", ".")),
        ),
        Change(where="block 3", pieces=(Piece("added", "Really."),)),
    )


def test_kinds_count(old: Any) -> None:
    heading = old.blocks[0].model_copy(update={"kind": "heading", "level": 2})
    new = old.model_copy(update={"blocks": (heading, *old.blocks[1:])})
    (change,) = diff(old, new)
    assert change.where == "block 1 (paragraph → heading)"
