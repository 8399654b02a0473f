"""When a declared encoding that reads the bytes is wrong all the same."""

import re

from pipeline.charset.alphabets import plausible
from pipeline.charset.detector import Guess, guess
from pipeline.charset.labels import FAMILY, LATIN, MULTIBYTE
from pipeline.charset.reading import high_bytes, read, reads_cleanly

# To override a label: beyond ASCII at least so many bytes of an East Asian page; of the words read differently, so many must
# be words in the detector's reading and so many none in the label's; a few at least where both are Latin.
OVERRIDE_BYTES = 24
WORDS_RIGHT, WORDS_WRONG, WORDS_WRONG_LATIN, WORDS_LATIN = 0.95, 0.5, 0.05, 2
WORDS_MANY, WORDS_WRONG_OF_MANY = 12, 0.25
BYTES_COMPARED, WORDS_COMPARED = 262_144, 400
C1 = re.compile("[\x80-\x9f]")
WORD = re.compile(rb"[0-9A-Za-z]*[\x80-\xff][0-9A-Za-z\x80-\xff]*")
# Encodings that differ in a handful of signs, between which a detector cannot judge.
SIBLINGS = (
    {"koi8-r", "koi8-u"},
    {"windows-1252", "iso-8859-15"},
    {"windows-1253", "iso-8859-7"},
    {"windows-1255", "iso-8859-8"},
)


def overrules(detected: Guess, label: str, body: bytes) -> bool:
    """Whether the detector may override a label that reads the bytes: it must be sure, and the words must bear it out."""
    if not detected.sure or detected.encoding == label or {detected.encoding, label} in SIBLINGS:
        return False
    if label in MULTIBYTE and guess(body, None).encoding != detected.encoding:  # the address alone must not decide
        return False
    if not reads_cleanly(body, detected.encoding):
        return False
    ours, theirs = _readings(body, label, detected.encoding)
    if label.startswith("iso-8859-") and any(map(C1.search, ours)):
        return not any(map(C1.search, theirs))
    right, wrong = plausible(detected.encoding, theirs), 1 - plausible(label, ours)
    if MULTIBYTE & {detected.encoding, label}:
        return (
            high_bytes(body) >= OVERRIDE_BYTES and right >= WORDS_RIGHT and (label in MULTIBYTE or wrong >= WORDS_WRONG)
        )
    if {FAMILY.get(label), FAMILY.get(detected.encoding)} <= LATIN:
        return right >= WORDS_RIGHT and wrong >= WORDS_WRONG_LATIN and wrong * len(ours) >= WORDS_LATIN
    least = WORDS_WRONG if len(ours) < WORDS_MANY else WORDS_WRONG_OF_MANY
    return bool(ours) and right >= WORDS_RIGHT and wrong >= least


def _readings(body: bytes, one: str, other: str) -> tuple[list[str], list[str]]:
    """The words beyond ASCII that two encodings read differently, in each reading."""
    words = sorted(set(WORD.findall(body, 0, BYTES_COMPARED)))[:WORDS_COMPARED]
    pairs = [(read(word, one)[0], read(word, other)[0]) for word in words]
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return [pair[0] for pair in different], [pair[1] for pair in different]
