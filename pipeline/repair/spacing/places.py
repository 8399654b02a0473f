"""Places of a document that may have lost a blank, each with its options."""

from typing import NamedTuple


class Option(NamedTuple):
    """One reading of a place: `key` that lost its blank ("" for the whole), which stands `at` in the chunk before the word
    `right` ("0" a number); `witness` is what all forms of the same word share."""

    key: str
    at: int
    right: str
    witness: str
    score: float


class Place(NamedTuple):
    """An ambiguous chunk in its line. The first option is the whole. `free` is the key that kept its blank if the chunk is
    whole ("" where none followed)."""

    text: int
    start: int
    run: str
    options: tuple[Option, ...]
    free: str


def is_function(group: str) -> bool:
    """Whether a group is one of function words."""
    return group.startswith(("preposition", "little"))


def is_tied(group: str) -> bool:
    """Whether a group is one of prepositions in small letters, which typographers tie to what follows first of all."""
    return group.startswith("preposition lower")


def stem(key: str, run: str) -> str:
    """What the forms of a word share that begins with `key`: "Epson", "Epson's" and "Epsons" are one witness, not three."""
    return run[: len(key) + 3]
