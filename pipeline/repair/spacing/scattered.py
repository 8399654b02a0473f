"""Blanks lost at random or over a whole stretch, as scanners and dropped inline tags lose them. Only on request.

Every run of letters is cut into words by a Viterbi search over word and pair frequencies; what a lost blank costs is estimated
from the document. Seams at punctuation follow fixed rules.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.repair.spacing.lexicon import Lexicon
from pipeline.repair.spacing.reader import CODE, DOTTED, LETTERS, Reader, plain
from pipeline.repair.spacing.words import Words

CHUNK = re.compile(r"\S+")
LONGEST = 24
"""Letters of the longest word a run is cut into."""
MOST_LETTERS = 600
"""A run longer than this is data, not words."""
FIRST_RATE, LEAST_RATE, MOST_RATE = 0.05, 0.004, 0.6
"""How often a blank is lost: the first guess, and the limits of what the document may say."""
BURST = 0.25
"""How often the next blank of a chunk is lost once one is: losses come in stretches."""
PART = -4.0
"""What an unknown word costs as a part of a run, beside its own likelihood (natural logarithm)."""
MARK = re.compile(r"(?<=[^\W_])([,;:!?.…]+[\"”’»)\]]*|[)\]”»])(?=[\"“‘«(\[]*[^\W\d_])|(?<=[^\W\d_])(?=[(\[“«]\w)")
"""Where punctuation parts two words."""
INITIALS = re.compile(r"(?<!\w)[^\W\d_]\.[^\W\d_]\.")
QUOTE = re.compile(r"[\"\n]")
BEFORE_QUOTE = frozenset(",.;:!?") | frozenset("abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя")
BEFORE_NUMBER = re.compile(r"(?<![\w@#./_-])([^\W\d_]{2,})\d[\d,.]*(?![\w/@_-])")
FREQUENT = -8.5
"""From here on (log P) a word is no part of a name with a number, "RS2"."""
SEAM_ENDS = frozenset(".:…")


class Run(NamedTuple):
    """Letters in a text, with the words that stand before and after them ("" for none)."""

    text: int
    start: int
    letters: str
    before: str
    after: str


def scattered_losses(texts: Sequence[str], words: Words, lexicon: Lexicon) -> tuple[list[tuple[int, int]], float]:
    """(text, offset) of each blank to restore, and the share of blanks that was lost."""
    seen = Counter(plain(word) for text in texts for word in LETTERS.findall(text))
    reader = Reader(words, lexicon, seen)
    runs = [run for number, text in enumerate(texts) for run in runs_of(number, text)]
    kept = sum(len(text.split()) for text in texts)
    rate = FIRST_RATE
    places: list[tuple[int, int]] = []
    for _ in range(2):
        cutter = Cutter(reader, lexicon, rate)
        places = [(run.text, run.start + at) for run in runs for at in cutter.cuts(run)]
        rate = min(max(len(places) / max(len(places) + kept, 1), LEAST_RATE), MOST_RATE)
    seams = [(number, at) for number, text in enumerate(texts) for at in (*marks(text), *numbers(text, lexicon))]
    places = sorted({*places, *seams})
    return places, len(places) / max(len(places) + kept, 1)


def runs_of(number: int, text: str) -> Iterator[Run]:
    """The runs of letters of a text that are no part of an address or of code."""
    found: list[Run] = []
    open_ended = False
    for chunk in CHUNK.finditer(text):
        if CODE.search(chunk[0]) or DOTTED.search(chunk[0]):
            open_ended = False
            continue
        for run in LETTERS.finditer(chunk[0]):
            before = plain(found[-1].letters) if open_ended and run.start() == 0 and found else ""
            if before:
                found[-1] = found[-1]._replace(after=plain(run[0]))
            found.append(Run(number, chunk.start() + run.start(), run[0], before, ""))
            open_ended = run.end() == len(chunk[0])
        open_ended = open_ended and chunk[0][-1].isalpha()
    yield from found


def marks(text: str) -> Iterator[int]:
    """Where a blank is missing at punctuation."""
    for chunk in CHUNK.finditer(text):
        if CODE.search(chunk[0]) or INITIALS.search(chunk[0]):
            continue
        for mark in MARK.finditer(chunk[0]):
            at = mark.end()
            if not mark[0] or mark[0][0] not in SEAM_ENDS or chunk[0][at:].lstrip('"“‘«([')[:1].isupper():
                yield chunk.start() + at
    quotes = 0
    for quote in QUOTE.finditer(text):
        if quote[0] == "\n":
            quotes = 0
        elif (
            quote.start() and text[quote.start() - 1] in BEFORE_QUOTE and text[quote.end() : quote.end() + 1].isalpha()
        ):
            yield quote.end() if quotes % 2 else quote.start()
        quotes += quote[0] != "\n"


def numbers(text: str, lexicon: Lexicon) -> Iterator[int]:
    """Where a number follows a frequent word without a blank: "last10 years"."""
    for found in BEFORE_NUMBER.finditer(text):
        if (lexicon.known(plain(found[1])) or -math.inf) > FREQUENT:
            yield found.end(1)


class Cutter:
    """Cuts runs into words, where a blank is lost at `rate`."""

    def __init__(self, reader: Reader, lexicon: Lexicon, rate: float) -> None:
        self._reader, self._lexicon = reader, lexicon
        self._first, self._next = math.log(rate), math.log(max(rate, BURST))
        self._scores: dict[str, float] = {}

    def cuts(self, run: Run) -> list[int]:
        """Where `run` lost its blanks."""
        word = plain(run.letters)
        if not 2 <= len(word) <= MOST_LETTERS or len(word) != len(run.letters) or not self._doubtful(word):
            return []
        whole = (
            self._reader.alone(run.letters) + self._reader.gain(run.before, word) + self._reader.gain(word, run.after)
        )
        cuts, score = self._search(run)
        if not cuts:
            return []
        if len(cuts) == 1:
            left, right = run.letters[: cuts[0]], run.letters[cuts[0] :]
            whole = max(whole, score - self._first + self._reader.stands_together(left, right))
        return cuts if score > whole else []

    def _doubtful(self, word: str) -> bool:
        """Whether a word may be several at all."""
        known = self._lexicon.known(word)
        return known is None or bool(self._lexicon.any_cut(word, known - self._first - 6.0))

    def _search(self, run: Run) -> tuple[list[int], float]:
        """The likeliest way to cut `run` into two or more words, and its score."""
        letters, n = run.letters, len(run.letters)
        best: list[dict[int, tuple[float, int]]] = [{} for _ in range(n + 1)]
        for end in range(1, n + 1):
            for start in range(max(0, end - LONGEST), end):
                if (start, end) == (0, n):
                    continue
                score = self._piece(letters, start, end)
                if score is None:
                    continue
                word = plain(letters[start:end])
                if start == 0:
                    best[end][0] = (score + self._reader.gain(run.before, word), -1)
                elif best[start]:
                    best[end][start] = self._join(letters, best[start], start, word, score)
        return self._trace(run, best)

    def _join(
        self, letters: str, ways: dict[int, tuple[float, int]], start: int, word: str, score: float
    ) -> tuple[float, int]:
        """The best of the `ways` to reach `start`, continued by `word`: score, and where the word before it began."""
        options = (
            (
                ways[i][0] + self._reader.gain(plain(letters[i:start]), word) + (self._next if i else self._first),
                i,
            )
            for i in ways
        )
        top, came = max(options)
        return top + score, came

    def _trace(self, run: Run, best: list[dict[int, tuple[float, int]]]) -> tuple[list[int], float]:
        end = len(run.letters)
        ways = {
            i: way[0] + self._reader.gain(plain(run.letters[i:]), run.after) for i, way in best[end].items() if i > 0
        }
        if not ways:
            return [], -math.inf
        start = max(ways, key=ways.__getitem__)
        score, cuts = ways[start], [start]
        while (came := best[end][start][1]) > 0:
            end, start = start, came
            cuts.append(start)
        return sorted(cuts), score

    def _piece(self, letters: str, start: int, end: int) -> float | None:
        """log P of a part of a run as a word; None for what cannot be one."""
        part = letters[start:end]
        if not part[0].isalpha() or not part[-1].isalpha():
            return None
        if plain(part) in self._lexicon:
            if end - start == 1 and not self._reader.stands_alone(part):
                return None
        elif end - start < 4 or (start and end < len(letters)):
            return None
        found = self._scores.get(part)
        if found is None:
            found = self._reader.alone(part)
            if plain(part) not in self._lexicon:
                found += PART
            self._scores[part] = found
        return found
