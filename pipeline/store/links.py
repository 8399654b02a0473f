"""Which documents say nearly the same: their MinHash in the ledger, found by bands, and the links from the later to the earlier.

A document is linked to those at least `ALIKE` that were first captured before it (source and id decide where that is at the same
moment), so that the links depend on what is stored and not on the order it was stored in. They stand in the newest revision's
`same_as`; documents whose links may have changed are due until `Records.settle` has written them.
"""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from pipeline.facts.identity import PERMUTATIONS, READ, SEED, SHINGLE, signature, similarity
from pipeline.store import tables
from pipeline.store.ledger import CHUNK, chunks, upsert
from schemas import Record
from schemas.record_v1 import SameAsV1

ALIKE = 0.6
"""Share of four-word shingles. 400 texts of WCXB with 40 words of other chrome, 1 % or 2 % of the words changed, or cut to 90 % all
reach it, 3 % changed 99 in 100, cut to 75 % 99 in 100; other texts of 60 words with the same 60 words around them reach .41."""
LEAST = 50  # words of a text that is compared: below, what a site says on every page is most of it
MOST = 20  # links of a document, to the earliest
BANDS, ROWS = 24, 4  # of 128 values: documents .6 alike share a band 96 times in 100, .7 alike 99.9, .2 alike 4
LOCK = 0x73616D65
_VALUES = struct.Struct(f"<{PERMUTATIONS}I")
_HALVES = struct.Struct(f"<{BANDS * ROWS // 2}Q")
_ODD, _OTHER, _BITS = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, (1 << 64) - 1
_WAY = f"{PERMUTATIONS} {SEED} {SHINGLE} {READ} {LEAST}\0"  # how a minhash is made of a text
_LAST = datetime.max.replace(tzinfo=UTC)


class Signed(NamedTuple):
    """A document and what it is compared by; `document` is its number in the ledger, `linked` whether its line names others, `seal`
    as `sealed` makes it."""

    document: int
    source: str
    id: str
    first_at: datetime | None
    minhash: bytes
    seal: int
    linked: bool = False

    @property
    def order(self) -> tuple[datetime, str, str]:
        """By which the earlier of two documents is told."""
        return self.first_at or _LAST, self.source, self.id


def minhash(record: Record) -> bytes:
    """128 values of 32 bits; nothing for a text of fewer than `LEAST` words."""
    values = signature(record.text, LEAST)
    return struct.pack(f"<{len(values)}I", *values)


def sealed(content_hash: str, minhash: bytes) -> int:
    """64 bits that tell whether `minhash` is the one made of the text with this content hash, without making it again."""
    return _bits(f"{_WAY}{content_hash}\0".encode() + minhash)


def captured(records: Iterable[Record]) -> dict[str, tuple[str, datetime | None]]:
    """What `first_captures` asks for, of these records."""
    return {r.id: (tables.url_digest(r.url or r.id), r.capture.fetched_at) for r in records}


def first_captures(
    connection: Connection, source: str, documents: Mapping[str, tuple[str, datetime | None]]
) -> dict[str, datetime | None]:
    """When each document (its id; the key of its URL, the moment of its own capture) was first captured."""
    table = tables.captures
    first: dict[str, datetime] = {}
    for some in chunks(sorted({key for key, _ in documents.values()})):
        query = select(table.c.url_key, func.min(table.c.fetched_at)).group_by(table.c.url_key)
        query = query.where((table.c.source == source) & table.c.url_key.in_(some))
        first |= {key: moment for key, moment in connection.execute(query)}  # noqa: C416 -- a result is no mapping
    return {id: first.get(key, own) for id, (key, own) in documents.items()}


def signed(connection: Connection, source: str, records: Iterable[Record]) -> list[Signed]:
    """The newest revisions of documents of `source`, as they are compared."""
    found = {record.id: record for record in records}
    first = first_captures(connection, source, captured(found.values()))
    return [_made(source, record, first[id]) for id, record in found.items()]


def _made(source: str, record: Record, first_at: datetime | None) -> Signed:
    made = minhash(record)
    seal = sealed(record.content_hash, made)
    return Signed(_number(source, record.id), source, record.id, first_at, made, seal, bool(record.same_as))


