"""Is this a page at all? Bytes that are something else, and pages that only say that there is no page."""

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.document import Capture, Rejected
from pipeline.fetch import phrases
from pipeline.fetch.page import TooDeep, page_text, parse
from pipeline.fetch.sniff import sniff

QUARANTINED = frozenset({"soft-404", "wall-login", "wall-consent", "wall-challenge"})
"""Reasons that may be wrong or pass: such a page is kept apart and never replaces a good record. The others are no pages."""

FEW_WORDS = 120  # outside links, menus and scripts: with more, there is a text besides the phrase
MARKS_WITHIN = 50_000  # characters; a wall is a short page

_DETAILS = {
    "media-pdf": "a PDF",
    "media-image": "an image",
    "media-feed": "a feed",
    "media-sitemap": "a sitemap",
    "media-archive": "an archive or a compressed file",
    "media-audio-video": "sound or film",
    "media-office": "an office document",
    "media-font": "a font",
    "media-json": "JSON",
    "media-binary": "no text in any encoding",
}
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_HEADING = re.compile(r"<h[12](?:\s[^>]{0,500})?>(.{0,500}?)</h[12]", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^>]*>?")
_SEPARATORS = re.compile(r"\s[-–—|·•:»›/]+\s|[|·•»›]")
_MARKS = re.compile(r"[^\w\s]|_")
_PASSWORD = re.compile(r"type\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN_PATH = re.compile(phrases.LOGIN_PATHS, re.IGNORECASE)
_CONSENT_PLACE = re.compile(phrases.CONSENT_PLACES, re.IGNORECASE)
_NO_TEXT = (
    "script, style, noscript, template, nav, header, footer, aside, a, button, select, option, label, title, head"
)


def gate(capture: Capture) -> Rejected | None:
    """None where `capture` may be a page; else why not.

    Reasons: "media-pdf", "media-image", "media-feed", "media-sitemap", "media-archive", "media-audio-video", "media-office",
    "media-font", "media-json", "media-binary", "empty", and those in QUARANTINED.
    """
    label = (capture.content_type or "").lower()
    if not capture.body.strip():
        return _rejected(capture, "empty", "nothing but blanks")
    reason = sniff(capture.body, label)
    if reason:
        return _rejected(capture, reason, f"{_DETAILS[reason]}, labelled {label or 'nothing'}")
    return _sent_home(capture) or _wall(capture)


def _sent_home(capture: Capture) -> Rejected | None:
    """A page deep in the site that redirects to its front page is no longer there."""
    if len(capture.url_chain) < 2:
        return None
    asked, came = urlsplit(capture.url_chain[0]), urlsplit(capture.url_chain[-1])
    if asked.path.strip("/") and not came.path.strip("/") and not came.query:
        return _rejected(capture, "soft-404", f"redirected to the front page {capture.url_chain[-1]}")
    return None


@dataclass(frozen=True, slots=True)
class _Signs:
    """What a page says of itself at a glance: the parts of its title and its first headings, folded."""

    said: frozenset[str]
    text: str
    url: str
    redirected: bool


def _wall(capture: Capture) -> Rejected | None:
    text = page_text(capture)
    signs = _Signs(_said(text), text, capture.url or "", len(capture.url_chain) > 1)
    suspect = _suspect(signs, dict(capture.headers))
    if suspect is None:
        return None
    reason, detail = suspect
    words = _own_words(text)
    return _rejected(capture, reason, f"{detail}, and {words} words besides") if words < FEW_WORDS else None


def _said(text: str) -> frozenset[str]:
    """The parts of the title and the first headings, without case, marks and markup."""
    title = _TITLE.search(text)
    found = [title[1], *_SEPARATORS.split(title[1])] if title else []
    found += [match[1] for match in _HEADING.finditer(text[:200_000])][:3]
    return frozenset(_folded(part) for part in found) - {""}


def _folded(text: str) -> str:
    """For comparing with the phrases.

    >>> _folded("<b>Oops!</b> That page can&#8217;t be found.")
    'oops that page cant be found'
    """
    plain = html.unescape(_TAGS.sub(" ", text)).replace("’", "").replace("'", "")
    return " ".join(_MARKS.sub(" ", plain).casefold().split())


def _suspect(signs: _Signs, headers: dict[str, str]) -> tuple[str, str] | None:
    """The wall this may be, and by what sign."""
    if headers.get("cf-mitigated") == "challenge":
        return "wall-challenge", "the server says it is a challenge"
    if said := signs.said & phrases.CHALLENGE:
        return "wall-challenge", f"it says {_quoted(said)}"
    lower = signs.text[:MARKS_WITHIN].lower()
    if mark := next((mark for mark in phrases.CHALLENGE_MARKS if mark in lower), None):
        return "wall-challenge", f"its markup has {mark!r}"
    if said := signs.said & phrases.NOT_FOUND:
        return "soft-404", f"it says {_quoted(said)}"
    asks = signs.said & phrases.LOG_IN or (signs.redirected and _LOGIN_PATH.search(signs.url))
    if asks and _PASSWORD.search(signs.text):
        return "wall-login", "it asks for a password"
    if said := signs.said & phrases.CONSENT:
        return "wall-consent", f"it says {_quoted(said)}"
    if signs.redirected and _CONSENT_PLACE.search(signs.url):
        return "wall-consent", f"it came from {signs.url[:100]}"
    return None


def _quoted(said: frozenset[str]) -> str:
    return " and ".join(f"“{phrase}”" for phrase in sorted(said))


def _own_words(text: str) -> int:
    """Words of the page that are neither links nor menus."""
    try:
        tree = parse(text)
    except TooDeep:
        return FEW_WORDS
    tree.strip_tags(_NO_TEXT.split(", "))
    return len(_body_text(tree).split())


def _body_text(tree: LexborHTMLParser) -> str:
    return tree.body.text(separator=" ") if tree.body else ""


def _rejected(capture: Capture, reason: str, detail: str) -> Rejected:
    return Rejected(stage="fetch", reason=reason, detail=detail, url=capture.url, sha256=capture.sha256)
