"""The hand-written word lists of pipeline/data/spacing-words.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The lists of one language, in lower case; see the file for what each is."""

    contractions: Mapping[str, str]
    """By their spelling without the apostrophe."""
    core: frozenset[str]
    prepositions: frozenset[str]
    spared: frozenset[str]
    prefixes: frozenset[str]
    little: frozenset[str]
    capital: frozenset[str]
    bound: frozenset[str]
    suffixes: frozenset[str]
    plural: tuple[str, ...]
    singular: tuple[str, ...]
    adverb: tuple[str, ...]
    article: frozenset[str]
    months: frozenset[str]
    symbols: frozenset[str]
    tied_to_numbers: frozenset[str]
    """Months, units and their symbols."""
    starters: frozenset[str]
    endings: frozenset[str]
    interface: frozenset[str]
    apart: Mapping[str, frozenset[str]]
    """Prepositions made of two, and the words after which they are rather two: "move on to", "stock up on"."""
    telltales: frozenset[str]
    """Two function words written together, where that is no word: "ofthe"."""

    function_words: frozenset[str]
    """Prepositions and little words."""

    marks: frozenset[str]
    """Function words, telltales and contractions without their apostrophe."""


OPTIONAL = ("spared", "plural", "singular", "adverb", "article", "onward", "upward")
"""The lists a language may lack."""


@cache
def word_lists() -> dict[str, Words]:
    """The lists of every language that has any, by ISO 639-1 code; read once per process."""
    with files("pipeline.data").joinpath("spacing-words.toml").open("rb") as file:
        return {language: _words(lists) for language, lists in tomllib.load(file).items()}


@cache
def all_marks() -> frozenset[str]:
    """The marks of all languages."""
    return frozenset().union(*(words.marks for words in word_lists().values()))


def _words(lists: dict[str, str]) -> Words:
    found = dict.fromkeys(OPTIONAL, frozenset[str]()) | {
        name: frozenset(words.split()) for name, words in lists.items()
    }
    function_words = found["prepositions"] | found["little"]
    fused = {a + b for a in function_words for b in function_words}
    return Words(
        contractions={word.replace("'", ""): word for word in found["contractions"]},
        core=found["core"],
        prepositions=found["prepositions"],
        spared=found["spared"],
        prefixes=found["prefixes"],
        little=found["little"],
        capital=found["capital"],
        bound=found["bound"],
        suffixes=found["suffixes"],
        plural=tuple(found["plural"]),
        singular=tuple(found["singular"]),
        adverb=tuple(found["adverb"]),
        article=found["article"],
        months=found["months"],
        symbols=found["symbols"],
        tied_to_numbers=found["units"] | found["months"] | found["symbols"],
        function_words=function_words,
        starters=found["starters"],
        endings=found["endings"],
        interface=found["interface"],
        apart={"onto": found["onward"], "upon": found["upward"]},
        telltales=frozenset(fused - found["one_word"]),
        marks=frozenset(fused - found["one_word"])
        | function_words
        | {w.replace("'", "") for w in found["contractions"]},
    )
