"""Reading records: `from schemas import read`. Needs neither Prefect nor the pipeline.

    for record in read.records("clean"):                  # the newest revision of each document, typed
        print(record.published_date, record.title)

    where = read.Where(sources={"sample"}, languages={"en"}, since=date(2026, 1, 1))
    for data in read.dicts("clean", where):               # the same as plain dicts, several times faster
        ...

Files are streamed: memory stays that of one document. A damaged line raises DamagedRecord with its file and number, or goes to
`on_damage`; it is never skipped in silence.
"""

import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import zstandard

from schemas import lines, sums
from schemas.lines import DamagedLine
from schemas.record_v1 import RecordV1
from schemas.upgrade import NewerVersion

__all__ = ["Damage", "DamagedRecord", "NewerVersion", "Where", "dicts", "files", "find", "records"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which documents to read; what is None or empty does not restrict.

    `since` and `until` (inclusive) are dates of publication and leave out documents without one; `fetched_since` is an aware
    moment. `gone`: also documents whose page is gone.
    """

    sources: Collection[str] = ()
    languages: Collection[str] = ()
    since: date | None = None
    until: date | None = None
    fetched_since: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A line that is not what was written. `number` counts from 1."""

    path: Path
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.number}: {self.reason}"


class DamagedRecord(ValueError):
    """A damaged line was met; `damage` says which."""

    def __init__(self, damage: Damage) -> None:
        super().__init__(f"{damage}; `unscrape verify --repair` makes it again from raw/")
        self.damage = damage


OnDamage = Callable[[Damage], None]
FOLDERS = ("v*/source=*/month=*/", "source=*/month=*/", "month=*/", "")


def dicts(
    path: str | Path,
    where: Where = Where(),
    *,
    every_revision: bool = False,
    on_damage: OnDamage | None = None,
) -> Iterator[dict[str, Any]]:
    """Records as dicts of the newest schema version: the newest revision of each document, or all of them in order.

    `path` is clean/, a folder below it, or one .jsonl or .jsonl.zst file. With `on_damage` reading goes on after a damaged line;
    the document it was of may then come in an older revision.
    """
    everywhere = where == Where()
    for file in files(path, where.sources, history=every_revision):
        for _, data in _chosen(file, every_revision, on_damage):
            if (everywhere and data["gone_at"] is None) or _matches(data, where):
                yield data


def records(
    path: str | Path,
    where: Where = Where(),
    *,
    every_revision: bool = False,
    on_damage: OnDamage | None = None,
) -> Iterator[RecordV1]:
    """As `dicts`, but typed: what is no valid record is damage, too."""
    for file in files(path, where.sources, history=every_revision):
        for number, data in _chosen(file, every_revision, on_damage):
            if _matches(data, where) and (record := _typed(file, number, data, on_damage)) is not None:
                yield record


def find(path: str | Path, id: str, *, sources: Collection[str] = ()) -> list[RecordV1]:
    """All revisions of one document, oldest first; empty where there is none. Reads a few lines of each file, as they are sorted.

    Raises DamagedRecord where what it would be read from is damaged.
    """
    found: dict[tuple[str | None, int], RecordV1] = {}
    for file in files(path, sources, history=True):
        if file.suffix == ".zst":
            revisions = [_valid(file, number, data) for number, data in _lines(file, None) if data["id"] == id]
        else:
            revisions = _bisected(file, id)
        found |= {(record.source, record.revision): record for record in revisions}
    return sorted(found.values(), key=lambda record: (record.source or "", record.revision))


def files(path: str | Path, sources: Collection[str] = (), *, history: bool = False) -> list[Path]:
    """The files of records under `path`, sorted; rejected ones are not among them.

    With `history` also those that hold older revisions alone. A file that was written and is missing is named, too.
    """
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.exists():
        raise FileNotFoundError(f"{path}: no records there")
    found = {file for folder in FOLDERS for file in _listed(path, folder, history)}
    hidden = (".",) if history else (".", "history-")
    found |= {
        file
        for file in path.glob("*.jsonl*")
        if file.name.endswith((".jsonl", ".jsonl.zst")) and not file.name.startswith(hidden)
    }
    return sorted(file for file in found if not sources or _source(file) in {None, *sources})


def _listed(path: Path, folder: str, history: bool) -> Iterator[Path]:
    for name in ("part-*.jsonl", "history-*.jsonl") if history else ("part-*.jsonl",):
        yield from path.glob(f"{folder}{name}")
        yield from (sums.shard_of(file) for file in path.glob(f"{folder}.{name}{sums.SUFFIX}"))


def _source(file: Path) -> str | None:
    return next((part.removeprefix("source=") for part in file.parts if part.startswith("source=")), None)


def _chosen(file: Path, every_revision: bool, on_damage: OnDamage | None) -> Iterator[tuple[int, dict[str, Any]]]:
    numbered = _lines(file, on_damage)
    return numbered if every_revision else _newest(numbered)


