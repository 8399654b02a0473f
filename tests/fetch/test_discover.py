"""What a source's pages are: patterns, order, limits, dates, depth. The traps are in tests/faults."""

from datetime import UTC, datetime, timedelta

from pipeline.fetch import Discovery
from pipeline.fetch.dates import instant
from pipeline.fetch.discover import discover
from pipeline.fetch.entries import read_entries
from schemas import SourceV1
from tests.faults.run import fetcher, rules, watched
from tests.faults.server import FaultServer, Script, answer, head

NOW = datetime.now(UTC)


def urlset(*entries: tuple[str, datetime | str | None]) -> Script:
    def written(when: datetime | str | None) -> str:
        return f"<lastmod>{when.isoformat() if isinstance(when, datetime) else when}</lastmod>" if when else ""

    body = "".join(f"<url><loc>{url}</loc>{written(when)}</url>" for url, when in entries)
    return (answer(f"<urlset>{body}</urlset>".encode()),)


def index(*entries: tuple[str, str]) -> Script:
    body = "".join(f"<sitemap><loc>{url}</loc><lastmod>{when}</lastmod></sitemap>" for url, when in entries)
    return (answer(f"<sitemapindex>{body}</sitemapindex>".encode()),)


def rss(*paths: str) -> Script:
    return (
        answer(f"<rss><channel>{''.join(f'<item><link>{p}</link></item>' for p in paths)}</channel></rss>".encode()),
    )


def links(*paths: str, following: str | None = None) -> Script:
    more = f"<a class=next href={following}>more</a>" if following else ""
    return (answer(("".join(f"<li><a href={path}>x</a></li>" for path in paths) + more).encode()),)


def find(
    scripts: dict[str, Script], rest: dict[str, object], **more: object
) -> tuple[list[str], Discovery, FaultServer]:
    """The paths found. Server URLs in `rest` are written as paths."""

    async def run() -> Discovery:
        async with fetcher() as client:
            source = SourceV1.model_validate({"name": "s", "discover": made, "fetch": rules(server.port).model_dump()})
            return await discover(source, client, **more)  # type: ignore[arg-type]

    with FaultServer(scripts) as server:
        made = dict(rest)
        for what in ("urls", "feeds", "sitemaps"):
            made[what] = [server.url(path) for path in rest.get(what, ())]  # type: ignore[attr-defined]
        listings = rest.get("listings", ())
        made["listings"] = [{**each, "url": server.url(each["url"])} for each in listings]  # type: ignore[attr-defined]
        found = watched(run())
    return [page.url.removeprefix(server.url("")) for page in found.pages], found, server


def test_order_and_once() -> None:
    scripts = {
        "/feed": rss("/b", "/a"),
        "/list": links("/c", "/b"),
        "/map": urlset(("/d", None), ("/a?utm_source=x", None)),
    }
    paths, found, _ = find(
        scripts, {"urls": ["/z"], "feeds": ["/feed"], "listings": [{"url": "/list"}], "sitemaps": ["/map"]}
    )
    assert paths == ["/z", "/b", "/a", "/c", "/d"]
    assert [page.how for page in found.pages] == ["url", "feed", "feed", "listing", "sitemap"]
    assert found.left_out == {"seen-twice": 2}
    assert [(read.how, read.entries) for read in found.read] == [("feed", 2), ("listing", 2), ("sitemap", 2)]


def test_include_exclude_rewrite() -> None:
    scripts = {"/feed": rss("/news/1", "/news/2", "/video/3", "/news/4?draft=1")}
    rewrite = [{"pattern": r"/news/(\d+)", "replace": r"/print/\1"}]
    paths, found, _ = find(
        scripts,
        {"feeds": ["/feed"], "urls": ["/about"], "include": ["/news/"], "exclude": ["draft"], "rewrite": rewrite},
    )
    assert paths == ["/about", "/print/1", "/print/2"]
    assert found.left_out == {"not-included": 1, "excluded": 1}


def test_sitemaps_from_the_newest() -> None:
    old, new = NOW - timedelta(days=100), NOW - timedelta(days=1)
    scripts = {"/map": urlset(("/old", old), ("/undated", None), ("/new", new))}
    assert find(scripts, {"sitemaps": ["/map"]})[0] == ["/new", "/old", "/undated"]
    paths, found, _ = find(scripts, {"sitemaps": ["/map"]}, limit=1)
    assert (paths, found.left_out) == (["/new"], {"over-limit": 2})
    assert find(scripts, {"sitemaps": ["/map"], "max_pages": 2}, limit=50)[0] == ["/new", "/old"]


