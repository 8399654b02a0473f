"""The frequent words of nine languages (data/encoding-words.zip), loaded when a document first looks damaged."""

import zipfile
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from pipeline.repair.encoding.pairs import LETTERS

LANGUAGES = ("en", "ru", "uk", "de", "fr", "es", "pl", "cs", "hu")

# Words of one letter, and what stands beside an apostrophe; the tables have neither.
SHORT = {
    "cs": "a i k o s u v z",
    "de": "s",
    "en": "a i s t d m ll re ve",
    "es": "a e o u y",
    "fr": "a c d j l m n s t y à ô",
    "hu": "a e s ő",
    "pl": "a i o u w z",
    "ru": "а в и й к о с у я ж б",
    "uk": "а в и й і з к у о є я ж б",
}
FOREIGN = {"de": "é", "en": "áçíïñóü"}  # letters of foreign words besides pairs.LETTERS
BEGINNING = 3  # letters by which the words are stored


class Lexicon:
    """The words of a language, in lower case.

    They stay in one string for all that begin alike: that takes a tenth of the time to load and of the memory that a set
    would, for 0.5 µs a look-up.
    """

    def __init__(self, lines: Iterable[str], more: Iterable[str]) -> None:
        self._words = {}
        for line in lines:
            beginning, _, rests = line.partition(" ")
            self._words[beginning] = f" {rests} "
        for word in more:
            beginning = word[:BEGINNING]
            self._words[beginning] = f"{self._words.get(beginning, ' ')}{word[BEGINNING:]} "

    def __contains__(self, word: str) -> bool:
        return f" {word[BEGINNING:]} " in self._words.get(word[:BEGINNING], "")


@cache
def lexicon(language: str) -> Lexicon:
    """The words of `language`, one of LANGUAGES."""
    with zipfile.ZipFile(str(files("pipeline.data") / "encoding-words.zip")) as archive:
        lines = archive.read(f"{language}.txt").decode("utf-8").split("\n")
    return Lexicon(lines, SHORT[language].split())


@cache
def alphabet(language: str) -> frozenset[str]:
    """Every letter that a word of `language` in its lexicon may have; told without loading that."""
    plain = "" if language in ("ru", "uk") else "abcdefghijklmnopqrstuvwxyz"
    return frozenset(plain + LETTERS[language] + FOREIGN.get(language, ""))


def knows(language: str, words: Iterable[str]) -> bool:
    """Whether all of `words` (in lower case) are in the lexicon of `language`, which is loaded if their letters allow that.

    >>> knows("en", ["harbour", "café"]), knows("ru", ["harbour"])
    (True, False)
    """
    letters = alphabet(language)
    return all(letters.issuperset(word) and word in lexicon(language) for word in words)
