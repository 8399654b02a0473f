"""Shards: files of sealed lines in hive partitions, sorted by key, each replaced whole.

clean/v1/source=NAME/month=YYYY-MM/part-NNNN.jsonl              records, every revision a line
clean/v1/source=NAME/month=YYYY-MM/history-NNNN.jsonl           revisions that were superseded, once their part had grown too large
clean/rejected/source=NAME/month=YYYY-MM/part-NNNN.jsonl        refusals, one line a document

Beside each lie its sums (`schemas.sums`), by which missing lines are noticed.
"""

import fcntl
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import StoreError
from pipeline.store import files
from schemas import lines, sums
from schemas.lines import DamagedLine

MAX_LINES = 1000
"""New documents go to a new part from here on; at about 10 kB a record that is 10 MB to rewrite for a change."""
MAX_BYTES = 32 << 20
"""What a part may hold before superseded revisions move to the history and, where the newest alone are more than half of it,
documents to a new part: the most there is to rewrite for a change, unless one record is larger."""
RECORDS, REJECTED = "v1", "rejected"
PART, HISTORY = "part", "history"

_SHARD = re.compile(r"(part|history)-\d{4,}\.jsonl")
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


def named(folder: str, name: str, number: int) -> str:
    """The path of a part or history."""
    return f"{folder}/{name}-{number:04d}.jsonl"


def number_of(path: str) -> tuple[str, int]:
    """What `path` names, PART or HISTORY, and its number."""
    name, _, number = path.rpartition("/")[2].removesuffix(".jsonl").rpartition("-")
    return name, int(number)


def is_history(path: str) -> bool:
    """Whether a shard holds superseded revisions alone."""
    return number_of(path)[0] == HISTORY


def source_of(path: str) -> str:
    """The source a shard's path names."""
    return path.split("/")[1].removeprefix("source=")


def listed(clean: Path, source: str) -> list[str]:
    """The shards of `source` that lie on disk, relative to clean/: records before refusals, a month's history before its parts."""
    return [path for kind in (RECORDS, REJECTED) for path in in_folder(clean, f"{kind}/source={source}", "month=*/")]


def in_folder(clean: Path, folder: str, below: str = "") -> list[str]:
    """The shards in a folder (or `below` it), relative to clean/, the history before the parts."""
    found = sorted((clean / folder).glob(f"{below}*.jsonl"))
    return [path.relative_to(clean).as_posix() for path in found if _SHARD.fullmatch(path.name)]


def without_file(clean: Path, source: str) -> list[str]:
    """Shards whose sums lie there and that are missing themselves."""
    found = [
        sums.shard_of(path)
        for kind in (RECORDS, REJECTED)
        for path in sorted((clean / kind / f"source={source}").glob(f"month=*/.*{sums.SUFFIX}"))
    ]
    return [path.relative_to(clean).as_posix() for path in found if not path.exists()]


def stat(clean: Path, path: str) -> tuple[int, int]:
    """Size and time of change, by which a shard that was replaced behind the ledger's back is noticed."""
    found = (clean / path).stat()
    return found.st_size, found.st_mtime_ns


def read(clean: Path, path: str) -> list[Line]:
    """The lines of a shard, each intact and in order. Raises StoreError naming the file and the line."""
    return [line for _, line in _numbered(clean / path, path.startswith(REJECTED))]


def _numbered(file: Path, refusals: bool) -> Iterator[tuple[int, Line]]:
    last, number = ("", -1), 0
    try:
        reading = following(file)
        with file.open("rb", buffering=1 << 20) as stream:
            for number, data in enumerate(stream, 1):
                line = parsed(data, refusals=refusals)
                if (line.key, line.revision) <= last:
                    raise DamagedLine("out of order")
                last = (line.key, line.revision)
                if missing := reading.line(sums.of_line(line.data)) if reading else 0:
                    raise DamagedLine(f"{missing} lines are missing before it")
                yield number, line
        if missing := reading.end() if reading else 0:
            raise DamagedLine(f"{missing} lines are missing after it")
    except DamagedLine as error:
        raise StoreError(f"{file}:{number}: {error}; run `unscrape verify --repair`") from error


def following(file: Path) -> sums.Reading | None:
    """What tells missing lines while a shard is read, where its sums were put down. Raises DamagedLine."""
    candidates = sums.candidates(file, file.stat().st_size)
    return sums.Reading(candidates) if candidates else None


def parsed(data: bytes, *, refusals: bool) -> Line:
    """A line of a shard, with its newline. Raises DamagedLine."""
    data = lines.whole(data)
    lines.check(data)
    if not refusals:
        return Line(*lines.head(data), data)
    found = _REFUSAL.match(data)
    if found is None:
        raise DamagedLine("it does not begin as a refusal does")
    return Line(found[1].decode(), 0, data)


def write(clean: Path, path: str, content: Iterable[Line]) -> ShardInfo:
    """Replace a shard by `content`, sorted. An empty shard is written as an empty file, so that its number is not used again."""
    file, digest = clean / path, hashlib.sha256()
    written = sorted(content, key=lambda line: line[:2])
    put_down(file, written)
    with files.replacing(file) as stream:
        for line in written:
            data = line.data + b"\n"
            digest.update(data)
            stream.write(data)
    put_down(file, written, replaced=True)
    size, mtime_ns = stat(clean, path)
    return ShardInfo(path, source_of(path), len(written), size, mtime_ns, digest.hexdigest())


def put_down(file: Path, content: Iterable[Line], *, replaced: bool = False) -> None:
    """Write the sums of a shard that is about to be replaced by `content`, with those of the one that stands, or was `replaced`."""
    versions = [sums_of(content)]
    if not replaced:
        with suppress(DamagedLine, FileNotFoundError):
            size = file.stat().st_size
            versions += [version for version in sums.load(file) if version.size == size and version != versions[0]]
    files.write(sums.path_of(file), [sums.dump(versions)], durable=not replaced)


def sums_of(content: Iterable[Line]) -> sums.Sums:
    """The sums of a shard."""
    content = list(content)
    return sums.Sums(size_of(content), b"".join(sums.of_line(line.data) for line in content))


def size_of(content: Iterable[Line]) -> int:
    """Bytes of a shard."""
    return sum(len(line.data) + 1 for line in content)


def cut(content: Iterable[Line], most: int) -> list[list[Line]]:
    """`content` in pieces of at most `most` bytes; a line that is larger is a piece alone. At least one piece."""
    pieces: list[list[Line]] = [[]]
    size = 0
    for line in content:
        if pieces[-1] and size + len(line.data) + 1 > most:
            pieces.append([])
            size = 0
        pieces[-1].append(line)
        size += len(line.data) + 1
    return pieces


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
