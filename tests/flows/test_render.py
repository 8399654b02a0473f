"""Records as text and Markdown."""

from typing import Any

import pytest

from flows.render import as_markdown, as_text, explanation
from pipeline import clean
from schemas import Record
from schemas.record_v1 import BlockV1, SameAsV1


@pytest.fixture(scope="module")
def record() -> Record:
    body = "<h1>On ropes</h1><p>A rope of forty fathoms was laid on the quay, and it was dry.</p>" * 1
    made = clean(f"<html><body><article>{body}</article></body></html>")
    assert isinstance(made, Record)
    return made


def with_blocks(record: Record, *blocks: dict[str, Any]) -> Record:
    made = [BlockV1(**{"path": "p", "before_sha256": "0" * 64, **block}) for block in blocks]
    return record.model_copy(update={"title": None, "blocks": tuple(made), "byline": None, "published_raw": None})


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"kind": "heading", "level": 2, "text": "Ropes"}, "### Ropes"),
        ({"kind": "heading", "level": 6, "text": "Ropes"}, "###### Ropes"),
        ({"kind": "quote", "text": "It creaks.\nI like it."}, "> It creaks.\n> I like it."),
        ({"kind": "caption", "text": "The quay"}, "*The quay*"),
        ({"kind": "code", "text": "a *b* <c>"}, "```\na *b* <c>\n```"),
        ({"kind": "separator", "text": ""}, "---"),
        ({"kind": "paragraph", "text": "2 * 3 < 7 [1] _x_ a|b"}, r"2 \* 3 \< 7 \[1\] \_x\_ a\|b"),
        ({"kind": "paragraph", "text": "# of ropes\n1. one"}, "\\# of ropes\n\\1. one"),
        (
            {"kind": "table", "header_rows": 1, "text": "Gauge\tLevel\nOster\t251"},
            "| Gauge | Level |\n| --- | --- |\n| Oster | 251 |",
        ),
        ({"kind": "table", "text": "Oster\t251\nTann"}, "|  |  |\n| --- | --- |\n| Oster | 251 |\n| Tann |  |"),
    ],
)
def test_each_kind_of_block(block: dict[str, Any], expected: str, record: Record) -> None:
    assert as_markdown(with_blocks(record, block)) == expected


def test_items_of_a_list_stay_together(record: Record) -> None:
    made = with_blocks(
        record,
        {"kind": "list_item", "text": "Dogs", "depth": 1},
        {"kind": "list_item", "text": "large", "depth": 2, "ordered": True},
        {"kind": "paragraph", "text": "That is all."},
    )
    assert as_markdown(made) == "- Dogs\n    1. large\n\nThat is all."


def test_text_is_title_and_blocks(record: Record) -> None:
    assert as_text(record) == f"{record.title}\n\n{record.text}"


def test_explanation_names_evidence_and_what_was_left_alone(record: Record) -> None:
    text = explanation(record)
    for part in (
        "title       'On ropes'",
        "encoding",
        "Damage found: none",
        "Suspect, left alone: nothing",
        "confidence",
    ):
        assert part in text


def test_explanation_names_documents_that_say_nearly_the_same(record: Record) -> None:
    other = SameAsV1(id="url:" + "0" * 32, source="gazette", similarity=0.914)
    assert f"{other.id} of gazette: 91% alike" in explanation(record.model_copy(update={"same_as": (other,)}))
    assert "alike" not in explanation(record)
