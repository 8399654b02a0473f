"""clean/: a batch of records and rejections becomes lines, revisions and refusals.

Shards are written first, the ledger after, in one transaction; what a crash leaves between the two is put right from the shards
when the source is next held (`pipeline.store.reconcile`).
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, Table, delete, func, select, update

from pipeline.document import Rejected
from pipeline.store import gone, links, shards, tables
from pipeline.store.gone import Gone, Graves
from pipeline.store.ledger import Ledger, chunks, upsert
from pipeline.store.shards import Line, ShardInfo
from pipeline.store.tables import url_digest
from pipeline.store.types import WriteSummary
from schemas import Record, lines
from schemas.lines import DamagedLine
from schemas.record_v1 import Change, content_hash

Correct = Callable[[Record], Record]

OUTCOMES = RECORD, REJECTED, QUARANTINED = "record", "rejected", "quarantined"


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What goes to clean/rejected/; `record` where it is quarantined."""

    stage: str
    reason: str
    detail: str
    url: str | None
    sha256: str | None
    record: Record | None = None

    @property
    def key(self) -> str:
        return url_digest(self.url or f"sha256:{self.sha256}")


class Dealt(NamedTuple):
    """What became of captures: of the bytes `sha256` that answered as `url_key`; of those fetched later not yet, with `until`."""

    url_key: str
    sha256: str
    outcome: str
    until: datetime | None = None


@dataclass(slots=True)
class _Batch:
    """A batch while it is being written."""

    counts: Counter[str] = field(default_factory=Counter)
    good: dict[str, Record] = field(default_factory=dict)  # by id
    refusals: dict[str, _Refusal] = field(default_factory=dict)
    done: list["Dealt"] = field(default_factory=list)
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))  # to add, by shard
    dropped: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # refusals to take out, by shard
    standing: dict[str, list[Line]] = field(default_factory=dict)  # shards already read
    records: list[dict[str, Any]] = field(default_factory=list)  # rows
    newest: list[Record] = field(default_factory=list)  # what the rows stand for
    refused: list[dict[str, Any]] = field(default_factory=list)  # rows


