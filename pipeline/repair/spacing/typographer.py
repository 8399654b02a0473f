"""Blanks lost because a typographer had made them no-break ones, and a scraper dropped what is not ASCII.

Such a typographer ties short words, prepositions above all, to the word that follows: "theleaders ofthe states". Every
document shows by itself which words lost their blanks and how often: this is estimated from it (expectation maximisation),
and a place is split where the split explains the document better than one word does.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import attrgetter

from pipeline.repair.spacing.lexicon import Lexicon
from pipeline.repair.spacing.places import Option, Place, is_function, stem
from pipeline.repair.spacing.reader import Reader, Reading, Split, Token, identifier, keep, plain, shape
from pipeline.repair.spacing.words import Words

MARKS = ".,;:!?()[]\"'“”‘’«»„…"
OPENING = "([\"'“‘«„"
RANDOM = 0.12
"""More losses than this after ordinary words are no typographer's: at most 0.05 on the bench's typographers, at least 0.2 where
10 or 50 % of all blanks were lost (`score.py spacing`, typog* and rand*)."""
AT_RANDOM, FUSIONS, TYPICAL = 0.25, 30, 0.1
"""A text is read no further once more than this share of its likely fusions, and of those to come at a typographer's rate in
what is left of it, comes after ordinary words: of the first 30 at most 0.13 in 450 texts of a typographer, at least 0.17 where
10 or 50 % of all blanks were lost (the same benches)."""
USUAL, FEW = 0.15, 0.1
"""Of the chunks of a text so many are function words; of a page of lists fewer, which asks for more evidence."""
MANY, NEARLY_ALL = 10, 0.9
"""So many different fusions, after words of which nearly all lost their blanks, are that evidence."""
TIE = 1.0
"""A split this little behind (natural logarithms) makes the word a suspect."""
SCORE = attrgetter("score")
CERTAIN = 14.0
"""A split this far ahead wins at any rate: the least rate is a millionth."""
HOPELESS = 12.0
"""An option this far behind (natural logarithms) is not weighed any more."""
AGAIN = 4.0
"""What a word speaks for itself across a preposition: "day today", "side byside"."""
APART = math.log(3.0)
"""By how much (natural logarithm) "move on to" beats "move onto" at least: 49 to 11 after such verbs in WCXB pages."""


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
    ties: tuple[tuple[int, int, str, int], ...]
    """(text, offset, run, length of its first word) of words that may as well be two."""

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
    def accidental(self) -> float:
        """Which share of all losses came after words no typographer ties: high where blanks were lost at random."""
        everything = sum(self.lost.values())
        return sum(n for key, n in self.lost.items() if self.groups.get(key) == "other") / max(everything, 1e-9)

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
            and self.accidental <= RANDOM
            and self.gain >= 2.5 * len(self.splits)
            and function_words >= (FEW if self.kinds >= MANY and self.share >= NEARLY_ALL else USUAL) * self.chunks
        )


def diagnose(texts: Sequence[str], words: Words, lexicon: Lexicon) -> Diagnosis:
    """Estimates from the texts, read as one document, which blanks were lost."""
    seen, identifiers = Counter[str](), Counter[str]()
    chunks = Counter(chain.from_iterable(map(str.split, texts)))
    for chunk, n in chunks.items():
        if (word := chunk.strip(MARKS)).isalpha():
            seen[plain(word)] += n
            if not word[1:].islower() and shape(word) == "mixed":
                identifiers[word] += n
            if "()" not in chunk:
                continue
        if name := identifier(chunk):
            identifiers[name] += n
    bare = not any("'" in text or "’" in text for text in texts)
    rates = Rates()
    survey = Survey(Reader(words, lexicon, seen, identifiers, bare=bare), rates, chunks.total())
    for number, text in enumerate(texts):
        offset = 0
        for line in text.split("\n"):
            survey.line(number, offset, line)
            offset += len(line) + 1
            if survey.at_random:
                return Diagnosis({}, {}, {}, 0, 0.0, survey.chunks, (), ())
    survey.finish()
    return rates.diagnosis(survey.chunks)


NOTHING = Token("", None, "", False, False, "")
LAST_PART = re.compile(r"[^\W\d_]+(?:[-/][^\W\d_]+)*[-/](?=[^\W\d_]+\W*$)")
"""What stands before the last part of a compound."""


class Tokens(dict[str, Token]):
    """The tokens of a document by their chunks, each made when it is first asked for."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._firm = reader, reader.memory.firm

    def __missing__(self, chunk: str) -> Token:
        token = self._firm.get(chunk)
        if token is None:
            reading = self._reader.firm(chunk)
            if reading is not None:
                token = keep(self._firm, chunk, self._token(chunk, reading))
            else:
                token = self._token(chunk, self._reader.read(chunk))
        self[chunk] = token
        return token

    def _token(self, chunk: str, reading: Reading | None) -> Token:
        word = chunk.lstrip(OPENING)
        return Token(
            chunk,
            reading,
            key=word if word.isalpha() else "",
            opens=chunk[0].isalnum(),
            closes=chunk[-1].isalnum(),
            first=first_word(reading),
            last=self._last(chunk) if "-" in chunk or "/" in chunk else None,
        )

    def _last(self, chunk: str) -> Reading | None:
        """The reading of the last part of a compound with the function words it may have run into."""
        found = LAST_PART.match(chunk)
        reading = self[chunk[found.end() :]].reading if found else None
        if found is None or reading is None or reading.known:
            return None
        splits = tuple(
            split._replace(at=split.at + found.end())
            for split in reading.splits
            if not is_function(split.group) and self._reader.is_function(split.right)
        )
        return reading._replace(splits=splits) if splits else None


