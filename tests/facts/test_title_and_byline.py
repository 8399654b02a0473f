"""Titles without the site's name, authors as names; each with the log that leads back to what the page said."""

import pytest

from pipeline import edits
from pipeline.document import Fact
from pipeline.facts import Context, decide

HEADLINE = "The ferry will sail all winter"


def facts(name: str, *given: tuple[str, str]) -> list[Fact]:
    return [Fact(name=name, text=text, place=place, path=f"{place}[{n}]") for n, (place, text) in enumerate(given)]


@pytest.mark.parametrize(
    "given",
    [
        [("title", f"{HEADLINE} - Harbour Gazette"), ("h1", HEADLINE)],
        [("title", f"{HEADLINE} | Harbour Gazette"), ("meta:og:title", f"{HEADLINE} | Harbour Gazette")],
        [("title", f"Harbour Gazette » {HEADLINE}")],
        [("title", f"{HEADLINE} — harbourgazette.example")],
        [("h1", "Harbour Gazette"), ("h1", HEADLINE), ("title", f"{HEADLINE} - Harbour Gazette")],
        [("source-rule", HEADLINE), ("title", "Something else altogether")],
        [("text:title", HEADLINE)],
        [
            ("json-ld:headline", HEADLINE),
            ("json-ld:name", f"{HEADLINE} - Harbour Gazette"),
            ("title", f"{HEADLINE} - Harbour Gazette"),
        ],
    ],
)
def test_title(given: list[tuple[str, str]]) -> None:
    found = decide(
        [*facts("title", *given), Fact(name="site", text="Harbour Gazette", place="meta:og:site_name")],
        Context(url="https://www.harbourgazette.example/news/ferry-winter"),
    ).title
    assert found.fact is not None
    assert found.fact.text == HEADLINE
    assert edits.before(found.fact) in {text for _, text in given}
    assert found.fact.place in found.evidence


def test_references_in_titles_are_read() -> None:
    found = decide(facts("title", ("json-ld:headline", "Fish &amp; chips &#8211; a history")), Context()).title
    assert found.fact is not None
    assert found.fact.text == "Fish & chips – a history"
    assert edits.before(found.fact) == "Fish &amp; chips &#8211; a history"


def test_a_colon_inside_a_title_stays() -> None:
    found = decide(facts("title", ("h1", "Ferry: what it costs"), ("title", "Ferry: what it costs")), Context()).title
    assert found.fact is not None
    assert found.fact.text == "Ferry: what it costs"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ([("near-title", "By Ina Holt | Staff writer")], ["Ina Holt"]),
        ([("near-title", "By Ina Holt and Per Lund")], ["Ina Holt", "Per Lund"]),
        ([("near-title", "Written by Ina Holt, Harbour Correspondent")], ["Ina Holt"]),
        ([("near-title", "November 18, 2020 By Ina Holt")], ["Ina Holt"]),
        ([("near-title", "Posted by Ina Holt on Tuesday, 18 November 2020")], ["Ina Holt"]),
        ([("near-title", "Автор: Инна Хольт")], ["Инна Хольт"]),
        ([("near-title", "Von Ina Holt")], ["Ina Holt"]),
        ([("meta:author", "Ina Holt, Per Lund")], ["Ina Holt", "Per Lund"]),
        ([("meta:author", "Ina Holt, MD")], ["Ina Holt, MD"]),
        ([("json-ld:author", "Center for Drug Evaluation and Research")], ["Center for Drug Evaluation and Research"]),
        ([("meta:author", "admin"), ("near-title", "By Ina Holt")], ["Ina Holt"]),
        ([("meta:article:author", "https://social.example/ina")], []),
        ([("meta:twitter:creator", "@ina")], []),
        ([("class:author", "3 minutes")], []),
        ([("class:byline", "Sat, 20 Dec 2025 - 06:36")], []),
        ([("near-title:author-class", "Thread starter seagull74")], ["seagull74"]),
    ],
)
def test_byline(given: list[tuple[str, str]], names: list[str]) -> None:
    found = decide(facts("byline", *given), Context()).byline
    assert [author.text for author in found.authors] == names
    for author in found.authors:
        assert edits.before(author) in {text for _, text in given}


def test_authors_of_one_document_come_together() -> None:
    given = [
        Fact(name="byline", text=name, place="json-ld:author", path="json-ld[1]:Article")
        for name in ("Ina Holt", "Per Lund")
    ]
    assert [author.text for author in decide(given, Context()).byline.authors] == ["Ina Holt", "Per Lund"]


def test_the_site_is_the_author_only_where_nobody_else_is() -> None:
    site = Fact(name="site", text="Harbour Gazette", place="meta:og:site_name")
    both = facts("byline", ("json-ld:author", "Harbour Gazette"), ("class:author", "Ina Holt"))
    assert [author.text for author in decide([site, *both], Context()).byline.authors] == ["Ina Holt"]
    assert [author.text for author in decide([site, both[0]], Context()).byline.authors] == ["Harbour Gazette"]


def test_a_link_to_an_author_in_the_navigation_says_nothing() -> None:
    def said(path: str) -> str | None:
        fact = Fact(name="byline", text="Ina Holt", place="link:author", path=path)
        return next((author.text for author in decide([fact], Context()).byline.authors), None)

    assert said("html>body>main>p") == "Ina Holt"
    assert said("html>body>nav[2]>ul>li") is None
