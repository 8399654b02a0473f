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
from typing import Any, BinaryIO, cast

import zstandard

from schemas import lines
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
    for file in files(path, where.sources):
        for data in _revisions(file, on_damage) if every_revision else _newest(file, on_damage):
            if _matches(data, where):
                yield data


def records(
    path: str | Path,
    where: Where = Where(),
    *,
    every_revision: bool = False,
    on_damage: OnDamage | None = None,
) -> Iterator[RecordV1]:
    """As `dicts`, but typed."""
    for data in dicts(path, where, every_revision=every_revision, on_damage=on_damage):
        yield RecordV1.model_validate(data)


def find(path: str | Path, id: str, *, sources: Collection[str] = ()) -> list[RecordV1]:
    """All revisions of one document, oldest first; empty where there is none. Reads a few lines of each file, as they are sorted."""
    found: list[RecordV1] = []
    for file in files(path, sources):
        if file.suffix == ".zst":
            found += [RecordV1.model_validate(data) for data in _revisions(file, None) if data["id"] == id]
        else:
            found += _bisected(file, id)
    return found


def files(path: str | Path, sources: Collection[str] = ()) -> list[Path]:
    """The files of records under `path`, sorted; rejected ones are not among them."""
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.exists():
        raise FileNotFoundError(f"{path}: no records there")
    found = {
        file
        for pattern in (
            "v*/source=*/month=*/part-*.jsonl",
            "source=*/month=*/part-*.jsonl",
            "month=*/part-*.jsonl",
            "*.jsonl*",
        )
        for file in path.glob(pattern)
        if file.name.endswith((".jsonl", ".jsonl.zst")) and not file.name.startswith(".")
    }
    return sorted(file for file in found if not sources or _source(file) in {None, *sources})


def _source(file: Path) -> str | None:
    return next((part.removeprefix("source=") for part in file.parts if part.startswith("source=")), None)


def _newest(file: Path, on_damage: OnDamage | None) -> Iterator[dict[str, Any]]:
    newest: dict[str, Any] | None = None
    for data in _revisions(file, on_damage):
        if newest is not None and newest["id"] != data["id"]:
            yield newest
        newest = data
    if newest is not None:
        yield newest


def _revisions(file: Path, on_damage: OnDamage | None) -> Iterator[dict[str, Any]]:
    last = ("", 0)
    with _opened(file) as stream:
        for number, line in enumerate(stream, 1):
            try:
                data = lines.load(_whole(line))
                place = (data["id"], data["revision"])
                if place <= last:
                    raise DamagedLine(f"{place[0]} revision {place[1]} is out of order")
            except NewerVersion as error:
                raise NewerVersion(f"{file}:{number}: {error}") from error
            except (DamagedLine, KeyError, TypeError, ValueError) as error:
                damage = Damage(path=file, number=number, reason=str(error))
                if on_damage is None:
                    raise DamagedRecord(damage) from error
                on_damage(damage)
                continue
            last = place
            yield data


def _whole(line: bytes) -> bytes:
    if not line.endswith(b"\n"):
        raise DamagedLine("it is torn: no newline at its end")
    return line[:-1]


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
    """The lines of `id` in a sorted file, found by halving it."""
    found = []
    with file.open("rb") as stream:
        stream.seek(_lower_bound(stream, file.stat().st_size, id))
        for line in stream:
            try:
                name, _ = lines.head(line)
                if name > id:
                    break
                if name == id:
                    found.append(lines.record(_whole(line)))
            except DamagedLine as error:
                number = _line_number(file, stream.tell())
                raise DamagedRecord(Damage(path=file, number=number, reason=str(error))) from error
    return found


def _lower_bound(stream: BinaryIO, size: int, id: str) -> int:
    """Offset of a line at or before the first whose id is not less than `id`."""
    low, high = 0, size  # `low` is the start of a line
    while high - low > 1:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline()
        start = stream.tell()
        line = stream.readline() if start < high else b""
        if not line:
            high = middle
            continue
        try:
            name, _ = lines.head(line)
        except DamagedLine:
            return low
        if name < id:
            low = start
        else:
            high = middle
    return low


def _line_number(file: Path, end: int) -> int:
    with file.open("rb") as stream:
        return stream.read(end).count(b"\n")
