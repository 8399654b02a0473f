"""Captures as WARC 1.1, which every tool of the field reads. One file a source and folder of raw/.

Bodies were stored without their content encoding; the headers that spoke of it are kept under "X-Unscrape-Original-…". The same body
from the same URL again is a revisit of the first.
"""

import base64
import gzip
import hashlib
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.store import files
from pipeline.store.captures import Captures, Sidecar
from pipeline.store.types import Exported

if TYPE_CHECKING:
    from pipeline.store.export import Order
    from pipeline.store.store import Store

RENAMED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
DATE = "%Y-%m-%dT%H:%M:%S.%fZ"


def export(store: "Store", order: "Order") -> Exported:
    """See `Store.export`."""
    from pipeline.store import export as exports

    manifest = exports._manifest(order)
    exports._register(store, order)
    done: dict[str, Any] = manifest["shards"]
    parts = dict(_parts(store.captures, order))
    for gone in sorted(done.keys() - parts.keys()):
        exports._drop(order.target, done.pop(gone)["files"])
    written = 0
    for name, events in parts.items():
        stamp = [event.name for event in events]
        if name in done and done[name]["stamp"] == stamp and (order.target / name).exists():
            continue
        with files.replacing(order.target / name, durable=False) as file:
            write(file, store.captures, events)
        done[name] = {"stamp": stamp, "files": [name], "records": len(events), "ids": []}
        written += 1
        exports._save(order.target, manifest)
    exports._save(order.target, manifest)
    return Exported(files=len(done), records=sum(part["records"] for part in done.values()), written=written)


def without(store: "Store", target: Path, manifest: dict[str, Any]) -> bool:
    """Write again what held captures that are no longer there; whether anything did."""
    from datetime import datetime

    from pipeline.store.export import Order

    since = manifest["since"] and datetime.fromisoformat(manifest["since"])
    before = {name: part["stamp"] for name, part in manifest["shards"].items()}
    order = Order("warc", target, since, frozenset(manifest["sources"]))
    after = {name: [event.name for event in events] for name, events in _parts(store.captures, order)}
    if any(set(stamp) - set(after.get(name, [])) for name, stamp in before.items()):
        export(store, order)
        return True
    return False


def _parts(captures: Captures, order: "Order") -> Iterator[tuple[str, list[Sidecar]]]:
    for source in captures.sources():
        if order.sources and source not in order.sources:
            continue
        folders: dict[str, list[Sidecar]] = {}
        for name in captures.names(source):
            event = captures.sidecar(source, name)
            if order.since is None or event.fetched_at >= order.since:
                folders.setdefault(name[:2], []).append(event)
        for folder, events in folders.items():
            ordered = sorted(events, key=lambda event: (event.fetched_at, event.name))
            yield f"{source}/{source}-{folder}.warc.gz", ordered


def write(file: IO[bytes], captures: Captures, events: list[Sidecar]) -> None:
    """A WARC file of `events`, in their order. The same events make the same bytes."""
    info = b"software: Unscrape\r\nformat: WARC File Format 1.1\r\n"
    at = events[0].fetched_at.strftime(DATE) if events else "1970-01-01T00:00:00Z"
    file.write(_record("warcinfo", "info", {"WARC-Date": at, "Content-Type": "application/warc-fields"}, info))
    first: dict[tuple[str, str], str] = {}
    for event in events:
        said = (event.sha256, event.url)
        if said in first:
            file.write(_revisit(event, first[said]))
            continue
        first[said] = event.fetched_at.strftime(DATE)
        file.write(_response(event, captures.body(event.source, event.sha256)))
        if event.request_headers:
            file.write(_request(event))


def _response(event: Sidecar, body: bytes) -> bytes:
    fields = {
        **_fields(event),
        "Content-Type": "application/http; msgtype=response",
        "WARC-Payload-Digest": _digest(body),
    }
    return _record("response", event.name, fields, _status(event) + body)


def _revisit(event: Sidecar, first_at: str) -> bytes:
    fields = {
        **_fields(event),
        "Content-Type": "application/http; msgtype=response",
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Payload-Digest": f"sha256:{base64.b32encode(bytes.fromhex(event.sha256)).decode()}",
        "WARC-Refers-To-Target-URI": event.url,
        "WARC-Refers-To-Date": first_at,
    }
    return _record("revisit", event.name, fields, _status(event))


def _request(event: Sidecar) -> bytes:
    path = urlsplit(event.url)._replace(scheme="", netloc="", fragment="").geturl() or "/"
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {_one_line(value)}" for name, value in event.request_headers)]
    fields = {**_fields(event), "Content-Type": "application/http; msgtype=request"}
    fields["WARC-Concurrent-To"] = _id("response", event.name)
    return _record("request", event.name, fields, _block(lines))


def _status(event: Sidecar) -> bytes:
    """The head of the answer as it was stored."""
    headers = [
        (f"X-Unscrape-Original-{name}" if name.lower() in RENAMED else name, value) for name, value in event.headers
    ]
    lines = [f"HTTP/1.1 {event.status or 200} ", *(f"{name}: {_one_line(value)}" for name, value in headers)]
    return _block([*lines, f"Content-Length: {event.length}"])


def _fields(event: Sidecar) -> dict[str, str]:
    return {"WARC-Date": event.fetched_at.strftime(DATE), "WARC-Target-URI": _one_line(event.url)}


def _block(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("utf-8", "backslashreplace")


def _record(kind: str, name: str, fields: dict[str, str], block: bytes) -> bytes:
    """One record, compressed by itself, so that readers can begin at any."""
    lines = ["WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: {_id(kind, name)}"]
    lines += [f"{field}: {value}" for field, value in fields.items()]
    lines += [f"WARC-Block-Digest: {_digest(block)}", f"Content-Length: {len(block)}"]
    return gzip.compress(_block(lines) + block + b"\r\n\r\n", mtime=0)


def _id(kind: str, name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:unscrape:{kind}:{name}')}>"


def _digest(data: bytes) -> str:
    return f"sha256:{base64.b32encode(hashlib.sha256(data).digest()).decode()}"


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n\x00]+", " ", text)
