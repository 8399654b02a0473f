"""What is gone, kept in raw/ so that the ledger and clean/ can be made again without bringing it back.

raw/<source>/gone/<url digest>.<digest>.json     a document whose page was found gone; `digest` is of the file's own bytes
raw/.purged/<hash>                            a URL or id that was purged, and when
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from pipeline.errors import StoreError
from pipeline.store import files

FOLDER, PURGED = "gone", ".purged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A document whose page was found gone at `at`; `key` stands for the URL that had answered."""

    source: str
    key: str
    url: str
    at: datetime


def put(root: Path, found: Gone) -> None:
    """Keep `found`, durably."""
    event = {
        "version": 1,
        "source": found.source,
        "url": files.storable(found.url),
        "gone_at": found.at.astimezone(UTC),
    }
    data = orjson.dumps({**event, "key": found.key}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    files.write(path_of(root, found.source, f"{found.key}.{files.digest(data)}"), [data])


def path_of(root: Path, source: str, name: str) -> Path:
    """Where a sidecar lies; `name` is its file name without ".json"."""
    return root / source / FOLDER / f"{name}.json"


def names(root: Path, source: str) -> list[str]:
    """The sidecars of a source, sorted."""
    return sorted(path.stem for path in (root / source / FOLDER).glob("*.json"))


def load(root: Path, source: str, name: str) -> Gone:
    """A sidecar. Raises StoreError where it is missing or was altered."""
    path = path_of(root, source, name)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(f"{path}: the sidecar is missing") from error
    if name.partition(".")[2] != files.digest(data):
        raise StoreError(f"{path}: the sidecar is not the one its name promises; restore it from a backup")
    event = orjson.loads(data)
    if (event["source"], event["key"]) != (source, name.partition(".")[0]):
        raise StoreError(f"{path}: it is of {event['source']}/{event['key']}")
    return Gone(source=source, key=event["key"], url=event["url"], at=datetime.fromisoformat(event["gone_at"]))


class Graves:
    """The sidecars of all sources under one raw/, found by key; a source's folder is listed again when it has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listed: dict[str, tuple[int, dict[str, list[str]]]] = {}

    def of(self, source: str, key: str) -> list[Gone]:
        """When a document was found gone, oldest first. Raises StoreError."""
        found = [load(self.root, source, name) for name in self.keys(source).get(key, ())]
        return sorted(found, key=lambda gone: gone.at)

    def keys(self, source: str) -> Mapping[str, list[str]]:
        """The names of a source's sidecars by key."""
        try:
            changed = (self.root / source / FOLDER).stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        known = self._listed.get(source)
        if known is None or known[0] != changed:
            by_key: dict[str, list[str]] = {}
            for name in names(self.root, source):
                by_key.setdefault(name.partition(".")[0], []).append(name)
            self._listed[source] = known = changed, by_key
        return known[1]


def put_purged(root: Path, hash: str, at: datetime) -> None:
    """Keep that `hash` was purged."""
    path = root / PURGED / hash
    if not path.exists():
        files.write(path, [at.astimezone(UTC).isoformat().encode("ascii"), b"\n"])


def purged(root: Path) -> Iterator[tuple[str, datetime | None]]:
    """The hashes that were purged, and when; None where that was lost."""
    for path in sorted((root / PURGED).glob("*")):
        if not is_hash(path.name):
            continue
        try:
            yield path.name, datetime.fromisoformat(path.read_text(encoding="ascii").strip())
        except ValueError:
            yield path.name, None


def is_hash(name: str) -> bool:
    """Whether `name` can stand for something purged."""
    return len(name) == 32 and set(name) <= set("0123456789abcdef")
