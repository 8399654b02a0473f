"""What ftfy knows besides: words in which right and wrong readings are mixed, or in which bytes were lost."""

from collections.abc import Callable
from functools import cache
from itertools import islice

from pipeline.document import Damage
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of, word_splices
from pipeline.repair.encoding.pairs import SIGNS
from pipeline.repair.encoding.round_trip import reading
from pipeline.repair.encoding.shape import possible

READINGS = ("windows-1252", "windows-1250", "macintosh")
MORE_READINGS = (
    "windows-1251",
    "ibm437",
    "ibm852",
)  # only where text was misread: Cyrillic words look like that by chance
WORDS, LENGTH = 500, 200  # different words asked about at most, code points of each: ftfy reads 0.3 MB a second


def undo_residue(draft: Draft) -> Finding:
    """The words that still hold misread UTF-8, as ftfy mends them; a single one is no proof, unless others were misread."""
    least = 1 if draft.misread else 2
    found = islice(_suspects(draft), WORDS)
    words = [word for word in found if len(word) <= LENGTH and not has_one_sign(word)]
    if len(words) < least:  # before ftfy is loaded, which takes 70 ms
        return NOTHING
    mended = {word: fixed for word in words if (fixed := tuned()(word)) != word and possible(fixed)}
    if len(mended) < least:
        return NOTHING
    steps = steps_of("mojibake.mixed", [word_splices(text, mended) for text in draft.texts])
    evidence = f"{len(mended):,} different words mix UTF-8 read wrongly with text read right."
    damage = Damage(kind="mojibake.mixed", evidence=evidence, confidence=0.9, repaired=places(steps))
    return Finding(steps=steps, damages=(damage,))


@cache
def tuned() -> Callable[[str], str]:
    """ftfy, loaded on first use, for what repairs an encoding alone: its defaults change 31 % of undamaged lines."""
    from ftfy import TextFixerConfig, fix_encoding

    config = TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        fix_c1_controls=False,
        normalization=None,
    )

    def mend(word: str) -> str:
        return str(fix_encoding(word, config))

    return mend


def has_one_sign(word: str) -> bool:
    """Whether `word` holds a single common sign and no-break spaces, which ftfy never takes for misread.

    >>> has_one_sign("around\xa0£58"), has_one_sign("cafÃ©"), has_one_sign("£‘58")
    (True, False, False)
    """
    beyond = {c for c in word if not c.isascii()} - {"\xa0"}
    return len(beyond) <= 1 and beyond <= SIGNS


def _suspects(draft: Draft) -> dict[str, None]:
    """The words that hold what looks like a misread character."""
    joined = "\n".join(draft.words)
    found: dict[str, None] = {}
    for read in map(reading, (*READINGS, *MORE_READINGS) if draft.misread else READINGS):
        if read.leads.isdisjoint(draft.characters) or read.tails.isdisjoint(draft.characters):
            continue
        for match in islice(read.runs.finditer(joined), WORDS):
            start, end = joined.rfind("\n", 0, match.start()) + 1, joined.find("\n", match.end())
            found[joined[start : end if end >= 0 else None]] = None
    return found
