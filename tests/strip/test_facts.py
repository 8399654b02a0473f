"""Candidates for facts, each with its place."""

import json

import pytest

from pipeline.document import Decoded, Fact, Rejected
from pipeline.strip import strip
from pipeline.strip.facts import context

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


@pytest.mark.parametrize(
    ("html", "fact"),
    [
        ('<meta name="w-published-date" content="2021-05-03">', ("published", "meta:w-published-date", "2021-05-03")),
        ('<meta name="ms.date" content="05/03/2021">', ("modified", "meta:ms.date", "05/03/2021")),
        ('<meta name="page-last-updated" content="2021-05-03">', ("modified", "meta:page-last-updated", "2021-05-03")),
    ],
)
def test_a_meta_of_the_sites_own_naming(html: str, fact: tuple[str, str, str]) -> None:
    assert fact in facts(f"<html><head>{html}</head><body>{PROSE}")


def test_a_meta_that_only_sounds_like_a_date() -> None:
    for html in ('<meta name="publisher" content="Moray 2021-05">', '<meta name="x:creation" content="1792772959432">'):
        assert not [
            fact for fact in facts(f"<html><head>{html}</head><body>{PROSE}") if fact[0] in ("published", "modified")
        ]


@pytest.mark.parametrize(
    ("html", "fact"),
    [
        (
            "<h1>Dredged</h1><p>Started by gull, May 3, 2021</p>",
            ("published", "near-title:labelled", "Started by gull, May 3, 2021"),
        ),
        (
            "<h1>Dredged</h1><div>Published</div><div>May 3, 2021</div>",
            ("published", "near-title:labelled", "May 3, 2021"),
        ),
        ("<h1>Dredged</h1><div>Updated on:</div><div>May 3, 2021</div>", ("modified", "near-title", "May 3, 2021")),
        (f"{PROSE * 9}<p>Written by Ann Moray</p><p>May 3, 2021</p>", ("published", "near-byline", "May 3, 2021")),
        (
            f"{PROSE * 9}<p>This piece was originally published on 3 May 2021 and has been kept up to date ever since then.</p>",
            (
                "published",
                "original",
                "originally published on 3 May 2021 and has been kept up to date ever since then.",
            ),
        ),
        (
            '<p class="post_date">2021-05-03, 06:52 PM (This post was last modified: 2024-01-05, 04:48 AM by gull.)</p>',
            (
                "published",
                "date-class",
                "2021-05-03, 06:52 PM (This post was last modified: 2024-01-05, 04:48 AM by gull.)",
            ),
        ),
        (
            f"<h1>Dredged</h1><p>FINDHORN, May 3, 2021 (MNA) - {PROSE[3:]}",
            ("published", "dateline", "FINDHORN, May 3, 2021"),
        ),
        (
            '<relative-time datetime="2021-05-03">last year</relative-time>',
            ("published", "time:attribute", "2021-05-03"),
        ),
        (
            '<span class="date" data-timestamp="1620000000">May</span>',
            ("published", "class:date:attribute", "1620000000"),
        ),
    ],
)
def test_days_in_plain_sight(html: str, fact: tuple[str, str, str]) -> None:
    assert fact in facts(f"<html><body>{html}{PROSE}")


@pytest.mark.parametrize("label", ["Joined", "Founded:", "Member since"])
def test_days_of_people_are_not_the_documents(label: str) -> None:
    found = facts(
        f"<html><body><h1>Dredged</h1><dl><dt>{label}</dt><dd>Nov 4, 2011</dd></dl><p>{label} Nov 5, 2011</p>{PROSE}"
    )
    assert not [fact for fact in found if fact[0] == "published"]


def test_the_heading_that_says_the_title_is_where_to_look() -> None:
    page = (
        "<html><head><title>The quay was dredged - Moray forum</title></head><body><h1>Moray forum</h1>"
        + "<p>One of many links</p>" * 30
        + f"<h2>The quay was dredged</h2><p>3 May 2021</p>{PROSE}"
    )
    assert ("published", "near-title", "3 May 2021") in facts(page)
    bare = page.replace("<h1>Moray forum</h1>", "").replace("h2>", "td>").replace("<td>", "<p>")
    assert ("published", "near-title", "3 May 2021") in facts(bare)


@pytest.mark.parametrize(
    ("html", "fact"),
    [
        ("<h1>Dredged</h1><div>Written by</div><div>Ann Moray</div>", ("byline", "near-title:labelled", "Ann Moray")),
        (f"{PROSE * 9}<div>Author</div><p>Ann Moray</p>", ("byline", "labelled", "Ann Moray")),
        ('<p>The <a href="/authors/ann-moray">Ann Moray</a></p>', ("byline", "link:author", "Ann Moray")),
        ('<p>The <a href="/?author=7">Ann Moray</a></p>', ("byline", "link:author", "Ann Moray")),
    ],
)
def test_authors_in_plain_sight(html: str, fact: tuple[str, str, str]) -> None:
    assert fact in facts(f"<html><body>{html}{PROSE}")


@pytest.mark.parametrize(
    "html",
    [
        "<div>Reviewed by</div><div>Ann Moray</div>",
        '<p>The <a href="/authorities/harbour">harbour board</a></p>',
        '<p>All <a href="/authors/">writers</a></p>',
    ],
)
def test_who_is_no_author(html: str) -> None:
    assert not [fact for fact in facts(f"<html><body>{PROSE * 9}{html}{PROSE}") if fact[0] == "byline"]


def test_what_every_run_is_compared_with_is_bounded() -> None:
    """A page of R runs whose title, description or JSON-LD text is a book took time in proportion to R times its length."""
    head = [Fact(name=name, text="lamp " * 100_000, place="meta", path="html") for name in ("title", "description")]
    told = context(None, head, [{"articleBody": "lamp " * 100_000}])
    assert (len(told.titles[0]), len(told.descriptions[0]), len(told.body)) == (1_000, 50_000, 200_000)
