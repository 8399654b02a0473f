"""One walk over a parsed page: runs of rendered text, and the elements they stand in.

It visits every node of every page, so that what it does a node is most of its time: elements are told apart by the parser's
numbers for their names, what a class says is asked once a page, and the attributes few elements bear are looked for at once.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
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
_STATING = ("itemprop", "rel")
_TELLING = frozenset(["hidden", "style", "role", *_STATING])
"""Attributes, beside class and id, that say something of an element; most elements bear none."""

_NO_FACTS: tuple[tuple[str, str], ...] = ()
_UNSHOWN: tuple[tuple[str, str], ...] = (("", ""),)
"""Stands for the facts of a class whose text is not drawn."""

_TEXT, _BLOCK, _PHRASE, _LINK, _BOLD, _SPACED, _TIME, _BREAK, _SKIPPED, _NOSCRIPT = range(10)
"""What the walk does at a node; from _PHRASE to _TIME it is an inline element."""

_KINDS = (
    dict.fromkeys(SKIPPED, _SKIPPED)
    | dict.fromkeys(INLINE, _PHRASE)
    | dict.fromkeys(SPACED, _SPACED)
    | {"-text": _TEXT, "a": _LINK, "b": _BOLD, "strong": _BOLD, "time": _TIME, "br": _BREAK, "noscript": _NOSCRIPT}
)


_Tag = tuple[int, str, int, bool]
"""What a name says of its nodes: (kind, name, bits of REGIONS, whether `note_block` is to see it)."""


def _tag(name: str | None) -> _Tag:
    """The tag of any name that the parser gives a node: of no element too, which begins with "-" or "!" or is None."""
    if name is None:
        return _SKIPPED, "", 0, False
    kind = _KINDS.get(name, _SKIPPED if name[0] in "-!" else _BLOCK)
    return kind, name, REGIONS.get(name, 0), name in TIMES or name in ("h1", "hr")


def _numbered(names: Iterable[str]) -> dict[int, _Tag]:
    """The tags of `names` by the parser's number for each, the same in every document for names that HTML knows."""
    document = LexborHTMLParser("")
    return {document.create_node(name).tag_id: _tag(name) for name in names}


_NUMBERED = _numbered(
    [*(name for name in _KINDS if name != "-text"), *REGIONS, "html", "body", "div", "hr", "dt", "dd", "tbody", "tr"]
)
_NOSCRIPT_READ = dict.fromkeys(_numbered(["noscript"]), (_BLOCK, "noscript", 0, False))


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
    Besides: `rules` (the runs that an <hr> stands before), `candidates`, `noscript` (characters inside <noscript>), `depth`
    (elements open at a time, inline ones too).
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
    depth: int = 0

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
    walker = _Walker(facts, marked or {}, {**_NUMBERED, **_NOSCRIPT_READ} if noscript else _NUMBERED.copy())
    root = page.root
    if root is not None:
        walker.run(root)
    return walker.page


