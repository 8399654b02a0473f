"""What the parser is not given: pages nested too deep or with too many attributes, told in time that grows with the length alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.document import Rejected
from pipeline.strip.gate import rejected


@dataclass(frozen=True, slots=True)
class Limits:
    """What the parser may be given: Lexbor takes time proportional to elements × depth and to the square of an element's
    attributes (30,000 nested <div>: 1.4 s; 30,000 attributes: 1.4 s)."""

    depth: int = 1_000
    attributes: int = 3_000
    work: int = 2_000_000_000


LIMITS = Limits()

# Every alternative ends at the end of the text too, so that no opening is read twice: linear whatever the text.
_TAG = re.compile(
    rb"<(?:!--.*?(?:-->|\Z)|(/?)([a-zA-Z][^\s/>]*)"
    # quotes hold a value only behind "="; anywhere else they are part of a name
    rb"((?:[^>=\"']+|=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))?|[\"'])*+)(?:>|\Z))",
    re.S,
)
_ATTRIBUTES = re.compile(rb"[^\s/=]+(?:\s*=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s\"'>]+))?")
_RAW = re.compile(rb"<(script|style|textarea|title|xmp)\b[^>]*(?:\Z|>(?:.*?(?:</\1\s*>|\Z)))", re.S | re.I)
_VOID = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th".split()
)
# The first three letters, in lower case, of tags that hold nothing or that end where the next begins. "|32" turns ">" and "/"
# into ">" and "/" and a blank stays one, so that <p> is told from <pre>.
_ENDLESS = np.array(
    [
        int.from_bytes(name, "big")
        for name in (b"img", b"inp", b"lin", b"met", b"br>", b"br ", b"br/", b"hr>", b"hr ", b"hr/", b"li>", b"li ")
    ]
)


def refuse(html: bytes) -> Rejected | None:
    """Why `html`, in UTF-8, is not to be given to the parser, or None."""
    codes = np.frombuffer(html + b"    ", dtype=np.uint8)
    at = np.flatnonzero(codes == ord("<"))
    if len(at) > LIMITS.depth and _maybe_deep(codes, at):
        depth = _depth(html)
        if depth > LIMITS.depth or depth * len(at) > LIMITS.work:
            return rejected("too-deep", f"elements nested {depth} deep; the limit is {LIMITS.depth}")
    most = _most_attributes(html, codes, at)
    if most > LIMITS.attributes:
        return rejected("too-many-attributes", f"an element with {most} attributes; the limit is {LIMITS.attributes}")
    return None


def _maybe_deep(codes: npt.NDArray[np.uint8], at: npt.NDArray[np.intp]) -> bool:
    """Whether tags opened (at `at`, every "<") outnumber tags closed anywhere by more than the limit, told without reading what
    is between them: never less than the depth, more where scripts and comments hold tags."""
    closing = codes[at + 1] == ord("/")
    name = at + 1 + closing
    letters = (codes[name] | 32, codes[name + 1] | 32, codes[name + 2] | 32)
    begins = (letters[0] >= ord("a")) & (letters[0] <= ord("z"))
    key = letters[0].astype(np.int64) << 16 | letters[1].astype(np.int64) << 8 | letters[2]
    paragraph = (letters[0] == ord("p")) & ((letters[1] == ord(">")) | (letters[1] == ord(" ")))
    counted = begins & ~paragraph & ~np.isin(key, _ENDLESS)
    depth = np.cumsum(np.where(counted, np.where(closing, -1, 1), 0))
    return bool(len(depth)) and bool((depth - np.minimum.accumulate(np.minimum(depth, 0))).max() > LIMITS.depth)


def _depth(html: bytes) -> int:
    """The deepest nesting of elements that need an end tag."""
    depth = deepest = 0
    for match in _TAG.finditer(_RAW.sub(b"", html)):
        if match[2] is None or match[2].lower() in _VOID or match[3].endswith(b"/"):
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _most_attributes(html: bytes, codes: npt.NDArray[np.uint8], at: npt.NDArray[np.intp]) -> int:
    """The most attributes of a tag that may have more than the limit: one that is long, or any where values hold tags."""
    quoted = (codes[at - 2] == ord("=")) & ((codes[at - 1] == ord('"')) | (codes[at - 1] == ord("'")))
    if np.count_nonzero(quoted) <= LIMITS.attributes:
        long = at[np.diff(at, append=len(html)) > 2 * LIMITS.attributes]
        found = (match for start in long.tolist() if (match := _TAG.match(html, start)))
        if _most_of(found) <= LIMITS.attributes:
            return 0
    # What was found may be code: `for (i = 0; i<n; …` of a script looks like a tag.
    return _most_of(_TAG.finditer(_RAW.sub(b"", html)))


def _most_of(tags: Iterable[re.Match[bytes]]) -> int:
    """The most attributes of one of `tags`, short ones left out."""
    long = (match[3] for match in tags if match[3] and len(match[3]) > 2 * LIMITS.attributes)
    return max((sum(1 for _ in _ATTRIBUTES.finditer(inside)) for inside in long), default=0)
