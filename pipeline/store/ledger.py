"""The ledger: one database, SQLite (WAL) by default or PostgreSQL, with its schema version and upgrades."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Row, Select, Table, create_engine, event, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from pipeline.errors import StoreError
from pipeline.store.tables import SCHEMA_VERSION, UPGRADES, meta, metadata

BUSY_SECONDS = 60
URLS = "write sqlite:////PATH or postgresql://USER:PASSWORD@HOST/NAME"
Item = TypeVar("Item")
UPGRADE_LOCK = 0x756E7363
NO_DAMAGE = {
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_AUTH),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
}
"""Codes of SQLite that tell of rights, room or others at work."""
CHUNK = 400
"""Values of one IN list or rows of one statement; SQLite's oldest limit is 999 variables."""


class Ledger:
    """Transactions on the ledger at `url` (SQLAlchemy's form), or in SQLite's file at that path. Raises StoreError."""

    def __init__(self, url: str | Path) -> None:
        self.engine = _engine(url)
        _upgrade(self.engine, SCHEMA_VERSION, UPGRADES)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; on SQLite it waits for its turn at the start, so that it never fails half-way."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, of one moment."""
        with self.engine.connect().execution_options(reads_only=True) as connection:
            yield connection

    def rows(self, query: Select[Any]) -> list[Row[Any]]:
        """All rows of a query."""
        with self.read() as connection:
            return list(connection.execute(query))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (all with the same columns), replacing those columns where the primary key is there already."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement, list(rows))


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless its primary key is there already; whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(row).on_conflict_do_nothing()
    # Without the option an INSERT's count is -1 with psycopg.
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def is_damage(error: DatabaseError) -> bool:
    """Whether the database itself may be at fault, and not that it cannot be reached, written or waited for just now."""
    if not isinstance(error.orig, sqlite3.Error):
        return not isinstance(error, OperationalError)
    code = getattr(error.orig, "sqlite_errorcode", None)  # none where a value is no text
    return code is None or code & 0xFF not in NO_DAMAGE


def chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    """`items` in lists short enough for one IN."""
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def parsed_url(url: str | Path) -> URL:
    """The parts of a ledger's URL. Raises StoreError, without the URL as it may hold a password, where it is none."""
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreError(f"the ledger's URL is none: {URLS}") from error


def _engine(url: str | Path) -> Engine:
    parsed = parsed_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return _postgres(parsed)
    if backend != "sqlite":
        raise StoreError(f"the ledger's URL speaks of {backend}: {URLS}")
    file = Path(parsed.database or "")
    frozen = file.is_file() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))
    engine = create_engine(_frozen(file) if frozen else parsed, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _leave_begin_to_us if frozen else _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _frozen(file: Path) -> URL:
    """A file that may only be read: a snapshot, a mounted backup, another user's.

    SQLite reads a ledger in WAL mode only where it can write the log's index beside it, unless it is told that nothing changes;
    where a log lies there somebody is at work, or died, and it is left to SQLite to say so.
    """
    still = {} if file.with_name(f"{file.name}-wal").exists() else {"immutable": "1"}
    return URL.create(
        "sqlite", database=f"file:{quote(str(file.absolute()))}", query={"uri": "true", "mode": "ro", **still}
    )


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError("a ledger on PostgreSQL needs the extra: pip install 'unscrape[postgres]'") from error


def _leave_begin_to_us(connection: Any, _: Any) -> None:
    connection.isolation_level = None


def _prepare_sqlite(connection: Any, _: Any) -> None:
    _leave_begin_to_us(connection, _)
    # NORMAL may lose the last transactions with the power, never consistency; what they said is in raw/ and clean/.
    try:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
    except UnicodeDecodeError as error:  # SQLite's message quotes a name whose bytes are damaged
        raise sqlite3.DatabaseError(error.object.decode("utf-8", "backslashreplace")) from error


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _upgrade(engine: Engine, wanted: int, upgrades: Mapping[int, Sequence[str]]) -> None:
    """Bring the ledger to schema version `wanted`, step by step, in one transaction."""
    with engine.connect().execution_options(reads_only=True) as connection:
        if _version(connection) == wanted:
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        found = _version(connection)
        if found is not None and found > wanted:
            raise StoreError(
                f"the ledger has schema version {found}, this Unscrape knows {wanted}: use the newer Unscrape that wrote it"
            )
        metadata.create_all(connection)
        for version in range(found or wanted, wanted):
            for statement in upgrades[version]:
                connection.execute(text(statement))
        upsert(connection, meta, [{"key": "schema_version", "value": str(wanted)}])


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(meta.name):
        return None
    value = connection.execute(select(meta.c.value).where(meta.c.key == "schema_version")).scalar()
    return None if value is None else int(value)
