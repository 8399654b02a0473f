"""Blanks lost because a typographer had made them no-break ones, and a scraper dropped what is not ASCII.

Such a typographer ties short words, prepositions above all, to the word that follows: "theleaders ofthe states". Every
document shows by itself which words lost their blanks and how often: this is estimated from it (expectation maximisation),
and a place is split where the split explains the document better than one word does.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.repair.spacing.lexicon import Lexicon
from pipeline.repair.spacing.words import Words

CHUNK = re.compile(r"\S+")
HEAD = re.compile(r"([(\[\"'“‘«„]*)(?:([^\W\d_]+(?:['’][^\W\d_]+)*)|(\d[\d.,]*)(?=[^\W\d_]))(.*)", re.DOTALL)
"""A chunk: opening marks, then a run of letters or a number stuck to letters, then the rest."""
LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
LAST_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*$|\d+$")
CODE = re.compile(r"://|www\.|[_=<>{}\\|~^]|\w\(|\w\.\w+\(|[a-z]\.[a-z]{2,4}(?:/|$)|^[#@$]|@\w+\.")
"""Addresses, code, tags and handles: never taken apart."""

UNKNOWN_AS = {"lower": math.log(1e-3), "Title": math.log(1.5e-2), "UPPER": math.log(5e-3), "mixed": math.log(1e-4)}
"""How often running text has a word the tables lack, by how it is written: names are unknown more often than verbs."""
ACRONYM_LETTER = math.log(20)
"""What a letter of an unknown acronym costs: any may follow any."""
MIXED = math.log(1e-2)
"""A known word in mixed case ("iPhone"), against the same word as usual."""
SEEN = math.log(3e-5)
"""At least this likely is a word that stands free elsewhere in the document."""
NUMBER = math.log(1e-2)
STUCK_UNIT = math.log(2e-2)
"""A unit of several letters written on to its number, against one that stands free."""
PAIR_GAIN = 7.0
"""A split may win this much (in natural logarithms) by its neighbours, hardly more."""
ROUNDS = 4
LOST_BY_ACCIDENT = 1e-3
"""First guess of how often a blank after an ordinary word is lost (a dash dropped between two words, for instance)."""


class Split(NamedTuple):
    """One way to take a chunk apart: the blank goes in at `at`; `key` is what lost it, as written."""

    at: int
    key: str
    group: str
    left: str
    right: str
    score: float


class Whole(NamedTuple):
    """A chunk as it stands; `word` is its run of letters in lower case, `last` the word a next one would follow."""

    word: str
    last: str
    score: float


class Place(NamedTuple):
    """An ambiguous chunk in its line."""

    text: int
    start: int
    chunk: str
    options: tuple[tuple[str, str, float], ...]
    """Key ("" for the whole), its group, and the score, in the order of the reading; the whole comes first."""
    free: str
    """The key that kept its blank if the chunk is whole; "" where none followed."""


def shape(word: str) -> str:
    """lower, Title, UPPER or mixed."""
    if word.islower():
        return "lower"
    if word[0].isupper() and (len(word) == 1 or word[1:].islower()):
        return "Title"
    return "UPPER" if word.isupper() else "mixed"


class Reader:
    """Takes chunks apart in one language; remembers every different chunk it has seen."""

    def __init__(self, words: Words, lexicon: Lexicon, seen: Counter[str]) -> None:
        self._lexicon = lexicon
        self._words = words
        self._singles = frozenset(w for w in words.function_words if len(w) == 1) | {"I"}
        self._seen = seen
        self._chunks: dict[str, tuple[Whole, tuple[Split, ...]] | None] = {}
        self._pairs: dict[tuple[str, str], float] = {}

    def read(self, chunk: str) -> tuple[Whole, tuple[Split, ...]] | None:
        """`chunk` as one word and the ways to split it worth a second look; None where it is no word."""
        if chunk not in self._chunks:
            self._chunks[chunk] = self._read(chunk)
        return self._chunks[chunk]

    def _read(self, chunk: str) -> tuple[Whole, tuple[Split, ...]] | None:
        found = HEAD.fullmatch(chunk)
        if found is None or CODE.search(chunk):
            return None
        opening, run, number, tail = found.groups()
        if number is not None:
            return self._read_number(opening, number, tail)
        last = LAST_WORD.search(chunk)
        word = plain(run)
        whole = Whole(word, plain(last[0]) if last else "", self.alone(run))
        splits = [split for i in range(1, len(run)) if (split := self._split(opening, run, i))]
        if tail[:1].isdigit() and (group := self.group(run)):
            splits.append(Split(len(opening) + len(run), run, group, word, "0", self.alone(run) + NUMBER))
            whole = whole._replace(score=whole.score + NUMBER + MIXED)
        best = [split for split in splits if split.score + PAIR_GAIN > whole.score]
        return whole, tuple(best)

    def _read_number(self, opening: str, number: str, tail: str) -> tuple[Whole, tuple[Split, ...]] | None:
        run = LETTERS.match(tail)
        if run is None or plain(run[0]) not in self._words.units | self._words.months:
            return None
        unit = plain(run[0])
        whole = Whole("0" + unit, unit, NUMBER + STUCK_UNIT + self.alone(run[0]))
        at = len(opening) + len(number)
        return whole, (Split(at, "#", "number", "0", unit, NUMBER + self.alone(run[0])),)

    def _split(self, opening: str, run: str, i: int) -> Split | None:
        left, right = run[:i], run[i:]
        if not right[0].isalpha() or not (group := self.group(left)):
            return None
        if (len(left) == 1 and group.startswith("short")) or (len(right) == 1 and right not in self._singles):
            return None
        if group == "other" and (len(right) < 3 or not self.group(right)):
            return None
        score = self.alone(left, part=True) + self.alone(right, part=True)
        return Split(len(opening) + i, left, group, plain(left), plain(right), score)

    def group(self, word: str) -> str | None:
        """The group of words whose blanks are lost together; None for what is no word."""
        small = plain(word)
        form = shape(word)
        if form == "mixed":
            return None
        if small in self._words.prepositions:
            return f"preposition {form}"
        if small in self._words.little:
            return f"little {form}"
        if len(small) <= 3:
            return f"short {form}" if small in self._lexicon or small in self._seen else None
        return "other" if small in self._lexicon or small in self._seen else None

    def alone(self, word: str, *, part: bool = False) -> float:
        """log P(word as written), from the tables, for parts the document's own free words, or its letters."""
        small, form = plain(word), shape(word)
        known = self._lexicon.known(small)
        if part and small in self._seen and (known is None or known < SEEN):
            known = SEEN
        if known is None and form == "UPPER":
            return UNKNOWN_AS[form] - ACRONYM_LETTER * len(small)
        if known is None:
            return UNKNOWN_AS[form] + self._lexicon.letters(small)
        return known + (MIXED if form == "mixed" else 0.0)

    def gain(self, before: str, word: str) -> float:
        """log P(word | word before) - log P(word); 0 where nothing is known of the two."""
        if not before or not word:
            return 0.0
        key = before, word
        found = self._pairs.get(key)
        if found is None:
            known = word in self._lexicon
            found = self._pairs[key] = self._lexicon.pair(before, word) - self._lexicon.word(word) if known else 0.0
        return found


