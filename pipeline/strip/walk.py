"""One walk over a parsed page: runs of rendered text, and the elements they stand in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.strip.tags import INLINE, REGIONS, ROLES, SKIPPED, SPACED, TIMES

PRE = REGIONS["pre"]
HIDDEN, KEEP, DROP = 1 << 40, 1 << 41, 1 << 42

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_AROUND_BREAK = re.compile(r" *\n *")
_UNSEEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_SCREEN_READERS = re.compile(r"(?:^|\s)(?:sr-only|screen-reader-text|visually-?hidden|screenreader)(?:\s|$)", re.I)
_OF_AUTHOR = re.compile(r"[/?&]authors?[/=][^/]")
_BOLD, _STATING = ("b", "strong"), ("itemprop", "rel")


class Candidate(NamedTuple):
    """An element that may state a fact: which fact, where it says so, the element and its index in the walk."""

    name: str
    place: str
    node: LexborNode
    element: int


@dataclass(slots=True)
class Walked:
    """A page as runs of text inside elements.

    Elements (E of them, parents before children): `tags`, `parents` (index, −1 at the root), `marks` (class and id),
    `regions` (bits of `tags.REGIONS`, inherited), `starts`/`ends` (the runs inside, half open). Only elements that break the
    line are listed. Runs (R of them, in reading order): `texts`, `owners` (element index), `linked` (characters inside
    links), `anchors` (links touched), `strong` (characters in bold), `inner` (classes of the inline elements).
    """

    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    anchors: list[int] = field(default_factory=list)
    strong: list[int] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    noscript: int = 0

    def chain(self, element: int) -> list[int]:
        """`element` and its ancestors, innermost first."""
        found = []
        while element >= 0:
            found.append(element)
            element = self.parents[element]
        return found


def walk(
    page: LexborHTMLParser,
    facts: Mapping[str, tuple[str, str]],
    *,
    marked: Mapping[int, int] | None = None,
    noscript: bool = False,
) -> Walked:
    """The runs of `page`.

    `facts` maps a class, id, rel or itemprop token to the fact its element states and the place to name; `marked` maps the
    mem_id of elements named by a source's rules to KEEP or DROP; `noscript` reads <noscript> as part of the page.
    """
    walker = _Walker(facts, marked or {}, SKIPPED - {"noscript"} if noscript else SKIPPED)
    root = page.root
    if root is not None:
        walker.run(root)
    return walker.page


class _Walker:
    """The state of one walk: the open elements and the run being gathered."""

    __slots__ = (
        "anchors", "bold", "facts", "inner", "known", "linked", "links", "marked", "owner", "page", "parts", "pre", "skipped",
        "strong", "unseen",
    )  # fmt: skip

    def __init__(
        self, facts: Mapping[str, tuple[str, str]], marked: Mapping[int, int], skipped: frozenset[str]
    ) -> None:
        self.page = Walked()
        self.facts, self.marked, self.skipped = facts, marked, skipped
        self.known: dict[str, list[tuple[str, str]]] = {}
        self.unseen: dict[str, bool] = {}
        self.owner = -1
        self.pre = False
        self.parts: list[str] = []
        self.inner: list[str] = []
        self.links = self.bold = self.linked = self.anchors = self.strong = 0

    def run(self, root: LexborNode) -> None:
        """Visit every node below `root` without recursion. One loop, for it runs once a node of every page."""
        opened: list[tuple[LexborNode, str]] = []
        parts, skipped = self.parts, self.skipped
        node: LexborNode | None = root
        while node is not None:
            name = node.tag
            inside = None
            if name == "-text":
                if not node.is_empty_text_node:
                    self.text(node.text_content or "")
                elif parts:
                    parts.append((node.text_content or " ") if self.pre else " ")
            elif name in INLINE:
                if self.enter_inline(node, name):
                    inside = node.first_child
                    if inside is None:
                        self.leave_inline(name)
            elif name == "br":
                parts.append("\n")
            elif name in skipped or name is None or name[0] in "-!":
                if name == "noscript":
                    self.page.noscript += len(node.text())
            else:
                self.open_block(node, name)
                inside = node.first_child
                if inside is None:
                    self.close_block()
            if inside is not None:
                opened.append((node, name or ""))
                node = inside
                continue
            following = node.next
            while following is None and opened:
                parent, name = opened.pop()
                if name in INLINE:
                    self.leave_inline(name)
                else:
                    self.close_block()
                following = parent.next
            node = following
        self.flush()

    def text(self, text: str) -> None:
        """Add a text node to the run."""
        if not self.pre and ("\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text):
            text = _BLANKS.sub(" ", text)
        self.parts.append(text)
        if self.links:
            self.linked += len(text)
        if self.bold:
            self.strong += len(text)

    def enter_inline(self, node: LexborNode, name: str) -> bool:
        """Note what an inline element says of its text; False where it is not drawn or is taken out by a rule."""
        attributes = node.attributes
        if attributes:
            mark = attributes.get("class")
            if _is_hidden(attributes) or (mark and self.for_readers_only(mark)):
                return False
            if self.marked and self.marked.get(node.mem_id) == DROP:
                return False
            found = self.known.get(mark or "")
            if found is None:
                found = self.first_met(mark or "")
            if found or "itemprop" in attributes or "rel" in attributes:
                self.note_facts(node, found, attributes)
            if mark:
                self.inner.append(mark)
        if name == "a":
            self.links += 1
            self.anchors += 1
            if "author" in (address := attributes.get("href") or "") and _OF_AUTHOR.search(address):
                self.page.candidates.append(Candidate("byline", "link:author", node, self.owner))
        elif name in _BOLD:
            self.bold += 1
        elif name in SPACED:
            self.parts.append(" ")
        elif name == "time":
            self.page.candidates.append(Candidate("published", "time", node, self.owner))
        return True

    def for_readers_only(self, mark: str) -> bool:
        """Whether a class hides text from the screen, asked once a class."""
        hidden = self.unseen.get(mark)
        if hidden is None:
            lower = mark.lower()
            maybe = "hidden" in lower or "sr-only" in lower or "screen" in lower  # the pattern is slow to say no
            hidden = self.unseen[mark] = maybe and _SCREEN_READERS.search(mark) is not None
        return hidden

    def leave_inline(self, name: str) -> None:
        """Close an inline element."""
        if name == "a":
            self.links -= 1
        elif name in _BOLD:
            self.bold -= 1
        elif name in SPACED:
            self.parts.append(" ")

    def open_block(self, node: LexborNode, name: str) -> None:
        """End the run before a block element and enter it."""
        if self.parts:
            self.flush()
        page, parent = self.page, self.owner
        region = page.regions[parent] if parent >= 0 else 0
        if name in REGIONS:
            region |= REGIONS[name]
        mark = ""
        owner = self.owner = len(page.tags)
        if attributes := node.attributes:
            mark = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            if role := attributes.get("role"):
                region |= ROLES.get(role, 0)
            if _is_hidden(attributes):
                region |= HIDDEN
            found = self.known.get(mark)
            if found is None:
                found = self.first_met(mark)
            if found or "itemprop" in attributes or "rel" in attributes:
                self.note_facts(node, found, attributes)
        if self.marked:
            region |= self.marked.get(node.mem_id, 0)
        page.tags.append(name)
        page.parents.append(parent)
        page.marks.append(mark)
        page.regions.append(region)
        page.starts.append(len(page.texts))
        page.ends.append(-1)
        self.pre = region & PRE > 0
        if name == "h1":
            page.candidates.append(Candidate("title", "h1", node, owner))
        elif name == "hr":
            page.rules.append(len(page.texts))
        elif name in TIMES:
            page.candidates.append(Candidate("published", "time", node, owner))

    def close_block(self) -> None:
        """End the run at the end of a block element and leave it."""
        if self.parts:
            self.flush()
        page = self.page
        page.ends[self.owner] = len(page.texts)
        self.owner = page.parents[self.owner]
        self.pre = self.owner >= 0 and page.regions[self.owner] & PRE > 0

    def flush(self) -> None:
        """End the run, and keep it where it holds anything to read."""
        text = "".join(self.parts)
        if self.pre:
            text = text.strip("\n").rstrip()
        else:
            if "  " in text:
                text = _BLANKS.sub(_folded, text)
            if "\n" in text:
                text = _AROUND_BREAK.sub("\n", text)
            text = text.strip(" \n")
        if text and not text.isspace():
            page = self.page
            page.texts.append(text)
            page.owners.append(self.owner)
            page.linked.append(min(self.linked, len(text)))
            page.anchors.append(self.anchors + (self.links > 0))
            page.strong.append(min(self.strong, len(text)))
            page.inner.append(" ".join(self.inner))
        self.parts.clear()
        self.inner.clear()
        self.linked = self.anchors = self.strong = 0

    def first_met(self, mark: str) -> list[tuple[str, str]]:
        """What the tokens of a class and id state, kept for the elements that bear the same."""
        found = self.known[mark] = self.stated(mark)
        return found

    def note_facts(self, node: LexborNode, found: list[tuple[str, str]], attributes: Mapping[str, str | None]) -> None:
        """Remember an element whose class and id (`found`), itemprop or rel say that it states a fact."""
        for fact, place in found:
            self.page.candidates.append(Candidate(fact, f"class:{place}", node, self.owner))
        for attribute in _STATING:
            if attribute in attributes:
                for fact, place in self.stated(attributes[attribute] or ""):
                    self.page.candidates.append(Candidate(fact, f"{attribute}:{place}", node, self.owner))

    def stated(self, tokens: str) -> list[tuple[str, str]]:
        """The facts and places that the tokens of an attribute name."""
        named = tokens[:200].lower().split()
        return (
            [] if self.facts.keys().isdisjoint(named) else [self.facts[token] for token in named if token in self.facts]
        )


def _folded(match: re.Match[str]) -> str:
    """A run of blanks folded: to the line breaks in it, where <br> put any, else to one blank."""
    return "\n" * match[0].count("\n") or " "


def _is_hidden(attributes: Mapping[str, str | None]) -> bool:
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if not style:
        return False
    lower = style.lower()
    return ("none" in lower or "hidden" in lower) and _UNSEEN.search(lower) is not None
