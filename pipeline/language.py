"""Which language a text is in: by script and frequent words where those decide, by py3langid's model where they do not.

The model takes about 1.2 CPU-seconds to load, so it is loaded on the first text the tables cannot tell. Both answers are gated:
a text too short or too mixed has no language here, rather than a wrong one.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, filterfalse
from pathlib import Path
from typing import Any, NamedTuple

SAMPLE = 2000  # code points looked at: more changed no answer on ../shared/bench/spacing-multilingual-dev
MIN_LETTERS = 24
MIN_WORDS = 6
MODEL_LETTERS = 40  # it answers for less, too, and is wrong more often
MIN_SHARE = 0.10  # of the words, that are frequent words of the language: 0.35 is usual in English, 0.13 in Finnish
MARGIN = 1.25  # how many times more such words than the next language must have
MIN_DISTINCT = 3  # "ani …, ani …, ani …" is one word, and Romanian besides Czech
MIN_PROBABILITY = 0.7  # of the model's answer
OWN_WORDS = 12  # of a language, that tell a text of its own from others
_TABLE = Path(__file__).parent / "data" / "function_words.txt"
_WORDS = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f\u064b-\u0652\u0900-\u0dff'‘’ʻ](?<=\w.))+")
# The same where no combining mark stands, and where no letter is beyond ASCII either: several times as fast.
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0652\u0900-\u0dff]")
_UNMARKED = re.compile(r"[^\W\d_]+(?:['‘’][^\W\d_]+)*['‘’]?|(?<=\w)['‘’](?:[^\W\d_]+(?:['‘’][^\W\d_]+)*['‘’]?)?")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_PLAIN = re.compile(r"[a-z]+(?:['‘’][a-z]+)*['‘’]?|(?<=[0-9_])['‘’](?:[a-z]+(?:['‘’][a-z]+)*['‘’]?)?")
_QUOTES = {"‘": "\x01", "’": "\x02"}  # and what stands for them while the text is ASCII
_IN_WORDS = {c: chr(c) if chr(c).isalnum() or chr(c) in "_'\x01\x02" else " " for c in range(128)}
_RUNS = re.compile(r"\w+")
_IN_RUNS = {c: chr(c) if chr(c).isalnum() or chr(c) == "_" else " " for c in range(128)}
# One script, one language (of those met in practice); the first that holds most of the letters wins.
_SCRIPTS = tuple(
    (language, re.compile(pattern))
    for language, pattern in (
        ("ko", "[\uac00-\ud7a3]"),
        ("ja", "[\u3040-\u30ff]"),
        ("zh", "[\u4e00-\u9fff]"),
        ("th", "[\u0e00-\u0e7f]"),
        ("el", "[\u0370-\u03ff\u1f00-\u1fff]"),
        ("he", "[\u0590-\u05ff]"),
        ("ka", "[\u10a0-\u10ff]"),
        ("hy", "[\u0530-\u058f]"),
        ("bn", "[\u0980-\u09ff]"),
        ("ta", "[\u0b80-\u0bff]"),
        ("te", "[\u0c00-\u0c7f]"),
    )
)
_BEYOND_LATIN = re.compile(
    "[\u0370-\u03ff\u0530-\u05ff\u0980-\u0fff\u10a0-\u10ff\u1f00-\u1fff\u3040-\u9fff\uac00-\ud7a3]"
)


def detect(text: str) -> str | None:
    """The ISO 639-1 code of the language of `text`, None where it is too short or undecided. Reads its first 2,000 code points.

    >>> detect("The member states note that this is the year of the anniversary.")
    'en'
    >>> detect("OK 1234") is None
    True
    """
    return guess(text) or _by_model(text[:SAMPLE])


def guess(text: str) -> str | None:
    """As `detect`, from the tables alone: cheap (0.2 ms), and None where only the model could tell.

    >>> guess("Государства-члены отмечают, что это был год, который нас не разделил.")
    'ru'
    """
    sample = text[:SAMPLE]
    beyond = "" if sample.isascii() else "".join(_BEYOND_ASCII.findall(sample))
    words = _lower_words(sample, beyond)
    letters = len("".join(words))
    if _BEYOND_LATIN.search(beyond) and (found := _by_script(sample, letters)):
        return found
    if letters < MIN_LETTERS or len(words) < MIN_WORDS:
        return None
    return _by_words(words)


def _lower_words(sample: str, beyond: str) -> list[str]:
    """The words of `sample` in lower case, those that _WORDS finds in any order; `beyond` are its characters beyond ASCII."""
    lower, others = sample.lower(), beyond.lower()
    if _MARKS.search(others):
        return _WORDS.findall(lower)
    return _UNMARKED.findall(lower) if any(map(str.isalnum, others)) else _plain_words(lower, others)


def _plain_words(lower: str, signs: str) -> list[str]:
    """What _PLAIN finds in a text that has no other characters beyond ASCII than `signs`: cut at blanks where only few words
    have to be looked at closely, which is more than twice as fast."""
    if "\x01" in lower or "\x02" in lower:
        return _PLAIN.findall(lower)
    for sign in set(signs):
        lower = lower.replace(sign, _QUOTES.get(sign, " "))
    found = lower.translate(_IN_WORDS).split()
    words = list(filter(str.isalpha, found))
    if len(words) == len(found):
        return words
    others = " ".join(filterfalse(str.isalpha, found))
    for sign, stand_in in _QUOTES.items():
        others = others.replace(stand_in, sign)
    return words + _PLAIN.findall(others)


def differs(text: str, language: str) -> str | None:
    """The language of `text` where it is another than `language` (that of the document around it), else None. Cheap (0.5 µs)
    where the text holds a word that no other language has.

    >>> differs("Der Ausschuss hat sich zum dritten Mal getroffen, konnte sich aber nicht einigen.", "en")
    'de'
    """
    own = _own_words(language)
    if own is not None and own.in_text(text[:SAMPLE]):
        return None
    found = guess(text)
    return found if found != language else None


class _Own(NamedTuple):
    """The most frequent words that only one language has: `apart`, between blanks, are looked for first; `marked` are those
    that are not of letters alone."""

    apart: tuple[str, ...]
    words: frozenset[str]
    marked: re.Pattern[str] | None

    def in_text(self, text: str) -> bool:
        """Whether one of them stands in `text`, as a whole word."""
        for word in self.apart:  # the first is in most texts: `any` would take twice as long
            if word in text:
                return True
        lower = text.lower()
        if any(word in lower for word in self.words):  # perhaps inside another
            found = lower.translate(_IN_RUNS).split() if lower.isascii() else _RUNS.findall(lower)
            if not self.words.isdisjoint(found):
                return True
        return self.marked is not None and self.marked.search(text) is not None


@lru_cache(maxsize=128)
def _own_words(language: str) -> _Own | None:
    own = [word for word, languages in _languages_of_words().items() if languages == (language,)][:OWN_WORDS]
    if not own:
        return None
    words = [word for word in own if word.isalpha()]
    marked = "|".join(re.escape(word) for word in own if not word.isalpha())
    pattern = re.compile(rf"\b(?:{marked})\b", re.I) if marked else None
    return _Own(tuple(f" {word} " for word in words), frozenset(words), pattern)


def _by_script(sample: str, letters: int) -> str | None:
    counts = {language: len(pattern.findall(sample)) for language, pattern in _SCRIPTS}
    if 10 * counts["ja"] > counts["zh"] and counts["ja"]:  # Japanese mixes kana into Han
        counts["ja"] += counts.pop("zh")
    language, count = max(counts.items(), key=lambda item: item[1])
    return language if count >= 8 and 2 * count > letters else None


def _by_words(words: list[str]) -> str | None:
    languages_of = _languages_of_words()
    known = list(filter(None, map(languages_of.get, words)))
    if len(known) < max(MIN_DISTINCT, MIN_SHARE * len(words)):
        return None
    hits = Counter(chain.from_iterable(known))
    best = max(hits, key=lambda language: hits[language], default="")
    second = max((count for language, count in hits.items() if language != best), default=0)
    if not best or hits[best] < MIN_SHARE * len(words) or hits[best] < MARGIN * second:
        return None
    distinct: set[str] = set()
    for word in words:
        if best in languages_of.get(word, ()):
            distinct.add(word)
            if len(distinct) == MIN_DISTINCT:
                return best
    return None


@lru_cache(maxsize=1)
def _languages_of_words() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        language, *words = line.split()
        if language != "#":
            for word in dict.fromkeys(words):
                found[word] = (*found.get(word, ()), language)
    return found


def _by_model(sample: str) -> str | None:
    words = _WORDS.findall(sample)
    if sum(map(len, words)) < MODEL_LETTERS or len(words) < MIN_WORDS:
        return None
    language, probability = _model().classify(" ".join(words))
    return str(language) if probability >= MIN_PROBABILITY and len(language) == 2 else None


@lru_cache(maxsize=1)
def _model() -> Any:
    # 1.2 s with its model: only when the tables cannot tell
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