def plain(word: str) -> str:
    """`word` as the tables spell it."""
    return word.lower().replace("’", "'")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a document lost: expected losses and kept blanks per key, and by how much loss explains it better than none."""

    lost: dict[str, float]
    free: dict[str, float]
    groups: dict[str, str]
    kinds: int
    gain: float
    chunks: int
    splits: tuple[tuple[int, int], ...]
    """(text, offset) of every blank to restore."""

    def function_keys(self) -> list[str]:
        """The function words that lost blanks."""
        return [key for key, n in self.lost.items() if n > 0.5 and is_function(self.groups[key])]

    @property
    def share(self) -> float:
        """Which share of the blanks after those function words was lost."""
        keys = self.function_keys()
        lost, free = sum(self.lost[k] for k in keys), sum(self.free.get(k, 0.0) for k in keys)
        return lost / (lost + free) if keys else 0.0

    @property
    def damaged(self) -> bool:
        """Whether the document was damaged: several function words fused with many words, hardly ever free, in a text that
        is otherwise of this language."""
        keys = self.function_keys()
        lost = sum(self.lost[k] for k in keys)
        function_words = lost + sum(n for k, n in self.free.items() if k in self.groups and is_function(self.groups[k]))
        return (
            len(keys) >= 3
            and self.kinds >= 3
            and lost >= 0.02 * self.chunks
            and self.share >= 0.3
            and self.gain >= 5 * len(self.splits)
            and function_words >= 0.15 * self.chunks
        )


def is_function(group: str) -> bool:
    """Whether a group is one of function words."""
    return group.startswith(("preposition", "little"))


def diagnose(texts: Sequence[str], words: Words, lexicon: Lexicon) -> Diagnosis:
    """Estimates from the texts, read as one document, which blanks were lost."""
    chunks = [[(m.start(), m[0]) for m in CHUNK.finditer(text)] for text in texts]
    seen = Counter(plain(c.strip(".,;:!?()\"'“”")) for line in chunks for _, c in line)
    reader = Reader(words, lexicon, Counter({w: n for w, n in seen.items() if w.isalpha()}))
    places, free, groups = find_places(chunks, reader)
    rates = Rates(places, free, groups)
    for _ in range(ROUNDS):
        rates.update()
    return rates.diagnosis(reader, sum(map(len, chunks)))


def find_places(
    chunks: Sequence[Sequence[tuple[int, str]]], reader: Reader
) -> tuple[list[Place], Counter[str], dict[str, str]]:
    """The ambiguous chunks, how often each key kept its blank elsewhere, and the keys' groups."""
    places: list[Place] = []
    free: Counter[str] = Counter()
    groups: dict[str, str] = {}
    for number, line in enumerate(chunks):
        before, fused = "", False
        for i, (start, chunk) in enumerate(line):
            read = reader.read(chunk)
            follower = line[i + 1][1] if i + 1 < len(line) else ""
            key = free_key(chunk, follower, fused)
            fused = False
            if read is None:
                before = ""
                continue
            whole, splits = read
            if splits:
                place = weigh(reader, number, start, chunk, before, follower, key)
                places.append(place)
                best = max(range(len(place.options)), key=lambda k: place.options[k][2])
                fused = best > 0
                before = whole.last if best == 0 else tail_word(splits[best - 1], whole)
                groups.update((name, group) for name, group, _ in place.options[1:])
            else:
                before = whole.last
                if key:
                    free[key] += 1
            if key and key not in groups and (named := reader.group(key)):
                groups[key] = named
    return places, free, groups