class Records:
    """Writes the records of one store."""

    def __init__(self, clean: Path, ledger: Ledger, raw: Path) -> None:
        self.clean, self.ledger, self.graves = clean, ledger, Graves(raw)
        self.max_lines, self.max_bytes = shards.MAX_LINES, shards.MAX_BYTES

    def save(
        self, source: str, items: Iterable[Record | Rejected], correct: Correct, guard: Callable[[], None]
    ) -> WriteSummary:
        """Write a batch of `source`. `correct` applies hand corrections; `guard` raises once the source is no longer held."""
        summary = WriteSummary()
        for batch in _batches(items, correct):
            with shards.writing(self.clean, source):
                guard()
                self._plan_records(batch, source)
                self._plan_refusals(batch, source)
                summary += WriteSummary(**batch.counts, shards=self._commit(batch, source))
            self.entomb_again(source, [url_digest(record.url or record.id) for record in batch.good.values()], guard)
        self.settle(source, guard)
        return summary

    def settle(self, source: str, guard: Callable[[], None]) -> int:
        """Write the links of documents whose links are due, into the newest revision as it stands; how many differed."""
        with self.ledger.read() as connection:
            if not links.due(connection, source):
                return 0
        batch, count = _Batch(), 0
        with shards.writing(self.clean, source):
            guard()
            with self.ledger.read() as connection:
                due = links.due(connection, source)
                found = links.of_rows(connection, due)
            for row in self._selected(tables.records, source, tables.records.c.id, list(found)):
                standing = self._standing(batch, row)
                if standing.same_as != found[row.id]:
                    _put(batch, row.shard, standing.model_copy(update={"same_as": found[row.id]}))
                    count += 1
            self._commit(batch, source)
            with self.ledger.write() as connection:
                links.settled(connection, due)
        return count

    def _commit(self, batch: _Batch, source: str) -> int:
        """Shards, then the ledger; how many shards."""
        touched = sorted({*batch.lines, *batch.dropped})
        taken = {folder: self._numbers(folder, touched) for folder in {path.rpartition("/")[0] for path in touched}}
        written: list[ShardInfo] = []
        moved: dict[str, list[str]] = {}
        for path in touched:
            for target, content in self._rolled(path, self._content(path, batch), taken[path.rpartition("/")[0]]):
                written.append(shards.write(self.clean, target, content))
                if target != path and not shards.is_history(target):
                    moved[target] = [line.key for line in content]
        with self.ledger.write() as connection:
            _register(connection, source, batch, written)
            links.enter(connection, links.signed(connection, source, batch.newest))
            for target, keys in moved.items():
                _move(connection, source, target, keys)
        return len(touched)

    def entomb(self, source: str, keys: Sequence[str], gone_at: datetime, guard: Callable[[], None]) -> int:
        """Give the documents that these URLs (as keys) answer with a tombstone, and raw/ what it can be made of again; how many."""
        batch = _Batch()
        table = tables.records
        query = select(table).where((table.c.source == source) & table.c.url_key.in_(keys) & table.c.gone_at.is_(None))
        with shards.writing(self.clean, source):
            guard()
            for row in self.ledger.rows(query):
                standing = self._standing(batch, row)
                if not any(found.at == gone_at for found in self.graves.of(source, row.url_key)):
                    gone.put(self.graves.root, Gone(source=source, key=row.url_key, url=standing.url or "", at=gone_at))
                tomb = standing.model_copy(
                    update={
                        "revision": standing.revision + 1,
                        "supersedes": standing.content_hash,
                        "change": "gone",
                        "gone_at": gone_at,
                    }
                )
                _unlink(batch, row.shard, standing)
                _add(batch, row.shard, tomb)
            self._commit(batch, source)
        return len(batch.records)

    def entomb_again(self, source: str, keys: Collection[str], guard: Callable[[], None]) -> None:
        """Tombstones that were lost: of those documents that, after the capture they stand for and before any other, were found
        gone. `keys` as in `entomb`."""
        table = tables.records
        known = sorted(self.graves.keys(source).keys() & set(keys))
        for row in self._selected(table, source, table.c.url_key, known):
            if row.gone_at is None and row.fetched_at is not None:
                graves = self.graves.of(source, row.url_key)
                found = next((grave for grave in graves if grave.at > row.fetched_at), None)
                if found is not None and not self._fetched_between(source, row, found.at):
                    self.entomb(source, [row.url_key], found.at, guard)

    def _fetched_between(self, source: str, row: Row[Any], moment: datetime) -> bool:
        """Whether other bytes came, after what stands and before `moment`, of which nothing was made yet."""
        captures = tables.captures.c
        between = (captures.fetched_at > row.fetched_at) & (captures.fetched_at < moment)
        other = (captures.sha256 != row.sha256) & captures.outcome.is_(None)
        of_it = (captures.source == source) & (captures.url_key == row.url_key)
        return bool(self.ledger.rows(select(captures.event).where(of_it & between & other).limit(1)))

    def _plan_records(self, batch: _Batch, source: str) -> None:
        table = tables.records
        known = {row.id: row for row in self._selected(table, source, table.c.id, list(batch.good))}
        new = [record for id, record in batch.good.items() if id not in known]
        places = self._places(source, shards.RECORDS, self._first_months(source, new))
        for id, record in sorted(batch.good.items()):
            if id in known:
                self._revise(batch, record, known[id])
            else:
                _add(batch, places[id], record.model_copy(update={"revision": 1, "supersedes": None, "change": None}))
                batch.counts["new"] += 1

    def _revise(self, batch: _Batch, record: Record, row: Row[Any]) -> None:
        if _stale(record, row):
            batch.counts["stale"] += 1
            return
        same = row.content_hash == record.content_hash and row.correction_hash == record.pipeline.correction_hash
        if same and row.gone_at is None:
            batch.counts["unchanged"] += 1
            return
        standing = self._standing(batch, row)
        update = {
            "revision": row.revision + 1,
            "supersedes": row.content_hash,
            "change": _change(standing, record),
            "gone_at": None,
        }
        _unlink(batch, row.shard, standing)
        _add(batch, row.shard, record.model_copy(update=update))
        batch.counts["revised"] += 1

    def _standing(self, batch: _Batch, row: Row[Any]) -> Record:
        content = self._read(batch, row.shard)
        return lines.record(content[bisect_left(content, (row.id, row.revision), key=_place)].data)

    def _read(self, batch: _Batch, path: str) -> list[Line]:
        """A shard's lines, read once a batch: many documents of one change together."""
        if path not in batch.standing:
            batch.standing[path] = shards.read(self.clean, path) if (self.clean / path).exists() else []
        return batch.standing[path]

    def _plan_refusals(self, batch: _Batch, source: str) -> None:
        table = tables.refusals
        good = {url_digest(record.url or record.id) for record in batch.good.values()}
        rows = {row.key: row for row in self._selected(table, source, table.c.key, [*good, *batch.refusals])}
        for key in good & rows.keys() - batch.refusals.keys():
            batch.dropped[rows[key].shard].add(key)
        fetched = self._fetched(source, batch.refusals.values())
        fresh = {key: shards.month_of(fetched.get(key)) for key in batch.refusals if key not in rows}
        places = self._places(source, shards.REJECTED, fresh)
        newest = self._newest_dealt_with(source, list(batch.refusals))
        for key, refusal in batch.refusals.items():
            if key in newest and key in fetched and fetched[key] < newest[key]:
                batch.counts["stale"] += 1
                continue
            line = _refusal_line(source, refusal, fetched.get(key))
            if key in rows and rows[key].line_hash == line.data[-10:-2].decode():
                continue
            shard = rows[key].shard if key in rows else places[key]
            batch.dropped[shard].add(key)
            batch.lines[shard].append(line)
            batch.refused.append(refusal_row(source, shard, line))

    def _selected(self, table: Any, source: str, column: Any, values: Sequence[str]) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        for some in chunks(values):
            found += self.ledger.rows(select(table).where((table.c.source == source) & column.in_(some)))
        return found

    def _first_months(self, source: str, new: Sequence[Record]) -> dict[str, str]:
        """The month of the first capture of each new document."""
        with self.ledger.read() as connection:
            first = links.first_captures(connection, source, links.captured(new))
        return {id: shards.month_of(moment) for id, moment in first.items()}

    def _fetched(self, source: str, refusals: Iterable[_Refusal]) -> dict[str, datetime]:
        """When what was refused was fetched, by the refusal's key."""
        table, found = tables.captures, {}
        for refusal in refusals:
            where = (table.c.source == source) & (table.c.url_key == refusal.key) & (table.c.sha256 == refusal.sha256)
            for (moment,) in self.ledger.rows(select(func.max(table.c.fetched_at)).where(where)):
                if moment is not None:
                    found[refusal.key] = moment
        return found

    def _newest_dealt_with(self, source: str, keys: Sequence[str]) -> dict[str, datetime]:
        """When the newest capture of each URL was fetched of which something was made, be it a refusal."""
        table = tables.captures
        found: dict[str, datetime] = {}
        for some in chunks(keys):
            where = (table.c.source == source) & table.c.url_key.in_(some) & table.c.outcome.is_not(None)
            newest = func.max(table.c.fetched_at).label("newest")
            query = select(table.c.url_key, newest).where(where).group_by(table.c.url_key)
            found |= {row.url_key: row.newest for row in self.ledger.rows(query)}
        return found

    def _places(self, source: str, kind: str, months: Mapping[str, str]) -> dict[str, str]:
        """A shard for each new key: the last part of its month while it has room, then new parts."""
        by_month: dict[str, list[str]] = defaultdict(list)
        for key, month in sorted(months.items()):
            by_month[month].append(key)
        placed = {}
        for month, keys in by_month.items():
            folder = shards.partition(kind, source, month)
            number, room = self._last_part(folder)
            for key in keys:
                if room == 0:
                    number, room = number + 1, self.max_lines
                placed[key] = shards.named(folder, shards.PART, number)
                room -= 1
        return placed

    def _known(self, folder: str) -> list[Row[Any]]:
        table = tables.shards
        query = select(table.c.path, table.c.lines, table.c.size)
        return self.ledger.rows(query.where(table.c.path.startswith(f"{folder}/", autoescape=True)))

    def _last_part(self, folder: str) -> tuple[int, int]:
        """Number and room of a folder's last part; part 0 without room where there is none."""
        parts = [
            (number, row)
            for row in self._known(folder)
            for name, number in [shards.number_of(row.path)]
            if name == shards.PART
        ]
        if not parts:
            return 0, 0
        last, row = max(parts)
        return last, 0 if row.size >= self.max_bytes // 2 else max(self.max_lines - row.lines, 0)

    def _numbers(self, folder: str, touched: Iterable[str]) -> dict[str, int]:
        """The highest number taken in a folder, by what it names."""
        taken = {shards.PART: 0, shards.HISTORY: 0}
        for path in [*(row.path for row in self._known(folder)), *touched]:
            if path.startswith(f"{folder}/"):
                name, number = shards.number_of(path)
                taken[name] = max(taken[name], number)
        return taken

    def _content(self, path: str, batch: _Batch) -> list[Line]:
        """What a shard is to hold after a batch, sorted."""
        standing = self._read(batch, path)
        replaced = {line[:2] for line in batch.lines[path]}
        dropped = batch.dropped.get(path, set())
        kept = [line for line in standing if line.key not in dropped and line[:2] not in replaced]
        return sorted([*kept, *batch.lines[path]], key=lambda line: line[:2])

    def _rolled(self, path: str, content: list[Line], taken: dict[str, int]) -> list[tuple[str, list[Line]]]:
        """What to write for a shard, itself last: a crash on the way leaves lines twice, never none (`reconcile.settle`)."""
        if shards.size_of(content) <= self.max_bytes:
            return [(path, content)]
        folder = path.rpartition("/")[0]
        newest = {line.key: line for line in content}
        older = [line for line in content if newest[line.key] is not line]
        first, *others = shards.cut(newest.values(), self.max_bytes // 2)
        pieces = [(shards.HISTORY, piece) for piece in shards.cut(older, self.max_bytes) if piece]
        writes = []
        for name, piece in [*pieces, *((shards.PART, piece) for piece in others)]:
            taken[name] += 1
            writes.append((shards.named(folder, name, taken[name]), piece))
        return [*writes, (path, first)]


def _place(line: Line) -> tuple[str, int]:
    return line.key, line.revision


def _batches(items: Iterable[Record | Rejected], correct: Correct) -> list[_Batch]:
    """`items` in batches that hold each document once, so that several captures of one become its revisions in turn."""
    batches: list[_Batch] = []
    turns: Counter[str] = Counter()
    for item in items:
        made = _refusal_of(item) if isinstance(item, Rejected) else _writable(correct(item))
        name = made.key if isinstance(made, _Refusal) else url_digest(made.url or made.id)
        turn = turns[name]
        turns[name] += 1
        while turn < len(batches) and isinstance(made, Record) and made.id in batches[turn].good:
            turn += 1
        if turn == len(batches):
            batches.append(_Batch())
        _enter(batches[turn], made)
    return batches


def _refusal_of(item: Rejected) -> _Refusal:
    return _Refusal(item.stage, item.reason, item.detail, item.url, item.sha256)


def _writable(record: Record) -> Record | _Refusal:
    """The record as it can be written, or why it goes to clean/rejected/."""
    seen = content_hash(record.title, record.byline, record.published_at, record.blocks)
    record = record.model_copy(update={"content_hash": seen, "gone_at": None})
    url, sha256 = record.url, record.capture.sha256
    try:
        lines.dump(record)
    except DamagedLine as error:
        return _Refusal("store", "unwritable", str(error), url, sha256)
    if record.quality.quarantined is not None:
        return _Refusal("quality", "quarantined", record.quality.quarantined, url, sha256, record)
    return record


def _enter(batch: _Batch, made: Record | _Refusal) -> None:
    if isinstance(made, Record):
        batch.good[made.id] = made
        batch.done.append(Dealt(url_digest(made.url or made.id), made.capture.sha256, RECORD, made.fetched_at))
        return
    outcome = REJECTED if made.record is None else QUARANTINED
    batch.refusals[made.key] = made
    batch.counts[outcome] += 1
    if made.sha256 is not None:
        batch.done.append(Dealt(made.key, made.sha256, outcome))


def _stale(record: Record, row: Row[Any]) -> bool:
    """Whether `record` was made from an older capture than the one that stands, or than its page's end."""
    if record.fetched_at is None or (record.capture.sha256 == row.sha256 and row.gone_at is None):
        return False
    return any(moment is not None and record.fetched_at < moment for moment in (row.fetched_at, row.gone_at))


def _change(standing: Record, record: Record) -> Change:
    if standing.gone_at is not None or standing.capture.sha256 != record.capture.sha256:
        return "page"
    if standing.pipeline.correction_hash != record.pipeline.correction_hash:
        return "correction"
    return "source" if standing.pipeline.source_hash != record.pipeline.source_hash else "pipeline"


def _add(batch: _Batch, shard: str, record: Record) -> None:
    _put(batch, shard, record)
    batch.records.append(record_row(record, shard))
    batch.newest.append(record)


def _put(batch: _Batch, shard: str, record: Record) -> None:
    batch.lines[shard].append(Line(record.id, record.revision, lines.dump(record)))


def _unlink(batch: _Batch, shard: str, standing: Record) -> None:
    """Links belong to the newest revision: one that another follows gives its up, so that no link outlives what it leads to."""
    if standing.same_as:
        _put(batch, shard, standing.model_copy(update={"same_as": ()}))


def record_row(record: Record, shard: str) -> dict[str, Any]:
    """The ledger's row of a document whose newest revision is `record`."""
    return {
        "source": shards.source_of(shard),
        "id": record.id,
        "shard": shard,
        "revision": record.revision,
        "content_hash": record.content_hash,
        "correction_hash": record.pipeline.correction_hash,
        "url_key": url_digest(record.url or record.id),
        "canonical_key": url_digest(record.canonical_url) if record.canonical_url else None,
        "sha256": record.capture.sha256,
        "fetched_at": record.capture.fetched_at,
        "gone_at": record.gone_at,
    }


def _refusal_line(source: str, refusal: _Refusal, fetched_at: datetime | None) -> Line:
    data = {
        "key": refusal.key,
        "source": source,
        "stage": refusal.stage,
        "reason": refusal.reason,
        "detail": refusal.detail.encode("utf-8", "backslashreplace").decode(),
        "url": refusal.url and refusal.url.encode("utf-8", "backslashreplace").decode(),
        "sha256": refusal.sha256,
        "fetched_at": fetched_at,
        "record": refusal.record and refusal.record.model_dump(mode="json", exclude={"checksum"}),
    }
    return Line(refusal.key, 0, lines.sealed(orjson.dumps(data)))


def refusal_row(source: str, shard: str, line: Line) -> dict[str, Any]:
    """The ledger's row of a line of clean/rejected/."""
    data = orjson.loads(line.data)
    return {
        "source": source,
        "key": line.key,
        "shard": shard,
        "stage": data["stage"][:64],
        "reason": data["reason"][:128],
        "line_hash": data["checksum"],
    }


def _register(connection: Connection, source: str, batch: _Batch, written: Iterable[ShardInfo]) -> None:
    register_shards(connection, written)
    upsert(connection, tables.records, batch.records)
    upsert(connection, tables.refusals, batch.refused)
    gone = sorted({key for keys in batch.dropped.values() for key in keys} - {row["key"] for row in batch.refused})
    for some in chunks(gone):
        where = (tables.refusals.c.source == source) & tables.refusals.c.key.in_(some)
        connection.execute(delete(tables.refusals).where(where))
    mark_outcomes(connection, source, batch.done)


def _move(connection: Connection, source: str, shard: str, keys: Sequence[str]) -> None:
    """Documents (or refusals) lie in another shard now."""
    refused = shard.startswith(shards.REJECTED)
    table: Table = tables.refusals if refused else tables.records
    column = table.c.key if refused else table.c.id
    for some in chunks(keys):
        connection.execute(update(table).where((table.c.source == source) & column.in_(some)).values(shard=shard))


def register_shards(connection: Connection, written: Iterable[ShardInfo]) -> None:
    """Put down what was written."""
    rows = [
        {
            "path": s.path,
            "source": s.source,
            "lines": s.lines,
            "size": s.size,
            "mtime_ns": s.mtime_ns,
            "sha256": s.sha256,
        }
        for s in written
    ]
    upsert(connection, tables.shards, rows)


def mark_outcomes(connection: Connection, source: str, done: Iterable[Dealt]) -> None:
    """Put down what became of captures."""
    table = tables.captures
    for key, sha256, outcome, until in done:
        where = (table.c.source == source) & (table.c.url_key == key) & (table.c.sha256 == sha256)
        if until is not None:
            where &= table.c.fetched_at <= until
        connection.execute(update(table).where(where).values(outcome=outcome))