class _Walker:
    """The state of one walk: the open elements and the run being gathered."""

    __slots__ = (
        "anchors", "bold", "facts", "inline", "inner", "linked", "links", "marked", "marks", "owner", "page", "parts", "region",
        "strong", "tags",
    )  # fmt: skip

    def __init__(self, facts: Mapping[str, tuple[str, str]], marked: Mapping[int, int], tags: dict[int, _Tag]) -> None:
        self.page = Walked()
        self.facts, self.marked, self.tags = facts, marked, tags
        self.marks: dict[str, Sequence[tuple[str, str]]] = {}  # the facts that a block's class and id state
        self.inline: dict[str, Sequence[tuple[str, str]]] = {}  # those of an inline element's class, or _UNSHOWN
        self.owner, self.region = -1, 0
        self.parts: list[str] = []
        self.inner: list[str] = []
        self.links = self.bold = self.linked = self.anchors = self.strong = 0

    def run(self, root: LexborNode) -> None:
        """Visit every node below `root` without recursion."""
        opened: list[tuple[LexborNode, int]] = []
        parts, tags = self.parts, self.tags
        depth = 0
        node: LexborNode | None = root
        while node is not None:
            tag = tags.get(node.tag_id)
            if tag is None:  # of the document's own naming
                tag = tags[node.tag_id] = _tag(node.tag)
            kind = tag[0]
            if kind == _TEXT:
                if not node.is_empty_text_node:
                    self.text(node.text_content or "")
                elif parts:
                    parts.append((node.text_content or " ") if self.region & PRE else " ")
            elif kind <= _TIME:
                if self.open_block(node, tag) if kind == _BLOCK else self.enter_inline(node, kind):
                    inside = node.first_child
                    if inside is not None:
                        opened.append((node, kind))
                        if len(opened) > depth:
                            depth = len(opened)
                        node = inside
                        continue
                    self.leave(kind)
            elif kind == _BREAK:
                parts.append("\n")
            elif kind == _NOSCRIPT:
                self.page.noscript += len(node.text_lexbor())
            node = node.next
            while node is None and opened:
                node, kind = opened.pop()
                if kind != _PHRASE:
                    self.leave(kind)
                node = node.next
        self.flush()
        self.page.depth = depth

    def text(self, text: str) -> None:
        """Add a text node to the run."""
        # A text that cannot be printed holds a tab or a line break, or a blank of another kind, which stays.
        if ("  " in text or not text.isprintable()) and not self.region & PRE:
            text = _BLANKS.sub(" ", text)
        self.parts.append(text)
        if self.links:
            self.linked += len(text)
        if self.bold:
            self.strong += len(text)

    def enter_inline(self, node: LexborNode, kind: int) -> bool:
        """Note what an inline element says of its text; False where it is not drawn or is taken out by a rule."""
        attributes = node.attributes
        if attributes:
            telling = not _TELLING.isdisjoint(attributes)
            if telling and _is_hidden(attributes):
                return False
            stated: Sequence[tuple[str, str]] = _NO_FACTS
            if mark := attributes.get("class"):
                known = self.inline.get(mark)
                stated = self.class_met(mark) if known is None else known
                if stated is _UNSHOWN:
                    return False
            if self.marked and self.marked.get(node.mem_id) == DROP:
                return False
            if stated or telling:
                self.note_facts(node, stated, attributes)
            if mark:
                self.inner.append(mark)
        if kind == _LINK:
            self.links += 1
            self.anchors += 1
            if "author" in (address := attributes.get("href") or "") and _OF_AUTHOR.search(address):
                self.page.candidates.append(Candidate("byline", "link:author", node, self.owner))
        elif kind == _BOLD:
            self.bold += 1
        elif kind == _SPACED:
            self.parts.append(" ")
        elif kind == _TIME:
            self.page.candidates.append(Candidate("published", "time", node, self.owner))
        return True

    def open_block(self, node: LexborNode, tag: _Tag) -> bool:
        """End the run before a block element and enter it."""
        if self.parts:
            self.flush()
        page, parent = self.page, self.owner
        _, name, bits, noted = tag
        region = self.region | bits
        self.owner = len(page.tags)
        mark = ""
        if attributes := node.attributes:
            mark = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            stated = self.marks.get(mark)
            if stated is None:
                stated = self.marks[mark] = self.stated(mark)
            telling = not _TELLING.isdisjoint(attributes)
            if telling:
                region |= ROLES.get(attributes.get("role") or "", 0)
                if _is_hidden(attributes):
                    region |= HIDDEN
            if stated or telling:
                self.note_facts(node, stated, attributes)
        if self.marked:
            region |= self.marked.get(node.mem_id, 0)
        self.region = region
        page.tags.append(name)
        page.parents.append(parent)
        page.marks.append(mark)
        page.regions.append(region)
        page.starts.append(len(page.texts))
        page.ends.append(-1)
        if noted:
            self.note_block(node, name)
        return True

    def note_block(self, node: LexborNode, name: str) -> None:
        """Remember what a block is by its name alone: a title, a moment, a line between two parts."""
        page = self.page
        if name == "hr":
            page.rules.append(len(page.texts))
        elif name == "h1":
            page.candidates.append(Candidate("title", "h1", node, self.owner))
        else:
            page.candidates.append(Candidate("published", "time", node, self.owner))

    def leave(self, kind: int) -> None:
        """Close an element, a block with the run at its end."""
        if kind == _BLOCK:
            if self.parts:
                self.flush()
            page = self.page
            page.ends[self.owner] = len(page.texts)
            owner = self.owner = page.parents[self.owner]
            self.region = page.regions[owner] if owner >= 0 else 0
        elif kind == _LINK:
            self.links -= 1
        elif kind == _BOLD:
            self.bold -= 1
        elif kind == _SPACED:
            self.parts.append(" ")

    def flush(self) -> None:
        """End the run, and keep it where it holds anything to read."""
        parts, inner = self.parts, self.inner
        if self.region & PRE:
            text = "".join(parts).strip("\n").rstrip()
        elif len(parts) == 1:  # a text folded by itself
            text = parts[0].strip(" \n")
        else:
            text = "".join(parts)
            if "  " in text:
                text = _BLANKS.sub(_folded, text)
            if "\n" in text:
                text = _AROUND_BREAK.sub("\n", text)
            text = text.strip(" \n")
        if text and not text.isspace():
            page, size = self.page, len(text)
            page.texts.append(text)
            page.owners.append(self.owner)
            page.linked.append(self.linked if self.linked < size else size)
            page.anchors.append(self.anchors + (self.links > 0))
            page.strong.append(self.strong if self.strong < size else size)
            page.inner.append(" ".join(inner) if inner else "")
        parts.clear()
        inner.clear()
        self.linked = self.anchors = self.strong = 0

    def class_met(self, mark: str) -> Sequence[tuple[str, str]]:
        """What the class of inline elements says, kept for those that bear the same."""
        found = self.inline[mark] = _UNSHOWN if _for_readers_only(mark) else self.stated(mark)
        return found

    def note_facts(
        self, node: LexborNode, stated: Sequence[tuple[str, str]], attributes: Mapping[str, str | None]
    ) -> None:
        """Remember an element whose class and id (what they `stated`), itemprop or rel say that it states a fact."""
        for fact, place in stated:
            self.page.candidates.append(Candidate(fact, f"class:{place}", node, self.owner))
        for attribute in _STATING:
            if attribute in attributes:
                for fact, place in self.stated(attributes[attribute] or ""):
                    self.page.candidates.append(Candidate(fact, f"{attribute}:{place}", node, self.owner))

    def stated(self, tokens: str) -> Sequence[tuple[str, str]]:
        """The facts and places that the tokens of an attribute name."""
        facts = self.facts
        named = tokens[:200].lower().split()
        return _NO_FACTS if facts.keys().isdisjoint(named) else [facts[token] for token in named if token in facts]


def _for_readers_only(mark: str) -> bool:
    """Whether a class hides text from the screen."""
    lower = mark.lower()
    maybe = "hidden" in lower or "sr-only" in lower or "screen" in lower  # the pattern is slow to say no
    return maybe and _SCREEN_READERS.search(mark) is not None


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
