"""raw/ read in bulk: the folders of a source, and the captures in one of them, on any disk fsspec reaches."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from flows import remote
from pipeline.document import Capture, Rejected
from pipeline.errors import StoreError
from pipeline.store.captures import Captures


def folders(source: str) -> list[tuple[str, str]]:
    """The folders raw/SOURCE/ab, each with a digest of the names in it: bodies and events are named by content, so the digest
    changes when anything does."""
    found = [f"{source}/{name}" for name in remote.listing(source) if len(name) == 2]
    return [(folder, _digest(remote.listing(folder))) for folder in found]


def _digest(names: list[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def captures(folder: str) -> Iterator[Capture | Rejected]:
    """The captures in the folder raw/SOURCE/ab, by body: each body once for every URL that answered with it, as first seen.

    What does not lie there as it was stored is a Rejected.
    """
    fs, path = fsspec.url_to_fs(folder)
    if isinstance(fs, LocalFileSystem):
        yield from _local(Path(path))
        return
    with tempfile.TemporaryDirectory(prefix="unscrape-") as copy:
        local = Path(copy) / path.rstrip("/").split("/")[-2] / path.rstrip("/").split("/")[-1]
        local.mkdir(parents=True)
        _fetch(fs, path, local)
        yield from _local(local)


def _fetch(fs: Any, path: str, local: Path) -> None:
    for found in fs.ls(path, detail=False):
        fs.get_file(found, str(local / found.rpartition("/")[2]))


def _local(folder: Path) -> Iterator[Capture | Rejected]:
    store, source = Captures(folder.parents[1]), folder.parent.name
    events = []
    for path in folder.glob("*.json"):
        try:
            events.append(store.sidecar(source, path.stem))
        except StoreError as error:
            yield Rejected(stage="raw", reason="sidecar", detail=str(error), sha256=path.stem.partition(".")[0])
    seen = set()
    for event in sorted(events, key=lambda event: (event.fetched_at, event.name)):
        if (event.sha256, event.url) in seen:
            continue
        seen.add((event.sha256, event.url))
        try:
            yield store.load(source, event.name)
        except StoreError as error:
            yield Rejected(stage="raw", reason="body", detail=str(error), url=event.url, sha256=event.sha256)
