"""One single-byte encoding read as another: judged on the words of the whole document, undone word by word.

Three questions, each cheaper than the next: are the words known as they stand; would their characters be letters of a language
and signs if they were read otherwise; do they become words of that language, which they were not.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain, repeat, tee
from operator import mul
from typing import NamedTuple

from pipeline.document import Damage
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of, word_splices
from pipeline.repair.encoding.lexicon import LANGUAGES, alphabet, knows, lexicon
from pipeline.repair.encoding.pairs import LETTERS, SIGNS, Pair, pairs
from pipeline.repair.encoding.shape import ALL_EDGES, BETWEEN, EDGES, pieces, possible

SAMPLED, LENGTH = 300, 100  # different words looked at, code points of each
KNOWN_SAMPLED = 60  # of them, to see whether the document needs no repair
KNOWN_UNDAMAGED = 0.6  # share of known words in a document that needs no repair; 0.8 and more are usual
LETTERS_UNDAMAGED = 0.985  # share of letters of that language: Hungarian read as windows-1252 loses but two of nine
CHARACTERS_FIT = 0.65  # share of the characters that must become letters of the language, or signs
# Words that become known less words that were: at least so many, and so large a share; a smaller one of more words.
GAIN, GAIN_SHARE = 2, 0.5
GAIN_OF_MANY, SHARE_OF_MANY = 4, 0.3
IMPOSSIBLE, IMPOSSIBLE_SHARE = 2, 0.6  # words that could be none: that many with a single one known after
HOPELESS = ((8, 1), (24, 5))  # after so many words, a pair that made fewer of them known is given up
FEW = 8  # words, before which none is
# So many plain words around must be of the language; fewer where no other language has more.
CONTEXT_SHARE, CONTEXT_SHARE_BEST, CONTEXT_WORDS = 0.5, 0.3, 4
CONTEXT_READ = 20_000  # code points of each text
TYPOGRAPHY = frozenset("\xa0‘’“”–—…•«»°©®™€£§") | {chr(c) for c in range(0x80)}
CYRILLIC = ("ru", "uk")

MISPLACED = re.compile(r"[^\W\d_][‘‚„]|[‚„]$")  # signs that open a quotation, after a letter
PLAIN = re.compile(r"(?<!\S)[a-z]{2,}(?!\S)")
BEYOND = re.compile("[^\x00-\x7f]+")
LATIN = re.compile("[A-Za-z]")


class Verdict(NamedTuple):
    """A pair and a language, and how many of the `words` that read differently were known before and are known after.

    `impossible` counts those that no language can have written ("fьr", "f³r", "malgrÈ") and that this one can after.
    """

    pair: Pair
    language: str
    words: int
    before: int
    after: int
    impossible: int

    @property
    def gain(self) -> int:
        return self.after - self.before

    @property
    def proven(self) -> bool:
        """Whether so much becomes known that chance is out of the question."""
        if self.gain >= GAIN_OF_MANY:
            return self.gain >= SHARE_OF_MANY * self.words
        if self.gain >= 1 and self.impossible >= max(IMPOSSIBLE, IMPOSSIBLE_SHARE * self.words):
            return True
        return self.gain + self.impossible >= GAIN and self.gain >= GAIN_SHARE * self.words


class Reread(NamedTuple):
    """A word, what it is in another reading, and the parts that make that known (see `_parts`)."""

    word: str
    fixed: str
    parts: tuple[str, ...]


class Kind(NamedTuple):
    """What words have in common that asks no lexicon: their characters beyond ASCII, and whether they have letters of ASCII."""

    beyond: frozenset[str]
    latin: bool


class Reading(NamedTuple):
    """A pair in one of its languages: `weights` as in the pair, `strange` the characters that, read right, no known word has
    within or around it, `telling` those of the pair that are not strange."""

    language: str
    weights: Mapping[str, float]
    telling: frozenset[str]
    strange: frozenset[str]

    def may_know(self, kind: Kind) -> bool:
        """Whether a word of a kind may be known if it is read right: without one, nothing is proven."""
        return kind.beyond.isdisjoint(self.strange) and not (kind.latin and self.language in CYRILLIC)


class Evidence:
    """What a document is judged by: a sample of its words, their characters, and, asked for seldom, more."""

    def __init__(self, draft: Draft) -> None:
        self.words = draft.sample(SAMPLED, LENGTH)
        self._places: dict[Kind, list[int]] = {}
        for place, word in enumerate(self.words):
            kind = Kind(frozenset("".join(BEYOND.findall(word))), LATIN.search(word) is not None)
            self._places.setdefault(kind, []).append(place)
        self.characters = _characters(self.words)
        self.total = self.characters.total()
        self._texts = draft.texts

    def told(self, pair: Pair) -> list[Kind]:
        """The kinds of words that a pair can have made, and that say something."""
        return [k for k in self._places if not pair.telling.isdisjoint(k.beyond) and k.beyond <= pair.able]

    def of(self, kinds: Iterable[Kind]) -> list[str]:
        """The words of some kinds."""
        return [self.words[place] for place in sorted(chain.from_iterable(map(self._places.__getitem__, kinds)))]

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Plain words around those beyond ASCII."""
        found = dict.fromkeys(word for text in self._texts for word in PLAIN.findall(text[:CONTEXT_READ]))
        return tuple(found)[:SAMPLED]

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of the plain words that each language knows."""
        latin = [language for language in LANGUAGES if language not in CYRILLIC]
        return {each: sum(word in lexicon(each) for word in self.plain) / len(self.plain) for each in latin}


def undo_single_byte(draft: Draft, *, language: str | None) -> Finding:
    """The likeliest misreading of a single-byte encoding, undone; nothing where none is proven.

    `language` is an ISO 639-1 code that is known; a language without a word list is never repaired.
    """
    languages = LANGUAGES if language is None else tuple(each for each in LANGUAGES if each in (language, "en"))
    if not draft.words or language not in (None, *LANGUAGES) or _undamaged(draft):
        return NOTHING
    verdict = _likeliest(Evidence(draft), languages)
    if verdict is None:
        return NOTHING
    mended = {word: fixed for word in draft.words if (fixed := mend(word, verdict.pair, verdict.language))}
    kind = verdict.pair.kind
    steps = steps_of(kind, [word_splices(text, mended) for text in draft.texts])
    evidence = (
        f"Of {verdict.words:,} different words that would read differently, {verdict.after:,} are known ({verdict.language}) "
        f"if {verdict.pair.right} was read as {verdict.pair.wrong}, and {verdict.before:,} as they stand."
    )
    confidence = min(0.99, 1 - 0.5 ** (verdict.gain + verdict.impossible))
    return Finding(
        steps=steps, damages=(Damage(kind=kind, evidence=evidence, confidence=confidence, repaired=places(steps)),)
    )


def known(word: str, language: str, edges: str = EDGES) -> bool | None:
    """Whether all of `word` is in the language's list, but for signs (`edges`) and digits; None where no word is in it.

    >>> known("members’", "en"), known("witháthe", "en"), known("2019–2021", "en")
    (True, False, None)
    """
    parts = _parts(word, edges)
    return None if parts is None else bool(parts) and knows(language, parts)


def _known_anywhere(word: str, edges: str) -> bool:
    """Whether `word` is known in any language."""
    parts = _parts(word, edges)
    return any(knows(each, parts) for each in LANGUAGES) if parts else False


def _parts(word: str, edges: str) -> tuple[str, ...] | None:
    """What a lexicon must hold for `word` to be known: () where none could; None where there is no word in it."""
    parts = pieces(word, edges)
    if max(map(len, parts), default=0) < 2:
        return None
    if MISPLACED.search(word) or not all(p.islower() or p[1:].islower() or p.isupper() for p in parts):
        return ()
    return tuple(map(str.casefold, parts))


def reread(word: str, pair: Pair) -> str | None:
    """`word` in the right reading; None where it cannot have come about by the wrong one, or reads the same."""
    if any(ord(c) not in pair.back for c in word if not c.isascii() and c not in SIGNS):
        return None
    fixed = word.translate(pair.back)
    return fixed if fixed != word else None


def mend(word: str, pair: Pair, language: str) -> str | None:
    """`word` in the right reading, unless it is better as it stands.

    What a word list does not know is mended too where it is written in the language's letters: most damaged words are names
    or inflected. A no-break space at the end of a word is believed only if the rest is a word: "Bogotá" is no "Bogot".
    """
    fixed = reread(word, pair)
    if fixed is None:
        return None
    core = fixed.strip("\xa0")
    if core != fixed and core.strip(EDGES):
        at_letter = (fixed[0] == "\xa0" and core[0].isalpha()) or (fixed[-1] == "\xa0" and core[-1].isalpha())
        return fixed if not at_letter or _known_anywhere(core, EDGES) else None
    if known(fixed, language) or _written_in(fixed, language):
        return fixed
    letters = any(c.isalpha() for c in word if not c.isascii())
    return None if letters and _known_anywhere(word, EDGES) else fixed


def _written_in(word: str, language: str) -> bool:
    """Whether a word has capitals only where words have them, and no letters but the language's."""
    core = word.strip(EDGES)
    shape = core.islower() or core[1:].islower() or core.isupper()
    return shape and all(c.isascii() or c.lower() in LETTERS[language] or c in SIGNS for c in core)


