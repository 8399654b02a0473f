"""Is this a page at all? Bytes that are something else, and pages that only say that there is no page."""

from pipeline.document import Capture, Rejected

QUARANTINED = frozenset({"soft-404", "wall-login", "wall-consent", "wall-challenge"})
"""Reasons that may be wrong or pass: such a page is kept apart and never replaces a good record. The others are no pages."""


def gate(capture: Capture) -> Rejected | None:
    """None where `capture` may be a page; else why not.

    Reasons: "media-pdf", "media-image", "media-feed", "media-sitemap", "media-archive", "media-audio-video", "media-office",
    "media-font", "media-json", "media-binary", "empty", and those in QUARANTINED.
    """
    raise NotImplementedError
