"""The frozen types that travel between the stages.

    Capture → Decoded → Stripped → Repaired → Segmented        (or Rejected, from any stage)

All offsets and lengths count code points, never bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

BlockKind = Literal["heading", "paragraph", "list_item", "quote", "caption", "table", "code", "separator"]
Mode = Literal["html", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What came over the wire (or from a file), before anybody interpreted it.

    `url_chain` runs from the URL asked for to the URL that answered; `headers` keep their order and repetitions, names in
    lower case. `sha256` is the hexadecimal digest of `body`. `fetched_at` is aware (UTC), or None where nothing was fetched.
    """

    body: bytes
    sha256: str
    url_chain: tuple[str, ...] = ()
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = None
    fetched_at: datetime | None = None

    @property
    def url(self) -> str | None:
        """The URL that answered."""
        return self.url_chain[-1] if self.url_chain else None


class Stray(NamedTuple):
    """A byte that was no text in the encoding chosen: U+FFFD stands for it at `offset` of the decoded text."""

    offset: int
    byte: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a capture. `evidence` is a sentence that says why this encoding; `encoding` None where text came as text."""

    text: str
    encoding: str | None
    evidence: str
    strays: tuple[Stray, ...] = ()


class Splice(NamedTuple):
    """At code point `start` of the text before the step, `before` stood; now `after` stands there."""

    start: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule did to one text: splices ascending and not overlapping, all counted in the text before the step."""

    rule: str
    splices: tuple[Splice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A place that looks damaged and was left alone. `start` and `length` count in the text of the block or fact it hangs on."""

    start: int
    length: int
    text: str
    candidate: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of the document, with everything that was done to its text.

    `text` after `steps`; `edits.before(block)` is the text as it stood. `path` is where it came from: a CSS-like path such as
    "html>body>main>article>p[3]", or "line 12" for text without tags. `level` 1–6 for headings. `ordered` and `depth` (from 1)
    for list items. A table is text with "\\t" between cells and "\\n" between rows, its first `header_rows` rows being headers.
    `start` is the offset in the decoded text, for text without tags only: there, blocks and removals tile the whole input.
    """

    kind: BlockKind
    text: str
    path: str
    level: int | None = None
    ordered: bool | None = None
    depth: int | None = None
    header_rows: int | None = None
    start: int | None = None
    steps: tuple[Step, ...] = ()
    suspects: tuple[Suspect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A candidate for a fact of the document, as found in the page.

    `name` is what it may be ("title", "byline", "published", "modified", "site", "canonical", "language", "section", "tag",
    "licence", …); `place` says where it stood ("json-ld:datePublished", "meta:og:title", "h1", "time", "title", "near-title",
    "source-rule"); `path` as in Block. Repair edits `text` and logs it in `steps`, as for blocks.
    """

    name: str
    text: str
    place: str
    path: str = ""
    steps: tuple[Step, ...] = ()
    suspects: tuple[Suspect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Text that was taken out: where it stood, why, and how it began.

    HTML: `start` is None, `length` counts the text removed and `text` holds its first 80 characters (all of it is in raw/).
    Text without tags: `start` and `length` are in the decoded text and `text` is the whole of it, so that blocks and removals
    together rebuild the input.
    """

    path: str
    reason: str
    length: int
    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """The document without its site. `confidence` (0–1) is how sure the extraction is; `notes` say what speaks against it."""

    blocks: tuple[Block, ...]
    facts: tuple[Fact, ...]
    removals: tuple[Removal, ...]
    mode: Mode
    confidence: float
    notes: tuple[str, ...] = ()
    strays: tuple[Stray, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A kind of damage found in the document, whether or not all of it could be undone.

    `kind` is stable ("spacing.typographer", "mojibake.windows-1251-as-cp852", …), `evidence` a sentence a person understands,
    `confidence` 0–1, `repaired` how many places were changed.
    """

    kind: str
    evidence: str
    confidence: float
    repaired: int = 0
    detail: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """The document with its damage undone; `language` is the ISO 639-1 code repair worked with, None where unsure."""

    blocks: tuple[Block, ...]
    facts: tuple[Fact, ...]
    removals: tuple[Removal, ...]
    mode: Mode
    confidence: float
    notes: tuple[str, ...] = ()
    damages: tuple[Damage, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmented(Repaired):
    """The final blocks, in reading order, with plain blanks; everything else as repair left it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A document that did not pass: `stage` that refused it, `reason` (stable, for machines), `detail` (for people)."""

    stage: str
    reason: str
    detail: str
    url: str | None = None
    sha256: str | None = None
