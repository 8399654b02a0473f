"""Proving that captures, shards and ledger are what was written and agree. Reads everything; changes nothing.

ledger.damaged     the database itself            capture.missing    the ledger knows an event that is not there
capture.sidecar    an event was altered           capture.unknown    an event the ledger does not know
capture.body       a body is missing or altered   capture.row        the ledger says otherwise than the sidecar
capture.orphan     a body without an event        page.event         a page whose newest event is another
shard.line         a line is not what was written shard.file         the file is not the one the ledger knows
record.invalid     against its schema or log      record.chain       revisions are not in an unbroken row
record.capture     made from bytes not in raw/    record.row         the ledger says otherwise than the shard
refusal.row        the same, of clean/rejected/   capture.outcome    an outcome that nothing stands for
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from pipeline import edits
from pipeline.document import Splice, Step
from pipeline.errors import EditError, StoreError
from pipeline.store import shards, tables
from pipeline.store.captures import Captures, Sidecar
from pipeline.store.ledger import Ledger
from pipeline.store.pages import MISSING, capture_row
from pipeline.store.records import record_row, refusal_row
from pipeline.store.shards import Line, ShardInfo
from pipeline.store.tables import url_digest
from pipeline.store.types import Problem
from schemas import Record, lines
from schemas.escape import unescape
from schemas.lines import DamagedLine, NewerVersion
from schemas.record_v1 import content_hash


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
    lost: set[str] = field(default_factory=set)  # ids whose chain is broken

    def wrong(self, kind: str, where: object, what: str) -> None:
        """Put down a problem."""
        self.problems.append(Problem(kind=kind, where=str(where), what=what))


def ledger_problem(ledger: Ledger) -> Problem | None:
    """Whether the database itself is damaged."""
    try:
        with ledger.read() as connection:
            if connection.dialect.name != "sqlite":
                return None
            said = connection.execute(text("PRAGMA integrity_check(5)")).scalars().all()
            for table in tables.metadata.sorted_tables:
                connection.execute(select(table)).fetchmany(1)
    except DatabaseError as error:
        said = [str(error.orig)]
    if said == ["ok"]:
        return None
    return Problem(kind="ledger.damaged", where="ledger", what="; ".join(said))


def survey(captures: Captures, clean: Path, source: str) -> Found:
    """Read all of a source's files."""
    found = Found(source)
    _survey_captures(captures, found)
    for path in shards.listed(clean, source):
        _survey_shard(clean, path, found)
    _survey_orphans(captures, found)
    return found


def compare(ledger: Ledger, found: Found) -> list[Problem]:
    """All problems of a source: those of its files, and where the ledger says otherwise."""
    _compare_captures(ledger, found)
    _compare_files(ledger, found)
    _compare_rows(ledger, found, tables.records, "id", found.records, "record.row")
    _compare_rows(ledger, found, tables.refusals, "key", found.refusals, "refusal.row")
    _compare_pages(ledger, found)
    return found.problems


def _survey_captures(captures: Captures, found: Found) -> None:
    for name in captures.names(found.source):
        try:
            event = captures.sidecar(found.source, name)
        except StoreError as error:
            found.wrong("capture.sidecar", captures.sidecar_path(found.source, name), str(error))
            continue
        found.events[name] = event
    named = {event.sha256 for event in found.events.values()}
    for sha256 in sorted(named | set(captures.bodies(found.source))):
        path = captures.body_path(found.source, sha256)
        try:
            captures.body(found.source, sha256)
        except StoreError as error:
            found.wrong("capture.body", path, str(error))
            continue
        found.sound.add(sha256)


def _survey_orphans(captures: Captures, found: Found) -> None:
    """Bodies that no event names and nothing was made of; where an event was lost, what was made of its body still needs it."""
    named = {event.sha256 for event in found.events.values()} | {sha256 for _, sha256 in found.made}
    for sha256 in sorted(found.sound - named):
        path = captures.body_path(found.source, sha256)
        found.wrong("capture.orphan", path, "a body without any event: its storing was cut short")


def _survey_shard(clean: Path, path: str, found: Found) -> None:
    file, digest, refusals = clean / path, hashlib.sha256(), path.startswith(shards.REJECTED)
    chain: list[Record] = []
    count, last = 0, ("", -1)
    with file.open("rb") as stream:
        for count, data in enumerate(stream, 1):
            digest.update(data)
            where = f"{file}:{count}"
            try:
                line = shards.parsed(data, refusals=refusals)
                if (line.key, line.revision) <= last:
                    raise DamagedLine("out of order")
                last = (line.key, line.revision)
                if refusals:
                    _survey_refusal(path, line, found)
                    continue
                record = lines.record(line.data)
            except (DamagedLine, NewerVersion, ValueError) as error:
                found.wrong("shard.line", where, str(error))
                found.broken.add(path)
                continue
            if chain and chain[-1].id != record.id:
                _survey_chain(path, chain, found)
                chain = []
            chain.append(record)
            _survey_record(where, record, found)
    if chain:
        _survey_chain(path, chain, found)
    size, mtime_ns = shards.stat(clean, path)
    found.files[path] = ShardInfo(path, found.source, count, size, mtime_ns, digest.hexdigest())


def _survey_refusal(path: str, line: Line, found: Found) -> None:
    data = orjson.loads(line.data)
    found.refusals[line.key] = refusal_row(found.source, path, line)
    if data["sha256"]:
        found.made.add((line.key, data["sha256"]))


def _survey_record(where: str, record: Record, found: Found) -> None:
    for what in inconsistencies(record):
        found.wrong("record.invalid", where, what)
    if record.source != found.source:
        found.wrong("record.invalid", where, f"it is of source {record.source!r}")
    if record.capture.sha256 not in found.sound:
        found.wrong("record.capture", where, f"the body {record.capture.sha256} it was made from is not in raw/")
    found.made.add((url_digest(record.url or record.id), record.capture.sha256))


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
    unbroken = chain[0].revision == 1 and all(
        b.revision == a.revision + 1 and b.supersedes == a.content_hash for a, b in pairwise(chain)
    )
    if not unbroken:
        revisions = ", ".join(str(record.revision) for record in chain)
        found.wrong("record.chain", f"{path} {newest.id}", f"revisions {revisions} are not an unbroken row from 1")
        found.broken.add(path)
        found.lost.add(newest.id)
    if newest.id in found.records:
        found.wrong("record.chain", f"{path} {newest.id}", f"it lies in {found.records[newest.id]['shard']}, too")
        found.broken.add(path)
    found.records[newest.id] = record_row(newest, path)


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
        elif (row.sha256, row.lines, row.size, row.mtime_ns) != (info.sha256, info.lines, info.size, info.mtime_ns):
            found.wrong("shard.file", path, "it is not the file that was written last")


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
