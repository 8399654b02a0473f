"""Damage done on purpose: what typographers and scrapers do to blanks. Test helpers, no tests."""

import random
import re

ENGLISH = [
    "about",
    "above",
    "across",
    "against",
    "along",
    "as",
    "at",
    "between",
    "by",
    "during",
    "following",
    "for",
    "from",
    "in",
    "into",
    "of",
    "on",
    "out",
    "over",
    "through",
    "to",
    "towards",
    "under",
    "until",
    "up",
    "via",
    "with",
    "within",
    "without",
]
RUSSIAN = [
    "в",
    "во",
    "на",
    "с",
    "со",
    "к",
    "ко",
    "по",
    "за",
    "из",
    "от",
    "до",
    "для",
    "при",
    "под",
    "над",
    "о",
    "об",
    "у",
    "без",
    "через",
    "перед",
    "между",
    "после",
    "против",
]

GERMAN = (
    "am an auf aus bei beim bis durch für gegen hinter im in "
    "mit nach neben ohne seit trotz um unter vom von vor während zu zum zur zwischen über"
)
FRENCH = "au aux avant avec après chez contre dans de depuis des devant du en entre par pendant pour sans selon sous sur vers à"
SPANISH = "a al ante bajo con contra de del desde durante en entre hacia hasta para por según sin sobre tras"
WORDS = {"en": ENGLISH, "ru": RUSSIAN, "de": GERMAN.split(), "fr": FRENCH.split(), "es": SPANISH.split()}
"""What a typographer of each language ties."""


def typographer(text: str, words: list[str]) -> str:
    """Ties each of `words` to the word after it and drops the blank between them."""
    tied = "|".join(sorted(words, key=len, reverse=True))
    return re.sub(rf"([\s(])({tied}) (?=\w)", r"\1\2", text)


def short_words(text: str, longest: int) -> str:
    """Ties every word of at most `longest` letters to the word after it and drops the blank between them."""
    return re.sub(rf"(^|[\s(«])([^\W\d_]{{1,{longest}}}) (?=\w)", r"\1\2", text)


def sentence_ends(text: str, every: int) -> str:
    """Drops the blank behind every `every`-th end of a sentence."""
    count = iter(range(len(text)))
    return re.sub(r"(?<=[a-zа-я]\.) (?=[A-ZА-Я])", lambda _: "" if next(count) % every == 0 else " ", text)


def at_random(text: str, share: float, seed: int) -> str:
    """Drops this share of the blanks."""
    chance = random.Random(seed)
    return re.sub(" ", lambda _: "" if chance.random() < share else " ", text)


def blanks(text: str) -> set[int]:
    """Positions of blanks, counted in the text without blanks."""
    found, length = set(), 0
    for part in text.split():
        found.add(length)
        length += len(part)
    return found


def f1(damaged: str, repaired: str, truth: str) -> float:
    """F1 over the exact positions of restored blanks."""
    added, lost = blanks(repaired) - blanks(damaged), blanks(truth) - blanks(damaged)
    right = len(added & lost)
    return 2 * right / (len(added) + len(lost))
