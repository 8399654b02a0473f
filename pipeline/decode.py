"""Capture → Decoded: which encoding, and on what evidence.

The first that decides: a byte order mark · the NUL bytes of UTF-16 or UTF-32 · valid UTF-8, a few stray bytes allowed · an
override by the source · the labels that read the bytes cleanly, header before page, the detector voting where they disagree or
where one is all but certainly wrong · the detector.
"""

import codecs
from typing import NamedTuple

from pipeline.charset.declared import Label, labels
from pipeline.charset.detector import Guess, guess
from pipeline.charset.labels import FAMILY, MULTIBYTE, SEVEN_BIT, lookup
from pipeline.charset.overruling import overrules
from pipeline.charset.reading import beyond_ascii, high_bytes, read, reads_cleanly
from pipeline.document import Decoded

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
# Places of a group of four bytes that are NUL in ASCII characters, and places that are not.
NULL_PATTERNS = (
    ("utf-32le", (1, 2, 3), (0,)),
    ("utf-32be", (0, 1, 2), (3,)),
    ("utf-16le", (1, 3), (0, 2)),
    ("utf-16be", (0, 2), (1, 3)),
)
NULLS_SAMPLED = 4096  # bytes
NULLS_AT_LEAST, NULLS_AT_MOST = 0.1, 0.01  # of the bytes in such a place: even a Chinese page has its markup in ASCII

UTF_8_PROVEN = 4  # multibyte characters, valid by chance in no legacy page of the benchmark
UTF_8_SHARE = 0.6  # of the sequences beyond ASCII; a page pasted together from two encodings has more than half
SIGNS = "\u00a0©®«»°·×–—‘’“”„•…€™"  # what templates put into any page


class Verdict(NamedTuple):
    """An encoding, and the sentence that says why; `text` is the whole body read in it, where finding out took that."""

    encoding: str
    evidence: str
    text: str | None = None


def as_decoded(text: str) -> Decoded:
    """`text` that came as text: nothing to decide."""
    return Decoded(text=text, encoding=None, evidence="It came as text; nothing was decoded.")


def decode_bytes(
    body: bytes, content_type: str | None = None, url: str | None = None, *, encoding_override: str | None = None
) -> Decoded:
    """`body` as text, with the encoding it was read in, why, and the bytes that were no text in it.

    `content_type` is the header (or a bare label), `url` where the body came from, `encoding_override` a label that wins
    over all that pages declare (but not over bytes that are UTF-8 beyond doubt: what was saved from the site may be). Never
    raises: what cannot be read is U+FFFD. A byte order mark is no part of the text.
    """
    for mark, marked in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], Verdict(marked, f"A byte order mark says {marked}."))
    if nulls := _by_nulls(body):
        return _decoded(body, nulls)
    if encoding_override and (encoding := lookup(encoding_override)):
        set_by_source = Verdict(encoding, f"The source's settings say {encoding}.")
        return _decoded(body, _by_utf_8(body, ()) or set_by_source)
    declared = labels(body, content_type)
    return _decoded(body, _by_utf_8(body, declared) or _by_labels(body, declared, url))


def _decoded(body: bytes, verdict: Verdict) -> Decoded:
    text, strays = read(body, verdict.encoding) if verdict.text is None else (verdict.text, ())
    evidence = verdict.evidence
    if strays:
        evidence += f" {_count(len(strays), 'byte')} could not be read in it and became U+FFFD."
    return Decoded(text=text, encoding=verdict.encoding, evidence=evidence, strays=strays)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _by_nulls(body: bytes) -> Verdict | None:
    """UTF-16 and UTF-32 without a mark: in their ASCII characters, always the same bytes are NUL."""
    sample = body[:NULLS_SAMPLED]
    if b"\0" not in sample:
        return None
    nulls = [sample[place::4].count(0) * 4 / len(sample) for place in range(4)]
    for encoding, zero, other in NULL_PATTERNS:
        fits = min(nulls[p] for p in zero) >= NULLS_AT_LEAST and max(nulls[p] for p in other) <= NULLS_AT_MOST
        if fits and reads_cleanly(body, encoding):
            return Verdict(encoding, f"Nothing marks it, but its NUL bytes stand where {encoding} has them.")
    return None


