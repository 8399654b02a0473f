"""U+FFFD: characters that were lost. Restored where the byte decoding could not read is known; else kept, and suspected."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.charset.reading import table
from pipeline.document import Damage, Splice, Stray, Suspect
from pipeline.language import guess
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of
from pipeline.repair.encoding.pairs import LETTERS, SIGNS

LOST = "\ufffd"
RUN = re.compile("\ufffd+")
# The encoding a stray byte of a page is in; Western where the language does not say.
ENCODINGS = {
    "ru": "windows-1251",
    "uk": "windows-1251",
    "pl": "windows-1250",
    "cs": "windows-1250",
    "hu": "windows-1250",
}


def restore_strays(draft: Draft, *, strays: tuple[Stray, ...], language: str | None) -> Finding:
    """The characters of stray bytes, where it is certain which U+FFFD stands for which byte.

    That is so if every one of them is still there, in order, or if all the bytes are the same.
    """
    count = draft.joined.count(LOST) if strays and LOST in draft.characters else 0
    if not count:
        return NOTHING
    signs = _signs(strays, language or guess(draft.joined[:4000]))
    if len(signs) != count:
        if len(set(signs)) > 1:
            return NOTHING
        signs = signs[:1] * count
    remaining = iter(signs)
    steps = steps_of("stray-bytes", [list(_splices(text, remaining)) for text in draft.texts])
    if not steps:
        return NOTHING
    evidence = f"{places(steps):,} single bytes of another encoding stood in the page."
    damage = Damage(kind="stray-bytes", evidence=evidence, confidence=0.95, repaired=places(steps))
    return Finding(steps=steps, damages=(damage,))


def _signs(strays: Sequence[Stray], language: str | None) -> list[str]:
    """For every U+FFFD that decoding put, the character its byte stands for; U+FFFD where it does not say."""
    encoding = ENCODINGS.get(language or "", "windows-1252")
    letters = LETTERS.get(language or "", "")
    signs = []
    for _, group in groupby(strays, key=lambda stray: stray.offset):
        read = [table(encoding)[stray.byte] for stray in group]
        certain = len(read) == 1 and (read[0] in SIGNS or read[0].lower() in letters)
        signs.append(read[0] if certain else LOST)
    return signs


def _splices(text: str, signs: Iterator[str]) -> Iterator[Splice]:
    for found in re.finditer(LOST, text):
        sign = next(signs)
        if sign != LOST:
            yield Splice(found.start(), LOST, sign)


def suspects(draft: Draft) -> tuple[tuple[Suspect, ...], ...]:
    """The runs of U+FFFD that are left in each text."""
    if LOST not in draft.characters:
        return ((),) * len(draft.texts)
    return tuple(map(_suspects, draft.texts))


def _suspects(text: str) -> tuple[Suspect, ...]:
    if LOST not in text:
        return ()
    reason = "a character was lost before the text came here (U+FFFD)"
    return tuple(
        Suspect(start=run.start(), length=len(run[0]), text=run[0], candidate=None, reason=reason)
        for run in RUN.finditer(text)
    )


def lost(draft: Draft) -> tuple[Damage, ...]:
    """What cannot be undone: how many characters are U+FFFD."""
    if LOST not in draft.characters:
        return ()
    evidence = f"{draft.joined.count(LOST):,} characters were lost before the text came here and stand as U+FFFD."
    return (Damage(kind="replacement-characters", evidence=evidence, confidence=1.0),)
