"""Sentence offsets: abbreviations, initials, ordinals, quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.segment import sentences

CASES = [
    (
        "en",
        [
            "Dr. Holt arrived at 5 p.m. on Monday.",
            "Nobody had seen J. K. Lee since Nov. 3.",
            "Why?",
            "“No idea,” she said.",
        ],
    ),
    ("en", ["It costs 3.50 a trip, e.g. on Sundays.", "That is No. 5 on the list."]),
    ("de", ["Die Fähre fährt am 3. Oktober, z. B. um sechs.", "Danach ruht sie."]),
    ("ru", ["В 2020 г. паром водил А. С. Ильин.", "Он сказал: «Да!»", "Все сошли на берег."]),
    ("fr", ["M. Dupont est arrivé.", "Il a dit : « Oui. »"]),
    ("pl", ["Prom stoi przy ul. Nowej.", "Odpływa o godz. szóstej."]),
    ("ja", ["船は出た。", "誰も見なかった。"]),
    ("en", ["It froze…", "Then it thawed."]),
]


@pytest.mark.parametrize(("language", "parts"), CASES)
def test_sentences(language: str, parts: list[str]) -> None:
    text = ("" if language == "ja" else " ").join(parts)
    assert [text[a:b] for a, b in sentences(text, language)] == parts


def test_line_breaks_end_sentences_only_after_a_stop() -> None:
    text = "The tide comes in,\nthe tide goes out.\nNobody asks."
    assert [text[a:b] for a, b in sentences(text, "en")] == ["The tide comes in,\nthe tide goes out.", "Nobody asks."]


@given(st.text(max_size=200), st.sampled_from([None, "en", "de", "xx"]))
def test_offsets_are_ascending_and_leave_out_only_blanks(text: str, language: str | None) -> None:
    spans = sentences(text, language)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    gaps = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    assert not "".join(gaps).strip()
