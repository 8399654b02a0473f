"""Proving that captures, shards and ledger are what was written and agree. Reads everything; changes nothing.

ledger.damaged     the database itself            capture.missing    the ledger knows an event that is not there
capture.sidecar    an event was altered           capture.unknown    an event the ledger does not know
capture.body       a body is missing or altered   capture.row        the ledger says otherwise than the sidecar
capture.orphan     a body without an event        page.event         a page whose newest event is another
shard.line         a line is not what was written shard.file         the file is not the one the ledger knows
shard.sums         what tells of missing lines    record.chain       revisions are not in an unbroken row
record.invalid     against its schema or log      record.row         the ledger says otherwise than the shard
record.capture     made from bytes not in raw/    refusal.row        the same, of clean/rejected/
capture.outcome    an outcome nothing stands for  gone.sidecar       what tells that a page is gone was altered
gone.missing       nothing tells why it is gone   purged.row         what was purged: raw/ and ledger differ
signature.row      by what texts are compared     record.same_as     links other than the signatures give
source.row         a source the ledger does not know
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Integer, Table, false, func, or_, select, text, true
from sqlalchemy.exc import DatabaseError

from pipeline import edits
from pipeline.document import Splice, Step
from pipeline.errors import EditError, StoreError
from pipeline.store import gone, links, shards, tables
from pipeline.store.captures import Captures, Sidecar
from pipeline.store.gone import Gone
from pipeline.store.ledger import Ledger, is_damage
from pipeline.store.pages import MISSING, capture_row
from pipeline.store.records import OUTCOMES, record_row, refusal_row
from pipeline.store.shards import Line, ShardInfo
from pipeline.store.tables import url_digest
from pipeline.store.types import Problem
from schemas import Record, lines, sums
from schemas.escape import unescape
from schemas.lines import DamagedLine, NewerVersion
from schemas.record_v1 import SameAsV1, content_hash

CACHE = 64 << 10
"""KiB of the ledger that SQLite keeps in memory meanwhile; with its usual 2 MB, what is looked up at random takes 1.6 times as long."""


class Revision(NamedTuple):
    """A line's place in its document's row."""

    path: str
    number: int
    content_hash: str
    supersedes: str | None


@dataclass(slots=True)
class Found:
    """What lies on disk for one source, as far as it is sound, and what is wrong with it."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    events: dict[str, Sidecar] = field(default_factory=dict)
    sound: set[str] = field(default_factory=set)  # digests of bodies
    files: dict[str, ShardInfo] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)  # rows, by id
    refusals: dict[str, dict[str, Any]] = field(default_factory=dict)  # rows, by key
    made: set[tuple[str, str]] = field(default_factory=set)  # url_key, sha256 of every line
    broken: set[str] = field(default_factory=set)  # shards with damaged lines or broken chains
    intact: set[str] = field(default_factory=set)  # ids whose revisions are an unbroken row
    lost: set[tuple[str, str]] = field(default_factory=set)  # shard and id, where the chain is broken
    links: dict[str, tuple[SameAsV1, ...]] = field(default_factory=dict)  # of the newest revisions, by id
    unsealed: set[str] = field(default_factory=set)  # shards whose sums are missing or damaged
    invalid: dict[str, set[str]] = field(default_factory=dict)  # ids of inconsistent records, by shard
    older: dict[str, list["Revision"]] = field(default_factory=dict)  # in the history, by id, until their part is read
    chains: dict[str, list["Revision"]] = field(default_factory=dict)  # the same of those whose part was read
    graves: set[tuple[str, datetime]] = field(default_factory=set)  # what sidecars tell to be gone
    tombs: list[Gone] = field(default_factory=list)  # tombstones without a sidecar

    def wrong(self, kind: str, where: object, what: str) -> None:
        """Put down a problem."""
        self.problems.append(Problem(kind=kind, where=str(where), what=what))