def _characters(words: Sequence[str]) -> Counter[str]:
    return Counter("".join(BEYOND.findall("".join(words))))


def _undamaged(draft: Draft) -> bool:
    """Whether there are only signs beyond ASCII and what is never misread, or letters of a language that knows most words."""
    if draft.characters <= TYPOGRAPHY or draft.characters & _misreadable() <= TYPOGRAPHY:
        return True
    words = draft.sample(KNOWN_SAMPLED, LENGTH)
    counts = _characters(words)
    total = counts.total()
    if sum(n for c, n in counts.items() if c in _misreadable()) < total / 2:
        return True
    fit = {each: sum(n for c, n in counts.items() if c.lower() in LETTERS[each] or c in SIGNS) for each in LANGUAGES}
    fitting = [each for each in LANGUAGES if fit[each] >= LETTERS_UNDAMAGED * total]
    judged = [parts for word in words if (parts := _parts(word, EDGES)) is not None] if fitting else []
    return any(_mostly_known(judged, each) for each in fitting)


def _mostly_known(judged: Sequence[tuple[str, ...]], language: str) -> bool:
    """Whether most words, given as `_parts` has them, are known."""
    return sum(bool(parts) and knows(language, parts) for parts in judged) >= KNOWN_UNDAMAGED * len(judged)


