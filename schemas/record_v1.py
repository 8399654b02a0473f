"""Record, version 1 (draft: it freezes with the first release; until then fields may still change).

One record is one revision of one document. All offsets and lengths count code points. Fields that are unknown are null, and the
matching `…_evidence` says why.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Protocol

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

BlockKind = Literal["heading", "paragraph", "list_item", "quote", "caption", "table", "code", "separator"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Change = Literal["page", "pipeline", "source", "correction", "gone"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpliceV1(_Model):
    """At code point `start` of the text before the step, `before` stood; now `after` stands there."""

    start: Count = Field(description="Offset in the text before the step.")
    before: str = Field(description="What stood there; empty for an insertion.")
    after: str = Field(description="What stands there now; empty for a deletion.")
    escaped: bool = Field(
        default=False,
        description="NUL and lone surrogates cannot stand in JSON for PostgreSQL: here they, and backslashes, are written \\uXXXX.",
    )


class StepV1(_Model):
    """What one rule did to one block or fact; the steps of one target apply in the order they are listed."""

    block: Count | None = Field(default=None, description="Index into `blocks`, or null where `fact` names the target.")
    fact: str | None = Field(default=None, description='The fact changed ("title", "byline"), or null.')
    rule: str = Field(description="The rule that made the change.", examples=["spacing.typographer"])
    splices: tuple[SpliceV1, ...] = Field(
        description="Ascending, not overlapping, all counted in the text before the step."
    )


class BlockV1(_Model):
    """One piece of the document in reading order."""

    kind: BlockKind = Field(description="What the piece is.")
    text: str = Field(description='A table has "\\t" between cells and "\\n" between rows.')
    level: int | None = Field(default=None, ge=1, le=6, description="Of a heading.")
    ordered: bool | None = Field(default=None, description="Of a list item.")
    depth: int | None = Field(default=None, ge=1, description="Of a list item, 1 outermost.")
    header_rows: Count | None = Field(default=None, description="Of a table: how many of its first rows are headers.")
    path: str = Field(description='Where it came from: "html>body>article>p[3]", or "line 12" of a text without tags.')
    language: str | None = Field(default=None, description="ISO 639-1, only where it differs from the record's.")
    start: Count | None = Field(default=None, description="Offset in the decoded text, for a text without tags.")
    before_sha256: Sha256 = Field(
        description="Of the block's text as it stood (UTF-8, surrogates passed), which its steps revert to."
    )


class RemovalV1(_Model):
    """Text taken out as not belonging to the document."""

    path: str = Field(description="Where it stood, as in blocks.")
    reason: str = Field(description="Why it was taken out.", examples=["navigation"])
    length: Count = Field(description="Of the text taken out.")
    text: str = Field(description="The first 80 characters; the whole where the input had no tags.")
    start: Count | None = Field(default=None, description="Offset in the decoded text, for a text without tags.")
    escaped: bool = Field(default=False, description="`text` is written as in splices.")


class DamageV1(_Model):
    """A kind of damage found in the document."""

    kind: str = Field(description="Stable name of the kind of damage.", examples=["spacing.typographer"])
    evidence: str = Field(description="What proves it, in a sentence.")
    confidence: Share = Field(description="How sure the diagnosis is.")
    repaired: Count = Field(description="How many places were changed.")
    detail: dict[str, float] = Field(default_factory=dict, description="Figures behind the diagnosis, by name.")


class SuspectV1(_Model):
    """A place that looks damaged and was left alone."""

    block: Count | None = Field(default=None, description="Index into `blocks`, or null where `fact` names the target.")
    fact: str | None = Field(default=None, description='The fact ("title", "byline"), or null.')
    start: Count = Field(description="Offset in the text of the block or fact.")
    length: Count = Field(description="Of the place.")
    text: str = Field(description="What stands there.")
    candidate: str | None = Field(default=None, description="What may have stood there, or null.")
    reason: str = Field(description="Why it looks damaged, or why it was left alone.")


class QualityV1(_Model):
    """How far the record can be trusted."""

    confidence: Share = Field(
        description="How sure it is that the blocks are the document, all of it and nothing else."
    )
    notes: tuple[str, ...] = Field(default=(), description="What speaks against it.")
    damages: tuple[DamageV1, ...] = Field(default=(), description="Kinds of damage found.")
    suspects: tuple[SuspectV1, ...] = Field(default=(), description="Places that look damaged and were left alone.")
    characters_before: Count = Field(description="Of the decoded input.")
    characters_after: Count = Field(description="Of the record's text.")
    quarantined: str | None = Field(default=None, description="Why this record must not replace a good one, or null.")


class CaptureV1(_Model):
    """The bytes the record was made from."""

    sha256: Sha256 = Field(description="Of the body.")
    fetched_at: AwareDatetime | None = Field(default=None, description="UTC; null where nothing was fetched.")
    status: int | None = Field(default=None, description="HTTP status.")
    media_type: str | None = Field(default=None, description="As the server said.", examples=["text/html"])
    encoding: str | None = Field(default=None, description="The encoding it was read in; null where it came as text.")
    encoding_evidence: str = Field(description="Why this encoding, in a sentence.")


class SameAsV1(_Model):
    """Another document that says nearly the same."""

    id: str = Field(description="The other document's id.")
    source: str | None = Field(default=None, description="Its source.")
    similarity: Share = Field(description="Share of the text they have in common.")


class PipelineV1(_Model):
    """What made the record; equal values make equal records from equal bytes."""

    version: str = Field(description="Of Unscrape.")
    source_hash: Sha256 | None = Field(
        default=None, description="Of the source's description with its learned chrome, or null."
    )
    data_hash: Sha256 = Field(description="Of the tables and weights shipped with the pipeline.")
    correction_hash: Sha256 | None = Field(
        default=None, description="Of the hand correction that was applied afterwards, or null."
    )


class RecordV1(_Model):
    """One revision of one document."""

    schema_version: Literal[1] = Field(default=1, description="Which schema the record follows.")
    id: str = Field(
        description='Of the canonical URL: "url:" and 32 hexadecimal digits; without a URL "sha256:" of the input.'
    )
    revision: int = Field(default=1, ge=1, description="Counts from 1; one line is one revision.")
    content_hash: Sha256 = Field(description="Of title, byline, published_at, and kind, level and text of the blocks.")
    supersedes: Sha256 | None = Field(default=None, description="content_hash of the revision before.")
    change: Change | None = Field(
        default=None,
        description="Why this revision: other bytes came (page); or from the same bytes other code or data (pipeline), another "
        "description of the source (source) or a hand correction (correction) made something else; or the page is gone "
        "(gone: what it last said, with `gone_at`). Null for the first revision.",
    )
    gone_at: AwareDatetime | None = Field(default=None, description="When the page was found gone, or null.")
    source: str | None = Field(default=None, description="Name of the source, or null.")
    url: str | None = Field(default=None, description="The URL that answered.")
    canonical_url: str | None = Field(default=None, description="The URL the page calls its own.")
    capture: CaptureV1 = Field(description="The bytes the record was made from.")
    title: str | None = Field(default=None, description="The document's title, without the site's name.")
    title_evidence: str = Field(description="Where the title was found, or why it is null.")
    byline: str | None = Field(default=None, description='All authors, ", " between them.')
    authors: tuple[str, ...] = Field(default=(), description="Each author, in the order of the byline.")
    byline_evidence: str = Field(default="", description="Where the authors were found, or why there are none.")
    published_at: AwareDatetime | None = Field(
        default=None, description="UTC; null where the time of day or the zone is unknown."
    )
    published_date: date | None = Field(default=None, description="The local calendar date.")
    published_raw: str | None = Field(
        default=None, description="The date as the page writes it.", examples=["18.11.2020 17:18"]
    )
    published_zone: str | None = Field(default=None, description='"+03:00" or "Europe/Moscow".')
    published_evidence: str = Field(description="Where the date was found and how it was read, or why it is null.")
    modified_at: AwareDatetime | None = Field(default=None, description="When the page says it was last changed; UTC.")
    modified_date: date | None = Field(default=None, description="The local calendar date.")
    modified_raw: str | None = Field(default=None, description="The same as the page writes it.")
    language: str | None = Field(default=None, description="ISO 639-1.")
    site: str | None = Field(default=None, description="The site's name.")
    section: str | None = Field(default=None, description="The site's section the document stands in.")
    tags: tuple[str, ...] = Field(default=(), description="The site's keywords for the document.")
    licence: str | None = Field(default=None, description="Licence the page states, a URL or a name.")
    blocks: tuple[BlockV1, ...] = Field(description="The document, in reading order.")
    steps: tuple[StepV1, ...] = Field(default=(), description="Every change made to the text of blocks and facts.")
    removals: tuple[RemovalV1, ...] = Field(
        default=(), description="Everything taken out as not belonging to the document."
    )
    quality: QualityV1 = Field(description="How far the record can be trusted.")
    same_as: tuple[SameAsV1, ...] = Field(default=(), description="Other documents that say nearly the same.")
    pipeline: PipelineV1 = Field(description="What made the record.")
    checksum: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{8}$",
        description="CRC-32 of the line's bytes before the comma of this field, its last; null for a record not stored yet.",
    )

    @property
    def text(self) -> str:
        """The blocks joined with blank lines, without the title."""
        return "\n\n".join(block.text for block in self.blocks if block.kind != "separator")

    @property
    def fetched_at(self) -> datetime | None:
        """When the bytes were fetched."""
        return self.capture.fetched_at


class Piece(Protocol):
    """What `content_hash` reads of a block; a BlockV1 or any block alike."""

    @property
    def kind(self) -> str: ...
    @property
    def level(self) -> int | None: ...
    @property
    def text(self) -> str: ...


def content_hash(title: str | None, byline: str | None, published_at: datetime | None, blocks: Iterable[Piece]) -> str:
    """SHA-256 of what a reader sees: the JSON array [title, byline, published_at in UTC, [[kind, level, text], …]].

    >>> content_hash("Rain", None, None, ())[:16]
    'ccb43b64a9c32b47'
    """
    moment = published_at and published_at.astimezone(UTC).isoformat()
    seen = [title, byline, moment, [[block.kind, block.level, block.text] for block in blocks]]
    return hashlib.sha256(orjson.dumps(seen)).hexdigest()


Record = RecordV1
