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
from pipeline.repair.encoding.pairs import SIGNS, bytes_of, short_name
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
CLOSING = frozenset("“”‘’…–—™«»")

SHARE_PROVEN = 0.6  # of a document's words beyond ASCII that the reading explains: proof, however few they are
WORDS_PROVEN, SHARE_WITH_WORDS = 3, 0.15  # or so many, if they are so large a share
SAMPLED = 400  # different words looked at before all are
NEIGHBOURS = re.compile("[^\x00-\x7f]{2}")


class Reading(NamedTuple):
    """A wrong reading of UTF-8: `sequence` matches one misread character, `word` a word of them; `back` maps them to bytes."""

    name: str
    leads: frozenset[str]
    tails: frozenset[str]
    sequence: re.Pattern[str]
    word: re.Pattern[str]
    back: dict[int, int]


@cache
def reading(name: str) -> Reading:
    """The reading of UTF-8 as `name`; bytes that encoding never assigned may stand as C1 controls."""
    back = bytes_of(name)
    classes = [_class(back, low, high) for low, high in ((0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4), (0x80, 0xBF))]
    two, three, four, tail = (re.escape(each) for each in classes)
    sequence = f"[{two}][{tail}]|[{three}][{tail}]{{2}}|[{four}][{tail}]{{3}}"
    signs = re.escape("".join(sorted(SIGNS)))
    word = re.compile(f"(?:{sequence}|[\x00-\x7f{signs}])+")
    return Reading(name, frozenset("".join(classes[:3])), frozenset(classes[3]), re.compile(sequence), word, back)


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
    sample = draft.sample(SAMPLED)
    pairs = [word for word in sample if NEIGHBOURS.search(word)]
    best: tuple[int, str, dict[str, str]] = (0, "", {})
    for name in READINGS:
        read = reading(name)
        if read.leads.isdisjoint(draft.characters) or read.tails.isdisjoint(draft.characters):
            continue
        explained = {word: fixed for word in pairs if read.word.fullmatch(word) and (fixed := explain(word, read))}
        weight = sum(map(len, explained))
        if weight > best[0]:
            best = (weight, name, explained)
    return best[1] if best[1] and _proven(best[2], sample, reading(best[1])) else None


def _only_signs(word: str) -> bool:
    return all(c.isascii() or c in SIGNS for c in word)


def explain(word: str, read: Reading) -> str | None:
    """What `word` was before it was misread; None unless everything beyond ASCII in it, signs aside, is misread UTF-8.

    >>> explain("cafÃ©", reading("windows-1252")), explain("Ãcole", reading("windows-1252"))
    ('café', None)
    """
    parts, end = [], 0
    for match in read.sequence.finditer(word):
        between, decoded = word[end : match.start()], _decode(match[0], read)
        if decoded is None or not (between.isascii() or SIGNS.issuperset(c for c in between if not c.isascii())):
            return None
        parts += [between, decoded]
        end = match.end()
    rest = word[end:]
    if not parts or not (rest.isascii() or SIGNS.issuperset(c for c in rest if not c.isascii())):
        return None
    return "".join([*parts, rest])


def natural(word: str) -> bool:
    """Whether `word` may well be what it seems: capitals, the last beyond ASCII, and a sign that can end a word.

    >>> natural("“PÅ”"), natural("cafÃ©")
    (True, False)
    """
    core = word.lstrip("“„‘‚«»(")
    return core[-1:] in CLOSING and core[:-1].isupper() and not core[-2:-1].isascii()


def _decode(sequence: str, read: Reading) -> str | None:
    try:
        decoded = bytes(read.back[ord(c)] for c in sequence).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return decoded if PLAUSIBLE.fullmatch(decoded) else None


def _splices(text: str, read: Reading, explained: dict[str, str]) -> Iterator[Splice]:
    """A splice for every run of misread characters in the words explained."""
    for word in WORD.finditer(text):
        if word[0].isascii() or word[0] not in explained:
            continue
        run: Splice | None = None
        for match in read.sequence.finditer(word[0]):
            decoded, start = _decode(match[0], read) or match[0], word.start() + match.start()
            if run and run.start + len(run.before) == start:
                run = Splice(run.start, run.before + match[0], run.after + decoded)
                continue
            if run:
                yield run
            run = Splice(start, match[0], decoded)
        if run:
            yield run
