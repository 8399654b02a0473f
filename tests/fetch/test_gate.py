"""Pages from what only looks like one. The texts are our own."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document import Capture
from pipeline.fetch import QUARANTINED
from pipeline.fetch.gate import gate

TEXT = "<p>" + "The council met on Tuesday and heard what the engineers had to say about the bridge. " * 15 + "</p>"
MENU = "<nav>" + "".join(f"<a href=/{n}>A place in the menu</a>" for n in range(300)) + "</nav>"
HTML = "text/html; charset=utf-8"


def reason(
    body: str | bytes, label: str | None = HTML, chain: tuple[str, ...] = ("https://h/a/b",), **headers: str
) -> str | None:
    raw = body.encode() if isinstance(body, str) else body
    capture = Capture(body=raw, sha256="", content_type=label, url_chain=chain, headers=tuple(headers.items()))
    rejected = gate(capture)
    if rejected is None:
        return None
    assert rejected.stage == "fetch"
    assert rejected.detail
    assert rejected.url == chain[-1]
    return rejected.reason


def page(title: str = "The bridge", heading: str = "The bridge", body: str = TEXT) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{MENU}<h1>{heading}</h1>{body}</body></html>"


MEDIA = {
    "media-pdf": [b"%PDF-1.7\n%\xe2\xe3", b"\n\n%PDF-1.4"],
    "media-image": [
        b"\x89PNG\r\n\x1a\n\0\0",
        b"GIF89a\1\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"RIFF\1\0\0\0WEBPVP8 ",
        b"<svg xmlns='x'></svg>",
    ],
    "media-feed": [
        b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>",
        b"\xef\xbb\xbf<feed xmlns='http://www.w3.org/2005/Atom'/>",
        b"<?xml version='1.0'?>\n<?xml-stylesheet href='a'?><!-- feed -->\n<rdf:RDF xmlns:rdf='r'/>",
    ],
    "media-sitemap": [b"<?xml version='1.0'?><urlset/>", b"<sitemapindex/>"],
    "media-archive": [b"PK\3\4\x14\0\0\0", b"\x1f\x8b\x08\0\0", b"Rar!\x1a\7\0", b"7z\xbc\xaf\x27\x1c"],
    "media-office": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\3\4\x14\0\6\0word/document.xml", b"{\\rtf1\\ansi"],
    "media-audio-video": [b"ID3\4\0", b"\0\0\0\x20ftypmp42", b"OggS\0", b"RIFF\1\0\0\0WAVEfmt "],
    "media-font": [b"wOF2\0\1"],
    "media-json": [b'{"a": [1, 2]}', b'[{"a": 1}]'],
    "media-binary": [bytes(range(256)) * 20, b"\x7fELF\2\1\1", zlib.compress(b"x" * 10)[:2] + bytes(range(32)) * 9],
    "empty": [b"", b"\n \t\r\n"],
}


@pytest.mark.parametrize(("expected", "body"), [(r, b) for r, bodies in MEDIA.items() for b in bodies])
@pytest.mark.parametrize("label", [HTML, "application/octet-stream", None])
def test_what_bytes_are_counts_not_their_label(expected: str, body: bytes, label: str | None) -> None:
    assert reason(body, label) == expected
    assert expected not in QUARANTINED


PAGES = {
    "a page": page().encode(),
    "text": b"Decree No. 5\n\nThe minister decrees.",
    "text in brackets": b"[Provisional text]\n\nThe minister decrees.",
    "text in braces": b"{1} The first part.\n{2} The second part.",
    "XHTML": b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><body>a</body></html>",
    "UTF-16": "The minister decrees.".encode("utf-16"),
    "UTF-16 without its mark": "The minister decrees, on this day.".encode("utf-16-le"),
    "UTF-16 in Russian": "\ufeffПостановление о мосте".encode("utf-16-be"),
    "windows-1251": "Постановление".encode("cp1251"),
    "ISO-2022-JP": "東京の橋".encode("iso2022_jp") * 5,
    "some NULs": b"A text with\0 a NUL or\0 two, as some servers write them.",
    "C1 controls": b"A text with \x93quotes\x94 of Windows.",
    "on the PDF format": page(body=TEXT + "<code>%PDF-1.7</code>").encode(),
    "with a feed in it": page(body=TEXT + "<rss></rss>").encode(),
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES.keys())
@pytest.mark.parametrize("label", [HTML, "text/plain", "application/pdf", "image/png", None])
def test_pages_pass_whatever_their_label(body: bytes, label: str | None) -> None:
    assert reason(body, label) is None


WALLS = [
    ("soft-404", page("Page not found", "Oops!", "<p>Try the search.</p>")),
    ("soft-404", page("The Daily Bridge", "404", "<p>Try the search.</p>")),
    ("soft-404", page("404 Not Found | The Daily Bridge", "", "")),
    ("soft-404", page("The Daily Bridge", "That page can&rsquo;t be found.", "")),
    ("soft-404", page("Страница не найдена — Мост", "Мост", "<p>Воспользуйтесь поиском.</p>")),
    ("soft-404", page("Мост", "Ошибка 404!", "")),
    ("soft-404", page("Сайт - Бет табылмады", "", "")),
    ("soft-404", "<title>Seite nicht gefunden</title>"),
    ("wall-login", page("Sign in - Bridge", "", "<form><input name=p type=password></form>")),
    ("wall-login", page("Вход на сайт", "", "<form><input type='password'></form>")),
    ("wall-consent", page("Before you continue", "", "<p>We and our 800 partners</p><button>Accept</button>")),
    ("wall-consent", page("Bridge", "We value your privacy", "")),
    ("wall-challenge", page("Just a moment...", "", "<script>window._cf_chl_opt={}</script>")),
    ("wall-challenge", page("Attention Required! | Cloudflare", "", "")),
    ("wall-challenge", page("h", "h", "<script src=https://geo.captcha-delivery.com/c.js></script>")),
    ("wall-challenge", page("h", "h", "<p>Enable JavaScript and cookies to continue</p>")),
    ("wall-challenge", page("DDOS-GUARD", "", "")),
    ("wall-challenge", page("Доступ ограничен", "", "")),
    ("wall-challenge", '<html><body><iframe src="/_Incapsula_Resource?x"></iframe></body></html>'),
]


@pytest.mark.parametrize(("expected", "body"), WALLS)
def test_walls(expected: str, body: str) -> None:
    assert reason(body) == expected
    assert expected in QUARANTINED


@pytest.mark.parametrize(("expected", "body"), WALLS)
def test_a_text_is_no_wall(expected: str, body: str) -> None:
    """The same signs on a page that has a text besides, such as one on the history of the 404."""
    assert reason(body.replace("</h1>", f"</h1>{TEXT}") if "</h1>" in body else body + TEXT) is None


@pytest.mark.parametrize(
    "body",
    [
        page("How we lost page 404 of the register", "A short notice", "<p>It is found.</p>"),
        page("A short notice", "Access denied to the bridge by flood", "<p>It is closed.</p>"),
        page("A short notice", "The bridge", "<p>Closed.</p><form><input type=password> Sign in</form>"),
        page("Blocked roads: a list", "Roads", "<p>A1, A2.</p>"),
        page(
            "A short notice",
            "The bridge",
            "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script><p>Closed.</p>",
        ),
    ],
)
def test_short_pages_are_no_walls(body: str) -> None:
    assert reason(body) is None


def test_sent_home() -> None:
    assert reason(page(), chain=("https://h/news/1", "https://h/")) == "soft-404"
    assert reason(page(), chain=("https://h/", "https://h/")) is None
    assert reason(page(), chain=("http://h/news/1", "https://h/news/1")) is None
    assert reason(page(), chain=("https://h/?p=5", "https://h/news/5")) is None


def test_sent_elsewhere() -> None:
    login = page("The Daily Bridge", "Welcome", "<form><input type=password></form>")
    assert reason(login, chain=("https://h/news/1", "https://h/login?next=/news/1")) == "wall-login"
    assert reason(login, chain=("https://h/login",)) is None
    short = page("The Daily Bridge", "Welcome", "<button>Yes</button>")
    assert reason(short, chain=("https://h/news/1", "https://consent.example.org/v2")) == "wall-consent"


def test_the_server_says_so() -> None:
    assert reason(page("h", "h", ""), **{"cf-mitigated": "challenge"}) == "wall-challenge"


@given(st.binary(max_size=3000))
def test_never_raises(body: bytes) -> None:
    reason(body)


def test_deep_markup_is_not_parsed() -> None:
    assert reason("<title>404</title>" + "<div>" * 100_000) is None
