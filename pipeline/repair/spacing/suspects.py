"""Places that look damaged and are left alone, because nothing in the document decides them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain

from pipeline.document import Suspect
from pipeline.repair.spacing.lexicon import FREQUENT, Lexicon
from pipeline.repair.spacing.words import Words

REMEMBERED = 10_000
"""Of so many unknown words it is remembered what they may be."""
MOST = 200
"""So many suspects of one text are listed at most."""
END = re.compile(r"(?<![\w.@/])[^\W\d_]{2,}([.!?])(?=([^\W\d_]+)[\s,])")
MARK = re.compile(r"[.!?](?=[^\W\d_])")
"""What every such place has, before a capital."""
KEPT = re.compile(r"[^\W\d_]['’]s\b")
NAME = re.compile(r"(?<![\w'’-])[A-ZА-ЯЁ][^\W\d_]+(?![\w'’-])")
RARE = -14.0
"""A plural rarer than this (log P) may be a possessive."""
WORD = re.compile(r"[^\W\d_]+")
LONE_WORD = re.compile(r"(?<![\w'’@#/.&\\-])[^\W\d_]{4,24}(?![\w'’@/\\(=-]|\.\w)")
"""A word of 4 to 24 letters that is no part of an address, of code or of a compound."""
RIVAL, TWO_WORDS = 3.0, -19.0
"""So far ahead (log P) of any other it may be is the frequent word that lost a letter, and rarer than this are any two words the
rest may be made of. In 1,070,916 words of 677 undamaged documents this finds 17, all but two of which really lost a letter."""
POSSESSIVE = re.compile(r"(?<![\w'’@/.-])([A-ZА-ЯЁ][^\W\d_]+)s(?![\w'’])")


def find_suspects(
    texts: Sequence[str], words: Words, present: AbstractSet[str], lexicon: Lexicon | None, *, damaged: bool
) -> tuple[tuple[Suspect, ...], ...]:
    """For each text: lone fusions, lone sentence joins and dropped apostrophes among the words `present`; with a `lexicon` also
    dropped letters.

    Possessives without their apostrophe ("Moscows") are looked for in a `damaged` document, and only if no other possessive of
    it kept one.
    """
    fused = {word for word in present if word in words.telltales}
    contracted = {word for word in present if word in words.contractions}
    names = frozenset[str]()
    if damaged and not any(KEPT.search(text) for text in texts):
        names = frozenset(name for text in texts for name in NAME.findall(text))
    unknown = unknown_words(texts, lexicon) if lexicon else []
    return tuple(
        tuple(
            sorted(
                (
                    *fusions(text, fused, words),
                    *contractions(text, contracted, words),
                    *ends(text, words),
                    *(possessives(text, names, lexicon) if lexicon else ()),
                    *(dropped_letters(text, unknown, lexicon) if lexicon else ()),
                ),
                key=lambda suspect: suspect.start,
            )[:MOST]
        )
        for text in texts
    )


def fusions(text: str, fused: AbstractSet[str], words: Words) -> Iterator[Suspect]:
    """Two function words written together."""
    for found in occurrences(text, fused):
        word = found[0]
        at = next(
            i for i in range(1, len(word)) if word[:i] in words.function_words and word[i:] in words.function_words
        )
        yield Suspect(
            start=found.start(),
            length=len(word),
            text=word,
            candidate=f"{word[:at]} {word[at:]}",
            reason="two words written together, but the document does not lose blanks",
        )


def contractions(text: str, contracted: AbstractSet[str], words: Words) -> Iterator[Suspect]:
    """Contractions that lost their apostrophe."""
    for found in occurrences(text, contracted):
        yield Suspect(
            start=found.start(),
            length=len(found[0]),
            text=found[0],
            candidate=words.contractions[found[0]],
            reason="apostrophe dropped",
        )


def ends(text: str, words: Words) -> Iterator[Suspect]:
    """A sentence that begins right behind the one before."""
    for found in END.finditer(text) if any(text[mark.end()].isupper() for mark in MARK.finditer(text)) else ():
        if found[2][0].isupper() and found[2][1:].islower() and found[2].lower() in words.starters:
            joined = found[0] + found[2]
            yield Suspect(
                start=found.start(),
                length=len(joined),
                text=joined,
                candidate=f"{found[0]} {found[2]}",
                reason="no blank behind a sentence, but too few for a diagnosis",
            )


def possessives(text: str, names: AbstractSet[str], lexicon: Lexicon) -> Iterator[Suspect]:
    """A name of the document with an s that makes no plural the tables know."""
    for found in POSSESSIVE.finditer(text) if names else ():
        known = lexicon.known(found[0].lower())
        if found[1] in names and (known is None or known < RARE or found[1].isupper()):
            yield Suspect(
                start=found.start(),
                length=len(found[0]),
                text=found[0],
                candidate=f"{found[1]}'s",
                reason="apostrophe dropped, or a plural",
            )


def unknown_words(texts: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Words met once in the document, as `LONE_WORD` finds them, that the tables lack; those written in capitals too."""
    counts = Counter(map(str.lower, chain.from_iterable(map(WORD.findall, texts))))
    known = lexicon.known
    return [w for w, n in counts.items() if n == 1 and 4 <= len(w) <= 24 and known(w) is None and w.islower()]


def dropped_letters(text: str, unknown: Sequence[str], lexicon: Lexicon) -> Iterator[Suspect]:
    """Words among the `unknown`, in lower case, that one letter more makes a frequent word."""
    for word in unknown:
        whole = with_letter(word, lexicon)
        found, start = None, text.find(word) if whole else -1
        while start >= 0 and not ((found := LONE_WORD.match(text, start)) and found[0] == word):
            start = text.find(word, start + 1)
        if whole and start >= 0:
            yield Suspect(
                start=start,
                length=len(word),
                text=word,
                candidate=whole,
                reason="letter dropped, or an unknown word",
            )


@lru_cache(maxsize=REMEMBERED)
def with_letter(word: str, lexicon: Lexicon) -> str | None:
    """The one frequent word that an unknown `word` is but for a letter; None where it may be two words."""
    if not lexicon.lacks_letter(word) or lexicon.any_cut(word, TWO_WORDS):
        return None
    known = sorted(((lexicon.word(longer), longer) for longer in lexicon.longer(word)), reverse=True)
    if not known or known[0][0] < FREQUENT or (len(known) > 1 and known[1][0] > known[0][0] - RIVAL):
        return None
    return known[0][1]


def occurrences(text: str, words: AbstractSet[str]) -> Iterator[re.Match[str]]:
    """Where any of `words` stands by itself."""
    if words:
        pattern = "|".join(map(re.escape, sorted(words)))
        yield from re.finditer(rf"(?<![\w'’@/.-])(?:{pattern})(?![\w'’@/-])", text)
