"""The sample site: what it holds, and that it is served as the table says."""

import asyncio
import http.client
import re
import tomllib
from collections.abc import Iterator
from email.message import Message

import pytest

from flows import catalog
from flows.sample import FOLDER, HOST, PORT, SampleResolver, serve

TABLE = tomllib.loads((FOLDER / "site.toml").read_text(encoding="utf-8"))["paths"]
PAGES = {path: page for path, page in TABLE.items() if page["file"].endswith(".html") and path != "/"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve() as resolver:
        yield resolver.address


def get(address: str, path: str, **headers: str) -> tuple[int, Message, bytes]:
    """Status, headers and body of one answer."""
    connection = http.client.HTTPConnection(address, PORT, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": f"{HOST}:{PORT}", **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def body(name: str) -> bytes:
    return (FOLDER / "pages" / name).read_bytes()


@pytest.mark.parametrize("path", TABLE)
def test_pages_are_served_byte_for_byte_under_the_label_of_the_table(path: str, address: str) -> None:
    status, headers, sent = get(address, path)
    assert (status, headers["Content-Type"]) == (200, TABLE[path]["type"])
    assert sent == body(TABLE[path]["file"])


def test_a_page_that_is_known_is_not_sent_again(address: str) -> None:
    _, headers, _ = get(address, "/")
    status, _, sent = get(address, "/", **{"If-None-Match": headers["ETag"]})
    assert (status, sent) == (304, b"")


@pytest.mark.parametrize("path", ["/nothing", "/../site.toml", "/pages/index.html"])
def test_nothing_but_the_table_is_served(path: str, address: str) -> None:
    assert get(address, path)[0] == 404


def test_two_runs_at_a_time_have_an_address_each(address: str) -> None:
    with serve() as other:
        assert other.address != address
        assert get(other.address, "/robots.txt")[0] == 200


def test_only_the_site_is_resolved() -> None:
    resolver = SampleResolver("127.0.0.1")
    assert asyncio.run(resolver(HOST, PORT)) == ("127.0.0.1",)
    with pytest.raises(OSError, match=r"elsewhere\.example"):
        asyncio.run(resolver("elsewhere.example", 80))


def test_the_damage_of_real_sites_is_there() -> None:
    assert len(PAGES) >= 8
    declaration = body("declaration.html")
    assert b"of\xa0the" in declaration
    assert "Остерозеро" in declaration.decode("windows-1251")
    assert TABLE["/news/harvest-fair/"]["type"].endswith("iso-8859-1")
    assert "ten o’clock" in body("harvest-fair.html").decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        body("ferries-ru.html").decode("utf-8")
    assert "heldin" in body("minutes-1998.html").decode("utf-8") or re.search(
        r"\bofthe\b", body("minutes-1998.html").decode()
    )
    assert "wouldnâ€™t" in body("choir-festival.html").decode("utf-8")
    assert b"figcaption" in body("bridge-opened.html")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_chrome(path: str) -> None:
    page = body(PAGES[path]["file"])
    for part in (b'class="clocks"', b'class="menu"', b'class="tools"'):
        assert part in page
    if path != "/photos/":
        for part in (b"Add Comment", b">Print<", b'class="related"', b"* Towns of the Union:"):
            assert part in page


def test_feed_and_listing_lead_to_pages() -> None:
    source = catalog.find("sample", None).source
    assert len(source.discover.feeds) == len(source.discover.listings) == 1
    links = set(re.findall(rf"<link>http://{HOST}:{PORT}(/[^<]+)</link>", body("feed.xml").decode()))
    links |= set(re.findall(r'class="headline" href="([^"]+)"', body("index.html").decode()))
    assert links == set(PAGES)
