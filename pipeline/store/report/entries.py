"""What the report says of each document: a row for the list, and a file for the page about it."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from pipeline import edits
from pipeline.document import Step
from pipeline.errors import StoreError
from pipeline.replay import steps_of
from pipeline.store.diff import diff
from pipeline.store.report.pieces import Piece, marked, pieces
from pipeline.store.types import Refused
from schemas import Record, read

if TYPE_CHECKING:
    from pipeline.store.store import Store

PAGE_LIMIT = 400_000
"""Characters of a page as fetched that are kept in the report, without its scripts and styles; the whole lies in raw/."""
HISTORY = 5
"""Revisions whose differences are shown."""
ANCHOR = 40
"""Characters by which a block or removal is found again in the page."""

SHOWN = frozenset(
    """
    p br hr div section article main header footer nav aside h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code
    table thead tbody tfoot tr td th caption figure figcaption b strong i em u s sub sup small title
    """.split()  # noqa: SIM905 - a list of fifty quoted names is not easier to read
)
"""Elements that the page as fetched is shown with, without their attributes; of others only the text."""

_UNSEEN = re.compile(r"<(script|style|svg|noscript|template|head)\b.*?</\1\s*>|<!--.*?-->|<![^>]*>", re.S | re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document in the report: its revisions, oldest first, or why it was refused, or both."""

    source: str
    revisions: tuple[Record, ...] = ()
    refused: Refused | None = None

    @property
    def record(self) -> Record | None:
        """What is shown: the newest revision; where there is none, what was quarantined."""
        if self.revisions:
            return self.revisions[-1]
        if self.refused is not None and self.refused.record is not None:
            return Record.model_validate(self.refused.record)
        return None

    @property
    def state(self) -> str:
        """good, gone, quarantined or rejected."""
        if self.refused is not None:
            return "quarantined" if self.refused.record is not None else "rejected"
        return "gone" if self.revisions[-1].gone_at is not None else "good"


def entries(store: "Store", sources: Iterable[str]) -> Iterator[Entry]:
    """Every document of `sources`, refused ones first."""
    for source in sources:
        refused = {item.url: item for item in store.refused(source)}
        standing = set()
        for revisions in _by_document(store, source):
            url = revisions[-1].url
            standing.add(url)
            yield Entry(source=source, revisions=tuple(revisions), refused=refused.get(url))
        yield from (Entry(source=source, refused=item) for url, item in refused.items() if url not in standing)


def _by_document(store: "Store", source: str) -> Iterator[list[Record]]:
    """The last revisions of each document, as many as are shown at least."""
    folder = store.clean / "v1" / f"source={source}"
    if not folder.exists():
        return
    for file in read.files(folder):
        every = read.records(file, read.Where(gone=True), every_revision=True)
        for id, found in groupby(every, key=lambda record: record.id):
            revisions = list(found)
            if revisions[0].revision > 1 and len(revisions) <= HISTORY:
                revisions = read.find(folder, id)
            yield revisions


def row_of(entry: Entry) -> dict[str, Any]:
    """The document's row in the list: short names, as there are thousands."""
    record, refused = entry.record, entry.refused
    fetched = record.fetched_at if record else refused and refused.fetched_at
    reason = f"{refused.stage}: {refused.reason}" if refused and not refused.record else refused and refused.detail
    row: dict[str, Any] = {
        "t": record and record.title,
        "u": (record and record.url) or (refused and refused.url),
        "s": entry.source,
        "st": entry.state,
        "f": fetched and fetched.isoformat(timespec="seconds"),
        "why": reason,
    }
    if record is not None:
        date = record.published_date or (record.published_at and record.published_at.date())
        row |= {
            "d": date and date.isoformat(),
            "c": round(record.quality.confidence, 3),
            "dm": [damage.kind for damage in record.quality.damages],
            "rp": sum(damage.repaired for damage in record.quality.damages),
            "rm": len(record.removals),
            "sp": len(record.quality.suspects),
            "rv": record.revision,
            "l": record.language,
        }
    return row


def page_of(store: "Store", entry: Entry) -> dict[str, Any]:
    """Everything the page about a document shows."""
    record, refused = entry.record, entry.refused
    page = _fetched(store, entry, record)
    shown: dict[str, Any] = {"page": page, "refused": None}
    if refused is not None:
        shown["refused"] = {"stage": refused.stage, "reason": refused.reason, "detail": refused.detail}
    if record is None:
        return shown
    return shown | {
        "id": record.id,
        "facts": _facts(record),
        "title": _pieces_of(record, fact="title"),
        "rows": list(_rows(record, page)),
        "damages": [
            damage.model_dump(include={"kind", "evidence", "confidence", "repaired"})
            for damage in record.quality.damages
        ],
        "notes": record.quality.notes,
        "history": list(_history(entry.revisions)),
    }


