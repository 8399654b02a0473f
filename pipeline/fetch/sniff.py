"""What bytes are, by how they begin; their label is only an opinion."""

import re

import orjson

SAMPLE = 4096  # bytes looked at
BINARY_SHARE = 0.1  # of control characters, from which bytes are no text in any encoding

# Offset, bytes, reason. First match wins.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "media-pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "media-image"),
    (0, b"GIF87a", "media-image"),
    (0, b"GIF89a", "media-image"),
    (0, b"\xff\xd8\xff", "media-image"),
    (8, b"WEBP", "media-image"),
    (0, b"II*\0", "media-image"),
    (0, b"MM\0*", "media-image"),
    (0, b"\0\0\1\0", "media-image"),
    (4, b"ftypavif", "media-image"),
    (4, b"ftypheic", "media-image"),
    (4, b"ftyp", "media-audio-video"),
    (0, b"ID3", "media-audio-video"),
    (0, b"OggS", "media-audio-video"),
    (0, b"fLaC", "media-audio-video"),
    (0, b"\x1aE\xdf\xa3", "media-audio-video"),
    (8, b"AVI ", "media-audio-video"),
    (8, b"WAVE", "media-audio-video"),
    (0, b"FLV\1", "media-audio-video"),
    (0, b"wOFF", "media-font"),
    (0, b"wOF2", "media-font"),
    (0, b"OTTO\0", "media-font"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "media-office"),
    (0, b"{\\rtf", "media-office"),
    (0, b"Rar!\x1a\7", "media-archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "media-archive"),
    (0, b"\x1f\x8b\x08", "media-archive"),
    (0, b"BZh91AY&SY", "media-archive"),
    (0, b"\xfd7zXZ\0", "media-archive"),
    (0, b"\x28\xb5\x2f\xfd", "media-archive"),
    (0, b"\x7fELF", "media-binary"),
    (0, b"MZ\x90\0", "media-binary"),
    (0, b"\0asm", "media-binary"),
    (0, b"SQLite format 3\0", "media-binary"),
)
_RIFF = frozenset({b"WEBP", b"AVI ", b"WAVE"})
_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis", b"word/", b"xl/", b"ppt/")
_XML_ROOTS = {
    b"rss": "media-feed",
    b"feed": "media-feed",
    b"rdf": "media-feed",
    b"urlset": "media-sitemap",
    b"sitemapindex": "media-sitemap",
    b"svg": "media-image",
}
_XML_ROOT = re.compile(
    rb"\s*(?:<\?[^>]{0,1000}>\s*|<!--.{0,2000}?-->\s*|<!DOCTYPE\s[^>]{0,1000}>\s*)*<(?:\w{1,20}:)?(\w{1,20})",
    re.S | re.I,
)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b") + b"\x7f"
_UTF_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


def sniff(body: bytes, label: str) -> str | None:
    """The reason why these bytes are no page, None where they may be one. `label` is the Content-Type, in lower case."""
    start = body[:SAMPLE].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    return _signature(start) or _xml(start) or _json(start, body, label) or _binary(body[:SAMPLE])


def _signature(start: bytes) -> str | None:
    if start.startswith(b"PK\3\4"):
        return "media-office" if any(mark in start for mark in _OFFICE) else "media-archive"
    for offset, mark, reason in _SIGNATURES:
        if start.startswith(mark, offset) and (mark not in _RIFF or start.startswith(b"RIFF")):
            return reason
    return None


def _xml(start: bytes) -> str | None:
    root = _XML_ROOT.match(start)
    return _XML_ROOTS.get(root[1].lower()) if root else None


def _json(start: bytes, body: bytes, label: str) -> str | None:
    """JSON where the label says so too, or where it parses; a text may well begin with a bracket."""
    if not start.startswith((b"{", b"[")):
        return None
    if "json" in label:
        return "media-json"
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return "media-json" if parsed else None


def _binary(start: bytes) -> str | None:
    """Too many control characters for a text in any encoding; UTF-16 has its NULs in every second place."""
    if not start or start.startswith(_UTF_BOMS):
        return None
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if controls <= BINARY_SHARE * len(start):
        return None
    even, odd = start[::2].count(0), start[1::2].count(0)
    wide = max(even, odd) > 0.2 * len(start) and min(even, odd) < 0.05 * len(start)
    others = controls - start.count(0)
    return None if wide and others <= BINARY_SHARE * len(start) else "media-binary"