def purged_problems(ledger: Ledger, root: Path) -> Iterator[Problem]:
    """Where ledger and raw/ differ on what was purged."""
    known = set(ledger.rows(select(tables.purged.c.hash)))
    in_ledger, in_raw = {row.hash for row in known}, {hash for hash, _ in gone.purged(root)}
    for hash in sorted(in_ledger ^ in_raw):
        where = "raw/" if hash in in_ledger else "the ledger"
        yield Problem(kind="purged.row", where=hash, what=f"it was purged, and {where} does not know it")


def ledger_problem(ledger: Ledger) -> Problem | None:
    """Whether the database itself is damaged, or holds what is no value of its column."""
    at = "integrity_check"
    try:
        with ledger.read() as connection:
            if connection.dialect.name != "sqlite":
                return None
            connection.execute(text(f"PRAGMA cache_size=-{CACHE}"))
            said = connection.execute(text("PRAGMA integrity_check(5)")).scalars().all()
            for table in tables.metadata.sorted_tables:
                at = table.name
                _read_through(connection, table)
    except DatabaseError as error:
        if not is_damage(error):
            raise
        said = [str(error.orig)]
    except (ValueError, TypeError) as error:
        said = [f"{at}: {error}"]
    if said == ["ok"]:
        return None
    return Problem(kind="ledger.damaged", where="ledger", what="; ".join(said))


def _read_through(connection: Connection, table: Table) -> None:
    """Raises ValueError, TypeError or DatabaseError where a column of the SQLite table holds what is no value of it."""
    integers = [column for column in table.columns if isinstance(column.type, Integer)]
    others = [column for column in table.columns if not isinstance(column.type, Integer)]
    # An integer cannot fail to be read, only a text that stands where one should: SQLite finds those ten times as fast.
    texts = or_(false(), *(func.typeof(column) == "text" for column in integers))
    for columns, where in ((integers, texts), (others, true())):
        if columns:
            for _ in connection.execute(select(*columns).where(where)):
                pass


def survey(captures: Captures, clean: Path, source: str) -> Found:
    """Read all of a source's files."""
    found = Found(source)
    _survey_captures(captures, found)
    _survey_graves(captures, found)
    for path in shards.listed(clean, source):
        _survey_shard(clean, path, found)
    for path in shards.without_file(clean, source):
        found.wrong("shard.sums", clean / path, "the shard they are of is missing")
    for id in sorted(found.older):
        _broken_chain(id, found.older[id], found, "the newest revision is missing")
    _survey_orphans(captures, found)
    return found


def compare(ledger: Ledger, found: Found) -> list[Problem]:
    """All problems of a source: those of its files, and where the ledger says otherwise."""
    _compare_captures(ledger, found)
    _compare_files(ledger, found)
    _compare_rows(ledger, found, tables.records, "id", found.records, "record.row")
    _compare_rows(ledger, found, tables.refusals, "key", found.refusals, "refusal.row")
    _compare_pages(ledger, found)
    _compare_links(ledger, found)
    return found.problems


def _survey_captures(captures: Captures, found: Found) -> None:
    for name in captures.names(found.source):
        try:
            event = captures.sidecar(found.source, name)
        except StoreError as error:
            found.wrong("capture.sidecar", captures.sidecar_path(found.source, name), str(error))
            continue
        if event.source != found.source:
            path = captures.sidecar_path(found.source, name)
            found.wrong("capture.sidecar", path, f"it is of source {event.source!r}")
            continue
        found.events[name] = event
    named = {event.sha256 for event in found.events.values()}
    for sha256 in sorted(named | set(captures.bodies(found.source))):
        try:
            captures.body(found.source, sha256)
        except StoreError as error:
            found.wrong("capture.body", captures.body_path(found.source, sha256), str(error))
            continue
        found.sound.add(sha256)


def _survey_graves(captures: Captures, found: Found) -> None:
    for name in gone.names(captures.root, found.source):
        try:
            grave = gone.load(captures.root, found.source, name)
        except StoreError as error:
            found.wrong("gone.sidecar", gone.path_of(captures.root, found.source, name), str(error))
            continue
        found.graves.add((grave.key, grave.at))


