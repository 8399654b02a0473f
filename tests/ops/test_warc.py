"""WARC files, whole and broken, read by both readers."""

import gzip
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from flows import warc
from pipeline.document import Capture, Rejected

PAGE = b"<html><body><p>The harbour opens at six.</p></body></html>"
PLAIN = [("Content-Type", "text/html; charset=utf-8")]

Written = Callable[..., Path]


@pytest.fixture(params=["fastwarc", "warcio"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "warcio":
        monkeypatch.setattr(warc, "FastIterator", None)
    else:
        pytest.importorskip("fastwarc")
    return str(request.param)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(*pages: tuple[bytes, list[tuple[str, str]], str], zipped: bool = True) -> Path:
        path = tmp_path / ("pages.warc.gz" if zipped else "pages.warc")
        records = [record("warcinfo", "", b"software: test\r\n")]
        for number, (body, headers, status) in enumerate(pages):
            head = "\r\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)])
            records.append(record("response", f"http://a.example/{number}", head.encode() + b"\r\n\r\n" + body))
        path.write_bytes(b"".join(gzip.compress(one) if zipped else one for one in records))
        return path

    return write


def record(kind: str, url: str, block: bytes) -> bytes:
    head = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2026-02-03T04:05:06Z",
        f"WARC-Record-ID: <urn:x:{kind}:{url}>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def read(path: Path, start: int = 0, stop: int | None = None, limit: int = 100_000) -> list[Capture | Rejected]:
    with path.open("rb") as stream:
        return list(warc.captures(stream, start=start, stop=stop, limit=limit))


def body_of(given: Capture | Rejected) -> bytes:
    assert isinstance(given, Capture), given
    return given.body


def reason_of(given: Capture | Rejected) -> str:
    assert isinstance(given, Rejected), given
    return given.reason


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("zipped", [True, False])
def test_a_capture_is_all_that_was_kept(written: Written, zipped: bool) -> None:
    (capture,) = read(written((PAGE, PLAIN, "200 OK"), zipped=zipped))
    assert isinstance(capture, Capture)
    assert capture.body == PAGE
    assert capture.url == "http://a.example/0"
    assert capture.status == 200
    assert capture.content_type == "text/html; charset=utf-8"
    assert capture.headers == (("content-type", "text/html; charset=utf-8"),)
    assert capture.fetched_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("zipped", [True, False])
def test_ranges_deal_out_every_capture_once(written: Written, zipped: bool) -> None:
    path = written(*((PAGE + str(n).encode(), PLAIN, "200 OK") for n in range(7)), zipped=zipped)
    with path.open("rb") as stream:
        starts = list(warc.offsets(stream))
    assert len(starts) == 7
    edges = [0, starts[2], starts[5], None]
    parts = [read(path, a, b) for a, b in pairwise(edges)]  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [2, 3, 2]
    assert [body_of(given) for part in parts for given in part] == [PAGE + str(n).encode() for n in range(7)]


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x;x=1\r\n%b\r\n" % (len(part), part) for part in (body[:20], body[20:])) + b"0\r\n\r\n"


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE), [("Content-Encoding", "gzip")]),
        (zlib.compress(PAGE), [("Content-Encoding", "deflate")]),
        (PAGE, [("Content-Encoding", "gzip")]),  # the header kept, the body unpacked: as many crawlers do
        (chunked(PAGE), [("Transfer-Encoding", "chunked")]),
        (PAGE, [("Transfer-Encoding", "chunked")]),
        (chunked(gzip.compress(PAGE)), [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]),
    ],
    ids=["gzip", "deflate", "gzip unpacked", "chunked", "chunks joined", "chunked gzip"],
)
def test_bodies_come_unpacked(written: Written, body: bytes, headers: list[tuple[str, str]]) -> None:
    assert [body_of(given) for given in read(written((body, headers, "200 OK")))] == [PAGE]


@pytest.mark.usefixtures("reader")
def test_what_is_no_page_says_why(written: Written) -> None:
    bomb = gzip.compress(b"a" * 3_000_000)
    path = written(
        (PAGE, PLAIN, "404 Not Found"),
        (PAGE * 3000, PLAIN, "200 OK"),
        (bomb, [("Content-Encoding", "gzip")], "200 OK"),
        (gzip.compress(PAGE)[:-9], [("Content-Encoding", "gzip")], "200 OK"),
        (PAGE, [("Content-Encoding", "br")], "200 OK"),
        (PAGE, PLAIN, "200 OK"),
    )
    given = read(path)
    assert [reason_of(one) for one in given[:-1]] == [
        "status-404", "body-too-large", "body-too-large", "body-truncated", "encoding-refused",
    ]  # fmt: skip
    assert body_of(given[-1]) == PAGE


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("cut", [40, 200])
def test_a_torn_last_record_is_told_from_a_whole_one(written: Written, cut: int) -> None:
    path = written((PAGE, PLAIN, "200 OK"), (PAGE * 50, PLAIN, "200 OK"), zipped=False)
    path.write_bytes(path.read_bytes()[:-cut])
    first, second = read(path)
    assert body_of(first) == PAGE
    assert reason_of(second) == "torn-record"


@pytest.mark.usefixtures("reader")
def test_a_torn_zipped_record_is_no_page(written: Written) -> None:
    noise = b"".join(str(n * n).encode() for n in range(4000))
    path = written((PAGE, PLAIN, "200 OK"), (noise, PLAIN, "200 OK"))
    path.write_bytes(path.read_bytes()[:-2000])
    first, *rest = read(path)
    assert body_of(first) == PAGE
    assert [reason_of(one) for one in rest] in (["torn-record"], [])


def test_http_head() -> None:
    assert warc.http_head(b"HTTP/1.1 200\r\nA: b: c\r\n folded\r\nX") == (200, (("a", "b: c"),))
    assert warc.http_head(b"not http at all") == (None, ())
    assert warc.http_head(b"") == (None, ())