def _by_utf_8(body: bytes, declared: tuple[Label, ...]) -> Verdict | None:
    """UTF-8 for what is ASCII or valid UTF-8, but for a few stray bytes; None for everything else."""
    if body.isascii():
        return _by_ascii(body, declared)
    text = _utf_8(body)
    valid, bad = (len(_beyond_ascii(body)), 0) if text is not None else _utf_8_share(body)
    if not valid:
        return None
    others = [label for label in declared if label.encoding != "utf-8"]
    if not bad and valid < UTF_8_PROVEN and _by_chance(body, others):
        return None
    says = f", though {others[0].place} says {others[0].encoding}" if others else ""
    if not bad:
        return Verdict("utf-8", f"Everything beyond ASCII ({_count(valid, 'character')}) is valid UTF-8{says}.", text)
    proven = 1 if len(others) < len(declared) else UTF_8_PROVEN
    if valid >= proven and valid >= UTF_8_SHARE * (valid + bad):
        return Verdict("utf-8", f"{valid:,} of {valid + bad:,} sequences beyond ASCII are valid UTF-8{says}.")
    return None


def _by_ascii(body: bytes, declared: tuple[Label, ...]) -> Verdict:
    if b"\x1b" in body or b"~{" in body:
        for label in declared:
            if label.encoding in SEVEN_BIT and reads_cleanly(body, label.encoding):
                return Verdict(label.encoding, f"{_first_upper(label.place)} says {label.encoding}.")
        if b"\x1b$" in body and reads_cleanly(body, "iso-2022-jp"):
            return Verdict("iso-2022-jp", "Its escape sequences are those of iso-2022-jp.")
    return Verdict("utf-8", "It is plain ASCII, which every encoding in question reads alike.")


def _utf_8(body: bytes) -> str | None:
    """`body` as text, None where not all of it is UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _utf_8_share(body: bytes) -> tuple[int, int]:
    """How many multibyte characters of `body` are valid UTF-8, and how many bytes are not; a cut last character is neither."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.end == len(body):
            body = body[: error.start]
    kept = body.decode("utf-8", "ignore")
    bad = len(body.decode("utf-8", "surrogateescape")) - len(kept)
    return len(kept) - (len(body) - high_bytes(body)), bad


def _beyond_ascii(body: bytes) -> str:
    """The characters of UTF-8 in `body` that are not ASCII, one after the other."""
    return beyond_ascii(body).decode("utf-8", "ignore")


def _by_chance(body: bytes, others: list[Label]) -> bool:
    """Whether a few East Asian characters happen to be valid UTF-8, and not signs that stray into any page."""
    if set(SIGNS).issuperset(_beyond_ascii(body)):
        return False
    return any(label.encoding in MULTIBYTE and reads_cleanly(body, label.encoding) for label in others)


def _by_labels(body: bytes, declared: tuple[Label, ...], url: str | None) -> Verdict:
    """The labels that read `body` cleanly, the header's first, unless the detector knows better."""
    trusted = [label for label in declared if label.encoding != "utf-8" and reads_cleanly(body, label.encoding)]
    detected = guess(body, url)
    if not trusted:
        wrong = f"; {declared[0].encoding}, which {declared[0].place} says, does not fit the bytes" if declared else ""
        return Verdict(detected.encoding, f"Judged by its bytes (chardetng), it is {detected.encoding}{wrong}.")
    label = _elected(trusted, detected)
    says = " and ".join(f"{label.place} says {label.encoding}" for label in trusted)
    if overrules(detected, label.encoding, body):
        return Verdict(
            detected.encoding,
            f"{_first_upper(says)}, but only {detected.encoding} (chardetng's guess) makes words of the bytes.",
        )
    agree = "and the bytes agree" if len(trusted) == 1 else f"and {label.encoding} fits the bytes best"
    return Verdict(label.encoding, f"{_first_upper(says)}, {agree}.")


def _elected(trusted: list[Label], detected: Guess) -> Label:
    """The label the detector sides with, by name or at least by script; the first where it sides with none."""
    family = FAMILY.get(detected.encoding)
    same = [label for label in trusted if label.encoding == detected.encoding]
    kin = [label for label in trusted if FAMILY.get(label.encoding) == family]
    return (same or kin or trusted)[0]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
