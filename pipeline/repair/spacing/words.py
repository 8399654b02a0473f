"""The hand-written word lists of pipeline/data/spacing-words.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The lists of one language, in lower case; see the file for what each is."""

    prepositions: frozenset[str]
    little: frozenset[str]
    months: frozenset[str]
    units: frozenset[str]
    telltales: frozenset[str]
    """A preposition and its follower written together, where that is no word: "ofthe"."""

    @property
    def function_words(self) -> frozenset[str]:
        """Prepositions and little words."""
        return self.prepositions | self.little


@cache
def word_lists() -> dict[str, Words]:
    """The lists of every language that has any, by ISO 639-1 code; read once per process."""
    with files("pipeline.data").joinpath("spacing-words.toml").open("rb") as file:
        return {language: _words(lists) for language, lists in tomllib.load(file).items()}


def _words(lists: dict[str, str]) -> Words:
    found = {name: frozenset(words.split()) for name, words in lists.items()}
    fused = {a + b for a in found["prepositions"] for b in found["followers"]}
    return Words(
        prepositions=found["prepositions"],
        little=found["little"],
        months=found["months"],
        units=found["units"],
        telltales=frozenset(fused - found["one_word"]),
    )
