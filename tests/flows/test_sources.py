"""`sources new` proposes a source from pages, `sources check` sees when its selectors no longer match."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flows import catalog, one, try_source
from flows.propose_source import as_toml
from flows.settings import load_settings
from pipeline.document import Capture
from pipeline.fetch import Fetched, Gone
from pipeline.fetch.outcome import Timings
from pipeline.store import Store

Unscrape = Callable[..., Any]

STORIES = (
    "The weir below the tannery was raised by a hand, so that the upper meadows will be flooded before the thaw.",
    "Two lamplighters were engaged for the winter, who will share the long round between the gate and the harbour.",
    "The council has bought a second bell from the foundry, which will be hung in the old tower before the harvest.",
)


def page(number: int, content: str = "story-text", host: str = "https://www.meadow-post.example") -> str:
    text = STORIES[number]
    return f"""<html lang=en><head><title>Story {number} | Meadow Post</title><link rel=canonical href="{host}/story/{number}">
<meta property="og:site_name" content="Meadow Post"><link rel=alternate type="application/rss+xml" href="/feed.xml"></head><body>
<nav class=menu><ul><li><a href=/>Home</a><li><a href=/all>All stories</a></ul></nav>
<article><h1 class=entry-title>Story of day {number}</h1><span class=entry-date>1{number}.04.2021 09:30</span>
<div class={content}><p>{text}</p><p>{text.replace("the", "every")}</p><p>{text.replace(" a ", " one ")}</p></div></article>
<footer class=footer><p>© 2021 Meadow Post. All rights reserved.</p></footer></body></html>"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"story-{number}.html" for number in range(len(STORIES))]
    for number, path in enumerate(paths):
        path.write_text(page(number), encoding="utf-8")
    return [str(path) for path in paths]


def capture(number: int, html: str) -> Capture:
    body = html.encode()
    url = f"https://www.meadow-post.example/story/{number}"
    fetched = datetime(2021, 4, 20, tzinfo=UTC)
    digest = sha256(body).hexdigest()
    return Capture(
        body=body,
        sha256=digest,
        url_chain=(url,),
        status=200,
        content_type="text/html; charset=utf-8",
        fetched_at=fetched,
    )


def test_a_source_is_proposed_from_files_and_previewed(unscrape: Unscrape, home: Path, files: Sequence[str]) -> None:
    made = unscrape("sources", "new", *files)
    path = home / "sources" / "meadow-post.toml"
    assert (made.code, made.out) == (0, f"{path}\n")
    source = catalog.load(path)
    assert (source.site, source.language) == ("Meadow Post", "en")
    assert source.homepage == "https://www.meadow-post.example/"
    assert source.discover.feeds == ("https://www.meadow-post.example/feed.xml",)
    assert source.dates.formats == ("%d.%m.%Y %H:%M",)
    assert source.strip.keep
    assert "# timezone" in path.read_text(encoding="utf-8")
    for part in (f"+ {STORIES[0][:40]}", "All rights reserved", "dropped:", "sources check meadow-post"):
        assert part in made.err


def test_a_source_that_is_there_is_not_overwritten(unscrape: Unscrape, home: Path, files: Sequence[str]) -> None:
    unscrape("sources", "new", *files)
    path = home / "sources" / "meadow-post.toml"
    path.write_text('name = "meadow-post"\n', encoding="utf-8")
    again = unscrape("sources", "new", *files)
    assert again.code == 2
    assert "'meadow-post'" in again.err
    assert path.read_text(encoding="utf-8") == 'name = "meadow-post"\n'


def test_files_that_do_not_say_where_they_are_from_need_a_url(unscrape: Unscrape, tmp_path: Path) -> None:
    path = tmp_path / "lone.html"
    path.write_text(page(0).replace("canonical", "other"), encoding="utf-8")
    made = unscrape("sources", "new", str(path))
    assert made.code == 2
    assert "does not say where it came from" in made.err


def test_what_is_written_is_toml_whatever_the_page_calls_itself(tmp_path: Path) -> None:
    described = {"site": 'Say "hi"\\ \x7f\n', "strip": {"keep": ["div.a\"b'"]}}
    path = tmp_path / "odd.toml"
    path.write_text(as_toml(described, "odd", "https://odd.example/x", 1), encoding="utf-8")
    source = catalog.load(path)
    assert (source.site, source.strip.keep) == (described["site"], ("div.a\"b'",))


