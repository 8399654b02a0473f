"""What is no document, told before anything is parsed, in time that grows with the length alone."""

import re
from itertools import islice

from pipeline.document import Mode, Rejected

CHARACTERS = 20_000_000
"""The longest text that is read at all."""

_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|span|a|table|tr|td|br|hr|h[1-6]|ul|ol|li|article|section|main|nav|header|footer|script|"
    r"style|link|img|form|b|i|em|strong|center|font|blockquote|pre)\b[^<>]{0,2000}>",
    re.I,
)
_SOMETHING = re.compile(r"[^\ufeff \t\r\n\f\v\u00a0]")
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


_CONTROLS = bytes((*range(9), *range(0x0E, 0x1B), *range(0x1C, 0x20)))
"""What no text holds: 27 of 256 bytes, so that a tenth of random or compressed data is of these, however it is decoded."""


def refuse(text: str, content_type: str | None) -> Rejected | None:
    """Why `text` can be no document, or None."""
    if not _SOMETHING.search(text):
        return rejected("empty", "nothing but white space")
    head = text[:64].lstrip("\ufeff \t\r\n")
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return rejected("not-text", f"begins like {kind} data")
    sample = text[:20_000]
    data = sample.encode("utf-8", "replace")
    controls = len(data) - len(data.translate(None, _CONTROLS))
    unreadable = controls + sample.count("\ufffd")
    if unreadable > 0.1 * len(sample) or controls > 0.03 * len(sample):
        return rejected("not-text", f"{unreadable} of the first {len(sample)} characters are no text")
    if (declared := _MEDIA.match(content_type or "")) and unreadable and not looks_like_html(text):
        return rejected("not-text", f"declared as {declared[0].strip()}")
    if len(text) > CHARACTERS:
        return rejected("too-large", f"{len(text)} characters; the limit is {CHARACTERS}")
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


def rejected(reason: str, detail: str) -> Rejected:
    return Rejected(stage="strip", reason=reason, detail=detail)