def tail_word(split: Split, whole: Whole) -> str:
    """The word the next one follows, if `split` is right."""
    return split.right if whole.last == whole.word else whole.last


def free_key(chunk: str, follower: str, fused: bool) -> str:
    """`chunk` as a key that kept its blank; "" where it could not have lost it."""
    if fused or not follower[:1].isalnum():
        return ""
    word = chunk.lstrip("([\"'“‘«„")
    return word if word.isalpha() else ""


def weigh(reader: Reader, text: int, start: int, chunk: str, before: str, follower: str, key: str) -> Place:
    """The readings of one chunk, scored with the words around it."""
    read = reader.read(chunk)
    assert read is not None
    whole, splits = read
    after = reader.read(follower) if follower and whole.last and chunk[-1:].isalnum() else None
    first = after[0].word if after else ""
    if after and after[1]:
        best = max(after[1], key=lambda s: s.score)
        if best.score > after[0].score:
            first = best.left
    options = [("", "", whole.score + reader.gain(before, whole.word) + reader.gain(whole.last, first))]
    for split in splits:
        score = split.score + reader.gain(before, split.left) + reader.gain(split.left, split.right)
        score += reader.gain(tail_word(split, whole), first)
        options.append((split.key, split.group, score))
    return Place(text, start, chunk, tuple(options), key)


