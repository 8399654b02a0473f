"""Bodies, decoded within bounds.

A kilobyte can decode to a gigabyte, and a body cut short decodes to half a page without a word. So decoding goes in steps of
bounded size, counts what it makes, and insists on the end of the stream.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

from pipeline.fetch.wire import WireError

STEP = 64 * 1024  # bytes decoded at a time
LAYERS = 2
RATIO = 200  # times the bytes that came; deflate's utmost is 1032, markup rarely exceeds 40
RATIO_FREE = 1_000_000  # bytes that may be made at any ratio
MEMBERS = 1000  # gzip streams in a row in one body

ACCEPT_ENCODING = "gzip, deflate"
_NONE = frozenset({"", "identity", "none", "utf-8"})  # the last: a common mistake, and no encoding


class _Layer(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...
    def finish(self) -> None: ...


class _Inflate:
    """One layer of gzip or deflate."""

    def __init__(self, name: str) -> None:
        self._gzip = name == "gzip"
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16 if self._gzip else zlib.MAX_WBITS)
        self._members = 0
        self._started = False
        self._trailing = False
        self.pending = 0  # bytes given, not yet decoded

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to, in steps. Raises WireError."""
        while data and not self._trailing:
            try:
                made = self._inflate.decompress(data, STEP)
            except zlib.error as error:
                if self._started or self._gzip:
                    raise WireError("body-garbled", f"not {'gzip' if self._gzip else 'deflate'}: {error}") from error
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # many servers send deflate without zlib's frame
                self._started = True
                continue
            self._started = True
            data = self._inflate.unconsumed_tail
            self.pending = len(data)
            if made:
                yield made
            if self._inflate.eof:
                data = self._next_member(self._inflate.unused_data)

    def _next_member(self, rest: bytes) -> bytes:
        """What follows the end of a stream: another gzip stream, or bytes that mean nothing (browsers ignore them too)."""
        if not (self._gzip and rest.startswith(b"\x1f\x8b")):
            self._trailing = True
            return b""
        self._members += 1
        if self._members > MEMBERS:
            raise WireError("body-bomb", f"more than {MEMBERS} gzip streams in one body")
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return rest

    def finish(self) -> None:
        """Raises WireError unless the stream came to its end."""
        if not self._inflate.eof:
            raise WireError("body-truncated", f"the {'gzip' if self._gzip else 'deflate'} stream has no end")


class BodyReader:
    """Takes a body as it travels, gives it decoded. At most `max_bytes` in and out."""

    def __init__(self, encodings: str, max_bytes: int) -> None:
        """`encodings`: the Content-Encoding header, "" for none. Raises WireError for those that are not read."""
        names = [name for part in encodings.lower().split(",") if (name := part.strip()) not in _NONE]
        if len(names) > LAYERS:
            raise WireError("encoding-refused", f"{len(names)} layers of encoding, at most {LAYERS} are read")
        for name in names:
            if name not in {"gzip", "x-gzip", "deflate"}:
                raise WireError("encoding-refused", f"Content-Encoding {name!r} was not asked for ({ACCEPT_ENCODING})")
        self._layers = [_Inflate(name.removeprefix("x-")) for name in reversed(names)]
        self._max = max_bytes
        self._parts: list[bytes] = []
        self.wire_bytes = 0
        self._made = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises WireError where they exceed a bound or are no such encoding."""
        self.wire_bytes += len(chunk)
        if self.wire_bytes > self._max:
            raise WireError("body-too-large", f"more than {self._max} bytes came")
        for made in self._decoded(chunk, 0):
            self._made += len(made)
            self._check()
            self._parts.append(made)

    def _decoded(self, data: bytes, layer: int) -> Iterator[bytes]:
        if layer == len(self._layers):
            yield data
            return
        for made in self._layers[layer].feed(data):
            yield from self._decoded(made, layer + 1)

    def _check(self) -> None:
        taken = self.wire_bytes - (self._layers[0].pending if self._layers else 0)
        if self._made > RATIO_FREE and self._made > RATIO * taken:
            raise WireError("body-bomb", f"{taken} bytes decode to more than {self._made}")
        if self._made > self._max:
            raise WireError("body-too-large", f"{taken} bytes decode to more than {self._max}")

    def start(self) -> bytes:
        """The body as far as it was taken, at most `max_bytes`."""
        return b"".join(self._parts)[: self._max]

    def finish(self) -> bytes:
        """The whole body. Raises WireError where its end is missing."""
        if self.wire_bytes:
            for layer in self._layers:
                layer.finish()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


def gunzip(body: bytes, max_bytes: int) -> bytes:
    """A body that is itself a .gz file, within the same bounds. Raises WireError."""
    reader = BodyReader("gzip", max_bytes)
    for start in range(0, len(body), STEP):
        reader.feed(body[start : start + STEP])
    return reader.finish()
