"""What was written to a shard, in a small file beside it: a line that is missing shows no damage of its own.

.part-0001.jsonl.sums     {"versions":[{"size":…,"lines":"…"},…],"checksum":"…"}, sealed as a record's line is

`lines` are the checksums of the shard's lines, one after the other. A version is put down before the shard is replaced, with the one
that stands then, so that a crash in between leaves a shard that agrees with one of them.
"""

from dataclasses import dataclass
from pathlib import Path

import orjson

from schemas.lines import DamagedLine, check, sealed

SUFFIX = ".sums"
WIDTH = 8


@dataclass(frozen=True, slots=True)
class Sums:
    """One version of a shard: its size in bytes, and its lines' checksums, joined in order."""

    size: int
    lines: bytes


def path_of(shard: Path) -> Path:
    """Where the sums of a shard lie."""
    return shard.with_name(f".{shard.name}{SUFFIX}")


def shard_of(path: Path) -> Path:
    """The shard whose sums lie at `path`."""
    return path.with_name(path.name[1:].removesuffix(SUFFIX))


def of_line(line: bytes) -> bytes:
    """The checksum of a sealed line without its newline."""
    return line[-10:-2]


def dump(versions: list[Sums]) -> bytes:
    """The file's bytes."""
    data = [{"size": v.size, "lines": v.lines.decode("ascii")} for v in versions]
    return sealed(orjson.dumps({"versions": data})) + b"\n"


def load(shard: Path) -> list[Sums]:
    """The versions put down for a shard, newest first; none where there is no such file. Raises DamagedLine."""
    try:
        data = path_of(shard).read_bytes()
    except FileNotFoundError:
        return []
    try:
        check(data.removesuffix(b"\n"))
        return [Sums(v["size"], v["lines"].encode("ascii")) for v in orjson.loads(data)["versions"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedLine(f"what was put down of it in {path_of(shard).name} is damaged: {error}") from error


def candidates(shard: Path, size: int) -> list[bytes]:
    """The lines a shard of `size` bytes may consist of, as checksums; those of the newest version where no size fits."""
    versions = load(shard)
    return [v.lines for v in versions if v.size == size] or [v.lines for v in versions[:1]]


def holds(candidates: list[bytes], window: bytes, *, first: bool, last: bool) -> bool:
    """Whether lines with these checksums stand next to one another in a version; `first`, `last`: at its very start, end."""
    return any(_holds(lines, window, first=first, last=last) for lines in candidates)


def _holds(lines: bytes, window: bytes, *, first: bool, last: bool) -> bool:
    if first:
        return lines == window if last else lines.startswith(window)
    if last:
        return lines.endswith(window)
    at = lines.find(window)
    while at % WIDTH and at != -1:
        at = lines.find(window, at + 1)
    return at != -1


class Reading:
    """Follows the lines of a shard as they are read, and tells where one is missing or was not written."""

    def __init__(self, candidates: list[bytes]) -> None:
        self._versions = candidates
        self._lines = candidates[0]
        self._at = 0
        self._damaged = 0

    def damaged(self) -> None:
        """A line was met that cannot be told."""
        self._damaged += 1

    def line(self, checksum: bytes) -> int:
        """A sound line was met; how many are missing before it. Raises DamagedLine where it was not written there."""
        if self._lines.startswith(checksum, self._at):
            self._at += WIDTH
            self._damaged = 0
            return 0
        return self._elsewhere(checksum)

    def end(self) -> int:
        """How many lines are missing at the end."""
        missing = {(len(lines) - self._at) // WIDTH for lines in self._versions if lines[: self._at] == self._read}
        return max(min(missing) - self._damaged, 0)

    @property
    def _read(self) -> bytes:
        return self._lines[: self._at]

    def _elsewhere(self, checksum: bytes) -> int:
        for lines in self._versions:
            if lines[: self._at] == self._read and lines[self._at : self._at + WIDTH] == checksum:
                self._lines, self._at, self._damaged = lines, self._at + WIDTH, 0
                return 0
        for at in range(self._at, len(self._lines), WIDTH):
            if self._lines[at : at + WIDTH] == checksum:
                missing = (at - self._at) // WIDTH - self._damaged
                self._at, self._damaged = at + WIDTH, 0
                return max(missing, 0)
        raise DamagedLine("it is not a line that was written here")
