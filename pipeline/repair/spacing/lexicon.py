"""How likely a word is, alone, after another word, or as letters: the tables of pipeline/data/spacing-<language>.npz."""

import math
from collections.abc import Callable
from functools import cache, cached_property
from importlib.resources import files
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

LANGUAGES = frozenset({"en", "ru", "de", "fr", "es"})
"""Languages with tables (ISO 639-1)."""

UNKNOWN = math.log(4e-3)
"""How often running text has a word that the tables lack: wordfreq counts 1.3 % beyond its English list, mostly numbers."""

LETTER, FAR = -2.0, 16.0
"""What a letter of an unknown word costs about, and how far behind the best (natural logarithms) a cut is hopeless."""
REMEMBERED = 50_000
"""So many spellings are remembered."""
BEGINNING = 5
"""Letters that tell whether any word of the table goes on like that; most unknown words begin like none."""
DISCOUNT = 0.75
"""Taken off the count of every pair, and dealt out among the words never counted there."""
MOST_SEEN = 0.9
"""At most this share of running text are the words counted behind one word: 0.65 behind "the"."""
ALPHABET = 20_000
"""So many words have all letters of their language in them."""
FREQUENT = -13.0
"""From here on (log P) a word is frequent."""
SPARE = 5.0
"""So many words more than were counted behind a word are dealt out like that."""
NUMBER = math.log(1e-2)
"""The same for a number, whatever its digits."""
DOUBT = 100.0
"""So many counts of two words in a row and of the two as one weigh as much as their frequencies one by one."""
UNSEEN = 2.0
"""A pair never counted is at most so frequent as one counted so often: "its in" is no accident of a small corpus."""


class Following(NamedTuple):
    """What may follow a word: the gains of the words counted behind it, and the two that limit the gain of any other."""

    gains: dict[str, float]
    unpaired: float
    most: float


class Pairs(NamedTuple):
    """All pairs counted, by their first words: of each word of a pair the two limits of a `Following` and where the pairs that
    begin with it start and end in `second`, the places of their second words in the table, and in `gains`."""

    limits: dict[str, tuple[float, float, int, int]]
    second: "np.ndarray"
    gains: "np.ndarray"


