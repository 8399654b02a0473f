"""The whole line on any input: it answers, its log is exact, and what it wrote it leaves alone."""

import hashlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import clean, edits, replay
from pipeline.document import Rejected
from schemas import Record

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LETTERS = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
WORDS = st.lists(
    st.sampled_from(
        [
            "The harbour",
            "ofthe",
            "council",
            "met\u00a0on",
            "10",
            "May",
            "–",
            "„Haus“",
            "привет",
            "вМоскве",
            "&amp;",
            "á",
            "†in",
            "end.Next",
            "\n",
            "\n\n",
            " ",
            "\u00ad",
            "\u200b",
            "\ufffd",
            "•",
            "Add Comment",
            "22:51",
            "\x00",
            "\ud800",
        ]
    ),
    max_size=60,
).map(" ".join)
TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<br>",
        "<div class=nav>",
        "</div>",
        "<b>",
        "</b>",
        "<table><tr><td>",
        "<li>",
        "<h2>",
        "<!--",
        "<script>",
    ]
)
PAGES = st.lists(st.one_of(TAGS, WORDS), max_size=30).map(lambda parts: "<html><body>" + "".join(parts))


def checked(body: bytes | str) -> Record | Rejected:
    result = clean(body, url="https://example.org/a")
    if isinstance(result, Record):
        for block, published in zip(replay.blocks_of(result), result.blocks, strict=True):
            before = edits.before(block)
            assert edits.replay(before, block.steps) == block.text
            assert hashlib.sha256(before.encode("utf-8", "surrogatepass")).hexdigest() == published.before_sha256
        assert Record.model_validate_json(result.model_dump_json()) == result
    return result


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    checked(body)


@SLOW
@given(st.one_of(LETTERS, WORDS))
def test_any_text_can_be_rebuilt(text: str) -> None:
    result = checked(text)
    if isinstance(result, Record) and all(block.start is not None for block in result.blocks):
        assert replay.rebuild(result) == text


@SLOW
@given(PAGES)
def test_any_page(page: str) -> None:
    checked(page)


@SLOW
@given(st.one_of(WORDS, PAGES))
def test_equal_input_makes_equal_records(body: str) -> None:
    assert clean(body) == clean(body)