def test_since_and_age() -> None:
    scripts = {
        "/map": urlset(("/old", NOW - timedelta(days=100)), ("/undated", None), ("/new", NOW - timedelta(days=2)))
    }
    assert find(scripts, {"sitemaps": ["/map"]}, since=NOW - timedelta(days=30))[0] == ["/new", "/undated"]
    assert find(scripts, {"sitemaps": ["/map"], "max_age_days": 30})[0] == ["/new", "/undated"]
    assert len(find(scripts, {"sitemaps": ["/map"]}, since=datetime(1, 1, 1, tzinfo=UTC))[0]) == 3
    assert find(scripts, {"sitemaps": ["/map"]}, since=datetime.max.replace(tzinfo=UTC))[0] == ["/undated"]


def test_old_sitemaps_are_not_read() -> None:
    scripts = {
        "/index": index(("/m1", "2001-01-01"), ("/m2", NOW.date().isoformat())),
        "/m1": urlset(("/a", None)),
        "/m2": urlset(("/b", None)),
    }
    paths, _, server = find(scripts, {"sitemaps": ["/index"]}, since=NOW - timedelta(days=30))
    assert paths == ["/b"]
    assert "/m1" not in server.asked


def test_listings_follow_next_pages() -> None:
    scripts = {
        "/list": links("/1", following="/list2"),
        "/list2": links("/2", following="/list3"),
        "/list3": links("/3"),
    }
    assert find(scripts, {"listings": [{"url": "/list", "next": "a.next", "pages": 2}]})[0] == ["/1", "/2"]
    assert find(scripts, {"listings": [{"url": "/list", "next": "a.next", "pages": 9}]})[0] == ["/1", "/2", "/3"]
    assert find(scripts, {"listings": [{"url": "/list", "links": "li a"}]})[0] == ["/1"]
    assert find(scripts, {"listings": [{"url": "/list", "links": "li"}]})[0] == ["/1"]


def test_depth() -> None:
    scripts = {"/list": links("/1", "http://example.org/x"), "/1": links("/2", "/list"), "/2": links("/3")}
    assert find(scripts, {"listings": [{"url": "/list"}], "max_depth": 1})[0] == ["/1"]
    assert find(scripts, {"listings": [{"url": "/list"}], "max_depth": 2})[0] == ["/1", "/2"]
    paths, found, _ = find(scripts, {"listings": [{"url": "/list"}], "max_depth": 3})
    assert paths == ["/1", "/2", "/3"]
    assert found.left_out == {"other-site": 1}


def test_a_document_that_did_not_change_is_not_read() -> None:
    scripts: dict[str, Script | list[Script]] = {
        "/feed": [(answer(rss("/a")[0].partition(b"\r\n\r\n")[2], 'ETag: "1"'),), (head(status="304 Not Modified"),)]  # type: ignore[union-attr]
    }

    async def run() -> tuple[Discovery, Discovery]:
        async with fetcher() as client:
            first = await discover(source, client)
            known = {read.url: read.validators for read in first.read if read.validators}
            return first, await discover(source, client, known=known)

    with FaultServer(scripts) as server:
        made = {"name": "s", "discover": {"feeds": [server.url("/feed")]}, "fetch": rules(server.port).model_dump()}
        source = SourceV1.model_validate(made)
        first, second = watched(run())
    assert len(first.pages) == 1
    assert (second.pages, second.problems) == ((), ())
    assert second.read[0].validators == first.read[0].validators


def test_dates_of_entries() -> None:
    listed = read_entries(
        b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://h/x/">
        <entry><link href="a"/><published>2026-01-01T00:00:00Z</published><updated>2026-01-02T00:00:00Z</updated></entry>
        <entry><link href="b"/><updated>rubbish</updated></entry></feed>"""
    )
    assert listed.base == "http://h/x/"
    assert listed.entries[0].modified_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert (listed.entries[1].modified_at, listed.entries[1].bad_date) == (None, "rubbish")


def test_news_sitemap() -> None:
    listed = read_entries(
        b"""<urlset xmlns="s" xmlns:news="n"><url><loc>http://h/a</loc><news:news><news:publication_date>2026-02-03
        </news:publication_date><news:title>T</news:title></news:news></url></urlset>"""
    )
    assert listed.entries[0].modified_at == datetime(2026, 2, 3, tzinfo=UTC)


def test_instants() -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    same = (
        "2026-03-01",
        "2026-03",
        "2026-03-01T00:00Z",
        "2026-03-01T03:00:00+03:00",
        "2026-03-01 00:00:00",
        "Sun, 01 Mar 2026 03:00 +0300",
    )
    assert {instant(text) for text in same} == {midnight}
    none = (
        "",
        "2026-13-45",
        "2026-02-30",
        "2026-03-01T25:00Z",
        "26.03.2026",
        "yesterday",
        "0000-00-00",
        "1" * 500,
        "20260301",
    )
    assert {instant(text) for text in none} == {None}