@cache
def _misreadable() -> frozenset[str]:
    return frozenset(chr(c) for pair in pairs() for c in pair.back) | SIGNS


def _likeliest(evidence: Evidence, languages: Sequence[str]) -> Verdict | None:
    """The verdict that makes most words known; of those alike, the one whose characters fit best, then the first."""
    found: list[tuple[int, float, Verdict]] = []
    for pair, readings in _readings():
        if pair.telling.isdisjoint(evidence.characters):
            continue
        able = [r for r in readings if r.language in languages and not r.telling.isdisjoint(evidence.characters)]
        fits = [(reading, fit) for reading in able if (fit := _fit(evidence, reading.weights)) >= CHARACTERS_FIT]
        told = evidence.told(pair) if fits else []
        read: Iterator[Reread] | None = None
        for reading, fit in fits:
            if any(map(reading.may_know, told)):
                read, again = tee(read or _read_otherwise(evidence.of(told), pair))
                verdict = _judge(pair, reading.language, again)
                if verdict.proven and _in_context(evidence, reading.language):
                    found.append((verdict.gain, fit, verdict))
    return max(found, key=lambda each: each[:2])[2] if found else None


@cache
def _readings() -> tuple[tuple[Pair, tuple[Reading, ...]], ...]:
    """The readings of each pair."""
    return tuple((pair, tuple(_reading(pair, language) for language in pair.weights)) for pair in pairs())


def _reading(pair: Pair, language: str) -> Reading:
    meant = _meant(language)
    strange = frozenset(chr(c) for c, right in pair.back.items() if right not in meant)
    return Reading(language, pair.weights[language], pair.telling - strange, strange)


@cache
def _meant(language: str) -> frozenset[str]:
    """Of the characters of all right readings the letters of `language`, and the signs that `_parts` takes off words."""
    letters = alphabet(language)
    every = {c for pair in pairs() for c in pair.back.values()}
    return frozenset(c for c in every if letters.issuperset(c.casefold()) or c in EDGES or BETWEEN.fullmatch(c))


def _fit(evidence: Evidence, weights: Mapping[str, float]) -> float:
    """What the characters are worth read right, 1 at most."""
    counts, worth = evidence.characters.values(), map(weights.get, evidence.characters, repeat(0.0))
    return float(sum(map(mul, counts, worth))) / evidence.total


def _in_context(evidence: Evidence, language: str) -> bool:
    """Whether the plain words around are of the language, as far as there are any."""
    if language in CYRILLIC or len(evidence.plain) < CONTEXT_WORDS:
        return True
    share = evidence.shares[language]
    return share >= CONTEXT_SHARE or (share >= CONTEXT_SHARE_BEST and share == max(evidence.shares.values()))


def _read_otherwise(words: Iterable[str], pair: Pair) -> Iterator[Reread]:
    """`words` in the right reading, where they have letters then."""
    for word in words:
        fixed = word.translate(pair.back)
        if fixed[0] != "\xa0" and fixed[-1] != "\xa0" and (parts := _parts(fixed, EDGES)) is not None:
            yield Reread(word, fixed, parts)


def _judge(pair: Pair, language: str, read: Iterable[Reread]) -> Verdict:
    judged: list[Reread] = []
    after = 0
    for each in read:
        judged.append(each)
        if each.parts and knows(language, each.parts):
            after += 1
        elif len(judged) >= FEW and any(len(judged) >= words and after < least for words, least in HOPELESS):
            return Verdict(pair, language, len(judged), 0, 0, 0)
    if not after:
        return Verdict(pair, language, len(judged), 0, 0, 0)
    before = sum(_known_anywhere(word, ALL_EDGES) for word, _, _ in judged)
    impossible = sum(
        not possible(word) and _one_word(fixed) and _written_in(fixed, language) for word, fixed, _ in judged
    )
    return Verdict(pair, language, len(judged), before, after, impossible)


def _one_word(word: str) -> bool:
    return not any(c in SIGNS for c in word)