class Lexicon:
    """Natural logarithms of probabilities. Words are asked for in lower case with straight apostrophes."""

    def __init__(self, tables: dict[str, "np.ndarray"]) -> None:
        words = tables["words"].tobytes().decode().split("\n")
        shared = [centi * -math.log(10) / 100 for centi in range(int(tables["centi"].max()) + 1)]
        self._log: dict[str, float] = dict(zip(words, map(shared.__getitem__, tables["centi"].tolist()), strict=True))
        self.known: Callable[[str], float | None] = self._log.get
        """log P(word), None where the table lacks it."""
        # A tuple of strings the garbage collector leaves alone; a list of them it visits again and again.
        self._words, self._tables = tuple(words), tables
        self._size = float(tables["total"].sum())
        self._met: dict[str, Following] = {}
        letters = tables["letters"].tobytes().decode().split("\n")
        self._code = {letter: i for i, letter in enumerate(letters)}
        self._grams = tables["grams"].tobytes()
        self._spelt: dict[str, float] = {}

    @cached_property
    def alphabet(self) -> str:
        """The letters of the most frequent words."""
        return "".join(sorted(set().union(*islice(self._log, ALPHABET)) - {"'"}))

    def __contains__(self, word: str) -> bool:
        return word in self._log

    def word(self, word: str) -> float:
        """log P(word) in running text; words the table lacks are judged by their letters."""
        known = self._log.get(word)
        return known if known is not None else UNKNOWN + self.letters(word)

    def likely_cuts(self, word: str, firsts: frozenset[str], least: float) -> list[int]:
        """Where a word of the table falls into two others that may be likelier together than `least`: the first among
        `firsts` or up to three letters long, the second in the table too."""
        get, cuts = self._log.get, []
        for at in range(1, len(word)):
            first = word[:at]
            if at < 4 or first in firsts:
                a = get(first)
                if a is not None and a > least and (b := get(word[at:])) is not None and a + b > least:
                    cuts.append(at)
        return cuts

    def any_cut(self, word: str, least: float) -> bool:
        """Whether a word falls anywhere into two of the table likelier together than `least`."""
        get = self._log.get
        return any(
            (a := get(word[:at])) is not None and (b := get(word[at:])) is not None and a + b > least
            for at in self._reach(word)
        )

    def lacks_letter(self, word: str) -> bool:
        """Whether one letter more makes `word` a frequent one."""
        half, halves = (len(word) + 1) // 2, self._halves
        nearby = (*halves.get(word[:half] + "-", ()), *halves.get("-" + word[half - 1 :], ()))
        return any(len(longer) == len(word) + 1 and is_one_more(longer, word) for longer in nearby)

    @cached_property
    def _halves(self) -> dict[str, list[str]]:
        """The frequent words by each of their halves: a letter more or less leaves one of the two as it is."""
        found: dict[str, list[str]] = {}
        for word in takewhile(lambda word: self._log[word] >= FREQUENT, self._log):
            half = len(word) // 2
            found.setdefault(word[:half] + "-", []).append(word)
            found.setdefault("-" + word[half:], []).append(word)
        return found

    def longer(self, word: str) -> set[str]:
        """The words of the table that are `word` and one letter more."""
        made = (word[:at] + letter + word[at:] for at in range(len(word) + 1) for letter in self.alphabet)
        return {longer for longer in made if longer in self._log}

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(word[:BEGINNING] for word in self._log if len(word) >= BEGINNING)

    def _reach(self, word: str) -> range:
        """The places in an unknown word up to which a word of the table may reach."""
        return range(1, len(word) if word[:BEGINNING] in self._beginnings else min(len(word), BEGINNING))

    def cuts(self, word: str, firsts: frozenset[str]) -> list[int]:
        """Where an unknown word may be cut: after one of `firsts` or up to three letters, or between two of the table; but
        nowhere where the best cut is likelier by far."""
        get, found = self._log.get, []
        best = -math.inf
        for at in self._reach(word):
            first = word[:at]
            a = get(first)
            if a is None:
                continue
            b = get(word[at:])
            if b is not None:
                rough = a + b
            elif at < 4 or first in firsts:
                rough = a + (UNKNOWN + LETTER * (len(word) - at))
            else:
                continue
            found.append((at, rough))
            if rough > best:
                best = rough
        return [at for at, rough in found if rough > best - FAR]

    def gain(self, before: str, word: str) -> float:
        """log P(word | word before) - log P(word), by absolute discounting; 0 where nothing is known of the two."""
        following = self._met.get(before) or self._meet(before)
        if following is None:
            return 0.0
        found = following.gains.get(word)
        if found is not None:
            return found
        alone = self._log.get(word)
        return 0.0 if alone is None else min(following.unpaired, following.most - alone)

    @cached_property
    def _pairs(self) -> Pairs:
        import numpy as np

        tables, count = self._tables, len(self._words)
        pairs = tables["pairs"].astype(np.int64)
        before, word = pairs >> 24, pairs & 0xFFFFFF
        total = tables["total"] + SPARE
        alone = np.exp(tables["centi"][word] * (-math.log(10) / 100))
        unseen = 1 - np.minimum(np.bincount(before, alone, count), MOST_SEEN)
        rest, most = (DISCOUNT * tables["kinds"] + SPARE) / total / unseen, UNSEEN / total
        counted = (tables["counts"] - DISCOUNT) / total[before] + np.minimum(rest[before] * alone, most[before])
        paired = np.flatnonzero(np.bincount(before, minlength=count) + np.bincount(word, minlength=count))
        starts, ends = np.searchsorted(before, paired).tolist(), np.searchsorted(before, paired, "right").tolist()
        limits = zip(np.log(rest[paired]).tolist(), np.log(most[paired]).tolist(), starts, ends, strict=True)
        known = dict(zip(map(self._words.__getitem__, paired.tolist()), limits, strict=True))
        return Pairs(known, word, np.log(counted / alone))

    def _meet(self, before: str) -> Following | None:
        """What may follow a word, put together when it is first asked for; None for a word no pair was counted of."""
        limits = self._pairs.limits.get(before)
        if limits is None:
            return None
        unpaired, most, start, end = limits
        words = map(self._words.__getitem__, self._pairs.second[start:end].tolist())
        gains = dict(zip(words, self._pairs.gains[start:end].tolist(), strict=True))
        following = self._met[before] = Following(gains, unpaired, most)
        return following

    def counted_apart(self, left: str, right: str) -> tuple[float, float]:
        """What the counts of two words in a row, and of the two as one word of the table, add to the log odds their frequencies
        give; and the share the counts have in it."""
        whole = self.word(left + right)
        # What often ends a sentence has fewer words counted after it than it is frequent: "today", "overtime".
        apart, as_one = self._count(left, right), max(self._total(left + right), self._size * math.exp(whole))
        trust = (apart + as_one) / (apart + as_one + DOUBT)
        by_frequency = self.word(left) + self.word(right) + self.gain(left, right) - whole
        return trust * (math.log((apart + 0.5) / (as_one + 0.5)) - by_frequency), trust

    def _total(self, before: str) -> float:
        """How often a word was counted with a word after it."""
        limits = self._pairs.limits.get(before)
        return 0.0 if limits is None else UNSEEN / math.exp(limits[1]) - SPARE

    def _count(self, before: str, word: str) -> float:
        """How often `word` was counted behind the word before, by what their gain says."""
        following = self._met.get(before) or self._meet(before)
        found = following.gains.get(word) if following else None
        if following is None or found is None:
            return 0.0
        alone = self._log[word]
        share = math.exp(found + alone) - math.exp(min(following.unpaired + alone, following.most))
        return share * (self._total(before) + SPARE) + DISCOUNT

    def letters(self, word: str) -> float:
        """log P(these letters | a word), from the spelling of all words of the language."""
        found = self._spelt.get(word)
        if found is None:
            if len(self._spelt) > REMEMBERED:
                self._spelt.clear()
            size, code, grams = len(self._code), self._code, self._grams
            context, cost = 0, 0
            for letter in word:
                at = code.get(letter, -1)
                cost += 112 if at < 0 else grams[context * size + at]
                context = (context * size + max(at, 0)) % size**3
            found = self._spelt[word] = -(cost + grams[context * size]) / 16
        return found


def is_one_more(longer: str, word: str) -> bool:
    """Whether `longer`, which has one letter more than `word`, is `word` but for that letter."""
    at = next((at for at, (a, b) in enumerate(zip(longer, word, strict=False)) if a != b), len(word))
    return longer[at + 1 :] == word[at:]


@cache
def lexicon(language: str) -> Lexicon:
    """The tables of one of LANGUAGES, read once per process (English: 0.14 CPU-seconds and 47 MB, and
    0.09 and 35 MB more for the first damaged document)."""
    import numpy as np  # as costly to load as everything else a clean text needs

    with files("pipeline.data").joinpath(f"spacing-{language}.npz").open("rb") as file, np.load(file) as tables:
        return Lexicon({name: tables[name] for name in tables.files})
