"""chardetng, as it needs to be asked."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from chardetng_py import EncodingDetector

from pipeline.charset.labels import lookup

HIGH = re.compile(rb"[\x80-\xff]")
FED = 131_072  # bytes: more change no verdict and cost 60 ns each
LABEL = re.compile("[a-z0-9-]{1,63}")


class Guess(NamedTuple):
    """What the detector takes the encoding for, and whether it preferred it to something else."""

    encoding: str
    sure: bool


def guess(body: bytes, url: str | None) -> Guess:
    """The encoding of `body`, for which nothing is valid UTF-8 any more; the URL's top-level domain counts.

    `last=False`: a body cut inside a character must not look like something else.
    """
    first = HIGH.search(body)
    start = max(first.start() - 256, 0) if first else 0
    detector = EncodingDetector()
    detector.feed(body[start : start + FED], last=False)
    name, sure = detector.guess_assess(tld=top_level_domain(url), allow_utf8=False)
    return Guess(lookup(name) or "windows-1252", sure)


def top_level_domain(url: str | None) -> bytes | None:
    """The last label of the URL's host, in Punycode; None where there is none.

    >>> top_level_domain("https://пример.рф/новости"), top_level_domain("http://[::1]/")
    (b'xn--p1ai', None)
    """
    try:
        host = urlsplit(url or "").hostname or ""
        name = host.rstrip(".").rpartition(".")[2].lower()
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    return name.encode("ascii") if LABEL.fullmatch(name) and not name.isdigit() else None