def enter(connection: Connection, documents: Sequence[Signed]) -> None:
    """Put down documents that are new or say something else; due are they, if they have links, and those they may be links of."""
    if not documents:
        return
    _take_turn(connection)
    table = tables.signatures
    known = {row.document: _signed(row) for row in _selected(connection, [d.document for d in documents])}
    changed = [d for d in documents if d.document not in known or known[d.document][:6] != d[:6]]
    before = [known[d.document] for d in changed if d.document in known]
    due = _after(before, _alike(connection, before))
    _drop_bands(connection, [d.document for d in changed])
    near = _alike(connection, documents)
    for some in chunks(changed):
        upsert(connection, table, [_columns(d) for d in some])
    rows = [{"band": band, "document": d.document} for d in changed for band in bands_of(d.minhash)]
    if rows:
        connection.execute(insert(tables.bands), rows)
    due |= _after(documents, near)
    due |= {d.document for d in documents if d.linked or (near[d.minhash] and near[d.minhash][0][0].order < d.order)}
    _mark(connection, due)


def forget(connection: Connection, source: str, ids: Collection[str]) -> None:
    """Take documents out; due are those they were links of."""
    _take_turn(connection)
    gone = [_number(source, id) for id in ids]
    known = [_signed(row) for row in _selected(connection, gone)]
    due = _after(known, _alike(connection, known))
    _drop_bands(connection, gone)
    for some in chunks(gone):
        connection.execute(delete(tables.signatures).where(tables.signatures.c.document.in_(some)))
    _mark(connection, due)


def known(connection: Connection, source: str) -> list[Row[Any]]:
    """The rows of all documents of `source`."""
    return list(connection.execute(select(tables.signatures).where(tables.signatures.c.source == source)))


def wrong_bands(connection: Connection, source: str, rows: Iterable[Row[Any]]) -> set[int]:
    """Those documents of `rows`, all of `source`, of which the ledger holds other bands than their minhash gives."""
    of_source = (tables.bands.c.document == tables.signatures.c.document) & (tables.signatures.c.source == source)
    query = select(tables.bands).where(of_source).order_by(tables.bands.c.document)
    minhashes = {row.document: row.minhash for row in rows}
    wrong = {document for document, minhash in minhashes.items() if minhash}
    stored = (pair for some in connection.execute(query).partitions(CHUNK) for pair in some)
    for document, pairs in groupby(stored, key=itemgetter(1)):
        if {band for band, _ in pairs} == set(bands_of(minhashes.get(document, b""))):
            wrong.discard(document)
        else:
            wrong.add(document)
    return wrong & minhashes.keys()


def with_neighbours(connection: Connection, source: str) -> set[int]:
    """The documents of `source` that share a band with another of any source: no other can have links."""
    here, there = tables.bands.alias(), tables.bands.alias()
    other = select(there.c.document).where((there.c.band == here.c.band) & (there.c.document != here.c.document))
    of_source = (here.c.document == tables.signatures.c.document) & (tables.signatures.c.source == source)
    return set(connection.execute(select(here.c.document).where(of_source & other.exists()).distinct()).scalars())


def is_unread(connection: Connection, source: str) -> bool:
    """Whether the ledger, upgraded since, has still to read the shards of `source`."""
    table = tables.shards
    unread = (table.c.source == source) & (table.c.mtime_ns == tables.UNREAD)
    return connection.execute(select(table.c.path).where(unread).limit(1)).first() is not None


def due(connection: Connection, source: str) -> list[Row[Any]]:
    """The rows of documents whose links are to be looked at again."""
    table = tables.signatures
    return list(connection.execute(select(table).where((table.c.due > 0) & (table.c.source == source))))


def waiting(connection: Connection) -> list[str]:
    """The sources that have such documents."""
    table = tables.signatures
    return sorted(connection.execute(select(table.c.source).where(table.c.due > 0).distinct()).scalars())


