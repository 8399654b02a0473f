"""Which document a page is: the key of its URL, and how alike two texts are."""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

PERMUTATIONS, SEED, SHINGLE, READ = 128, 20201118, 4, 50_000
_TABLE = Path(__file__).parent.parent / "data" / "tracking_parameters.txt"
_HOST = re.compile(r"^(?:(?:www\d?|m|mobile|amp|wap|touch)\.)+(?=[^.]+\.)")
_MOBILE_EDITION = re.compile(r"^(?P<edition>[a-z]{2,3})\.m\.(?=[^.]+\.)")  # en.m.wikipedia.org
_PATHS = (
    (re.compile(r"/{2,}"), "/"),
    (re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp)$", re.I), "/"),
    (re.compile(r"^/amp(?=/)|/amp(?:\.html)?/?$|\.amp(?=(?:\.html?)?$)|(?<=\.)amp\.(?=html?$)", re.I), ""),
    (re.compile(r"/(?:print|printable|print-view|printview|version-imprimable|imprimer|drucken)/?$", re.I), ""),
    (re.compile(r"^/(?:print|mobile|m)(?=/.)", re.I), ""),
    (
        re.compile(
            r"/(?:print|printable|printer|print_page|printpage|version_print)\.(?:php|aspx?|html?|jsp|cgi)$", re.I
        ),
        "/",
    ),
    (re.compile(r"/+$"), ""),
)
"""Ends of paths that name a view of the document, and what stands for them; applied in this order."""

_WORDS = re.compile(r"\w+")


def document_id(canonical: str | None, url: str | None, sha256: str) -> str:
    """The id of a record: "url:" and 32 hexadecimal digits of its URL's key, or "sha256:" of the input where there is no URL."""
    key = url_key(canonical or url or "")
    return f"url:{hashlib.sha256(key.encode()).hexdigest()[:32]}" if key else f"sha256:{sha256}"


def url_key(url: str) -> str:
    """What tells a URL's document from others: host, path and query without what only names a view of it or a way to it.

    Folded are: http and https, www and mobile hosts, default ports, trailing slashes, index pages, print and AMP views, fragments,
    the order of parameters, and parameters that track readers. "" where `url` is no web address.

    >>> url_key("http://www.example.org/print.php?idn=25915&utm_source=x") == url_key("https://example.org/?idn=25915#top")
    True
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    dropped = _tracking()
    query = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _matches(name.lower(), value.lower(), dropped)
    )
    place = _MOBILE_EDITION.sub(r"\g<edition>.", _HOST.sub("", host.rstrip("."))) + (
        f":{port}" if port and port not in (80, 443) else ""
    )
    return f"{place}{_path(parts.path)}" + (f"?{urlencode(query)}" if query else "")


def _path(path: str) -> str:
    path = unquote(path, errors="surrogateescape").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    for pattern, replacement in _PATHS:
        path = pattern.sub(replacement, path)
    return path


def _matches(name: str, value: str, dropped: frozenset[str]) -> bool:
    """Whether a parameter is listed: by its name, by "name=value", or by the beginning of its name ("utm_*")."""
    return name in dropped or f"{name}={value}" in dropped or f"{name.partition('_')[0]}_*" in dropped


@lru_cache(maxsize=1)
def _tracking() -> frozenset[str]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def signature(text: str, least: int = SHINGLE) -> tuple[int, ...]:
    """128 MinHash values (32 bits) of the four-word shingles of `text`, by which `similarity` compares texts unread.

    The first 50,000 code points are read, which bounds the cost. Empty for a text of fewer than `least` words.
    """
    words = _WORDS.findall(text[:READ].casefold())
    if len(words) < max(least, SHINGLE):
        return ()
    shingles = set(map(" ".join, zip(*(words[at:] for at in range(SHINGLE)), strict=False)))
    return tuple(_minhash(shingles).digest())


def similarity(first: tuple[int, ...], second: tuple[int, ...]) -> float:
    """The estimated share of shingles that two texts have in common (Jaccard, ± 0.09 at 0.5), from their signatures."""
    if not first or not second:
        return 0.0
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def _minhash(shingles: Iterable[str]) -> Any:
    from rensa import RMinHash  # compiled; only the store compares documents

    found = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    found.update(list(shingles))
    return found