def _survey_orphans(captures: Captures, found: Found) -> None:
    """Bodies that no event names and nothing was made of; where an event was lost, what was made of its body still needs it."""
    named = {event.sha256 for event in found.events.values()} | {sha256 for _, sha256 in found.made}
    for sha256 in sorted(found.sound - named):
        path = captures.body_path(found.source, sha256)
        found.wrong("capture.orphan", path, "a body without any event: its storing was cut short")


def _survey_shard(clean: Path, path: str, found: Found) -> None:
    file, digest, refusals = clean / path, hashlib.sha256(), path.startswith(shards.REJECTED)
    reading = _following(file, path, found)
    chain: list[Record] = []
    count, last = 0, ("", -1)
    with file.open("rb", buffering=1 << 20) as stream:
        for count, data in enumerate(stream, 1):
            digest.update(data)
            where = f"{file}:{count}"
            try:
                line = shards.parsed(data, refusals=refusals)
                if (line.key, line.revision) <= last:
                    raise DamagedLine("out of order")
                last = (line.key, line.revision)
                if missing := reading.line(sums.of_line(line.data)) if reading else 0:
                    _missing_lines(path, where, missing, found)
                if refusals:
                    _survey_refusal(path, line, found)
                    continue
                record = lines.parsed_record(line.data)
                if record.source != found.source:
                    raise DamagedLine(f"it is of source {record.source!r}")
            except (DamagedLine, NewerVersion, ValueError, KeyError, TypeError) as error:
                if reading:
                    reading.damaged()
                found.wrong("shard.line", where, str(error))
                found.broken.add(path)
                continue
            if chain and chain[-1].id != record.id:
                _survey_chain(path, chain, found)
                chain = []
            chain.append(record)
            _survey_record(where, path, record, found)
    if missing := reading.end() if reading else 0:
        _missing_lines(path, f"{file}:{count}", missing, found)
    if chain:
        _survey_chain(path, chain, found)
    size, mtime_ns = shards.stat(clean, path)
    found.files[path] = ShardInfo(path, found.source, count, size, mtime_ns, digest.hexdigest())


def _following(file: Path, path: str, found: Found) -> sums.Reading | None:
    try:
        reading = shards.following(file)
    except DamagedLine as error:
        found.wrong("shard.sums", file, str(error))
        reading = None
    else:
        if reading is None:
            found.wrong("shard.sums", file, "nothing was put down of its lines")
    if reading is None:
        found.unsealed.add(path)
    return reading


def _missing_lines(path: str, where: str, count: int, found: Found) -> None:
    found.wrong("shard.line", where, f"{count} lines are missing next to it")
    found.broken.add(path)


def _survey_refusal(path: str, line: Line, found: Found) -> None:
    data = orjson.loads(line.data)
    found.refusals[line.key] = refusal_row(found.source, path, line)
    if data["sha256"]:
        found.made.add((line.key, data["sha256"]))


def _survey_record(where: str, path: str, record: Record, found: Found) -> None:
    for what in inconsistencies(record):
        found.wrong("record.invalid", where, what)
        found.invalid.setdefault(path, set()).add(record.id)
    key = url_digest(record.url or record.id)
    if record.change == "gone" and record.gone_at is not None and (key, record.gone_at) not in found.graves:
        found.wrong("gone.missing", where, "raw/ does not tell that the page was gone")
        found.tombs.append(Gone(source=found.source, key=key, url=record.url or "", at=record.gone_at))
    if record.capture.sha256 not in found.sound:
        found.wrong("record.capture", where, f"the body {record.capture.sha256} it was made from is not in raw/")
    found.made.add((key, record.capture.sha256))


