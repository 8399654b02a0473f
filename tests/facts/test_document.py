"""Canonical URL, site, tags and the rest, decided from candidates."""

import pytest

from pipeline.document import Fact
from pipeline.facts import Context, decide


def fact(name: str, text: str, place: str = "") -> Fact:
    return Fact(name=name, text=text, place=place)


@pytest.mark.parametrize(
    ("stated", "url", "expected"),
    [
        ("https://ferry.example/a", "https://ferry.example/a?x=1", "https://ferry.example/a"),
        ("/a", "https://ferry.example/a?x=1", "https://ferry.example/a"),
        ("https://ferry.example/", "https://ferry.example/a", None),
        ("https://ferry.example/", "https://ferry.example/", "https://ferry.example/"),
        ("javascript:void(0)", "https://ferry.example/a", None),
        ("http://[::1", "https://ferry.example/a", None),
    ],
)
def test_canonical(stated: str, url: str, expected: str | None) -> None:
    assert decide([fact("canonical", stated, "link:canonical")], Context(url=url)).canonical == expected


def test_the_link_wins_over_open_graph() -> None:
    facts = [
        fact("canonical", "https://f.example/b", "meta:og:url"),
        fact("canonical", "https://f.example/a", "link:canonical"),
    ]
    assert decide(facts, Context(url="https://f.example/x")).canonical == "https://f.example/a"


def test_tags_are_split_and_counted_once() -> None:
    facts = [
        fact("tag", "Ferry, winter,  ", "meta:keywords"),
        fact("tag", "Winter", "rel:tag"),
        fact("tag", "ice, thick", "rel:tag"),
    ]
    assert decide(facts, Context()).tags == ("Ferry", "winter", "ice, thick")


def test_nothing_is_nothing() -> None:
    found = decide([], Context())
    assert (found.title.fact, found.byline.authors, found.published.day, found.canonical, found.site) == (
        None,
        (),
        None,
        None,
        None,
    )
    assert found.title.evidence
    assert found.published.evidence
