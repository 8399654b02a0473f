"""NUL and lone surrogates in JSON: PostgreSQL and most readers refuse them, so the edit log writes them as \\uXXXX.

Only strings marked `escaped` are written so; in them a backslash is doubled.
"""

import re

_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_WRITTEN = re.compile(r"\\(\\|u[0-9a-f]{4})")


def escape(text: str) -> tuple[str, bool]:
    r"""`text` as it can stand in JSON, and whether it had to be escaped.

    >>> escape("plain \\ text")
    ('plain \\ text', False)
    >>> escape("a\x00")
    ('a\\u0000', True)
    """
    if not _UNSAFE.search(text):
        return text, False
    return _UNSAFE.sub(lambda m: f"\\u{ord(m[0]):04x}", text.replace("\\", "\\\\")), True


def unescape(text: str, escaped: bool) -> str:
    """The text that `escape` was given."""
    if not escaped:
        return text
    return _WRITTEN.sub(lambda m: "\\" if m[1] == "\\" else chr(int(m[1][1:], 16)), text)
