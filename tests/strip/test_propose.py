"""A source proposed from pages, and the check that sees a layout change."""

from pipeline.document import Decoded
from pipeline.strip.propose import check, propose
from schemas import SourceV1

STORIES = (
    (
        "Mill closes",
        "The mill on the upper river has ground its last sack of flour after a hundred and twelve years of work.",
        3,
    ),
    (
        "Ferry returns",
        "A new ferry will cross the strait twice a day from the first of May, the harbour master announced.",
        4,
    ),
    (
        "Bell falls",
        "Nobody was hurt when the bell fell from the tower on Sunday, shortly after the congregation had left.",
        5,
    ),
)


def page(title: str, text: str, day: int, *, content: str = "entry-content") -> Decoded:
    html = f"""<html lang=en-GB><head><title>{title} | The Chronicle</title><meta property="og:site_name" content="The Chronicle">
<link rel=alternate type="application/rss+xml" href="/feed.xml"></head><body>
<nav class=menu><ul><li><a href=/>Home</a><li><a href=/news>News</a></ul></nav>
<article><h1 class=entry-title>{title}</h1><span class=entry-date>0{day}.05.2021 10:15</span>
<div class={content}><p>{text}</p><p>{text.replace("the", "every")}</p><p>{text.replace(" a ", " one ")}</p></div></article>
<footer class=footer><p>© 2021 The Chronicle. All rights reserved.</p></footer></body></html>"""
    return Decoded(text=html, encoding=None, evidence="")


PAGES = {f"https://www.chronicle.example/{n}": page(*story) for n, story in enumerate(STORIES)}


def test_what_is_proposed_is_a_source_and_fits_the_pages() -> None:
    described, previews = propose(PAGES)
    source = SourceV1.model_validate(described)
    assert (source.name, source.site, source.language) == ("chronicle-example", "The Chronicle", "en")
    assert source.discover.feeds == ("https://www.chronicle.example/feed.xml",)
    assert source.dates.formats == ("%d.%m.%Y %H:%M",)
    assert source.strip.keep
    assert not any(match.alarm for match in check(source, PAGES))
    for preview, (title, text, _) in zip(previews, STORIES, strict=True):
        assert preview.title == title
        assert text in preview.kept
        assert preview.removed


def test_check_raises_an_alarm_when_the_layout_changes() -> None:
    source = SourceV1.model_validate(
        {"name": "s", "strip": {"keep": [".entry-content"], "drop": [".footer"], "title": "h1"}}
    )
    changed = {url: page(*story, content="story-body") for url, story in zip(PAGES, STORIES, strict=True)}
    assert [(m.key, m.matched, m.alarm) for m in check(source, PAGES)] == [
        ("keep", 3, False),
        ("drop", 3, False),
        ("title", 3, False),
    ]
    assert [(m.key, m.matched, m.alarm) for m in check(source, changed)] == [
        ("keep", 0, True),
        ("drop", 3, False),
        ("title", 3, False),
    ]


def test_no_page_no_rules() -> None:
    described, previews = propose(
        {"https://example.org/x": Decoded(text="<html><body></body></html>", encoding=None, evidence="")}
    )
    assert "strip" not in described
    assert previews[0].kept == ()


def test_a_page_that_would_keep_the_parser_busy_is_not_looked_at() -> None:
    hostile = Decoded(text="<html><p " + "a " * 10_000 + ">x", encoding=None, evidence="")
    pages = {"https://www.chronicle.example/hostile": hostile, **PAGES}
    described, previews = propose(pages)
    assert described["discover"]["feeds"] == ["https://www.chronicle.example/feed.xml"]
    assert [preview.kept == () for preview in previews] == [True, False, False, False]
    source = SourceV1.model_validate({"name": "s", "strip": {"keep": ["p"]}})
    assert [(match.matched, match.pages) for match in check(source, pages)] == [(3, 4)]
