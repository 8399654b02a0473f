"""The ledger's tables. A page or document is found by its `url_digest`, as URLs outgrow what PostgreSQL can index."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

SCHEMA_VERSION = 2
UNREAD = -1
"""`shards.mtime_ns` of a shard that the ledger has to read again: none on disk is so old."""


class Utc(TypeDecorator[datetime]):
    """An aware moment; SQLite keeps it without its zone, which is always UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a moment without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        moment: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment


def url_digest(url: str) -> str:
    """32 hexadecimal digits that stand for a URL.

    >>> url_digest("https://example.org/")
    '0f115db062b7c0dd030b16878c99dea5'
    """
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32]


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("description_hash", String(64)),
    Column("first_seen", Utc, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("event", String(96)),
    Column("sha256", String(64)),
    Column("status", Integer),
    Column("discovered_at", Utc, nullable=False),
    Column("checked_at", Utc),
    Column("changed_at", Utc),
    Column("due_at", Utc),
    Column("interval", Float),
    Column("gone_at", Utc),
    Column("visits", JSON, nullable=False, default=list, server_default="[]"),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("lease_until", Utc),
    Column("lease_by", String(64)),
    Index("pages_due", "source", "due_at"),
)

captures = Table(
    "captures",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("event", String(96), primary_key=True),
    Column("page_key", String(32), nullable=False),
    Column("page_url", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("url_key", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("fetched_at", Utc, nullable=False),
    Column("status", Integer),
    Column("outcome", String(16)),
    Index("captures_page", "source", "page_key", "fetched_at"),
    Index("captures_answer", "source", "url_key", "sha256"),
    Index("captures_outcome", "source", "outcome", "fetched_at"),
)

records = Table(
    "records",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("id", String(80), primary_key=True),
    Column("shard", String(160), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("correction_hash", String(64)),
    Column("url_key", String(32)),
    Column("canonical_key", String(32)),
    Column("sha256", String(64), nullable=False),
    Column("fetched_at", Utc),
    Column("gone_at", Utc),
    Index("records_url", "url_key"),
    Index("records_canonical", "canonical_key"),
    Index("records_shard", "shard"),
)

signatures = Table(
    "signatures",
    metadata,
    Column("document", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String(64), nullable=False),
    Column("id", String(80), nullable=False),
    Column("first_at", Utc),
    Column("minhash", LargeBinary, nullable=False),
    Column("seal", BigInteger, nullable=False),
    Column("due", Integer, nullable=False, default=0, server_default="0"),
    Index("signatures_due", "due", "source"),
    Index("signatures_source", "source"),
)
"""The MinHash of each document's newest text (empty where it is short), a digest of it and of what it was made from, and how often
the document's links were found to be looked at again."""

bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("document", BigInteger, primary_key=True, autoincrement=False),
    Index("bands_document", "document"),
)
"""Digests of pieces of the signatures: documents that share one are worth comparing."""

refusals = Table(
    "refusals",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("shard", String(160), nullable=False),
    Column("stage", String(64), nullable=False),
    Column("reason", String(128), nullable=False),
    Column("line_hash", String(64), nullable=False),
    Index("refusals_shard", "shard"),
)

shards = Table(
    "shards",
    metadata,
    Column("path", String(160), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("lines", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("shards_source", "source"),
)

failures = Table(
    "failures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("page_key", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("stage", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("transient", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("resolved_at", Utc),
    Index("failures_open", "source", "resolved_at", "page_key"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("page_key", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("waited", Float, nullable=False),
    Column("result", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("wire_bytes", BigInteger, nullable=False),
    Index("attempts_page", "source", "page_key"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("holder", String(200), nullable=False),
    Column("error", Text),
    Column("counts", JSON, nullable=False),
    Index("runs_source", "source", "started_at"),
)

locks = Table(
    "locks",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("machine", String(120), nullable=False),
    Column("host", String(120), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", String(32), nullable=False),
    Column("taken_at", Utc, nullable=False),
    Column("heartbeat_at", Utc, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("free_at", Utc),
    Column("held_until", Utc),
    Column("held_because", Text),
)

host_slots = Table(
    "host_slots",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("until", Utc, nullable=False),
    Index("host_slots_host", "host"),
)

purged = Table(
    "purged",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("at", Utc, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    Column("path", String(500), primary_key=True),
    Column("format", String(16), nullable=False),
    Column("at", Utc, nullable=False),
)

UPGRADES: dict[int, tuple[str, ...]] = {
    1: (
        f"UPDATE shards SET mtime_ns = {UNREAD} WHERE path LIKE 'v1/%'",
    ),  # each source's next run reads its signatures
}
"""From each schema version to the next: statements both engines understand. New tables and their indexes are made beforehand."""