class Rates:
    """How often each key lost its blank, estimated by expectation maximisation."""

    def __init__(self, places: Sequence[Place], free: Counter[str], groups: dict[str, str]) -> None:
        self.places, self.free, self.groups = places, free, groups
        self.lost: dict[str, float] = {}
        self.by_chunk: dict[tuple[str, str], float] = {}
        self.kept: dict[str, float] = dict(free)
        self.of_group: dict[str, float] = {
            g: 0.5 if g.startswith("preposition") or g == "number" else 0.05 if g != "other" else LOST_BY_ACCIDENT
            for g in set(groups.values())
        }

    def rate(self, key: str, chunk: str) -> float:
        """How often `key` loses its blank, judged without the chunks that read `chunk`."""
        group = self.groups[key]
        if group == "other":
            return self.of_group[group]
        own = self.by_chunk.get((key, chunk), 0.0)
        lost = max(self.lost.get(key, 0.0) - own, 0.0)
        return min((lost + 2 * self.of_group[group]) / (lost + self.kept.get(key, 0.0) + 2), 0.999)

    def weights(self, place: Place) -> list[float]:
        """The log likelihood of each reading of `place` under the present rates."""
        out = []
        for key, _, score in place.options:
            if key:
                out.append(score + math.log(max(self.rate(key, place.chunk), 1e-6)))
            elif place.free and place.free in self.groups:
                out.append(score + math.log(1 - self.rate(place.free, place.chunk)))
            else:
                out.append(score)
        return out

    def update(self) -> None:
        """One round: places from rates, rates from places."""
        lost: dict[str, float] = defaultdict(float)
        by_chunk: dict[tuple[str, str], float] = defaultdict(float)
        kept: dict[str, float] = defaultdict(float, self.free)
        for place in self.places:
            shares = softmax(self.weights(place))
            if place.free:
                kept[place.free] += shares[0]
            for (key, _, _), share in zip(place.options[1:], shares[1:], strict=True):
                lost[key] += share
                by_chunk[key, place.chunk] += share
        self.lost, self.by_chunk, self.kept = lost, by_chunk, kept
        totals: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for key, group in self.groups.items():
            totals[group][0] += lost.get(key, 0.0)
            totals[group][1] += kept.get(key, 0.0)
        self.of_group = {g: (a + 0.01) / (a + b + 0.1) for g, (a, b) in totals.items()}

    def diagnosis(self, reader: Reader, chunks: int) -> Diagnosis:
        """The splits that win, and what speaks for them together."""
        splits, gain, kinds = [], 0.0, set()
        for place in self.places:
            weights = self.weights(place)
            best = max(range(len(weights)), key=weights.__getitem__)
            if best:
                read = reader.read(place.chunk)
                assert read is not None
                splits.append((place.text, place.start + read[1][best - 1].at))
                kinds.add(place.chunk)
                gain += weights[best] - place.options[0][2]
        for key in self.lost:
            if self.groups[key] != "other":
                gain += self.kept.get(key, 0.0) * math.log(1 - self.rate(key, ""))
        return Diagnosis(self.lost, self.kept, self.groups, len(kinds), gain, chunks, tuple(splits))


def softmax(weights: Sequence[float]) -> list[float]:
    """Shares of one in proportion to the exponentials of `weights`."""
    top = max(weights)
    raw = [math.exp(w - top) for w in weights]
    total = sum(raw)
    return [r / total for r in raw]
