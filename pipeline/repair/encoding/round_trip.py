"""UTF-8 that was read as something else, once or twice: encode it back, decode it right.

A character of UTF-8 is a lead byte and one to three continuation bytes. Misread, it is a pair to a quartet of characters that
hardly ever stand together otherwise: "Ã©", "Р¶", "├⌐". Words made of nothing else but these and ASCII prove the damage.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pipeline.document import Damage, Splice
from pipeline.repair.encoding.draft import WORD, Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of
from pipeline.repair.encoding.pairs import LETTERS, SIGNS, bytes_of, short_name
from pipeline.repair.encoding.shape import possible

# The readings tried, likeliest first: where two explain the damage equally well, the first is named.
READINGS = (
    "windows-1252", "windows-1250", "windows-1251", "macintosh", "ibm437", "ibm850", "ibm852", "ibm866",
    "windows-1254", "iso-8859-15", "iso-8859-2", "koi8-r", "windows-1253", "x-mac-cyrillic", "windows-1257",
)  # fmt: skip
# Scripts and signs that documents are written in. What comes back as anything else (phonetic letters, African and Syriac
# script, rare Latin) was a capital and a quotation mark: “CAFÉ” is no mojibake of “CAFɔ.
PLAUSIBLE = re.compile(
    "[\x00-\u017f\u0192\u01a0\u01a1\u01af\u01b0\u01cd-\u01dc\u0218-\u021b\u0259\u02bb\u02bc\u02c6-\u02dd\u0300-\u0304\u0306-"
    "\u030c\u0323\u0327\u0328\u0335\u0386-\u03ce\u0400-\u045f\u0490-\u04ff\u0531-\u058a\u05b0-\u05c7\u05d0-\u05f4\u060c-"
    "\u06ff\u0900-\u0dff\u0e01-\u0fff\u1000-\u10ff\u1100-\u11ff\u1200-\u137f\u1780-\u17ff\u1800-\u18af\u1e00-\u1eff"
    "\u1f00-\u1ffe\u2000-\u206f\u2070-\u209c\u20a0-\u20bf\u2100-\u218b\u2190-\u27bf\u2900-\u2bff\u3000-\u30ff\u3100-\u318e\u31c0-"
    "\u33ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufb00-\ufb06\ufb20-\ufb4f\ufe00-\ufe6f\ufe70-\ufeff\uff01-\uffee\ufffd"
    "\U0001f000-\U0001faff\U00020000-\U0002ffff\U000e0020-\U000e007f]+"
)
COMMON = frozenset("".join(LETTERS.values()))  # breaks a tie: cp437 and cp850 share most of their signs
CLOSING = frozenset("“”‘’…–—™«»")

SHARE_PROVEN = 0.6  # of a document's words beyond ASCII that the reading explains: proof, however few they are
WORDS_PROVEN, SHARE_WITH_WORDS = 3, 0.15  # or so many, if they are so large a share
SAMPLED = 400  # different words looked at before all are
LENGTH = 4_000  # code points of each
MISREAD_TO_STRANGE = 40  # misread characters in a word for each that cannot be
NEIGHBOURS = re.compile("[^\x00-\x7f]{2}")


class Reading(NamedTuple):
    """A wrong reading of UTF-8: `runs` matches misread characters in a row, `back` takes each of them to its byte."""

    name: str
    leads: frozenset[str]
    tails: frozenset[str]
    runs: re.Pattern[str]
    back: dict[int, int]


@cache
def reading(name: str) -> Reading:
    """The reading of UTF-8 as `name`; bytes that encoding never assigned may stand as C1 controls."""
    back = bytes_of(name)
    classes = [_class(back, low, high) for low, high in ((0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4), (0x80, 0xBF))]
    two, three, four, tail = (re.escape(each) for each in classes)
    runs = re.compile(f"(?:[{two}][{tail}]|[{three}][{tail}]{{2}}|[{four}][{tail}]{{3}})+")
    return Reading(name, frozenset("".join(classes[:3])), frozenset(classes[3]), runs, back)


def _class(back: dict[int, int], low: int, high: int) -> str:
    return "".join(chr(c) for c, byte in back.items() if low <= byte <= high)


def undo_round_trip(draft: Draft) -> Finding:
    """One layer of UTF-8 read as something else, undone where the words prove it: those of a sample, then all."""
    name = _likeliest(draft)
    if name is None:
        return NOTHING
    read = reading(name)
    explained = {word: fixed for word in draft.words if (fixed := explain(word, read))}
    if not _proven(explained, draft.words, read):
        return NOTHING
    kind = f"mojibake.utf-8-as-{short_name(name)}"
    steps = steps_of(kind, [list(_splices(text, read, explained)) for text in draft.texts])
    evidence = (
        f"{len(explained):,} of {len(draft.words):,} different words beyond ASCII are what UTF-8 looks like when it is read as "
        f"{name}."
    )
    return Finding(
        steps=steps, damages=(Damage(kind=kind, evidence=evidence, confidence=0.99, repaired=places(steps)),)
    )


def _proven(explained: Mapping[str, str], words: Sequence[str], read: Reading) -> bool:
    """Whether enough words are explained that could not be what they seem, and become words, or once more misread ones."""
    evident = sum(
        not natural(word) and (possible(fixed) or explain(fixed, read) is not None) for word, fixed in explained.items()
    )
    if not evident:
        return False
    total = sum(word in explained or not _only_signs(word) for word in words)
    return evident >= SHARE_PROVEN * total or (evident >= WORDS_PROVEN and evident >= SHARE_WITH_WORDS * total)


def _likeliest(draft: Draft) -> str | None:
    """The reading that explains most of a sample of the words, if it is proven by them."""
    sample = draft.sample(SAMPLED, LENGTH)
    pairs = [word for word in sample if NEIGHBOURS.search(word)]
    if not pairs:
        return None
    best: tuple[tuple[int, int], str, dict[str, str]] = ((0, 0), "", {})
    for name in READINGS:
        read = reading(name)
        if read.leads.isdisjoint(draft.characters) or read.tails.isdisjoint(draft.characters):
            continue
        explained = {word: fixed for word in pairs if read.runs.search(word) and (fixed := explain(word, read))}
        common = sum(c in COMMON for fixed in explained.values() for c in fixed) if name.startswith("ibm") else 0
        weight = (sum(map(len, explained)), common)
        if weight > best[0]:
            best = (weight, name, explained)
    return best[1] if best[1] and _proven(best[2], sample, reading(best[1])) else None


def _only_signs(word: str) -> bool:
    return all(c.isascii() or c in SIGNS for c in word)


def explain(word: str, read: Reading) -> str | None:
    """What `word` was before it was misread; None unless everything beyond ASCII in it, signs aside, is misread UTF-8.

    A stretch of text without blanks may have lost a character here and there.

    >>> explain("cafÃ©", reading("windows-1252")), explain("Ãcole", reading("windows-1252"))
    ('café', None)
    """
    parts: list[str] = []
    end = misread = strange = 0
    for run in read.runs.finditer(word):
        between, decoded = word[end : run.start()], _decode(run[0], read)
        strange += _strange(between) + (0 if decoded else len(run[0]))
        misread += len(run[0]) if decoded else 0
        parts += [between, decoded or run[0]]
        end = run.end()
    rest = word[end:]
    strange += _strange(rest)
    if not misread or misread < MISREAD_TO_STRANGE * strange:
        return None
    return "".join([*parts, rest])


def _strange(text: str) -> int:
    return 0 if text.isascii() else sum(not c.isascii() and c not in SIGNS for c in text)


def natural(word: str) -> bool:
    """Whether `word` may well be what it seems: capitals, the last beyond ASCII, and a sign that can end a word.

    >>> natural("“PÅ”"), natural("cafÃ©")
    (True, False)
    """
    core = word.lstrip("“„‘‚«»(")
    return core[-1:] in CLOSING and core[:-1].isupper() and not core[-2:-1].isascii()


def _decode(run: str, read: Reading) -> str | None:
    try:
        decoded = run.translate(read.back).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return decoded if MISREAD_TO_STRANGE * len(PLAUSIBLE.sub("", decoded)) <= len(decoded) else None


def _splices(text: str, read: Reading, explained: Mapping[str, str]) -> Iterator[Splice]:
    """A splice for every run of misread characters in the words explained."""
    for word in WORD.finditer(text):
        if word[0].isascii() or word[0] not in explained:
            continue
        for run in read.runs.finditer(word[0]):
            if decoded := _decode(run[0], read):
                yield Splice(word.start() + run.start(), run[0], decoded)
