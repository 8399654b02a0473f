"""Sitemaps, feeds and listings that are traps: what can be had of them is had, and the source's other pages are found."""

import gzip
from dataclasses import dataclass, field

import pytest

from pipeline.fetch import Discovery
from pipeline.fetch.discover import discover
from schemas import SourceV1
from tests.faults.run import fetcher, memory_bound, rules, watched
from tests.faults.server import Drip, FaultServer, Hang, Repeat, Reset, Script, answer, head, redirect

URLSET = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>'
INDEX = b'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</sitemapindex>'
RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>%s</channel></rss>'
ATOM = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">%s</feed>'

LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
LAUGHTER = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">%s]><urlset><url><loc>/&l9;</loc></url></urlset>' % LAUGHS
)
ONE_BIG = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "%s">]><rss><channel>%s</channel></rss>' % (
    b"a" * 100_000,
    b"<item><link>&a;</link></item>" * 1000,
)
PASSWORDS = b'<!DOCTYPE x [<!ENTITY p SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://h/&p;</loc></url></urlset>'
PARAMETER = b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "/dtd"> %p;]><urlset><url><loc>/a</loc></url></urlset>'.replace(
    b"%%", b"%"
)
OUTSIDE = b'<!DOCTYPE urlset SYSTEM "/dtd"><urlset><url><loc>/pages/1</loc></url></urlset>'


def entry(path: str, date: str = "") -> bytes:
    return f"<url><loc>{path}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</url>".encode()


def item(path: str, more: str = "") -> bytes:
    return f"<item><link>{path}</link>{more}</item>".encode()


def below(path: str) -> bytes:
    return f"<sitemap><loc>{path}</loc></sitemap>".encode()


@dataclass(frozen=True)
class Trap:
    """`what` of the source leads to "/trap", which says `script`; `pages` are found there, and `problem` is noted."""

    name: str
    what: str
    script: Script
    pages: int = 0
    problem: str | None = None
    also: dict[str, Script | list[Script]] = field(default_factory=dict)
    listing: dict[str, object] = field(default_factory=dict)
    rules: dict[str, object] = field(default_factory=dict)


def sitemap(name: str, body: bytes, pages: int = 0, problem: str | None = None, **more: object) -> Trap:
    return Trap(name, "sitemaps", (answer(body),), pages, problem, **more)  # type: ignore[arg-type]


def feed(name: str, body: bytes, pages: int = 0, problem: str | None = None, **more: object) -> Trap:
    return Trap(name, "feeds", (answer(body),), pages, problem, **more)  # type: ignore[arg-type]


def listing(name: str, body: bytes, pages: int = 0, problem: str | None = None, **more: object) -> Trap:
    return Trap(name, "listings", (answer(body),), pages, problem, **more)  # type: ignore[arg-type]


def links(count: int, more: str = "") -> bytes:
    return "".join(f"<a href=/pages/{n}>x</a>" for n in range(count)).encode() + more.encode()


NEXT = {"next": "a[rel=next]", "pages": 50}

