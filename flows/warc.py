"""WARC → captures: what a crawler kept, read record by record at any offset, torn records told apart from whole ones."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from pipeline.document import Capture, Rejected
from pipeline.fetch.body import BodyReader
from pipeline.fetch.wire import WireError

try:  # Twice as fast; part of the extra [dask].
    from fastwarc.warc import ArchiveIterator as FastIterator
    from fastwarc.warc import WarcRecordType
except ImportError:
    FastIterator = None

from warcio.archiveiterator import ArchiveIterator

HEAD_LIMIT = 1_000_000  # bytes of HTTP head allowed on top of the body's limit
_GZIP = b"\x1f\x8b"
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,256}\r\n")
Headers = tuple[tuple[str, str], ...]
_PAGES = ("response", "resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record of a WARC file: `length` is what its header promises in bytes, `block` what was there (None: over the limit)."""

    offset: int
    kind: str
    url: str | None
    date: str | None
    media_type: str | None
    length: int
    block: bytes | None


def offsets(stream: IO[bytes]) -> Iterator[int]:
    """Where each page record of `stream` begins, in bytes of the file; reading may start again there."""
    return (entry.offset for entry in entries(stream, limit=0))


def captures(
    stream: IO[bytes], *, start: int = 0, stop: int | None = None, limit: int = 10_000_000
) -> Iterator[Capture | Rejected]:
    """The captures that begin at `start` or later and before `stop` (bytes of the file; `start` must be a record's offset).

    A record over `limit` bytes, torn, or with a status other than 2xx is a Rejected.
    """
    stream.seek(start)
    for entry in entries(stream, limit=limit + HEAD_LIMIT):
        if stop is not None and entry.offset >= stop:
            return
        yield capture(entry, limit)


def entries(stream: IO[bytes], *, limit: int) -> Iterator[Entry]:
    """The page records (response, resource) from where `stream` stands; blocks over `limit` bytes are passed over unread."""
    return _fast_entries(stream, limit) if FastIterator is not None else _plain_entries(stream, limit)


def _fast_entries(stream: IO[bytes], limit: int) -> Iterator[Entry]:
    kinds = WarcRecordType.response | WarcRecordType.resource
    for record in FastIterator(stream, record_types=kinds, parse_http=False):
        headers, length = record.headers, record.content_length
        yield Entry(
            offset=record.stream_pos,
            kind=headers.get("WARC-Type", ""),
            url=headers.get("WARC-Target-URI"),
            date=headers.get("WARC-Date"),
            media_type=headers.get("Content-Type"),
            length=length,
            block=record.reader.read() if length <= limit else None,
        )


def _plain_entries(stream: IO[bytes], limit: int) -> Iterator[Entry]:
    reader = ArchiveIterator(stream, no_record_parse=True)
    for record in reader:
        if record.rec_type not in _PAGES:
            continue
        offset, header = reader.offset, record.rec_headers.get_header
        length = int(header("Content-Length") or 0)
        yield Entry(
            offset=offset,
            kind=record.rec_type,
            url=header("WARC-Target-URI"),
            date=header("WARC-Date"),
            media_type=header("Content-Type"),
            length=length,
            block=record.raw_stream.read() if length <= limit else None,
        )


def capture(entry: Entry, limit: int) -> Capture | Rejected:
    """The capture a record holds, its body no longer than `limit` bytes once unpacked; or why it holds none."""
    url = (entry.url or "").strip("<>") or None
    if entry.block is None:
        return _refused("too-large", f"the record has {entry.length} bytes, over the limit of {limit}", url)
    if len(entry.block) < entry.length:
        return _refused("torn-record", f"{len(entry.block)} of {entry.length} bytes are there", url)
    status: int | None = None
    headers: Headers = ()
    body = entry.block
    if entry.kind == "response":
        head, separator, body = entry.block.partition(b"\r\n\r\n")
        status, headers = http_head(head)
        if not separator or status is None:
            return _refused("not-http", "the record does not hold an HTTP response", url)
        if not 200 <= status < 300:
            return _refused(f"status-{status}", "only 2xx responses are documents", url)
        try:
            body = unpacked(unchunked(body, headers), headers, limit)
        except WireError as error:
            return _refused(error.reason, error.detail, url)
    media = dict(headers).get("content-type") if entry.kind == "response" else entry.media_type
    return Capture(
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        url_chain=(url,) if url else (),
        status=status,
        headers=headers,
        content_type=media,
        fetched_at=_instant(entry.date),
    )


def http_head(head: bytes) -> tuple[int | None, Headers]:
    """Status and headers of an HTTP response's head, names in lower case; status None where it is no such head.

    >>> http_head(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html")
    (200, (('content-type', 'text/html'),))
    """
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return None, ()
    pairs = (line.partition(":") for line in lines if ":" in line and line[:1] not in " \t")
    return int(words[1]), tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)


def unchunked(body: bytes, headers: Headers) -> bytes:
    """`body` out of its chunks. Many crawlers keep the header but not the chunks: a body that is not chunked comes back as it is."""
    if "chunked" not in dict(headers).get("transfer-encoding", "").lower():
        return body
    parts: list[bytes] = []
    position = 0
    while match := _CHUNK.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[match.end() : match.end() + size])
        position = match.end() + size + 2
    return body


def unpacked(body: bytes, headers: Headers, limit: int) -> bytes:
    """`body` out of its content encoding, if it is still in it. Raises WireError where it does not come out whole and in bounds."""
    encodings = dict(headers).get("content-encoding", "")
    if "gzip" in encodings.lower() and not body.startswith(_GZIP):
        return body
    reader = BodyReader(encodings, limit)
    reader.feed(body)
    return reader.finish()


def _instant(date: str | None) -> datetime | None:
    """WARC-Date, which is UTC in ISO 8601, as an aware datetime; None where it is not one."""
    try:
        return datetime.fromisoformat((date or "").replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        return None


def _refused(reason: str, detail: str, url: str | None) -> Rejected:
    return Rejected(stage="warc", reason=reason, detail=detail, url=url)
