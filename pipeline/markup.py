"""What the parser is not given: pages it would take long over, told in time that grows with the length alone."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

Codes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read. Lexbor takes time proportional to elements × depth and to the square of an element's attributes (30,000
    nested <div>: 1.4 s; 30,000 attributes: 1.4 s), and opens <b>, <font> and their like again in every block until they are
    closed, as HTML has it (900 <font>, 900 <p>, 19 kB: 300 MB). So it is not asked where an element may have more than
    `attributes`, or tags × depth be above `work`, or tags × elements to be opened again above `again`; the last two are only
    counted where there are more than `tags`, or as many that it matters. Attributes are told for certain where there are more than
    `large` bytes, which have room for a quarter of a minute of them. `depth` is that of the tree it made."""

    depth: int = 1_000
    attributes: int = 3_000
    tags: int = 20_000
    work: int = 500_000_000
    again: int = 2_000_000
    large: int = 400_000


LIMITS = Limits()

# What follows a tag's name, as HTML reads it: quotes hold a value only right behind the "=" of a name; elsewhere they are letters.
# Every alternative ends at the end of the text too, so that no opening is read twice: linear whatever the text.
_VALUE = rb"\s*=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s\"'>][^\s>]*)?"
_INSIDE = rb"((?:[\s/]+|[^\s/>][^\s/>=]*(?:" + _VALUE + rb")?)*+)"
_TAG = re.compile(rb"<(?:!--(?:-?>|.*?(?:--!?>|\Z))|(/?)([a-zA-Z][^\s/>]*)" + _INSIDE + rb"(?:>|\Z))", re.S)
_ATTRIBUTES = re.compile(rb"[^\s/>][^\s/>=]*(?:" + _VALUE + rb")?")
_RAW_ENDS = {
    name: re.compile(rb"</" + name + rb"[\s/>]", re.I)
    for name in (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes")
}
_EMPTY = frozenset(b"area base br col embed hr img input link meta option param source track wbr".split())
"""Elements that hold nothing, or text alone."""

_UNENDED = frozenset([b"p", b"li", b"dt", b"dd", b"tr", b"td", b"th"])
"""Elements that end where the next begins: they do not nest by themselves."""

_CLOSING = frozenset(
    b"address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer header hgroup "
    b"main menu nav object ol pre search section summary table template ul".split()
)
"""Elements whose end tag ends what is open inside them as well."""

_AGAIN = frozenset(
    [b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt", b"u"]
)
"""Elements that are opened again in every block until they are closed, three alike at most. (An <a> closes the one before.)"""

_TAG_AGAIN = re.compile(
    rb"<(" + b"|".join(sorted(_AGAIN)) + rb")(?=[\s/>])"
    # as people write it: without a "<" or ">" in a value, so that where the tag ends is beyond doubt
    rb"((?:\s+[^\s\"'<>/=]+(?:=(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))?)*+\s*/?>)?",
    re.I,
)

_SCOPES = frozenset(
    b"annotation-xml applet caption desc foreignobject html marquee mi mn mo ms mtext object select table template title".split()
)
"""Elements out of which no end tag but their own reaches."""

_FOREIGN = frozenset([b"svg", b"math"])
_NOT_FOREIGN = frozenset(
    b"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p "
    b"pre ruby s small span strong strike sub sup table tt u ul var".split()
)
"""Elements of HTML that end an <svg> or <math> they stand in; "/>" ends none of them."""


class Refusal(NamedTuple):
    """Why a page is not read: a short reason, and the figures."""

    reason: str
    detail: str


def parse(text: str) -> LexborHTMLParser | Refusal:
    """The tree of a page, or why the parser is not given it. Lone surrogates are left out."""
    html = text.encode("utf-8", "ignore")
    return refuse(html) or LexborHTMLParser(html)


def refuse(html: bytes) -> Refusal | None:
    """Why `html`, in UTF-8, is not to be given to the parser, or None."""
    codes = np.frombuffer(html, dtype=np.uint8)
    at = np.flatnonzero(codes == ord("<"))
    if len(at) > LIMITS.tags or _again_at_most(html, codes, at) * len(at) > LIMITS.again:
        opened = read_tags(html)
        if opened.deepest * len(at) > LIMITS.work:
            return too_deep(opened.deepest)
        if opened.most_again * len(at) > LIMITS.again:
            return Refusal("too-deep", f"{opened.most_again} elements left open to begin again in {len(at)} others")
        most = opened.most_attributes
    else:
        most = _most_attributes(html, codes, at)
    if most > LIMITS.attributes:
        return Refusal("too-many-attributes", f"an element with {most} attributes; the limit is {LIMITS.attributes}")
    return None


def too_deep(depth: int) -> Refusal:
    """The refusal of a page whose elements are nested `depth` deep."""
    return Refusal("too-deep", f"elements nested {depth} deep; the limit is {LIMITS.depth}")


def _again_at_most(html: bytes, codes: Codes, at: Places) -> int:
    """How many elements may be waiting to be opened again, were none ever closed; `at` is every "<"."""
    if len(at) ** 2 <= 4 * LIMITS.again:  # half of them opened again in the other half
        return 0
    first, second = (codes.take(at + place, mode="clip").astype(np.intp) for place in (1, 2))
    begun = int(np.count_nonzero(_BEGIN_AGAIN[first << 8 | second]))
    if begun * len(at) <= LIMITS.again:
        return begun
    alike = Counter(_TAG_AGAIN.findall(html))
    return sum(min(3, count) if inside else count for (_, inside), count in alike.items())


def _beginnings(names: Iterable[bytes]) -> npt.NDArray[np.bool_]:
    """For each two bytes, whether one of `names`, in any case, begins with them or is the first of them alone."""
    table = np.zeros((256, 256), dtype=np.bool_)
    letters = np.array([bytes([code]).isalpha() for code in range(256)])
    for name in names:
        for first in (name[0], name[0] - 32):
            if len(name) == 1:
                table[first] |= ~letters
            else:
                table[first, [name[1], name[1] - 32]] = True
    return table.reshape(-1)


_BEGIN_AGAIN = _beginnings(_AGAIN)


def read_tags(html: bytes) -> "Opened":
    """The elements of a page as its tags tell, without a tree: bounds of what may be open, seldom much above it. Only end tags
    that surely end an element count: those of the innermost element, or of a block that no table or the like stands between."""
    opened = Opened()
    position = 0
    while match := _TAG.search(html, position):
        position = match.end()
        if match[2] is None:
            continue
        opened.most_attributes = max(opened.most_attributes, _attributes(match))
        if (name := match[2].lower()) in _EMPTY:
            continue
        if name in _UNENDED:
            opened.unended(begins=not match[1])
        elif match[1]:
            opened.end(name)
        elif opened.raw and (raw := _RAW_ENDS.get(name)):
            ends = raw.search(html, position)
            position = ends.start() if ends else len(html)
        else:
            opened.begin(name, match[3])
    return opened


class Opened:
    """The elements that may be open. Each is taken off once: time in proportion to the tags.

    `most_again` is the most that were to be opened again in every block, `most_attributes` the most of one tag that has many.
    """

    def __init__(self) -> None:
        self.most_again = 0
        self.most_attributes = 0
        self._most_open = 0
        self._lost = 0  # of those to be opened again, how many ended with a block; each may be left open when it is
        self._open: list[tuple[bytes, bytes]] = []  # name and what follows it in the tag
        self._places: dict[bytes, list[int]] = {}
        self._scopes: list[int] = [-1]
        self._worlds: list[tuple[int, bool]] = [(-1, False)]  # where an <svg>, a <math> or HTML inside one begins
        self._alike: Counter[tuple[bytes, bytes]] = Counter()
        self._again = 0
        self._covered = 0  # how many elements were open when one of _UNENDED began that has not ended

    @property
    def deepest(self) -> int:
        """The most that were open at a time."""
        return self._most_open + self._lost

    @property
    def foreign(self) -> bool:
        """Whether what begins now is no HTML: inside <svg> or <math>, where "/>" ends an element."""
        return self._worlds[-1][1]

    @property
    def raw(self) -> bool:
        """Whether <script> and its like surely hold no tags here: in <svg> and <math> they do, elsewhere they may be left out."""
        return len(self._worlds) == 1 and not self._places.get(b"select") and not self._places.get(b"frameset")

    def begin(self, name: bytes, inside: bytes) -> None:
        """A tag begins an element."""
        while self.foreign and name in _NOT_FOREIGN:
            self._take()
        if self.foreign and name == b"font":  # ends it where it has certain attributes
            self._worlds[-1] = (self._worlds[-1][0], False)
        if inside.endswith(b"/") and (self.foreign or name in _FOREIGN):
            return
        place = len(self._open)
        if name in _FOREIGN:
            self._worlds.append((place, True))
        elif name in _SCOPES:
            self._scopes.append(place)
            if self.foreign:
                self._worlds.append((place, False))
        self._open.append((name, inside))
        self._places.setdefault(name, []).append(place)
        self._most_open = max(self._most_open, place + 1)
        if name in _AGAIN:
            self._count(name, inside, 1)

    def unended(self, *, begins: bool) -> None:
        """An element that need not be ended begins or ends: no <span> outside it ends before it."""
        self._covered = len(self._open) if begins else 0

    def end(self, name: bytes) -> None:
        """An end tag, of an element that it surely ends or of none."""
        places = self._places.get(name)
        if not places or (self._covered == len(self._open) and name not in _CLOSING):
            return
        last, begun = len(self._open) - 1, places[-1]
        reached = self._worlds[-1][0] if self.foreign else self._scopes[-1]
        if self.foreign and begun < reached:
            self._worlds[-1] = (reached, False)  # it may end the <svg> too
        if begun == last:
            if name in _AGAIN:
                self._count(*self._open[-1], -1)
            self._lost -= name in _AGAIN or name == b"a"
            self._take()
        elif begun >= reached and (self.foreign or name in _CLOSING):
            for _ in range(begun, last + 1):
                self._take()

    def _take(self) -> None:
        self._covered = 0
        name, _ = self._open.pop()
        self._lost += name in _AGAIN or name == b"a"
        place = self._places[name].pop()
        if self._scopes[-1] == place:
            self._scopes.pop()
        if self._worlds[-1][0] == place:
            self._worlds.pop()

    def _count(self, name: bytes, inside: bytes, more: int) -> None:
        """Count an element to be opened again, `more` or less, three alike at most."""
        before = min(3, self._alike[name, inside])
        self._alike[name, inside] += more
        self._again += min(3, self._alike[name, inside]) - before
        self.most_again = max(self.most_again, self._again)


def _most_attributes(html: bytes, codes: Codes, at: Places) -> int:
    """The most attributes of a tag, 0 where none can have more than the limit; `at` is every "<"."""
    doubtful = np.diff(at, append=len(html)) > 2 * LIMITS.attributes
    if len(html) > LIMITS.large:
        doubtful |= ~_surely_end(codes, at)
    unread = len(html)
    for start in at[doubtful].tolist():
        if match := _TAG.match(html, start):
            unread -= match.end() - start
            # What was found may be code: `for (i = 0; i<n; …` of a script looks like a tag.
            if unread < 0 or _attributes(match) > LIMITS.attributes:
                return read_tags(html).most_attributes
    return 0


def _attributes(tag: re.Match[bytes]) -> int:
    """How many attributes a match of `_TAG` has, 0 where it is too short for more than the limit."""
    if len(tag[3] or b"") <= 2 * LIMITS.attributes:
        return 0
    return sum(1 for _ in _ATTRIBUTES.finditer(tag[3]))


def _surely_end(codes: Codes, at: Places) -> npt.NDArray[np.bool_]:
    """For each "<" (`at`) whether a tag that begins there surely ends before the next, whatever stands around it.

    Read from the order of "<", ">", "=" and quotes alone; what is in doubt is left to `_TAG`. A value in quotes follows the only
    "=" since the value before it, which a letter of the name precedes; without a blank before it the name would be the tag's.
    """
    tells = codes == ord("<")
    for code in b">=\"'":
        tells |= codes == code
    places = np.flatnonzero(tells)
    telling = codes.take(places)
    equals = np.flatnonzero(telling == ord("="))
    at_equals = places.take(equals)
    before, after = codes.take(at_equals - 1, mode="clip"), codes.take(at_equals + 1, mode="clip")
    names = equals[_OF_NAMES.take(before) & ((after == ord('"')) | (after == ord("'")))]
    telling[names] = _NAMED
    first = names[telling[names - 1] == ord("<")]
    start, length = places[first - 1], places[first] - places[first - 1]
    shown = codes.take(start[:, None] + np.arange(1, _TAG_NAME), mode="clip") <= ord(" ")
    parted = shown.any(axis=1) & (shown.argmax(axis=1) + 1 < length)
    telling[first[~parted]] = ord("=")
    left = np.frombuffer(_SURE.sub(_ENDED, telling.tobytes()), dtype=np.uint8)
    return np.asarray(left[(left == ord("<")) | (left == _ENDED[0])] == _ENDED[0])


_TAG_NAME = 16
"""Characters in which the name of a tag ends, or the tag is in doubt."""

_NAMED, _ENDED = ord("n"), b"e"
_SURE = re.compile(rb"<(?:n\"[^\"<]*\"|n'[^'<]*')*=*>")
_OF_NAMES = np.array([bytes([code]).isalnum() or code in b"-_" for code in range(256)])