TRAPS = (
    sitemap("a thousand million laughs", LAUGHTER, 0, "xml-refused"),
    sitemap(
        "laughs in UTF-16", LAUGHTER.decode().replace("?>", ' encoding="utf-16"?>').encode("utf-16"), 0, "xml-refused"
    ),
    sitemap("an entity that is a file", PASSWORDS, 0, "xml-refused"),
    sitemap("an entity that is another server", PARAMETER, 0, "xml-refused"),
    sitemap("a DTD elsewhere", OUTSIDE, 1),
    sitemap("itself", INDEX % below("/trap"), 0),
    sitemap("a circle", INDEX % below("/b"), 0, also={"/b": (answer(INDEX % below("/trap")),)}),
    sitemap("an index of 100,000", INDEX % (below("/a?%d") * 100_000 % tuple(range(100_000))), 0, "sitemap-limit"),
    sitemap(
        "indexes ten deep",
        INDEX % below("/1"),
        0,
        "sitemap-depth",
        also={f"/{n}": (answer(INDEX % below(f"/{n + 1}")),) for n in range(1, 10)},
    ),
    sitemap("10 MB", URLSET % b"".join(entry(f"/pages/{n}?{'x' * 230}") for n in range(40_000)), 1000),
    sitemap("45 MB of blanks", URLSET % (b" " * 45_000_000 + entry("/pages/1")), 1),
    Trap("60 MB", "sitemaps", (head(), URLSET[:60], Repeat(b" " * 100_000, 600)), 0, "body-too-large"),
    sitemap("60,000 entries", URLSET % b"".join(entry(f"/pages/{n}") for n in range(60_000)), 1000, "too-many-entries"),
    sitemap("100,000 deep", URLSET % (b"<a>" * 100_000), 0, "xml-refused"),
    sitemap(
        "one element with a million attributes",
        b"<urlset " + b"".join(b'a%d="" ' % n for n in range(10**6)) + b"/>",
        0,
        "xml-refused",
    ),
    sitemap("one text of 30 MB", URLSET % (b"<url><loc>/" + b"x" * 30_000_000 + b"</loc></url>"), 0),
    sitemap("URLs of 5 KB", URLSET % (entry("/pages/" + "x" * 5000) + entry("/pages/1")), 2),
    sitemap("URLs of 20 KB", URLSET % (entry("/pages/" + "x" * 20_000) + entry("/pages/1")), 1),
    sitemap(
        "bad dates",
        URLSET
        % b"".join(
            entry(f"/pages/{n}", d)
            for n, d in enumerate(("2026-13-45", "yesterday", "9999-99-99", "0", "2026-01-01T25:61:00Z"))
        ),
        5,
        "bad-dates",
    ),
    sitemap(
        "dates at the ends of time",
        URLSET % (entry("/pages/1", "0001-01-01T00:00:00+14:00") + entry("/pages/2", "9999-12-31")),
        2,
        "bad-dates",
    ),
    sitemap("cut short", (URLSET % b"".join(entry(f"/pages/{n}") for n in range(9)))[:-60], 7, "xml-broken"),
    sitemap("bare ampersands", URLSET % entry("/pages/1?a=1&b=2&nbsp;c"), 1),
    sitemap("bytes that are no text", URLSET % (entry("/pages/1") + b"<x>\xff\xfe\x01</x>" + entry("/pages/2")), 2),
    sitemap(
        "an encoding nobody knows", b'<?xml version="1.0" encoding="klingon"?>' + URLSET[21:] % entry("/pages/1"), 1
    ),
    sitemap(
        "in windows-1251",
        '<?xml version="1.0" encoding="windows-1251"?><urlset><url><loc>/pages/ж</loc></url></urlset>'.encode("cp1251"),
        1,
    ),
    sitemap("blank lines before all", b"\n\n " + URLSET % entry("/pages/1"), 1),
    sitemap("a page of markup", b"<!DOCTYPE html><html><body><p>Not found</body></html>", 0, "not-a-list"),
    sitemap("rubbish", bytes(range(256)) * 100, 0, "xml-broken"),
    sitemap("a plain list", b"http://127.0.0.1:PORT/pages/1\r\nhttp://127.0.0.1:PORT/pages/2\nrubbish\n", 2),
    sitemap("pages of another site", URLSET % (entry("http://example.org/a") + entry("/pages/1")), 1),
    sitemap(
        "images and films",
        URLSET % (b'<url><loc>/pages/1</loc><i:image xmlns:i="i"><i:loc>/pages/image</i:loc></i:image></url>'),
        1,
    ),
    sitemap("gzip", gzip.compress(URLSET % entry("/pages/1")), 1),
    sitemap("gzip bomb", gzip.compress(URLSET % (b" " * 200_000_000)), 0, "body-bomb"),
    sitemap("gzip cut short", gzip.compress(URLSET % entry("/pages/1"))[:-20], 0, "body-truncated"),
    sitemap(
        "all below it hang",
        INDEX % b"".join(below(f"/dead/{n}") for n in range(100)),
        0,
        "sitemap-limit",
        also={f"/dead/{n}": (Reset(),) for n in range(100)},
    ),
    Trap("gone", "sitemaps", (answer(b"", status="404 Not Found"),), 0, "gone"),
    Trap("moved to the metadata service", "sitemaps", redirect("http://169.254.169.254/"), 0, "address-refused"),
    Trap("in drops", "sitemaps", (head(), Drip(b"<")), 0, "timeout", rules={"timeout": 0.5}),
    Trap("silent", "feeds", (Hang(),), 0, "timeout", rules={"timeout": 0.5}),
    feed("one big entity", ONE_BIG, 0, "xml-refused"),
    feed("names only HTML knows", RSS % (b"<description>a&nbsp;b&mdash;c &copy</description>" + item("/pages/1")), 1),
    feed("an element without an end", RSS % (item("/pages/1") + b"<item><link>/pages/2</item>"), 1, "xml-broken"),
    feed("the same page five times", RSS % (item("/pages/1?utm_source=feed") * 5), 1),
    feed(
        "other schemes",
        RSS % b"".join(map(item, ("javascript:alert(1)", "file:///etc/passwd", "data:,x", "mailto:a@b", "/pages/1"))),
        1,
    ),
    feed(
        "inner addresses",
        RSS % b"".join(map(item, ("http://127.1/", "http://0x7f000001/", "http://h:25/", "/pages/1"))),
        1,
    ),
    feed(
        "guid for link",
        RSS
        % b"<item><guid>http://127.0.0.1:PORT/pages/1</guid></item><item><guid isPermaLink='false'>http://h/x</guid></item>",
        1,
    ),
    feed(
        "bad dates",
        RSS
        % (
            item("/pages/1", "<pubDate>Mon, 45 Foo 2026</pubDate>")
            + item("/pages/2", "<pubDate>Mon, 99 Jan 99999999999 99:99:99 +9999</pubDate>")
        ),
        2,
        "bad-dates",
    ),
    feed("Atom", ATOM % b"<entry><link rel='self' href='/s'/><link href='/pages/1'/><id>urn:1</id></entry>", 1),
    feed("entries within entries", RSS % (b"<item>" * 60 + item("/pages/1")), 0, "xml-broken"),
    feed("JSON", b'{"items": [{"url": "/pages/1"}, {"id": "/pages/2"}, {"url": 5}, 7, {}]}', 2),
    feed("JSON that is no feed", b'{"error": "no"}', 0, "not-a-list"),
    feed("JSON cut short", b'{"items": [{"url": "/pages/1"}, {"u', 0, "json-broken"),
    feed("JSON 100,000 deep", b'{"items": ' + b"[" * 100_000, 0, "json-broken"),
    feed("empty", RSS % b"", 0),
    feed("10 MB of one item", RSS % item("/pages/1", f"<description>{'x' * 9_900_000}</description>"), 1),
    listing("100,000 deep", b"<div>" * 100_000 + links(3), 0, "page-unreadable"),
    listing(
        "a million attributes",
        b"<div " + b"".join(b"a%d=1 " % n for n in range(10**6)) + b">" + links(3),
        0,
        "page-unreadable",
    ),
    listing("a tag without an end", b"<div" + b" a" * 10**6, 0, "page-unreadable"),
    listing("a hundred thousand links", links(100_000), 1000),
    listing("the next page is itself", links(3, '<a rel=next href="/trap">'), 3, listing=NEXT),
    listing(
        "next pages without end",
        links(1, '<a rel=next href="/trap?1">'),
        1,
        listing=NEXT,
        also={f"/trap?{n}": (answer(links(1, f'<a rel=next href="/trap?{n + 1}">')),) for n in range(1, 100)},
    ),
    listing(
        "the next page hangs up",
        links(3, '<a rel=next href="/dead">'),
        3,
        "disconnected",
        listing=NEXT,
        also={"/dead": (Reset(),)},
    ),
    listing("no selector", links(3), 0, "page-unreadable", listing={"links": "a[["}),
    listing("a base elsewhere", b"<base href=http://example.org/>" + links(3), 0),
    listing(
        "odd links",
        b'<a href>x</a><a href="#top">x</a><a href="javascript:x">x</a><a href="http://[">x</a><a href=" /pages/1 ">x</a>',
        1,
    ),
    listing("no markup at all", b"\0\1\2" * 1000, 0),
)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap.what}: {trap.name}")
def test_trap(trap: Trap) -> None:
    with FaultServer({"/feed": (answer(RSS % item("/good/2")),), **trap.also}) as server, memory_bound():
        server.scripts["/trap"] = tuple(_with_port(step, server.port) for step in trap.script)
        found = watched(run(source(trap, server), server))
    assert [page.url for page in found.pages if "/good/" in page.url] == [server.url("/good/1"), server.url("/good/2")]
    pages = [page.url for page in found.pages if "/good/" not in page.url]
    assert len(pages) == (trap.pages if trap.pages < 1000 else 998), pages[:9]
    assert all(url.startswith(server.url("/pages/")) for url in pages)
    assert [problem.reason for problem in found.problems][-1:] == ([trap.problem] if trap.problem else [])
    assert server.asked["/dtd"] == 0


def _with_port(step: object, port: int) -> object:
    """The PORT in an answer, and a Content-Length that fits."""
    if not isinstance(step, bytes) or b"PORT" not in step:
        return step
    return answer(step.partition(b"\r\n\r\n")[2].replace(b"PORT", b"%d" % port))


def source(trap: Trap, server: FaultServer) -> SourceV1:
    """Two good pages and the trap."""
    found: dict[str, object] = {"urls": [server.url("/good/1")], "feeds": [server.url("/feed")]}
    if trap.what == "listings":
        found["listings"] = [{"url": server.url("/trap"), **trap.listing}]
    else:
        found[trap.what] = [*found.get(trap.what, ()), server.url("/trap")]  # type: ignore[misc]
    terms = rules(server.port, **({"max_bytes": 20_000_000} | trap.rules))
    return SourceV1.model_validate({"name": "trap", "discover": found, "fetch": terms.model_dump()})


async def run(source: SourceV1, server: FaultServer) -> Discovery:
    async with fetcher() as client:
        return await discover(source, client)
