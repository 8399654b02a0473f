"""What is refused, why, and that it takes little."""

import random

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline import markup
from pipeline.document import Decoded, Rejected
from pipeline.strip import gate, strip
from pipeline.strip.walk import walk


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
        ("<html>" + "<div></a>" * 20_000 + "x", "too-deep"),
        ("<html>" + "<div/>" * 30_000 + "x", "too-deep"),
        ("<html>" + "<div><!--</div>-->" * 20_000 + "x", "too-deep"),
        ("<html>" + "<div><script></div></script>" * 20_000 + "x", "too-deep"),
        ("<html>" + "<div title='</div>'>" * 20_000 + "x", "too-deep"),
        ("<html>" + "<div><table></div></table>" * 20_000 + "x", "too-deep"),
        ("<html>" + "<svg><title></div></title><div/>" * 20_000 + "x", "too-deep"),
        ("<html>" + "<select><textarea>" + "<div></a>" * 20_000 + "x", "too-deep"),
        ("<html><p>" + "".join(f"<font n={n}></x>" for n in range(5_000)) + "<p>x" * 5_000, "too-deep"),
        ("<html>" + "<span>" * 1_500 + "x", "too-deep"),
        ("<html><p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x", "too-many-attributes"),
        ("<html><p " + " ".join(f'a{n}="<>"' for n in range(100_000)) + ">x", "too-many-attributes"),
        ("<html><p " + "a " * 100_000 + ">x", "too-many-attributes"),
        ("<html><p " + " ".join(f'a{n}="1<"' for n in range(60_000)) + ">x", "too-many-attributes"),
        ("<html><p " + " ".join(f"a{n}<1" for n in range(60_000)) + ">x", "too-many-attributes"),
        (
            "<html><p " + " ".join(f"a{n}" + " b='<i>'" * (n % 500 == 0) for n in range(60_000)) + ">x",
            "too-many-attributes",
        ),
        (
            '<html><p a=b=" c="x>" ' + " ".join(f"a{n}" + ' b="<i>"' * (n % 500 == 0) for n in range(60_000)) + ">x",
            "too-many-attributes",
        ),
        (
            "<html><!--<script>--><p " + " ".join(f"a{n}<1" for n in range(60_000)) + "></script>x",
            "too-many-attributes",
        ),
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


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td><font size=2>left open<tr><td></table>" * 2_000,
        "<p><b>left open</p>" * 5_000,
        "<div><i class=icon></i><b>x</b><em>y</em></div>" * 5_000,
        "<svg><title>mark</title><path d=x /><g><circle/></g></svg>" * 5_000,
        "<ul><li><span>x</span></ul><script>'<div>' + '<b>'</script>" * 5_000,
        "<a href=x><h2>title</h2></a><button><div>x</div></button>" * 5_000,
        "<script>for (i = 0; i<n; i++) s += 'a b c';</script><p class=x title='1 < 2' id=\"y\">x</p>" * 5_000,
    ],
    ids=range(7),
)
def test_a_large_page_of_shallow_elements_is_no_deep_page(html: str) -> None:
    assert markup.refuse(f"<html><body>{html}".encode()) is None


def test_no_tree_is_deeper_than_its_tags_say() -> None:
    names = [
        "div",
        "span",
        "b",
        "a",
        "font",
        "p",
        "table",
        "td",
        "svg",
        "foreignObject",
        "title",
        "select",
        "h1",
        "li",
        "x-y",
    ]
    names += ["script", "textarea", "details", "pre"]
    chance = random.Random(7)
    for _ in range(300):
        kinds = (f"<{chance.choice(names)}{chance.choice(['>', '>', '/>'])}" for _ in range(3))
        unit = "".join(tag if chance.random() < 0.7 else tag.replace("<", "</") for tag in kinds)
        html = f"<html><body>{unit * 40}"
        read = markup.read_tags(html.encode()).deepest
        # A table of one cell has a <tbody>, <tr>, <td> and <p> besides, which need no end tag and are not counted.
        assert walk(LexborHTMLParser(html), {}).depth <= 5 * read + 20, unit


def test_a_page_of_many_void_and_unclosed_elements_is_no_deep_page() -> None:
    html = "<html><body>" + "<p>text<br><img src=x><li>item" * 5_000
    assert markup.refuse(html.encode()) is None