def inconsistencies(record: Record) -> Iterator[str]:
    """What a record says of itself that is not so: its content hash, and that its steps lead back to the text as it stood."""
    seen = content_hash(record.title, record.byline, record.published_at, record.blocks)
    if seen != record.content_hash:
        yield "its content hash is not that of its content"
    logs: dict[int | str | None, list[Step]] = defaultdict(list)
    for step in record.steps:
        splices = tuple(
            Splice(s.start, unescape(s.before, s.escaped), unescape(s.after, s.escaped)) for s in step.splices
        )
        logs[step.fact if step.block is None else step.block].append(Step(step.rule, splices))
    for index, block in enumerate(record.blocks):
        try:
            before = edits.revert_all(block.text, logs.pop(index, []))
        except EditError as error:
            yield f"block {index}: {error}"
            continue
        if hashlib.sha256(before.encode("utf-8", "surrogatepass")).hexdigest() != block.before_sha256:
            yield f"block {index}: its steps do not lead back to the text as it stood"
    for target in logs:
        if isinstance(target, int):
            yield f"steps for block {target}, of {len(record.blocks)}"


def _survey_chain(path: str, chain: list[Record], found: Found) -> None:
    newest = chain[-1]
    here = [Revision(path, record.revision, record.content_hash, record.supersedes) for record in chain]
    if shards.is_history(path):
        found.older.setdefault(newest.id, []).extend(here)
        return
    older = found.older.pop(newest.id, [])
    if older:
        found.chains[newest.id] = older
    revisions = [*older, *here]
    unbroken = revisions[0].number == 1 and all(
        b.number == a.number + 1 and b.supersedes == a.content_hash for a, b in pairwise(revisions)
    )
    if unbroken:
        found.intact.add(newest.id)
    else:
        numbers = ", ".join(str(revision.number) for revision in revisions)
        _broken_chain(newest.id, revisions, found, f"revisions {numbers} are not an unbroken row from 1")
    if newest.id in found.records:
        found.wrong("record.chain", f"{path} {newest.id}", f"it lies in {found.records[newest.id]['shard']}, too")
        found.broken.add(path)
    found.records[newest.id] = record_row(newest, path)
    found.links[newest.id] = newest.same_as


def _broken_chain(id: str, revisions: list[Revision], found: Found, what: str) -> None:
    found.wrong("record.chain", f"{revisions[-1].path} {id}", what)
    found.broken |= {revision.path for revision in revisions}
    found.lost |= {(revision.path, id) for revision in revisions}


def _compare_captures(ledger: Ledger, found: Found) -> None:
    table = tables.captures
    rows = {row.event: dict(row._mapping) for row in ledger.rows(select(table).where(table.c.source == found.source))}
    for event, row in rows.items():
        if event not in found.events:
            found.wrong(
                "capture.missing", f"{found.source}/{event}", "the ledger knows this event; raw/ does not hold it sound"
            )
            continue
        if row != capture_row(found.events[event], row["outcome"]):
            found.wrong("capture.row", f"{found.source}/{event}", "the ledger says otherwise than the sidecar")
    standing = (
        {row["url_key"] for row in found.records.values()} | found.refusals.keys() | {key for key, _ in found.made}
    )
    for row in rows.values():
        if row["outcome"] == MISSING:
            wrong = row["sha256"] in found.sound
        elif row["outcome"] not in {None, *OUTCOMES}:
            wrong = True
        else:
            wrong = row["outcome"] is not None and row["url_key"] not in standing
        if wrong:
            found.wrong(
                "capture.outcome",
                f"{found.source}/{row['event']}",
                f"marked {row['outcome']!r}, and nothing stands for it",
            )
    for event in found.events.keys() - rows.keys():
        found.wrong("capture.unknown", f"{found.source}/{event}", "raw/ holds this event; the ledger does not know it")


def _compare_files(ledger: Ledger, found: Found) -> None:
    table = tables.shards
    rows = {row.path: row for row in ledger.rows(select(table).where(table.c.source == found.source))}
    for path in sorted(rows.keys() | found.files.keys()):
        row, info = rows.get(path), found.files.get(path)
        if row is None or info is None:
            missing = "the ledger does not know it" if row is None else "it is missing"
            found.wrong("shard.file", path, missing)
        elif (row.sha256, row.lines, row.size) != (info.sha256, info.lines, info.size) or row.mtime_ns not in (
            info.mtime_ns,
            tables.UNREAD,
        ):
            found.wrong("shard.file", path, "it is not the file that was written last")
            if row.sha256 != info.sha256:
                _distrust(path, ledger, found)


