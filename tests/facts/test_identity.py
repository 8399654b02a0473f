"""One document, one key: whatever way to it the URL names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.identity import document_id, signature, similarity, url_key

SAME = [
    [
        "https://ferry.example/news/winter",
        "http://www.ferry.example/news/winter/",
        "https://ferry.example:443/news/winter#map",
    ],
    [
        "https://ferry.example/?idn=25915",
        "http://ferry.example/print.php?idn=25915",
        "https://m.ferry.example/index.php?idn=25915&utm_source=mail",
    ],
    [
        "https://ferry.example/a/b",
        "https://ferry.example/amp/a/b",
        "https://ferry.example/a/b/amp/",
        "https://amp.ferry.example/a/b?amp=1",
    ],
    [
        "https://ferry.example/a?x=1&y=2",
        "https://ferry.example/a?y=2&fbclid=Q&x=1",
        "https://ferry.example/a?print=1&x=1&y=2",
    ],
    ["https://ferry.example/паром", "https://ferry.example/%D0%BF%D0%B0%D1%80%D0%BE%D0%BC"],
    ["https://en.wiki.example/wiki/Ferry", "https://en.m.wiki.example/wiki/Ferry"],
]
DIFFERENT = [
    ("https://ferry.example/?idn=25915", "https://ferry.example/?idn=25916"),
    ("https://ferry.example/a", "https://ferry.example/b"),
    ("https://ferry.example/a", "https://boat.example/a"),
    ("https://ferry.example/a", "https://ferry.example:8080/a"),
    ("https://ferry.example/printers", "https://ferry.example/"),
    ("https://ferry.example/campus/amplifier", "https://ferry.example/campuslifier"),
    ("https://m.example/a", "https://example/a"),
]


@pytest.mark.parametrize("urls", SAME, ids=lambda urls: urls[0])
def test_same(urls: list[str]) -> None:
    assert len({url_key(url) for url in urls}) == 1
    assert len({document_id(None, url, "0" * 64) for url in urls}) == 1


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_different(first: str, second: str) -> None:
    assert url_key(first) != url_key(second)


@pytest.mark.parametrize(
    "url", ["", "ferry", "mailto:a@b.example", "http://[::1/x", "javascript:void(0)", "/relative/path"]
)
def test_no_web_address(url: str) -> None:
    assert url_key(url) == ""
    assert document_id(None, url, "ab") == "sha256:ab"


def test_the_canonical_url_decides() -> None:
    assert document_id("https://ferry.example/a", "https://ferry.example/b", "") == document_id(
        None, "https://ferry.example/a", ""
    )


@given(st.text(max_size=60))
def test_any_address(url: str) -> None:
    key = url_key("https://ferry.example/" + url)
    key.encode("utf-8")
    assert key == url_key("https://ferry.example/" + url)


STORY = (
    "The harbour council met on Monday evening to decide whether the old ferry should run through the winter, and more than "
    "sixty residents came to listen to the harbour master, who said that the engine had been overhauled in the autumn."
)


def test_near_duplicates() -> None:
    copy = STORY.replace("sixty", "seventy")
    other = (
        "Nobody knows when the library opens again; the roof let in the rain and the books were carried to the school."
    )
    assert similarity(signature(STORY), signature(STORY.upper())) == 1.0
    assert similarity(signature(STORY), signature(copy)) > 0.5
    assert similarity(signature(STORY), signature(other)) < 0.1
    assert similarity(signature("Too short"), signature("Too short")) == 0.0


def test_signatures_are_stable() -> None:
    """Ledgers hold them; where these values change, `SEED` has to, by which those of before are told."""
    assert signature("one two three four five")[:3] == (3392259527, 3362166574, 3394379395)
    assert len(signature(STORY)) == 128