class Survey:
    """Walks through lines and hands `rates` the places that are ambiguous and the blanks kept by the others."""

    def __init__(self, reader: Reader, rates: "Rates", chunks: int) -> None:
        self._reader, self._rates = reader, rates
        self._tokens = Tokens(reader)
        self._all_chunks, self._fusions, self._accidents = chunks, 0, 0
        self._runs = set[str]()
        self.chunks = 0

    @property
    def at_random(self) -> bool:
        """Whether blanks are so often lost after ordinary words that no typographer can have done it."""
        to_come = TYPICAL * (self._all_chunks - self.chunks)
        return self._fusions >= FUSIONS and self._accidents > AT_RANDOM * (self._fusions + to_come)

    def line(self, text: int, offset: int, line: str) -> None:
        """One line of the text number `text`, which begins at `offset` there."""
        tokens = [self._tokens[chunk] for chunk in line.split()]
        self.chunks += len(tokens)
        before, fused, end = "", False, 0
        for token, follower in pairwise([*tokens, NOTHING]):
            reading, key = token.reading, token.key if follower.opens and not fused else ""
            fused, start = False, line.index(token.chunk, end)
            end = start + len(token.chunk)
            if reading is None:
                before = ""
                if follower.chunk and self._reader.ties(token.chunk, follower.chunk):
                    self._rates.keep("#", "number")
                continue
            after = follower.first if token.closes else ""
            options = self._options(reading, before, after, alone=len(tokens) == 1) if reading.splits else ()
            before = reading.last
            if token.last:
                self._last(text, offset + start, token.last, after)
            if len(options) > 1:
                best = self._place(text, offset + start, token.chunk, reading, options, key)
                fused = bool(best.key)
                if fused and reading.last == reading.word:
                    before = best.right
            elif key:
                self._rates.free[key] += 1

    def _last(self, text: int, start: int, reading: Reading, after: str) -> None:
        """Hands on the last part of a compound that begins at `start`."""
        options = weigh(self._reader, reading, "", after)
        if len(options) > 1:
            self._rates.know(reading.splits)
            self._rates.add(Place(text, start, reading.run, options, ""))

    def finish(self) -> None:
        """Tells `rates` the groups of the words that kept a blank."""
        groups = self._rates.groups
        for word in self._rates.keeping():
            if word not in groups and (group := self._reader.group(word)):
                groups[word] = group

    def _options(self, reading: Reading, before: str, after: str, *, alone: bool) -> tuple[Option, ...]:
        """The options of a chunk; one that stands `alone` in its line is a name or heading rather than an accident."""
        options = weigh(self._reader, reading, before, after)
        return tuple(o for o in options if self._group(reading, o) != "other") if alone else options

    def _group(self, reading: Reading, option: Option) -> str | None:
        return next((split.group for split in reading.splits if split.at == option.at), None)

    def _place(
        self, text: int, start: int, chunk: str, reading: Reading, options: tuple[Option, ...], key: str
    ) -> Option:
        """Hands on a place, and the one behind it where the rest may be two words too ("atriskuntil"); its best option."""
        self._rates.know(reading.splits)
        self._rates.add(Place(text, start, reading.run, options, key))
        best = max(options, key=SCORE)
        if best.key and reading.run not in self._runs:
            self._runs.add(reading.run)
            self._fusions += 1
            self._accidents += self._group(reading, best) == "other"
        rest = self._tokens[chunk[best.at :]].reading if best.key else None
        if rest and rest.splits and not rest.known:
            more = weigh(self._reader, rest, plain(best.key), "")
            if len(more) > 1:
                self._rates.know(rest.splits)
                self._rates.add(Place(text, start + best.at, rest.run, more, ""))
        return best


