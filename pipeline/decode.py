"""Capture → Decoded: which encoding, and on what evidence."""

from pipeline.document import Decoded


def as_decoded(text: str) -> Decoded:
    return Decoded(text=text, encoding=None, evidence="came as text")


def decode_bytes(body: bytes, content_type: str | None = None, url: str | None = None) -> Decoded:
    return Decoded(text=body.decode("utf-8", "replace"), encoding="utf-8", evidence="draft")