def _newest(numbered: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
    newest = next(numbered, None)
    if newest is None:
        return
    for line in numbered:
        if newest[1]["id"] != line[1]["id"]:
            yield newest
        newest = line
    yield newest


def _lines(file: Path, on_damage: OnDamage | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The sound lines of a file with their numbers."""
    tell = on_damage or _raise
    last, source, number = ("", 0), _source(file), 0
    try:
        stream = _opened(file)
    except FileNotFoundError:
        tell(Damage(path=file, number=0, reason="the file is missing"))
        return
    with stream:
        reading = _reading(file, tell)
        for number, line in enumerate(stream, 1):
            try:
                data, checksum = lines.load_whole(line)
                place = (data["id"], data["revision"])
                if place <= last:
                    raise DamagedLine(f"{place[0]} revision {place[1]} is out of order")
                if data["source"] != source and source is not None:
                    raise DamagedLine(f"it is of source {data['source']!r} and lies among those of {source!r}")
                missing = reading.line(checksum) if reading else 0
            except NewerVersion as error:
                raise NewerVersion(f"{file}:{number}: {error}") from error
            except (DamagedLine, KeyError, TypeError, ValueError) as error:
                if reading:
                    reading.damaged()
                tell(Damage(path=file, number=number, reason=str(error)))
                continue
            if missing:
                tell(Damage(path=file, number=number, reason=f"{missing} lines are missing before it"))
            last = place
            yield number, data
        if reading and (missing := reading.end()):
            tell(Damage(path=file, number=number, reason=f"{missing} lines are missing after it"))


def _reading(file: Path, tell: OnDamage) -> sums.Reading | None:
    try:
        candidates = [] if file.suffix == ".zst" else sums.candidates(file, file.stat().st_size)
    except DamagedLine as error:
        tell(Damage(path=file, number=0, reason=str(error)))
        return None
    return sums.Reading(candidates) if candidates else None


def _raise(damage: Damage) -> NoReturn:
    raise DamagedRecord(damage)


def _typed(file: Path, number: int, data: dict[str, Any], on_damage: OnDamage | None) -> RecordV1 | None:
    try:
        return _valid(file, number, data)
    except DamagedRecord as error:
        if on_damage is None:
            raise
        on_damage(error.damage)
        return None


def _valid(file: Path, number: int, data: dict[str, Any]) -> RecordV1:
    try:
        return lines.typed(data)
    except DamagedLine as error:
        raise DamagedRecord(Damage(path=file, number=number, reason=str(error))) from error


def _opened(file: Path) -> BinaryIO:
    if file.suffix == ".zst":
        return cast(BinaryIO, io.BufferedReader(zstandard.open(file, "rb"), 1 << 20))
    return file.open("rb", buffering=1 << 20)


def _matches(data: dict[str, Any], where: Where) -> bool:
    if data["gone_at"] is not None and not where.gone:
        return False
    if where.sources and data["source"] not in where.sources:
        return False
    if where.languages and data["language"] not in where.languages:
        return False
    if where.fetched_since is not None:
        fetched = data["capture"]["fetched_at"]
        if fetched is None or datetime.fromisoformat(fetched) < where.fetched_since:
            return False
    return _published_between(data, where.since, where.until)


def _published_between(data: dict[str, Any], since: date | None, until: date | None) -> bool:
    if since is None and until is None:
        return True
    day = data["published_date"] or (data["published_at"] or "")[:10]
    return bool(day) and (since is None or day >= since.isoformat()) and (until is None or day <= until.isoformat())


def _bisected(file: Path, id: str) -> list[RecordV1]:
    """The lines of `id` in a sorted file, found by halving it; those around them prove that none is missing."""
    found: list[RecordV1] = []
    window, ended = [], True
    start = end = 0
    try:
        candidates = sums.candidates(file, file.stat().st_size)
        with file.open("rb") as stream:
            start = end = _lower_bound(stream, file.stat().st_size, id)
            stream.seek(start)
            for line in stream:
                end += len(line)
                name = _name(line)
                window.append(sums.of_line(line[:-1]))
                if name > id:
                    ended = False
                    break
                if name == id:
                    found.append(lines.record(line[:-1]))
    except FileNotFoundError as error:
        raise DamagedRecord(Damage(path=file, number=0, reason="the file is missing")) from error
    except DamagedLine as error:
        raise DamagedRecord(Damage(path=file, number=_line_number(file, end), reason=str(error))) from error
    if candidates and not sums.holds(candidates, b"".join(window), first=start == 0, last=ended):
        number = _line_number(file, end)
        raise DamagedRecord(
            Damage(path=file, number=number, reason="the lines up to here are not those that were written")
        )
    return found


def _name(line: bytes) -> str:
    """The id of a line that is as it was written. Raises DamagedLine."""
    lines.check(lines.whole(line))
    return lines.head(line)[0]


def _lower_bound(stream: BinaryIO, size: int, id: str) -> int:
    """Offset of a line at or before the first whose id is not less than `id`. Raises DamagedLine."""
    low, high = 0, size  # `low` is the start of a line
    while high - low > 1:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline()
        start = stream.tell()
        line = stream.readline() if start < high else b""
        if not line:
            high = middle
        elif _name(line) < id:
            low = start
        else:
            high = middle
    return low


def _line_number(file: Path, end: int) -> int:
    with file.open("rb") as stream:
        return stream.read(end).count(b"\n")