def _distrust(path: str, ledger: Ledger, found: Found) -> None:
    """Of a shard that is not the one written last: documents that contradict themselves, or whose newest revision is not the one
    that the ledger knows by the same number. A crash leaves no such."""
    table = tables.records
    lost = found.invalid.get(path, set())
    for row in ledger.rows(select(table).where(table.c.shard == path)):
        here = found.records.get(row.id)
        if (
            here is not None
            and (here["shard"], here["revision"]) == (path, row.revision)
            and here != dict(row._mapping)
        ):
            lost.add(row.id)
    for id in lost:
        paths = {path, *(older.path for older in found.chains.get(id, ()))}
        found.broken |= paths
        found.lost |= {(path, id) for path in paths}


def _compare_rows(
    ledger: Ledger, found: Found, table: Any, key: str, rows: dict[str, dict[str, Any]], kind: str
) -> None:
    known = {
        row._mapping[key]: dict(row._mapping)
        for row in ledger.rows(select(table).where(table.c.source == found.source))
    }
    for name in sorted(known.keys() | rows.keys()):
        if known.get(name) != rows.get(name):
            said = "does not know it" if name not in known else "says otherwise than the shard"
            found.wrong(kind, f"{found.source} {name}", f"the ledger {said}")


def _compare_links(ledger: Ledger, found: Found) -> None:
    """Signatures and their bands against the texts, and links against the signatures; not those that are due to be written."""
    with ledger.read() as connection:
        if links.is_unread(connection, found.source):
            return
        known = {row.id: row for row in links.known(connection, found.source)}
        captured = {id: (row["url_key"], row["fetched_at"]) for id, row in found.records.items()}
        first = links.first_captures(connection, found.source, captured)
        sound = {
            id: row for id, row in known.items() if id in found.links and _is_signed(row, found.records[id], first[id])
        }
        misplaced = links.wrong_bands(connection, found.source, sound.values())
        near = links.with_neighbours(connection, found.source)
        said = links.of_rows(connection, [row for row in sound.values() if row.document in near])
    for id in sorted(known.keys() | found.links.keys()):
        row, where = sound.get(id), f"{found.source} {id}"
        if row is None:
            found.wrong("signature.row", where, "the ledger does not know what its text is compared by")
        elif row.document in misplaced:
            found.wrong("signature.row", where, "the ledger knows other bands than its signature has")
        elif not row.due and said.get(id, ()) != found.links[id]:
            found.wrong(
                "record.same_as", where, "it names other documents than those that are alike and were there before"
            )


def _is_signed(row: Any, record: dict[str, Any], first_at: datetime | None) -> bool:
    """Whether a row of `signatures` is the one made of this record; the digest stands for making the MinHash again, at 0.27 ms."""
    return bool(row.first_at == first_at and row.seal == links.sealed(record["content_hash"], row.minhash))


def _compare_pages(ledger: Ledger, found: Found) -> None:
    newest: dict[str, Sidecar] = {}
    for event in found.events.values():
        key = url_digest(event.page_url)
        if key not in newest or newest[key].fetched_at < event.fetched_at:
            newest[key] = event
    table = tables.pages
    known = {row.key: row for row in ledger.rows(select(table).where(table.c.source == found.source))}
    for key, event in newest.items():
        row = known.get(key)
        if row is None or row.sha256 != event.sha256 or row.url != event.page_url:
            found.wrong(
                "page.event", f"{found.source} {event.page_url}", "its newest event is not the one the ledger knows"
            )
    for key, row in known.items():
        if key != url_digest(row.url) or (row.event is not None and key not in newest):
            found.wrong("page.event", f"{found.source} {row.url}", "the ledger knows an event that raw/ does not hold")
