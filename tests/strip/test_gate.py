"""What is refused, why, and that it takes little."""

import pytest

from pipeline.document import Decoded, Rejected
from pipeline.strip import gate, markup, strip


def outcome(text: str, content_type: str | None = None) -> str:
    result = strip(Decoded(text=text, encoding=None, evidence=""), content_type=content_type)
    return result.reason if isinstance(result, Rejected) else result.mode


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\u00a0\ufeff", "empty"),
        ("%PDF-1.7 binary follows", "not-text"),
        ("\ufffdPNG\r\n\x1a\n\x00\x00", "not-text"),
        ("GIF89a\x00\x01", "not-text"),
        ("\x00\x01\x02 data" * 20, "not-text"),
        ("<html>" + "<div>" * 100_000 + "x", "too-deep"),
        ("<html>" + "<div>" * 100_000 + "x" + "</div>" * 100_000, "too-deep"),
        ("<html><p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x", "too-many-attributes"),
        ("<html><p " + " ".join(f'a{n}="<>"' for n in range(100_000)) + ">x", "too-many-attributes"),
        ("<html><p " + "a " * 100_000 + ">x", "too-many-attributes"),
        ("<html><nav><a href=/>Home</a> <a href=/about>About</a></nav>", "only-navigation"),
        ("<html><ul><li><a href=/>Home</a></li><li><a href=/about>About us</a></li></ul>", "only-navigation"),
        ("<html><script>var x = 1</script>", "empty"),
        ("<html><body><div></div>", "empty"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_refused(text: str, reason: str) -> None:
    assert outcome(text) == reason


def test_too_large_says_both_sizes() -> None:
    refused = gate.refuse("x" * (gate.CHARACTERS + 1), None)
    assert refused is not None
    assert refused.reason == "too-large"
    assert str(gate.CHARACTERS) in refused.detail


@pytest.mark.parametrize(
    ("text", "content_type", "mode"),
    [
        ("A line.\n\nAnother line that says a little more than the first one did, so that it is text.", None, "text"),
        ("In HTML a paragraph begins with <p> and may be closed by </p>.", None, "text"),
        ("If a < b and c > d then the < sign was used as a sign.", "text/html", "text"),
        ("<p>Short but marked up from its first character on, so it is a page.</p>", None, "html"),
        ("<!DOCTYPE html><title>t</title><p>It is a page whatever the header says about it.</p>", "text/plain", "html"),
        (
            "# Heading\n\nSome *marked down* text with a <br> in it and nothing else of that kind here.",
            "text/plain",
            "text",
        ),
    ],
)
def test_mode(text: str, content_type: str | None, mode: str) -> None:
    assert gate.mode_of(text, content_type) == mode


@pytest.mark.parametrize(
    "text",
    [
        "<" * 200_000,
        "<!--" * 50_000,
        '<a "' * 50_000,
        "<p" * 100_000,
        "</div>" * 100_000,
        "&#" * 100_000,
        "<b>" * 900 + "<p>x" * 2_000,
        ", " * 100_000,
        "word " * 100_000,
        "\n" * 100_000 + "x",
        "a\u0301" * 50_000,
        "\ud800 lone surrogate",
    ],
    ids=range(12),
)
def test_hostile_text_is_answered(text: str) -> None:
    assert outcome(text)
    assert outcome(f"<html><body>{text}")


def test_a_page_of_many_void_and_unclosed_elements_is_no_deep_page() -> None:
    html = "<html><body>" + "<p>text<br><img src=x><li>item" * 5_000
    assert markup.refuse(html.encode()) is None
