"""What ftfy knows besides: words in which right and wrong readings are mixed, or in which bytes were lost."""

from collections.abc import Callable
from functools import cache
from itertools import islice

from pipeline.document import Damage
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of, word_splices
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
    mended = {}
    for word in list(_suspects(draft))[:WORDS]:
        if len(word) <= LENGTH and (fixed := tuned()(word)) != word and possible(fixed):
            mended[word] = fixed
    if len(mended) < 1 + (not draft.misread):
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
