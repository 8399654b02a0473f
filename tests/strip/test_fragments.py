"""Pieces of pages: too little for the model, and yet what somebody asked to have cleaned."""

import pytest

from pipeline import clean
from pipeline.document import Rejected


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p>Good morning</p>", ["Good morning"]),
        ("<p>Ferry<br>timetable</p><p>bo<b>a</b>ts</p>", ["Ferry\ntimetable", "boats"]),
        ("<p>The pier is shut.</p><p><a href='/a'>More of it</a></p>", ["The pier is shut."]),
    ],
)
def test_a_fragment_is_kept_but_for_its_links(html: str, texts: list[str]) -> None:
    record = clean(html)
    assert not isinstance(record, Rejected)
    assert "\n".join(texts).split() == record.text.split()
    assert record.quality.confidence == pytest.approx(0.4)


def test_scripts_that_look_like_tags_are_no_attributes() -> None:
    code = "for (i = 0; i<n; i++) { total += a b c d e f g h; } " * 2000
    record = clean(f"<html><body><script>{code}</script><p>The pier is shut until the ice has gone.</p></body></html>")
    assert not isinstance(record, Rejected)
    assert record.text == "The pier is shut until the ice has gone."


def test_a_quote_in_a_tag_does_not_swallow_the_page() -> None:
    words = " ".join(f"stone-{n}" for n in range(4000))
    record = clean(f'<html><body><div class="a"" id=b><p>The wall is built of {words}.</p></div></body></html>')
    assert not isinstance(record, Rejected)
    assert record.text.startswith("The wall is built of stone-0 stone-1")
