"""One single-byte encoding read as another: judged on the words of the whole document, undone word by word.

Three questions, each cheaper than the next: are the words known as they stand; would their characters be letters of a language
and signs if they were read otherwise; do they become words of that language, which they were not.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import NamedTuple

from pipeline.document import Damage, Splice
from pipeline.repair.encoding.draft import WORD, Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, differences, places, steps_of
from pipeline.repair.encoding.lexicon import LANGUAGES, lexicon
from pipeline.repair.encoding.pairs import LANGUAGES_OF, LETTERS, SIGNS, Pair, pairs

SAMPLED = 400  # different words looked at
KNOWN_UNDAMAGED = 0.6  # share of known words in a document that needs no repair; 0.8 and more are usual
CHARACTERS_FIT = 0.75  # share of the characters that must become letters of the language, or signs
CAPITAL = 0.3  # what a capital letter counts there: a wrong reading often turns small letters into capitals
GAIN, GAIN_SHARE = 2, 0.5  # words that become known less words that were: at least so many, and so large a share
CONTEXT_SHARE, CONTEXT_WORDS = 0.5, 4  # of the plain words around must be of the language
EDGES = '«»‹›“”„‚•·°§№©®™€£\xad!"#$%&()*+,./:;<=>?@[\\]^_`{|}~0123456789'  # signs before and after a word
BETWEEN = re.compile(r"[\s!-@\[-`{-~\xa0‘’“”«»„–—…]+")  # and those that may part two words without a blank
MISPLACED = re.compile(r"[^\W\d_][‘‚„]|[‚„]$")  # signs that open a quotation, after a letter


class Verdict(NamedTuple):
    """A pair and a language, and how many of the `words` that read differently were known before and are known after."""

    pair: Pair
    language: str
    words: int
    before: int
    after: int


def undo_single_byte(draft: Draft, *, language: str | None) -> Finding:
    """The likeliest misreading of a single-byte encoding, undone; nothing where none is proven.

    `language` is an ISO 639-1 code that is known; a language without a word list is never repaired.
    """
    words = draft.words
    sample = words[:: len(words) // SAMPLED + 1]
    languages = LANGUAGES if language is None else tuple(each for each in LANGUAGES if each in (language, "en"))
    if not sample or language not in (None, *LANGUAGES) or _undamaged(sample):
        return NOTHING
    verdict = _likeliest(sample, languages, partial(_context, draft.texts))
    if verdict is None:
        return NOTHING
    mended = {word: fixed for word in words if (fixed := mend(word, verdict.pair, verdict.language))}
    kind = verdict.pair.kind
    steps = steps_of(kind, [list(_splices(text, mended)) for text in draft.texts])
    evidence = (
        f"Of {verdict.words:,} different words that would read differently, {verdict.after:,} are known ({verdict.language}) "
        f"if {verdict.pair.right} was read as {verdict.pair.wrong}, and {verdict.before:,} as they stand."
    )
    confidence = min(0.99, 1 - 0.5 ** (verdict.after - verdict.before))
    return Finding(
        steps=steps, damages=(Damage(kind=kind, evidence=evidence, confidence=confidence, repaired=places(steps)),)
    )


def known(word: str, language: str) -> bool | None:
    """Whether all of `word` is in the language's list, but for signs and digits; None where no word is in it.

    >>> known("members’", "en"), known("witháthe", "en"), known("2019–2021", "en")
    (True, False, None)
    """
    pieces = [piece for each in BETWEEN.split(word) if (piece := each.strip(EDGES))]
    if max(map(len, pieces), default=0) < 2:
        return None
    if MISPLACED.search(word):
        return False
    listed = lexicon(language)
    return all((p.islower() or p[1:].islower() or p.isupper()) and p.lower() in listed for p in pieces)


def reread(word: str, pair: Pair) -> str | None:
    """`word` in the right reading; None where it cannot have come about by the wrong one, or reads the same."""
    if any(ord(c) not in pair.back for c in word if not c.isascii() and c not in SIGNS):
        return None
    fixed = "".join(c if c.isascii() else pair.back.get(ord(c), c) for c in word)
    return fixed if fixed != word else None


def mend(word: str, pair: Pair, language: str) -> str | None:
    """`word` in the right reading, unless it is better as it stands."""
    fixed = reread(word, pair)
    if fixed is None:
        return None
    right = known(fixed, language)
    if right:
        return fixed
    if fixed.strip("\xa0") != fixed and right is False:  # "Bogotá" is no "Bogot" before a no-break space
        return None
    return None if any(known(word, each) for each in LANGUAGES) else fixed


def _undamaged(sample: Sequence[str]) -> bool:
    """Whether the words are written in letters of a language that knows most of them, or in no script that is ever misread."""
    counts = Counter(c for word in sample for c in word if not c.isascii())
    total = sum(counts.values())
    if sum(n for c, n in counts.items() if c in _misreadable()) < total / 2:
        return True
    shares = {each: sum(n for c, n in counts.items() if c.lower() in LETTERS[each] or c in SIGNS) for each in LETTERS}
    likely = max(shares, key=lambda each: shares[each])
    if shares[likely] < 0.9 * total:
        return False
    verdicts = [known(word, likely) for word in sample[:: len(sample) // 60 + 1]]
    judged = [verdict for verdict in verdicts if verdict is not None]
    return not judged or sum(judged) >= KNOWN_UNDAMAGED * len(judged)


@cache
def _misreadable() -> frozenset[str]:
    return frozenset(chr(c) for pair in pairs() for c in pair.back) | SIGNS


def _likeliest(sample: Sequence[str], languages: Sequence[str], context: partial[float]) -> Verdict | None:
    """The verdict that makes most words known; of those alike, the one whose characters fit best, then the first."""
    counts = Counter(c for word in sample for c in word if not c.isascii())
    found: list[tuple[int, float, Verdict]] = []
    for pair in pairs():
        for language in LANGUAGES_OF[pair.right]:
            fit = _fit(counts, pair, language) if language in languages else 0.0
            if fit < CHARACTERS_FIT:
                continue
            verdict = _judge(sample, pair, language)
            gain = verdict.after - verdict.before
            if gain >= max(GAIN, GAIN_SHARE * verdict.words) and context(language) >= CONTEXT_SHARE:
                found.append((gain, fit, verdict))
    return max(found, key=lambda each: each[:2])[2] if found else None


def _fit(counts: Counter[str], pair: Pair, language: str) -> float:
    """The share of the characters that, read otherwise, are letters of the language or signs."""
    letters = LETTERS[language]
    fit = changed = 0.0
    for character, count in counts.items():
        other = pair.back.get(ord(character), character)
        changed += count * (other != character)
        fit += count * (1 if other in letters or other in SIGNS else CAPITAL if other.lower() in letters else 0)
    return fit / sum(counts.values()) if changed else 0.0


def _judge(sample: Sequence[str], pair: Pair, language: str) -> Verdict:
    words = before = after = 0
    for word in sample:
        fixed = reread(word, pair)
        if fixed is None or fixed.strip("\xa0") != fixed:
            continue
        right = known(fixed, language)
        if right is None:
            continue
        words += 1
        after += right
        before += any(known(word, each) for each in LANGUAGES_OF_ALL)
    return Verdict(pair, language, words, before, after)


LANGUAGES_OF_ALL = ("en", "de", "fr", "es", "pl", "cs", "hu", "ru", "uk")


def _context(texts: Sequence[str], language: str) -> float:
    """The share of plain words in `texts` that are of the language; 1.0 where there are too few to tell, or it has none."""
    if language in ("ru", "uk"):
        return 1.0
    plain = dict.fromkeys(word for text in texts for word in re.findall(r"(?<!\S)[a-z]{2,}(?!\S)", text[:20_000]))
    words = list(plain)[:SAMPLED]
    if len(words) < CONTEXT_WORDS:
        return 1.0
    return sum(word in lexicon(language) for word in words) / len(words)


def _splices(text: str, mended: dict[str, str]) -> Iterator[Splice]:
    if text.isascii():
        return
    for word in WORD.finditer(text):
        if fixed := mended.get(word[0]):
            yield from differences(word.start(), word[0], fixed)