@pytest.mark.parametrize(("content", "code"), [("story-text", 0), ("body-copy", 1)])
def test_selectors_are_tried_on_stored_pages(content: str, code: int, unscrape: Unscrape, home: Path) -> None:
    path = home / "sources" / "meadow.toml"
    path.parent.mkdir()
    rules = '[strip]\nkeep = [".story-text"]\ndrop = [".advert"]\ntitle = "h1"\n'
    path.write_text(rules, encoding="utf-8")
    store = Store.open(home, load_settings().ledger)
    with store.run(catalog.load(path), kind="ingest") as run:
        for number in range(len(STORIES)):
            item = capture(number, page(number, content))
            run.save_capture(item.url_chain[0], item)
    store.close()
    checked = unscrape("sources", "check", "meadow", "--pages", "0")
    assert checked.code == code
    assert ("ALARM: strip.keep: '.story-text' matches nothing on 3 pages" in checked.err) == bool(code)
    assert checked.err.count("ALARM") == code
    rows = [line.split() for line in checked.out.splitlines()[1:]]
    assert rows == [
        ["keep", ".story-text", "0" if code else "3", "of", "3"],
        ["drop", ".advert", "0", "of", "3"],
        ["title", "h1", "3", "of", "3"],
    ]


def test_without_stored_pages_those_fetched_are_looked_at(
    unscrape: Unscrape, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "sources" / "meadow.toml"
    path.parent.mkdir()
    path.write_text('[strip]\nkeep = [".gone"]\n', encoding="utf-8")
    fetched = [capture(number, page(number)) for number in range(len(STORIES))]
    monkeypatch.setattr(try_source, "try_source", lambda *_: (0, fetched))
    checked = unscrape("sources", "check", "meadow")
    assert checked.code == 1
    assert "ALARM: strip.keep: '.gone' matches nothing on 3 pages of meadow" in checked.err


def test_a_blank_source_needs_a_url(unscrape: Unscrape, home: Path, files: Sequence[str]) -> None:
    assert unscrape("sources", "new", files[0], "--blank").code == 2
    made = unscrape("sources", "new", "https://meadow-post.example/all", "--blank")
    assert made.code == 0
    shown = json.loads(unscrape("sources", "show", "meadow-post").out)
    assert shown["discover"]["listings"][0]["url"] == "https://meadow-post.example/all"


class Site:
    """A session that answers with the stories; what it does not know is gone."""

    def fetch(self, requests: Sequence[Any], _settings: object, received: Callable[[Any, Any], None]) -> None:
        moment = datetime(2021, 4, 20, tzinfo=UTC)
        for request in reversed(requests):
            number = int(request.url.rpartition("/")[2])
            if number >= len(STORIES):
                received(request, Gone(url=request.url, status=404, at=moment, attempts=()))
                continue
            timings = Timings(started_at=moment, waited=0, headers=0, total=0)
            found = capture(number, page(number))
            received(request, Fetched(capture=found, request_headers=(), hops=(), timings=timings, attempts=()))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def session(*_: object) -> Iterator[Site]:
        yield Site()

    monkeypatch.setattr(one, "fetching", session)


@pytest.mark.usefixtures("site")
def test_a_source_is_proposed_from_urls(unscrape: Unscrape, home: Path) -> None:
    urls = [f"https://www.meadow-post.example/story/{number}" for number in range(len(STORIES))]
    assert unscrape("sources", "new", *urls).code == 0
    path = home / "sources" / "meadow-post.toml"
    assert "Proposed from 3 pages of https://www.meadow-post.example/" in path.read_text(encoding="utf-8")
    assert catalog.load(path).strip.keep


@pytest.mark.usefixtures("site")
def test_a_page_that_cannot_be_fetched_is_named_and_nothing_written(unscrape: Unscrape, home: Path) -> None:
    made = unscrape(
        "sources", "new", "https://www.meadow-post.example/story/1", "https://www.meadow-post.example/story/9"
    )
    assert made.code == 1
    assert made.err == "unscrape: https://www.meadow-post.example/story/9: gone\n"
    assert not (home / "sources").exists()


def test_a_file_that_would_keep_the_parser_busy_is_named(unscrape: Unscrape, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.html"
    hostile.write_text("<html><p " + "a " * 10_000 + ">x", encoding="utf-8")
    made = unscrape("sources", "new", str(hostile))
    assert made.code == 2
    assert f"{hostile}: is no page that can be read: an element with 10000 attributes" in made.err
