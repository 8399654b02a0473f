"""Documents that list URLs: sitemaps and their indexes, RSS, Atom, RDF and JSON feeds, and plain lists.

XML is read as a stream, and nothing in it is expanded or loaded: a document that declares entities is refused.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.parsers import expat

import orjson

from pipeline.fetch.dates import instant

MAX_ENTRIES = 50_000  # of one document; what sitemaps.org allows
MAX_DEPTH = 64  # of nested elements
MAX_TAG = 256 * 1024  # bytes of one tag, which the parser keeps whole
MAX_TEXT = 8192  # characters of one element that are kept
STEP = 64 * 1024  # bytes parsed at a time

_ENTRIES = frozenset({"url", "sitemap", "item", "entry"})
_DATES = frozenset({"lastmod", "publication_date", "pubdate", "date", "published", "updated", "modified", "issued"})
_ROOTS = frozenset({"urlset", "sitemapindex", "rss", "feed", "rdf"})
_BASE = "http://www.w3.org/XML/1998/namespace base"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)([A-Za-z][A-Za-z0-9]{1,31};)?")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


class Unreadable(Exception):
    """Why a document of URLs is of no use, or ends where it does. Never leaves the package: it becomes a Problem."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Entry:
    """A URL as listed, not yet absolute; a `document` lists URLs itself. `modified_at` UTC; `bad_date` is one that was none."""

    url: str
    document: bool = False
    modified_at: datetime | None = None
    bad_date: str | None = None


@dataclass(slots=True)
class Listed:
    """What a document lists. `broken` says where reading ended before its end; what came before that is kept."""

    entries: list[Entry] = field(default_factory=list)
    base: str | None = None
    broken: Unreadable | None = None


def read_entries(body: bytes) -> Listed:
    """What the document lists. Raises Unreadable where it is none of those documents."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return _json(body)
    if start.startswith((b"http://", b"https://")):
        return _lines(body)
    listed = _xml(body.lstrip())
    if listed.broken and listed.broken.reason == "xml-broken":
        repaired = _xml(_repaired(body))
        listed = repaired if len(repaired.entries) >= len(listed.entries) else listed
    if listed.broken and not listed.entries:
        raise listed.broken
    return listed


class _Reader:
    """Follows the elements of one document."""

    def __init__(self) -> None:
        self.listed = Listed()
        self._path: list[str] = []
        self._entry_depth = 0
        self._fields: dict[str, str] = {}
        self._dates: list[str] = []
        self._text: list[str] = []
        self._size = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = name.rpartition(" ")[2].lower()
        self._path.append(local)
        depth = len(self._path)
        if depth == 1:
            self._root(local, attributes)
        if depth > MAX_DEPTH:
            raise Unreadable("xml-refused", f"elements more than {MAX_DEPTH} deep")
        if not self._entry_depth and local in _ENTRIES:
            self._entry_depth, self._fields, self._dates = depth, {}, []
        elif self._entry_depth and local == "link" and depth == self._entry_depth + 1:
            self._link(attributes)
        elif local == "guid" and attributes.get("isPermaLink", "true").lower() == "false":
            self._fields["guid"] = ""
        self._text, self._size = [], 0

    def _root(self, local: str, attributes: Mapping[str, str]) -> None:
        if local not in _ROOTS:
            raise Unreadable("not-a-list", f"the root element is <{local[:40]}>: no feed and no sitemap")
        self.listed.base = attributes.get(_BASE)

    def _link(self, attributes: Mapping[str, str]) -> None:
        if "href" in attributes and attributes.get("rel", "alternate") == "alternate":
            self._fields.setdefault("link", attributes["href"])

    def data(self, text: str) -> None:
        """Text within an element."""
        if self._entry_depth and self._size < MAX_TEXT:
            self._text.append(text)
            self._size += len(text)

    def end(self, _name: str) -> None:
        """An element ends."""
        local, depth = self._path.pop(), len(self._path) + 1
        if not self._entry_depth:
            return
        text = "".join(self._text)[:MAX_TEXT].strip()
        self._text = []
        if depth == self._entry_depth:
            self._entry_depth = 0
            self._finish(document=local == "sitemap")
        elif text and depth == self._entry_depth + 1 and local in {"loc", "link", "guid", "id"}:
            self._fields.setdefault(local, text)
        elif text and local in _DATES:
            self._dates.append(text)

    def _finish(self, *, document: bool) -> None:
        fields = self._fields
        url = fields.get("loc") or fields.get("link") or _if_url(fields.get("guid")) or _if_url(fields.get("id"))
        if not url:
            return
        if len(self.listed.entries) >= MAX_ENTRIES:
            raise Unreadable("too-many-entries", f"more than {MAX_ENTRIES} entries")
        self.listed.entries.append(_entry(url, self._dates, document=document))


def _entry(url: str, dates: list[str], *, document: bool = False) -> Entry:
    """The latest of the dates is when it last changed."""
    times = [(text, instant(text)) for text in dates]
    bad = next((text[:100] for text, time in times if time is None), None)
    return Entry(url, document, max((time for _, time in times if time), default=None), bad)


def _if_url(text: str | None) -> str | None:
    return text if text and text.startswith(("http://", "https://")) else None


def _xml(body: bytes) -> Listed:
    """What the XML lists, as far as it can be read."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.EntityDeclHandler = _no_entities
    try:
        for start in range(0, len(body), STEP):
            parser.Parse(body[start : start + STEP], False)
            if start - parser.CurrentByteIndex > MAX_TAG:
                raise Unreadable("xml-refused", f"a tag of more than {MAX_TAG} bytes")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        reader.listed.broken = Unreadable("xml-broken", str(error))
    except (LookupError, ValueError) as error:  # an encoding nobody knows
        reader.listed.broken = Unreadable("xml-broken", str(error))
    except Unreadable as error:
        reader.listed.broken = error
    return reader.listed


