"""pipeline.segment on any blocks: exact logs, nothing lost, nothing merged, and a second time nothing to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import edits
from pipeline.document import Block, BlockKind, Fact, Mode, Rejected, Repaired, Segmented, Splice, Step
from pipeline.segment import segment
from pipeline.segment.blanks import plain_block, readable

KINDS: tuple[BlockKind, ...] = ("heading", "paragraph", "list_item", "quote", "caption", "table", "code", "separator")
PIECES = st.sampled_from(
    [
        "The ferry sails at six",
        "in the morning.",
        "agree-",
        "ment",
        "• waiting room",
        "- deckhands",
        "1. Fares",
        "2) Dogs",
        "(a) first",
        "Article 3",
        "§ 4",
        "> quoted",
        "[1] note",
        "* * *",
        "Photo: Ina Holt",
        "— Yes",
        "слово",
        "\u00a0",
        " ",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "\u2028",
        "\x85",
        "\x00",
        "\ud800",
        "\u00ad",
        "\u3000",
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
BLOCKS = st.lists(st.tuples(st.sampled_from(KINDS), TEXTS), max_size=8)


def repaired(items: list[tuple[BlockKind, str]], mode: Mode) -> Repaired:
    blocks, start = [], 0
    for kind, text in items:
        blocks.append(Block(kind=kind, text=text, path=f"line {start + 1}", start=start if mode == "text" else None))
        start += len(text)
    fact = Fact(name="title", text=" A\u00a0title \x00", place="h1")
    return Repaired(blocks=tuple(blocks), facts=(fact,), removals=(), mode=mode, confidence=1.0)


@settings(max_examples=200, deadline=None)
@given(BLOCKS, st.sampled_from(["html", "text"]))
def test_every_character_is_accounted_for(items: list[tuple[BlockKind, str]], mode: Mode) -> None:
    given_text = "".join(text for _, text in items)
    result = segment(repaired(items, mode))
    if isinstance(result, Rejected):
        assert result.stage == "segment"
        return
    for block in result.blocks:
        assert edits.replay(edits.before(block), block.steps) == block.text
        assert not set(block.text) & {"\x00", "\ud800", "\r"}
    if mode == "text":
        assert edits.rebuild(result.blocks, result.removals) == given_text
    else:
        assert sum(len(edits.before(block)) for block in result.blocks) <= len(given_text)
    assert result.facts[0].text == "A title"


@settings(max_examples=100, deadline=None)
@given(BLOCKS)
def test_segmented_text_is_left_alone(items: list[tuple[BlockKind, str]]) -> None:
    first = segment(repaired(items, "html"))
    if isinstance(first, Segmented):
        again = segment(repaired([(block.kind, block.text) for block in first.blocks if block.text], "html"))
        if isinstance(again, Segmented):
            assert [b.text for b in again.blocks if b.text] == [b.text for b in first.blocks if b.text]


def test_a_repair_that_reaches_over_the_break_is_not_cut() -> None:
    block = Block(kind="paragraph", text="One.\n\nTwo.", path="p", steps=(Step("rule", (Splice(3, "xx", ".\n\nT"),)),))
    result = segment(Repaired(blocks=(block,), facts=(), removals=(), mode="html", confidence=1.0))
    assert isinstance(result, Segmented)
    assert [edits.before(b) for b in result.blocks] == ["Onexxwo."]


def test_blocks_are_never_merged() -> None:
    items: list[tuple[BlockKind, str]] = [("paragraph", "The ferry sails at"), ("paragraph", "six in the morning.")]
    result = segment(repaired(items, "html"))
    assert isinstance(result, Segmented)
    assert len(result.blocks) == 2


def test_code_keeps_its_blanks() -> None:
    result = segment(repaired([("code", "\n  if a:\n\t\tb  = 1\n\n    c\n")], "html"))
    assert isinstance(result, Segmented)
    assert result.blocks[0].text == "  if a:\n\t\tb  = 1\n\n    c"


def test_paths_name_the_line() -> None:
    line = "The ferry sails in the morning, and it comes back in the evening of the same day, if there is no ice on it at all."
    text = f"{line}\n\nIt rests.\n"
    result = segment(repaired([("paragraph", text)], "text"))
    assert isinstance(result, Segmented)
    assert [block.path for block in result.blocks] == ["line 1", "line 3"]


def test_nothing_left_is_rejected() -> None:
    result = segment(repaired([("paragraph", " \n\u00a0")], "html"))
    assert isinstance(result, Rejected)
    assert (result.stage, result.reason) == ("segment", "empty")


def test_a_character_is_plain_wherever_it_stands_or_nowhere() -> None:
    """What passes unsearched in a line of its own is what the searches leave alone in one that has to be searched."""
    for character in map(chr, (*range(0x3100), 0xD800, 0xDFFF, 0xE000, 0xFFFE)):
        alone, among = (plain_block(readable(_paragraph(f"a{character}b{rest}"))) for rest in ("", "\u00a0c"))
        assert among.text == f"{alone.text} c", hex(ord(character))


@pytest.mark.parametrize(
    "text",
    [
        "Photo: Ina Holt",
        "(Foto: Ina Holt)",
        "photo credit – Ina Holt",
        "Рис. 5. Паром у причала",
        "ABB. 3: The quay",
        "The quay at dawn. Image credit: Ina Holt",
        "The quay at dawn (photo: Ina Holt)",
    ],
)
def test_captions(text: str) -> None:
    assert [block.kind for block in _segmented(_paragraph(text)).blocks] == ["caption"]


@pytest.mark.parametrize("text", ["Photographers came early", "Table manners", "The quay at dawn: a walk", "Фотограф"])
def test_no_captions(text: str) -> None:
    assert [block.kind for block in _segmented(_paragraph(text)).blocks] == ["paragraph"]


def _paragraph(text: str) -> Block:
    return Block(kind="paragraph", text=text, path="html>body>p")


def _segmented(block: Block) -> Segmented:
    found = segment(Repaired(blocks=(block,), facts=(), removals=(), mode="html", confidence=1.0))
    assert isinstance(found, Segmented)
    return found
