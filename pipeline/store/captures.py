"""raw/: each body once per content, and one immutable sidecar per capture event.

raw/<source>/<sha256[:2]>/<sha256>.zst                the body, zstd
raw/<source>/<sha256[:2]>/<sha256>.<digest>.json      the event; `digest` is of the sidecar's own bytes
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import zstandard

from pipeline.document import Capture
from pipeline.errors import StoreError
from pipeline.store import files

LEVEL = 3
MAX_BODY = 1 << 30
"""Bytes; a frame that claims more is damaged, as sources cap their bodies far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """One capture event. `name` is the sidecar's file name without ".json"; `headers` are the response's, names in lower case."""

    name: str
    source: str
    page_url: str
    url_chain: tuple[str, ...]
    sha256: str
    length: int
    fetched_at: datetime
    status: int | None
    content_type: str | None
    headers: tuple[tuple[str, str], ...]
    request_headers: tuple[tuple[str, str], ...]
    details: Mapping[str, Any]

    @property
    def url(self) -> str:
        """The URL that answered."""
        return self.url_chain[-1] if self.url_chain else self.page_url

    def header(self, name: str) -> str | None:
        """The last response header of that name."""
        return next((value for key, value in reversed(self.headers) if key == name), None)


class Captures:
    """The bodies and sidecars under one raw/."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def body_path(self, source: str, sha256: str) -> Path:
        """Where the body lies."""
        return self.root / f"{source}/{sha256[:2]}/{sha256}.zst"

    def sidecar_path(self, source: str, name: str) -> Path:
        """Where the sidecar lies."""
        return self.root / f"{source}/{name[:2]}/{name}.json"

    def save(
        self,
        source: str,
        page_url: str,
        capture: Capture,
        request_headers: Sequence[tuple[str, str]] = (),
        details: Mapping[str, Any] | None = None,
    ) -> Sidecar:
        """Store the body, unless it lies there sound, then the event. Durable when this returns."""
        if capture.fetched_at is None or capture.fetched_at.tzinfo is None:
            raise ValueError("a capture is stored with the time it was fetched, and its zone")
        if hashlib.sha256(capture.body).hexdigest() != capture.sha256:
            raise ValueError(f"the capture's sha256 {capture.sha256} is not that of its body")
        self._save_body(source, capture)
        data = _sidecar_bytes(source, page_url, capture, request_headers, details or {})
        name = f"{capture.sha256}.{files.digest(data)}"
        path = self.sidecar_path(source, name)
        if not path.exists():
            files.write(path, [data])
        return _parsed(name, data)

    def _save_body(self, source: str, capture: Capture) -> None:
        path = self.body_path(source, capture.sha256)
        if path.exists() and self.sound(source, capture.sha256):
            return
        files.write(path, [zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(capture.body)])

    def sound(self, source: str, sha256: str) -> bool:
        """Whether the body lies there with the bytes its name promises."""
        try:
            self.body(source, sha256)
        except StoreError:
            return False
        return True

    def body(self, source: str, sha256: str) -> bytes:
        """The body. Raises StoreError where it is missing or not what its name promises."""
        path = self.body_path(source, sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise StoreError(f"{path}: the body is missing; fetch the page again") from error
        body = _decompressed(path, data)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise StoreError(f"{path}: the body is not the one its name promises; restore it or fetch the page again")
        return body

    def sidecar(self, source: str, name: str) -> Sidecar:
        """The event. Raises StoreError where it is missing or was altered."""
        path = self.sidecar_path(source, name)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise StoreError(f"{path}: the capture's sidecar is missing") from error
        if f"{name.partition('.')[0]}.{files.digest(data)}" != name:
            raise StoreError(f"{path}: the sidecar is not the one its name promises; restore it from a backup")
        try:
            return _parsed(name, data)
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{path}: the sidecar is none that Unscrape wrote: {error!r}; restore it from a backup"
            ) from error

    def load(self, source: str, name: str) -> Capture:
        """The capture as it was fetched. Raises StoreError as `body` and `sidecar`."""
        event = self.sidecar(source, name)
        return Capture(
            body=self.body(source, event.sha256),
            sha256=event.sha256,
            url_chain=event.url_chain,
            status=event.status,
            headers=event.headers,
            content_type=event.content_type,
            fetched_at=event.fetched_at,
        )

    def names(self, source: str, *, touched_since: float = 0) -> Iterator[str]:
        """Names of the sidecars of `source`; only from folders changed since `touched_since` (seconds of the epoch)."""
        for folder in sorted((self.root / source).glob("??/")):
            if folder.stat().st_mtime >= touched_since:
                yield from _named(folder, ".json")

    def bodies(self, source: str, *, touched_since: float = 0) -> Iterator[str]:
        """SHA-256 of each body of `source`, as named; folders as in `names`."""
        for folder in sorted((self.root / source).glob("??/")):
            if folder.stat().st_mtime >= touched_since:
                yield from _named(folder, ".zst")

    def sources(self) -> list[str]:
        """Names of the sources that have captures."""
        return sorted(
            path.name for path in self.root.glob("*") if path.is_dir() and files.SOURCE_NAME.fullmatch(path.name)
        )


def _named(folder: Path, suffix: str) -> list[str]:
    """The names of the files with this suffix, without it; glob makes a Path of each, at five times the cost."""
    return sorted(name.removesuffix(suffix) for name in os.listdir(folder) if name.endswith(suffix))


def _decompressed(path: Path, data: bytes) -> bytes:
    try:
        if zstandard.get_frame_parameters(data).content_size > MAX_BODY:
            raise StoreError(f"{path}: claims more than {MAX_BODY} bytes; it is damaged")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BODY, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise StoreError(f"{path}: {error}; restore it or fetch the page again") from error


def _sidecar_bytes(
    source: str,
    page_url: str,
    capture: Capture,
    request_headers: Sequence[tuple[str, str]],
    details: Mapping[str, Any],
) -> bytes:
    assert capture.fetched_at is not None
    event = {
        "version": 1,
        "source": source,
        "page_url": files.storable(page_url),
        "url_chain": [files.storable(url) for url in capture.url_chain],
        "sha256": capture.sha256,
        "length": len(capture.body),
        "fetched_at": capture.fetched_at.astimezone(UTC).isoformat(),
        "status": capture.status,
        "content_type": capture.content_type,
        "headers": _storable(capture.headers),
        "request_headers": _storable(request_headers),
        "details": dict(details),
    }
    return orjson.dumps(event, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _storable(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(files.storable(name), files.storable(value)) for name, value in headers]


def _parsed(name: str, data: bytes) -> Sidecar:
    event: dict[str, Any] = orjson.loads(data)
    if event["version"] != 1:
        raise StoreError(f"sidecar {name} has version {event['version']}; this Unscrape reads version 1: upgrade it")
    return Sidecar(
        name=name,
        source=event["source"],
        page_url=event["page_url"],
        url_chain=tuple(event["url_chain"]),
        sha256=event["sha256"],
        length=event["length"],
        fetched_at=datetime.fromisoformat(event["fetched_at"]),
        status=event["status"],
        content_type=event["content_type"],
        headers=tuple((key, value) for key, value in event["headers"]),
        request_headers=tuple((key, value) for key, value in event["request_headers"]),
        details=event["details"],
    )