def _no_entities(*_declaration: Any) -> None:
    raise Unreadable("xml-refused", "it declares entities, which feeds and sitemaps have no use for")


def _repaired(body: bytes) -> bytes:
    """XML with the commonest slips mended: bytes that are no text, names of entities that only HTML knows, bare ampersands."""
    declared = _DECLARED.match(body.lstrip()[:300])
    try:
        text = body.decode(declared[1].decode("ascii") if declared else "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    text = _NOT_XML.sub("", text).lstrip("\ufeff \t\r\n")
    text = re.sub(r"\A<\?xml[^>]{0,300}\?>", "", text)
    return _ENTITY.sub(_plain, text).encode("utf-8", "replace")


def _plain(match: re.Match[str]) -> str:
    known = html.unescape(f"&{match[1]}") if match[1] else ""
    return known if known and not known.startswith("&") else f"&amp;{match[1] or ''}"


def _json(body: bytes) -> Listed:
    """A JSON feed (jsonfeed.org)."""
    try:
        feed = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Unreadable("json-broken", str(error)) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise Unreadable("not-a-list", "JSON, but no feed: it has no items")
    listed = Listed(entries=list(_json_entries(items[:MAX_ENTRIES])))
    if len(items) > MAX_ENTRIES:
        listed.broken = Unreadable("too-many-entries", f"more than {MAX_ENTRIES} entries")
    return listed


def _json_entries(items: list[Any]) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, dict):
            url = next((v for k in ("url", "external_url", "id") if isinstance(v := item.get(k), str) and v), None)
            if url:
                dates = [v for k in ("date_published", "date_modified") if isinstance(v := item.get(k), str)]
                yield _entry(url, dates)


def _lines(body: bytes) -> Listed:
    """A plain list of URLs, one a line."""
    lines = body.decode("utf-8-sig", "replace").split("\n", MAX_ENTRIES)
    listed = Listed(entries=[Entry(line.strip()) for line in lines[:MAX_ENTRIES] if _if_url(line.strip())])
    if len(lines) > MAX_ENTRIES:
        listed.broken = Unreadable("too-many-entries", f"more than {MAX_ENTRIES} lines")
    return listed
