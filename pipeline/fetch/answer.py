"""What a server answered, read within bounds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pipeline.fetch.body import BodyReader
from pipeline.fetch.wire import WireError

PAGES = frozenset({200, 201, 203})  # with a body that is the page
DRAIN = 64 * 1024  # bytes of a body nobody wants, read so that the connection can be used again
DRAIN_SECONDS = 1.0

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that came whole, `at` a time (UTC). `headers` unscrubbed, names in lower case; `body` decoded, empty but for pages."""

    status: int
    headers: Pairs
    at: datetime
    body: bytes = b""
    http_version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The first header of that (lower-case) name."""
        return first(self.headers, name)


def first(headers: Pairs, name: str) -> str | None:
    """The value of the first header of that (lower-case) name."""
    return next((value for key, value in headers if key == name), None)


def body_reader(headers: Pairs, max_bytes: int) -> BodyReader:
    """For the body that follows these headers. Raises WireError where they alone say that it is not read."""
    length = declared_length(headers)
    if length is not None and length > max_bytes:
        raise WireError("body-too-large", f"Content-Length is {length}, at most {max_bytes} bytes are read")
    return BodyReader(_encodings(headers), max_bytes)


def _encodings(headers: Pairs) -> str:
    return ",".join(value for name, value in headers if name == "content-encoding")


async def read_body(chunks: AsyncIterator[bytes], headers: Pairs, reader: BodyReader) -> bytes:
    """The whole body. Raises WireError."""
    async for chunk in chunks:
        reader.feed(chunk)
    length = declared_length(headers)
    if length is not None and length != reader.wire_bytes:
        raise WireError("body-truncated", f"{reader.wire_bytes} bytes came, Content-Length is {length}")
    body = reader.finish()
    if not body or (len(body) < 1024 and not body.strip()):
        raise WireError("body-empty", "nothing came")
    return body


async def read_start(chunks: AsyncIterator[bytes], headers: Pairs, max_bytes: int) -> bytes:
    """The body, or, where that is longer than `max_bytes`, its beginning. Raises WireError."""
    reader = BodyReader(_encodings(headers), max_bytes)
    try:
        async for chunk in chunks:
            reader.feed(chunk)
        return reader.finish()
    except WireError as error:
        if error.reason not in {"body-too-large", "body-bomb"}:
            raise
        return reader.start()


async def drain(chunks: AsyncIterator[bytes]) -> None:
    """Read a body nobody wants to its end, if that is near: the answer stands, whatever becomes of its body."""
    size = 0
    with suppress(WireError, TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for chunk in chunks:
                size += len(chunk)
                if size > DRAIN:
                    return


def declared_length(headers: Pairs) -> int | None:
    """Content-Length, where it counts."""
    value = first(headers, "content-length")
    if value is None or first(headers, "transfer-encoding") or not (value.isascii() and value.isdigit()):
        return None
    return int(value[:18])