def settled(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """The links of these rows were written; what became due since then stays so."""
    table = tables.signatures
    for row in rows:
        as_seen = (table.c.document == row.document) & (table.c.due == row.due)
        connection.execute(update(table).where(as_seen).values(due=0))


def linked(connection: Connection, documents: Sequence[Signed]) -> dict[str, tuple[SameAsV1, ...]]:
    """The links of each document, by id: to the earliest of those that are alike and were there before it."""
    near = _alike(connection, documents)
    found = {}
    for document in documents:
        before = takewhile(lambda pair: pair[0].order < document.order, near[document.minhash])  # noqa: B023
        found[document.id] = tuple(
            SameAsV1(id=other.id, source=other.source, similarity=share) for other, share in islice(before, MOST)
        )
    return found


def of_rows(connection: Connection, rows: Iterable[Row[Any]]) -> dict[str, tuple[SameAsV1, ...]]:
    """The links of these rows of `signatures`, all of one source, by id."""
    return linked(connection, [_signed(row) for row in rows])


def bands_of(minhash: bytes) -> list[int]:
    """The bands of a document, each a number made of its place and four values; none of a minhash that is empty or damaged."""
    if len(minhash) != _VALUES.size:
        return []
    halves = _HALVES.unpack_from(minhash)
    return [_mixed(at, halves[2 * at], halves[2 * at + 1]) for at in range(BANDS)]


def _mixed(place: int, first: int, second: int) -> int:
    """64 bits, signed as databases have them."""
    return ((place * _ODD + first * _OTHER + second) & _BITS) - (1 << 63)


def _after(documents: Iterable[Signed], near: Mapping[bytes, Sequence[tuple[Signed, float]]]) -> set[int]:
    """Those `near` one of `documents` that were first captured after it."""
    found: set[int] = set()
    for document in documents:
        others = near[document.minhash]
        first = bisect_right(others, document.order, key=lambda pair: pair[0].order)
        found |= {other.document for other, _ in others[first:]}
    return found


def _alike(connection: Connection, documents: Sequence[Signed]) -> dict[bytes, list[tuple[Signed, float]]]:
    """The documents, of the ledger or these, that are alike each minhash of `documents`, and how much, the earliest first.

    A document is among its own. A site's thousand error pages are one minhash.
    """
    sharing: dict[int, list[bytes]] = {}
    owners: dict[bytes, list[int]] = {}
    for document in documents:
        owners.setdefault(document.minhash, []).append(document.document)
    for minhash in owners:
        for band in bands_of(minhash):
            sharing.setdefault(band, []).append(minhash)
    near = {minhash: set[int]() for minhash in owners}
    for mates in sharing.values():
        for one in mates:
            near[one].update(number for other in mates for number in owners[other])
    table = tables.bands
    for some in chunks(list(sharing)):
        for row in connection.execute(select(table).where(table.c.band.in_(some))):
            for one in sharing[row.band]:
                near[one].add(row.document)
    signed = {document.document: document for document in documents}
    fetched = _selected(connection, sorted(set[int]().union(*near.values()) - signed.keys()))
    signed |= {row.document: _signed(row) for row in fetched}
    return {minhash: _ranked(minhash, [signed[n] for n in numbers if n in signed]) for minhash, numbers in near.items()}


def _ranked(minhash: bytes, others: Sequence[Signed]) -> list[tuple[Signed, float]]:
    """Those of `others` that are alike, the earliest first."""
    shares: dict[bytes, float] = {}
    for other in others:
        if other.minhash not in shares:
            shares[other.minhash] = round(similarity(_values(minhash), _values(other.minhash)), 3)
    found = [(other, shares[other.minhash]) for other in others if shares[other.minhash] >= ALIKE]
    return sorted(found, key=lambda pair: pair[0].order)


def _columns(document: Signed) -> dict[str, Any]:
    return {
        "document": document.document,
        "source": document.source,
        "id": document.id,
        "first_at": document.first_at,
        "minhash": document.minhash,
        "seal": document.seal,
    }


def _signed(row: Row[Any]) -> Signed:
    return Signed(row.document, row.source, row.id, row.first_at, row.minhash, row.seal)


def _values(minhash: bytes) -> tuple[int, ...]:
    return _VALUES.unpack(minhash) if len(minhash) == _VALUES.size else ()


def _number(source: str, id: str) -> int:
    return _bits(f"{source}\0{id}".encode())


def _bits(data: bytes) -> int:
    """64 bits, signed as databases have them."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), signed=True)


def _take_turn(connection: Connection) -> None:
    """Two transactions that do not see one another's documents would not link them; SQLite's writers wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _selected(connection: Connection, documents: Sequence[int]) -> list[Row[Any]]:
    table = tables.signatures
    return [
        row for some in chunks(documents) for row in connection.execute(select(table).where(table.c.document.in_(some)))
    ]


def _drop_bands(connection: Connection, documents: Sequence[int]) -> None:
    for some in chunks(documents):
        connection.execute(delete(tables.bands).where(tables.bands.c.document.in_(some)))


def _mark(connection: Connection, documents: Iterable[int]) -> None:
    table = tables.signatures
    for some in chunks(sorted(documents)):
        connection.execute(update(table).where(table.c.document.in_(some)).values(due=table.c.due + 1))
