"""The edit log: applying, reverting, cutting."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import edits
from pipeline.document import Block, Splice, Step, Suspect
from pipeline.errors import EditError

TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@st.composite
def steps(draw: st.DrawFn, text: str) -> Step:
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    splices = []
    for start, stop in list(pairwise(edges))[::2]:
        splices.append(Splice(start, text[start:stop], draw(TEXT)))
    return Step("random", tuple(splices))


@st.composite
def edited_blocks(draw: st.DrawFn) -> tuple[str, Block]:
    text = draw(TEXT)
    block = Block(kind="paragraph", text=text, path="p", start=7)
    for _ in range(draw(st.integers(0, 3))):
        block = edits.edit(block, draw(steps(block.text)))
    return text, block


@given(edited_blocks())
def test_revert_and_replay_are_exact(case: tuple[str, Block]) -> None:
    text, block = case
    assert edits.before(block) == text
    assert edits.replay(text, block.steps) == block.text


@given(TEXT, TEXT)
def test_changes_is_minimal_and_exact(old: str, new: str) -> None:
    step = edits.changes("rule", old, new)
    assert edits.apply(old, step) == new
    assert edits.revert(new, step) == old
    assert bool(step.splices) == (old != new)


@given(edited_blocks(), st.data())
def test_cut_deals_out_text_and_log(case: tuple[str, Block], data: st.DataObject) -> None:
    text, block = case
    at = sorted(data.draw(st.lists(st.integers(0, len(block.text)), max_size=3)))
    try:
        pieces = edits.cut(block, at)
    except EditError:
        return
    assert "".join(piece.text for piece in pieces) == block.text
    assert "".join(edits.before(piece) for piece in pieces) == text
    assert edits.rebuild([edits.replace(p, start=p.start - 7) for p in pieces if p.start is not None], []) == text


def test_cut_refuses_to_break_a_splice() -> None:
    block = edits.edit(Block(kind="paragraph", text="ab", path="p"), Step("r", (Splice(1, "", "xy"),)))
    assert [p.text for p in edits.cut(block, [1])] == ["a", "xyb"]
    assert [p.text for p in edits.cut(block, [3])] == ["axy", "b"]
    with pytest.raises(EditError, match="across the cut at 2"):
        edits.cut(block, [2])


def test_apply_names_what_does_not_fit() -> None:
    with pytest.raises(EditError, match="'spacing' does not fit: 'x' does not stand at 1"):
        edits.apply("abc", Step("spacing", (Splice(1, "x", ""),)))


def test_suspects_move_with_the_text() -> None:
    block = Block(
        kind="paragraph",
        text="ofthe Moscows plan",
        path="p",
        suspects=(Suspect(start=6, length=7, text="Moscows", candidate="Moscow's", reason="apostrophe"),),
    )
    moved = edits.edit(block, Step("spacing", (Splice(2, "", " "),))).suspects[0]
    assert (moved.start, moved.length) == (7, 7)


def test_rebuild_refuses_gaps() -> None:
    blocks = [
        Block(kind="paragraph", text="ab", path="line 1", start=0),
        Block(kind="paragraph", text="c", path="line 2", start=3),
    ]
    with pytest.raises(EditError, match="do not tile"):
        edits.rebuild(blocks, [])
