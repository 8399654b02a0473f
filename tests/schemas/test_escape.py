"""Escaping in the edit log."""

import json

from hypothesis import given
from hypothesis import strategies as st

from schemas.escape import escape, unescape

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY)
def test_escape_is_exact_and_safe(text: str) -> None:
    written, escaped = escape(text)
    assert unescape(written, escaped) == text
    assert "\x00" not in written
    json.dumps(written, ensure_ascii=False).encode("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert escape(text) == (text, False)