def weigh(reader: Reader, reading: Reading, before: str, after: str) -> tuple[Option, ...]:
    """The options of a chunk between the words before and after it; those that cannot win are left out."""
    gain, scores = reader.gain, []
    whole = reading.score + gain(before, reading.word) + gain(reading.last, after)
    apart, inside = reader.stands_apart(before, reading.word), reading.last == reading.word
    for split in reading.splits:
        score = split.score + split.pair + gain(before, split.left)
        score += gain(split.right if inside else reading.last, after)
        if before == split.right and is_function(split.group):
            score += AGAIN
        if split.compound is not None and not (reading.known and is_function(split.group)):
            whole = max(whole, score + split.compound)
        if apart:
            score = max(score, whole + APART)
        scores.append(score)
    return Option("", 0, "", "", whole), *(
        Option(split.key, split.at, split.right, stem(split.key, reading.run), score)
        for split, score in zip(reading.splits, scores, strict=True)
        if score > whole - HOPELESS
    )


def first_word(reading: Reading | None) -> str:
    """The first word of a chunk by its likelier reading, no context known."""
    if reading is None:
        return ""
    if not reading.splits:
        return reading.word
    best = max(reading.splits, key=SCORE)
    return best.left if best.score > reading.score else reading.word


class Rates:
    """The places of a document and the blanks it kept; how often each key lost its blank follows from them."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._certain: list[Place] = []
        self.free: Counter[str] = Counter()
        self.groups: dict[str, str] = {}

    def add(self, place: Place) -> None:
        """Takes in a place; one where no rate could save the whole is not weighed again in every round."""
        certain = len(place.options) == 2 and place.options[1].score > place.options[0].score + CERTAIN
        (self._certain if certain else self._places).append(place)

    def know(self, splits: Iterable[Split]) -> None:
        """Takes note of the groups of the splits' keys."""
        for split in splits:
            self.groups[split.key] = split.group

    def keep(self, key: str, group: str) -> None:
        """Counts a blank that `key` kept."""
        self.groups[key] = group
        self.free[key] += 1

    def keeping(self) -> set[str]:
        """The words that kept a blank, or did so if a place of theirs lost none."""
        return {*self.free, *(place.free for place in (*self._certain, *self._places) if place.free)}

    def diagnosis(self, chunks: int) -> Diagnosis:
        """The splits that win, and what speaks for them together."""
        from pipeline.repair.spacing.estimate import Estimate  # numpy is loaded for what may be damaged alone

        splits, ties, gain, kinds = [], [], 0.0, set()
        places = [*self._certain, *self._places]
        estimate = Estimate(places, len(self._certain), self.free, self.groups)
        for place, weights in zip(places, estimate.weights(), strict=True):
            best = max(weights)
            if best > weights[0]:
                splits.append((place.text, place.start + place.options[weights.index(best)].at))
                kinds.add(place.run)
                gain += best - place.options[0].score
            elif len(weights) > 1 and (second := max(weights[1:])) > weights[0] - TIE:
                at = place.options[weights.index(second, 1)].at
                ties.append((place.text, place.start, place.run, at))
        lost, kept = estimate.lost(), estimate.kept()
        for key, rate in estimate.function_rates().items():
            if key in lost:
                gain += kept[key] * math.log(1 - rate)
        return Diagnosis(lost, kept, self.groups, len(kinds), gain, chunks, tuple(splits), tuple(ties))
