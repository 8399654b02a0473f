"""Candidates for facts, each with its place."""

import json

import pytest

from pipeline.document import Decoded, Rejected
from pipeline.strip import strip

PROSE = (
    "<p>The harbour was dredged in the spring, and since then even the large boats can tie up at the old stone quay again.</p>"
    * 2
)


def facts(html: str) -> set[tuple[str, str, str]]:
    result = strip(Decoded(text=html, encoding=None, evidence=""), url="https://example.org/a")
    assert not isinstance(result, Rejected)
    return {(fact.name, fact.place, fact.text) for fact in result.facts}


def described(**document: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(document)}</script>'


@pytest.mark.parametrize(
    ("html", "fact"),
    [
        ("<title> A  title </title>", ("title", "title", "A  title")),
        ('<meta property="og:title" content="T">', ("title", "meta:og:title", "T")),
        ('<meta name="Author" content="A. Moray">', ("byline", "meta:Author", "A. Moray")),
        (
            '<meta property="article:published_time" content="2021-05-03">',
            ("published", "meta:article:published_time", "2021-05-03"),
        ),
        (
            '<link rel="canonical" href="https://example.org/b">',
            ("canonical", "link:canonical", "https://example.org/b"),
        ),
        (described(**{"@type": "NewsArticle", "headline": "H"}), ("title", "json-ld:headline", "H")),
        (
            described(**{"@type": ["Article"], "author": [{"name": "A"}, {"name": "B"}]}),
            ("byline", "json-ld:author", "B"),
        ),
        (
            described(**{"@graph": [{"@type": "BlogPosting", "datePublished": "2021"}]}),
            ("published", "json-ld:datePublished", "2021"),
        ),
    ],
)
def test_head(html: str, fact: tuple[str, str, str]) -> None:
    assert fact in facts(f"<html><head>{html}</head><body>{PROSE}")


@pytest.mark.parametrize(
    ("html", "fact"),
    [
        ("<h1>Dredged</h1>", ("title", "h1", "Dredged")),
        ('<time datetime="2021-05-03">3 May</time>', ("published", "time:attribute", "2021-05-03")),
        ('<time datetime="2021-05-03">3 May</time>', ("published", "time", "3 May")),
        ('<p class="byline">A. Moray</p>', ("byline", "class:byline", "A. Moray")),
        ('<a rel="author" href=/m>A. Moray</a>', ("byline", "rel:author", "A. Moray")),
        (
            '<span itemprop="datePublished" content="2021-05-03">May</span>',
            ("published", "itemprop:datePublished:attribute", "2021-05-03"),
        ),
    ],
)
def test_body(html: str, fact: tuple[str, str, str]) -> None:
    assert fact in facts(f"<html><body>{html}{PROSE}")


@pytest.mark.parametrize(
    "broken", ["{", "[[[[", '{"@type": "Article"', "null", '"x"', '{"@type": 7, "author": {"name": {"name": 1}}}']
)
def test_broken_json_ld_is_passed_over(broken: str) -> None:
    assert facts(
        f'<html><head><title>T</title><script type="application/ld+json">{broken}</script></head><body>{PROSE}'
    )


def test_the_body_in_json_ld_stands_in_for_an_empty_shell() -> None:
    text = (
        "First paragraph of the post.\n\nSecond paragraph of the post, which is a little longer than the first one was."
    )
    shell = (
        "<html><head>"
        + described(**{"@type": "Article", "articleBody": text})
        + "</head><body><div id=app></div></body></html>"
    )
    result = strip(Decoded(text=shell, encoding=None, evidence=""))
    assert not isinstance(result, Rejected)
    assert [block.text for block in result.blocks] == [part for part in text.split("\n") if part]
    assert any("scripts" in note for note in result.notes)