def _fetched(store: "Store", entry: Entry, record: Record | None) -> str | None:
    """The page as fetched, as text, without what a sandbox would not run or show; None where its bytes are not there."""
    refused_body = entry.refused.sha256 if entry.refused is not None else None
    sha256 = record.capture.sha256 if record else refused_body
    if sha256 is None:
        return None
    try:
        body = store.captures.body(entry.source, sha256)
    except StoreError:
        return None
    encoding = (record and record.capture.encoding) or "utf-8"
    try:
        text = body.decode(encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    if record is not None and record.blocks and record.blocks[0].start is not None:
        return f"<pre>{html.escape(text[:PAGE_LIMIT])}</pre>".encode("utf-8", "replace").decode()
    return _bare(text).encode("utf-8", "replace").decode()


def _bare(page: str) -> str:
    """The page's text and structure. What slips through has no power: the frame is a sandbox and its policy refuses everything."""
    return _TAG.sub(lambda tag: f"<{tag[1]}{tag[2]}>" if tag[2].lower() in SHOWN else " ", _UNSEEN.sub("", page))[
        :PAGE_LIMIT
    ]


def _facts(record: Record) -> list[list[str]]:
    published = record.published_at or record.published_date
    facts = [
        ("URL", record.url, ""),
        ("Published", published and str(published), record.published_evidence),
        ("By", record.byline, record.byline_evidence),
        ("Language", record.language, ""),
        ("Encoding", record.capture.encoding, record.capture.encoding_evidence),
        ("Fetched", record.fetched_at and record.fetched_at.isoformat(timespec="seconds"), ""),
        ("Revision", f"{record.revision}{f' · {record.change}' if record.change else ''}", ""),
        ("Gone since", record.gone_at and record.gone_at.isoformat(timespec="seconds"), ""),
        *(("Same as", f"{other.id} of {other.source}", f"{other.similarity:.0%} alike") for other in record.same_as),
    ]
    return [[name, str(value or "unknown"), evidence] for name, value, evidence in facts if value or evidence]


def _rows(record: Record, page: str | None) -> Iterator[dict[str, Any]]:
    """Blocks and removals in the order of the page, as far as that can be told."""
    placed: list[tuple[float, int, dict[str, Any]]] = []
    folded = _folded(page or "")
    finder = _Finder(folded)
    for number, block in enumerate(record.blocks):
        cut = _pieces_of(record, block=number)
        before = "".join(piece[0] for piece in cut)
        row = {"k": block.kind, "l": block.level, "o": block.ordered, "p": block.path, "x": cut}
        placed.append((finder.place(block.start, before), number, row))
    others = _Finder(folded)
    for number, removal in enumerate(record.removals, len(record.blocks)):
        row = {"r": removal.reason, "p": removal.path, "n": removal.length, "x": removal.text}
        # The heading that repeats the title is taken out last, wherever it stood.
        finding = _Finder(folded) if removal.reason == "title" else others
        placed.append((finding.place(removal.start, removal.text), number, row))
    yield from (row for _, _, row in sorted(placed, key=lambda item: item[:2]))


def _folded(page: str) -> str:
    """The page's text without blanks, which do not count: tags within a word or between two leave none or one in the text."""
    return _BLANKS.sub("", html.unescape(_TAG.sub("", page)))


class _Finder:
    """Tells where in a folded page a text stood, looking on from where the one before it was found."""

    def __init__(self, folded: str) -> None:
        self._page = folded
        self._at = 0

    def place(self, start: int | None, text: str) -> float:
        """Its offset where that is known, else where it is found, else just after the one before."""
        if start is not None:
            return start
        wanted = _BLANKS.sub("", text)[:ANCHOR]
        found = self._page.find(wanted, self._at) if wanted else -1
        if found < 0:
            return self._at - 0.5
        self._at = found + 1
        return found


def _pieces_of(record: Record, *, block: int | None = None, fact: str | None = None) -> list[list[Any]]:
    """Pieces as short lists: before, after, rules, suspicion; [text] alone where nothing was done."""
    text = record.blocks[block].text if block is not None else str(getattr(record, fact or "") or "")
    steps: Sequence[Step] = steps_of(record, block=block, fact=fact)
    suspects = [
        (s.start, s.length, f"{s.reason}{f' ({s.candidate}?)' if s.candidate else ''}")
        for s in record.quality.suspects
        if s.block == block and s.fact == fact
    ]
    cut = marked(pieces(edits.revert_all(text, steps), steps), suspects)
    return [_short(piece) for piece in cut]


def _short(piece: Piece) -> list[Any]:
    if piece.suspect is not None:
        return [piece.before, piece.after, list(piece.rules), piece.suspect]
    if piece.rules:
        return [piece.before, piece.after, list(piece.rules)]
    return [piece.after]


def _history(revisions: Sequence[Record]) -> Iterator[dict[str, Any]]:
    for old, new in list(pairwise(revisions))[-HISTORY:]:
        changes = [
            {"w": change.where, "x": [[piece.kind[0], piece.text] for piece in change.pieces]}
            for change in diff(old, new)
        ]
        fetched = new.fetched_at and new.fetched_at.isoformat(timespec="seconds")
        yield {"rv": new.revision, "why": new.change, "f": fetched, "x": changes}
