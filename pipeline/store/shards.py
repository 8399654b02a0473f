"""Shards: files of sealed lines in hive partitions, sorted by key, each replaced whole.

clean/v1/source=NAME/month=YYYY-MM/part-NNNN.jsonl              records, every revision a line
clean/rejected/source=NAME/month=YYYY-MM/part-NNNN.jsonl        refusals, one line a document
"""

import fcntl
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import StoreError
from pipeline.store import files
from schemas import lines
from schemas.lines import DamagedLine

MAX_LINES = 1000
"""New documents go to a new part from here on; at about 10 kB a record that is 10 MB to rewrite for a change."""
RECORDS, REJECTED = "v1", "rejected"

_REFUSAL = re.compile(rb'\{"key":"([0-9a-f]{32})",')


class Line(NamedTuple):
    """A sealed line without its newline. `revision` is 0 for a refusal."""

    key: str
    revision: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """A shard as it was written; `path` relative to clean/."""

    path: str
    source: str
    lines: int
    size: int
    mtime_ns: int
    sha256: str


def partition(kind: str, source: str, month: str) -> str:
    """The folder of a month, relative to clean/."""
    return f"{kind}/source={source}/month={month}"


def month_of(moment: datetime | None) -> str:
    """The partition of a document first fetched at `moment` (UTC)."""
    return "unknown" if moment is None else f"{moment:%Y-%m}"


def source_of(path: str) -> str:
    """The source a shard's path names."""
    return path.split("/")[1].removeprefix("source=")


def listed(clean: Path, source: str) -> list[str]:
    """The shards of `source` that lie on disk, relative to clean/, records before refusals."""
    return [
        path.relative_to(clean).as_posix()
        for kind in (RECORDS, REJECTED)
        for path in sorted((clean / kind / f"source={source}").glob("month=*/part-*.jsonl"))
    ]


def stat(clean: Path, path: str) -> tuple[int, int]:
    """Size and time of change, by which a shard that was replaced behind the ledger's back is noticed."""
    found = (clean / path).stat()
    return found.st_size, found.st_mtime_ns


def read(clean: Path, path: str) -> list[Line]:
    """The lines of a shard, each intact and in order. Raises StoreError naming the file and the line."""
    return [line for _, line in _numbered(clean / path, path.startswith(REJECTED))]


def _numbered(file: Path, refusals: bool) -> Iterator[tuple[int, Line]]:
    last = ("", -1)
    with file.open("rb") as stream:
        for number, data in enumerate(stream, 1):
            try:
                line = parsed(data, refusals=refusals)
                if (line.key, line.revision) <= last:
                    raise DamagedLine("out of order")
            except DamagedLine as error:
                raise StoreError(f"{file}:{number}: {error}; run `unscrape verify --repair`") from error
            last = (line.key, line.revision)
            yield number, line


def parsed(data: bytes, *, refusals: bool) -> Line:
    """A line of a shard, with its newline. Raises DamagedLine."""
    if not data.endswith(b"\n"):
        raise DamagedLine("it is torn: no newline at its end")
    data = data[:-1]
    lines.check(data)
    if not refusals:
        return Line(*lines.head(data), data)
    found = _REFUSAL.match(data)
    if found is None:
        raise DamagedLine("it does not begin as a refusal does")
    return Line(found[1].decode(), 0, data)


def write(clean: Path, path: str, content: Iterable[Line]) -> ShardInfo:
    """Replace a shard by `content`, sorted. An empty shard is written as an empty file, so that its number is not used again."""
    digest, count = hashlib.sha256(), 0
    with files.replacing(clean / path) as file:
        for line in sorted(content, key=lambda line: line[:2]):
            data = line.data + b"\n"
            digest.update(data)
            file.write(data)
            count += 1
    size, mtime_ns = stat(clean, path)
    return ShardInfo(path, source_of(path), count, size, mtime_ns, digest.hexdigest())


def inspect(clean: Path, path: str) -> tuple[ShardInfo, list[Line]]:
    """A shard as it lies there, with its lines. Raises StoreError as `read`."""
    data = (clean / path).read_bytes()
    content = read(clean, path)
    size, mtime_ns = stat(clean, path)
    return ShardInfo(path, source_of(path), len(content), size, mtime_ns, hashlib.sha256(data).hexdigest()), content


@contextmanager
def writing(clean: Path, source: str) -> Iterator[None]:
    """Only one process at a time rewrites the shards of `source`; the kernel frees the lock of one that dies."""
    folder = clean / ".locks"
    files.make_folder(folder)
    with (folder / source).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
