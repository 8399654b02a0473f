"""Bytes to text in a given encoding: never raises, and says which bytes were no text."""

import codecs
import re
from functools import cache

from pipeline.charset.labels import MULTIBYTE, PYTHON_CODECS, SEVEN_BIT, UTF_16_32
from pipeline.document import Stray

# What `surrogateescape` makes of a byte: U+DC80 stands for 0x80. Here the beginnings of UTF-8 sequences that break off are
# kept together, so that each becomes one U+FFFD, as the Encoding Standard has it.
ESCAPED = re.compile("[\udc80-\udcff]")
BROKEN_UTF_8 = re.compile(
    "\udce0[\udca0-\udcbf]?|\udced[\udc80-\udc9f]?|[\udce1-\udcec\udcee\udcef][\udc80-\udcbf]?"
    "|\udcf0(?:[\udc90-\udcbf][\udc80-\udcbf]?)?|\udcf4(?:[\udc80-\udc8f][\udc80-\udcbf]?)?"
    "|[\udcf1-\udcf3](?:[\udc80-\udcbf]{1,2})?|[\udc80-\udcff]"
)
BAD_IN = 50  # bytes beyond ASCII, for one that is no text
ASCII = bytes(range(128))
CHUNK = 4096  # bytes
SINGLE_BYTE = frozenset(PYTHON_CODECS) - MULTIBYTE - SEVEN_BIT - UTF_16_32 - {"utf-8"}


def read(body: bytes, encoding: str) -> tuple[str, tuple[Stray, ...]]:
    """`body` as text in `encoding` (a name of `labels.PYTHON_CODECS`), and the bytes that are no text in it.

    Each of those stands as U+FFFD in the text. A UTF-8 sequence that breaks off is one U+FFFD with one Stray a byte.

    >>> read(b"caf\\xe9", "utf-8")
    ('caf�', (Stray(offset=3, byte=233),))
    """
    if encoding in SINGLE_BYTE:
        # typeshed knows only mappings here; a string of 256 characters is what the codecs of the standard library pass
        text = codecs.charmap_decode(body, "strict", table(encoding))[0]  # type: ignore[arg-type]
        return text, _undefined(text, body) if "\ufffd" in text else ()
    codec = PYTHON_CODECS[encoding]
    try:
        return body.decode(codec), ()
    except UnicodeDecodeError:
        return _with_strays(body, encoding, codec)


def reads_cleanly(body: bytes, encoding: str) -> bool:
    """Whether `body` is text in `encoding` but for a last character cut short and hardly any stray bytes."""
    single = encoding in SINGLE_BYTE
    # The codecs replace in C what `read` would name in Python.
    text = read(body, encoding)[0] if single else body.decode(PYTHON_CODECS[encoding], "replace")
    cut_short = not single and text.endswith("\ufffd")
    return (text.count("\ufffd") - cut_short) * BAD_IN <= high_bytes(body)


def high_bytes(body: bytes) -> int:
    """How many bytes of `body` are not ASCII."""
    return len(beyond_ascii(body))


def beyond_ascii(body: bytes) -> bytes:
    """The bytes of `body` that are not ASCII. Most stretches of a page have none, which is seen at once."""
    chunks = (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
    return b"".join([chunk.translate(None, ASCII) for chunk in chunks if not chunk.isascii()])


@cache
def table(encoding: str) -> str:
    """The 256 characters of a single-byte encoding; U+FFFD where a byte has none.

    As in the Encoding Standard, the bytes 80–9F that Windows never assigned are C1 controls.
    """
    codec = PYTHON_CODECS[encoding]
    characters = [bytes([byte]).decode(codec, "replace") for byte in range(256)]
    return "".join(chr(b) if c == "\ufffd" and b < 0xA0 else c for b, c in enumerate(characters))


def _undefined(text: str, body: bytes) -> tuple[Stray, ...]:
    return tuple(Stray(m.start(), body[m.start()]) for m in re.finditer("\ufffd", text))


def _with_strays(body: bytes, encoding: str, codec: str) -> tuple[str, tuple[Stray, ...]]:
    if encoding in UTF_16_32 or encoding in SEVEN_BIT:
        return body.decode(codec, "replace"), ()
    try:
        escaped = body.decode(codec, "surrogateescape")
    except UnicodeDecodeError:  # an East Asian sequence that breaks off in an ASCII byte
        return body.decode(codec, "replace"), ()
    broken = BROKEN_UTF_8 if encoding == "utf-8" else ESCAPED
    parts: list[str] = []
    strays: list[Stray] = []
    end = shift = 0
    for found in broken.finditer(escaped):
        parts += [escaped[end : found.start()], "\ufffd"]
        strays += [Stray(found.start() - shift, ord(c) - 0xDC00) for c in found[0]]
        shift += len(found[0]) - 1
        end = found.end()
    return "".join([*parts, escaped[end:]]), tuple(strays)
