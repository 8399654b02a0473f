"""What is no document, told before anything is parsed, in time that grows with the length alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from pipeline.document import Mode, Rejected


@dataclass(frozen=True, slots=True)
class Limits:
    """What the parser may be given: Lexbor takes time proportional to elements × depth and to the square of an element's
    attributes (30,000 nested <div>: 1.4 s; 30,000 attributes: 1.4 s)."""

    characters: int = 20_000_000
    depth: int = 1_000
    attributes: int = 3_000
    work: int = 2_000_000_000


LIMITS = Limits()

# Every alternative ends at the end of the text too, so that no opening is read twice: linear whatever the text.
_TAG = re.compile(
    r"<(?:!--.*?(?:-->|\Z)|(/?)([a-zA-Z][^\s/>]*)"
    # quotes hold a value only behind "="; anywhere else they are part of a name
    r"((?:[^>=\"']+|=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))?|[\"'])*+)(?:>|\Z))",
    re.S,
)
_ATTRIBUTES = re.compile(r"[^\s/=]+(?:\s*=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s\"'>]+))?")
_RAW = re.compile(r"<(script|style|textarea|title|xmp)\b[^>]*(?:\Z|>(?:.*?(?:</\1\s*>|\Z)))", re.S | re.I)
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "option",
        "tr",
        "td",
        "th",
    ]
)
# The first three letters, in lower case, of tags that hold nothing or that end where the next begins. "|32" turns ">" and "/"
# into ">" and "/" and a blank stays one, so that <p> is told from <pre>.
_ENDLESS = np.array(
    [
        int.from_bytes(name, "big")
        for name in (b"img", b"inp", b"lin", b"met", b"br>", b"br ", b"br/", b"hr>", b"hr ", b"hr/", b"li>", b"li ")
    ]
)
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|span|a|table|tr|td|br|hr|h[1-6]|ul|ol|li|article|section|main|nav|header|footer|script|"
    r"style|link|img|form|b|i|em|strong|center|font|blockquote|pre)\b[^<>]{0,2000}>",
    re.I,
)
_WHOLE = re.compile(r"<(?:!doctype\s+html|html|body)\b", re.I)
_SIGNATURES = (
    ("%PDF-", "pdf"),
    ("\x89PNG", "image"),
    ("\ufffdPNG", "image"),
    ("GIF8", "image"),
    ("\xff\xd8\xff", "image"),
    ("\ufffd\ufffd\ufffd\ufffd\x00\x10JFIF", "image"),
    ("PK\x03\x04", "archive"),
    ("\x1f\x8b", "archive"),
    ("\x1f\ufffd", "archive"),
    ("RIFF", "binary"),
    ("\x7fELF", "binary"),
    ("{\\rtf", "rtf"),
)
"""How files that are no text begin, as read byte by byte and as decoded with U+FFFD."""

_MEDIA = re.compile(
    r"^\s*(?:(?P<kind>image|audio|video|font)/|application/(?P<app>pdf|zip|gzip|x-gzip|octet-stream|msword|vnd\.[\w.+-]+|rtf))",
    re.I,
)


_CONTROLS = tuple(map(chr, (*range(9), *range(0x0E, 0x1B), *range(0x1C, 0x20))))
"""What no text holds: 27 of 256 bytes, so that a tenth of random or compressed data is of these, however it is decoded."""


def refuse(text: str, content_type: str | None) -> Rejected | None:
    """Why `text` can be no document, or None."""
    if not text.strip("\ufeff \t\r\n\f\v\u00a0"):
        return _rejected("empty", "nothing but white space")
    head = text[:64].lstrip("\ufeff \t\r\n")
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return _rejected("not-text", f"begins like {kind} data")
    sample = text[:20_000]
    controls = sum(map(sample.count, _CONTROLS))
    unreadable = controls + sample.count("\ufffd")
    if unreadable > 0.1 * len(sample) or controls > 0.03 * len(sample):
        return _rejected("not-text", f"{unreadable} of the first {len(sample)} characters are no text")
    if (declared := _MEDIA.match(content_type or "")) and unreadable and not looks_like_html(text):
        return _rejected("not-text", f"declared as {declared[0].strip()}")
    if len(text) > LIMITS.characters:
        return _rejected("too-large", f"{len(text)} characters; the limit is {LIMITS.characters}")
    return None


def mode_of(text: str, content_type: str | None) -> Mode:
    """Whether `text` has tags. The header decides only where the text leaves it open."""
    if _WHOLE.search(text[:4_000]):
        return "html"
    if content_type and content_type.lower().lstrip().startswith("text/plain"):
        return "text"
    return "html" if looks_like_html(text) else "text"


def looks_like_html(text: str) -> bool:
    """Whether tags are how `text` is written, not what it speaks of: several, or one that opens the text."""
    if _WHOLE.search(text[:4_000]) or _MARKUP.match(text.lstrip("\ufeff \t\r\n")[:3_000]):
        return True
    several = sum(1 for _ in islice(_MARKUP.finditer(text, 0, 200_000), 4))
    return several == 4 and "</" in text


def refuse_markup(html: str) -> Rejected | None:
    """Why `html` is not to be given to the parser, or None."""
    codes = np.frombuffer(html.encode("latin-1", "replace") + b"    ", dtype=np.uint8)
    at = np.flatnonzero(codes == ord("<"))
    if _maybe_deep(codes, at):
        depth = _depth(html)
        if depth > LIMITS.depth or depth * len(at) > LIMITS.work:
            return _rejected("too-deep", f"elements nested {depth} deep; the limit is {LIMITS.depth}")
    most = _most_attributes(html, at)
    if most > LIMITS.attributes:
        return _rejected("too-many-attributes", f"an element with {most} attributes; the limit is {LIMITS.attributes}")
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


def _depth(html: str) -> int:
    """The deepest nesting of elements that need an end tag."""
    depth = deepest = 0
    for match in _TAG.finditer(_RAW.sub("", html)):
        if match[2] is None or match[2].lower() in _VOID or match[3].endswith("/"):
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _most_attributes(html: str, at: npt.NDArray[np.intp]) -> int:
    """The most attributes of a tag that may have more than the limit: one that is long, or any where values hold tags."""
    if html.count('="<') + html.count("='<") <= LIMITS.attributes:
        long = at[np.diff(at, append=len(html)) > 2 * LIMITS.attributes]
        found = (match for start in long.tolist() if (match := _TAG.match(html, start)))
        if _most_of(found) <= LIMITS.attributes:
            return 0
    # What was found may be code: `for (i = 0; i<n; …` of a script looks like a tag.
    return _most_of(_TAG.finditer(_RAW.sub("", html)))


def _most_of(tags: Iterable[re.Match[str]]) -> int:
    """The most attributes of one of `tags`, short ones left out."""
    long = (match[3] for match in tags if match[3] and len(match[3]) > 2 * LIMITS.attributes)
    return max((sum(1 for _ in _ATTRIBUTES.finditer(inside)) for inside in long), default=0)


def _rejected(reason: str, detail: str) -> Rejected:
    return Rejected(stage="strip", reason=reason, detail=detail)
