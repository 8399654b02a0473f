"""Text of another script read as windows-1252, and UTF-8 read as Chinese: told by the bytes that went into it.

A page in Chinese, Japanese, Korean, Greek, Arabic, Hebrew or Thai that was read as windows-1252 is a soup of accented letters and
signs. Encoded back, the same detector that decides about pages says what it is.
"""

import re
from collections.abc import Sequence

from pipeline.charset.detector import guess
from pipeline.charset.labels import FAMILY, MULTIBYTE
from pipeline.charset.reading import high_bytes, read
from pipeline.document import Damage
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of, word_splices
from pipeline.repair.encoding.pairs import SIGNS, bytes_of
from pipeline.repair.encoding.shape import possible

# The scripts of the encodings a detector may name, with what else such texts are written with.
SCRIPTS = {
    "arabic": "\u0600-\u06ff",
    "cyrillic": "\u0400-\u045f",
    "chinese": "\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e",
    "greek": "\u0370-\u03ff",
    "hebrew": "\u0590-\u05ff",
    "japanese": "\u3000-\u30ff\u4e00-\u9fff\uff01-\uffdf",
    "korean": "\u1100-\u11ff\u3000-\u303f\u3130-\u318f\uac00-\ud7a3\uff01-\uff5e",
    "thai": "\u0e00-\u0e7f",
    "traditional chinese": "\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e",
}
SAMPLED, LENGTH = 400, 2_000  # different words looked at, code points of each
BYTES = 16_384  # of them, given to the detector
SOUP = 0.6  # share of characters beyond ASCII in a word that is no Latin word: "dép×té" has less
BYTES_NEEDED = 16  # beyond ASCII; with fewer the detector guesses
SCRIPT_SHARE = 0.9  # of the characters that must come out in the script
KANA_SHARE = 0.25
KANA = re.compile("[\u3040-\u30ff]")
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
GBK_WORDS = 2  # different words, if UTF-8 was read as Chinese: one may be chance


def undo_foreign(draft: Draft) -> Finding:
    """Text of another script read as windows-1252, read right, where nearly all words beyond ASCII are such soup."""
    back = bytes_of("windows-1252")
    strange = {c for c in draft.characters if not c.isascii() and ord(c) not in back}
    sample = [
        word for word in draft.sample(SAMPLED, LENGTH) if not SIGNS.issuperset(c for c in word if not c.isascii())
    ]
    soup = [word for word in sample if strange.isdisjoint(word) and _beyond_ascii(word) >= SOUP * len(word)]
    body = " ".join(soup)[:BYTES].translate(back).encode("latin-1")
    if len(soup) < SOUP * len(sample) or high_bytes(body) < BYTES_NEEDED:
        return NOTHING
    encoding = next((each for each in sorted(MULTIBYTE) if _written_in("cyrillic", body, each)), None) or _detected(
        body
    )
    if encoding is None:
        return NOTHING
    mended = {word: fixed for word in draft.words if (fixed := _reread(word, back, encoding)) is not None}
    if len(mended) < SCRIPT_SHARE * len(draft.words):
        return NOTHING
    evidence = (
        f"{len(mended):,} different words are what {encoding} looks like when it is read as windows-1252 (chardetng)."
    )
    return _finding(draft, f"mojibake.{encoding}-as-cp1252", mended, evidence)


def _detected(body: bytes) -> str | None:
    """The encoding the detector is sure of, if `body` comes out in its script."""
    encoding, sure = guess(body, None)
    family = FAMILY.get(encoding, "")
    if not sure or family not in SCRIPTS or not _written_in(family, body, encoding):
        return None
    if encoding not in MULTIBYTE:
        return encoding
    return encoding if all(_kana(body, each) <= KANA_SHARE + _kana(body, encoding) for each in MULTIBYTE) else None


def _kana(body: bytes, encoding: str) -> float:
    """The share of kana: where any reading has many, it is the right one."""
    text = read(body, encoding)[0]
    return len(KANA.findall(text)) / len(text)


def _written_in(family: str, body: bytes, encoding: str) -> bool:
    text, strays = read(body, encoding)
    foreign = "".join(c for c in text if not c.isascii() and c not in SIGNS)
    return not strays and len(re.findall(f"[{SCRIPTS[family]}]", foreign)) >= SCRIPT_SHARE * max(len(foreign), 1)


def undo_gbk(draft: Draft) -> Finding:
    """UTF-8 read as GBK ("g眉ltig"), read right, where most words with ideographs prove it."""
    if not any(map(IDEOGRAPH.match, draft.characters)):
        return NOTHING
    sample = draft.sample(SAMPLED, LENGTH)
    if len(_gbk_mended(sample)) < SOUP * len(sample):
        return NOTHING
    mended = _gbk_mended(draft.words)
    if len(mended) < max(GBK_WORDS, SOUP * len(draft.words)):
        return NOTHING
    evidence = f"{len(mended):,} different words are what UTF-8 looks like when it is read as gbk."
    return _finding(draft, "mojibake.utf-8-as-gbk", mended, evidence)


def _gbk_mended(words: Sequence[str]) -> dict[str, str]:
    mended = {}
    for word in words:
        if IDEOGRAPH.search(word):
            try:
                fixed = word.encode("gbk").decode("utf-8")
            except UnicodeError:
                continue
            if possible(fixed):
                mended[word] = fixed
    return mended


def _beyond_ascii(word: str) -> int:
    return len(word) - len(word.encode("ascii", "ignore"))


def _reread(word: str, back: dict[int, int], encoding: str) -> str | None:
    if any(ord(c) not in back for c in word if not c.isascii()):
        return None
    text, strays = read(word.translate(back).encode("latin-1"), encoding)
    return None if strays else text


def _finding(draft: Draft, kind: str, mended: dict[str, str], evidence: str) -> Finding:
    steps = steps_of(kind, [word_splices(text, mended) for text in draft.texts])
    return Finding(
        steps=steps, damages=(Damage(kind=kind, evidence=evidence, confidence=0.97, repaired=places(steps)),)
    )
