"""The frequent words of nine languages (data/encoding-words.zip), loaded when a document first looks damaged."""

import zipfile
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "ru", "uk", "de", "fr", "es", "pl", "cs", "hu")

# Words of one letter; in the tables every letter would be one.
SINGLE_LETTERS = {
    "cs": "aikosuvz",
    "de": "",
    "en": "ai",
    "es": "aeouy",
    "fr": "acdjlmnstyàô",
    "hu": "aeső",
    "pl": "aiouwz",
    "ru": "авийкосуяжб",
    "uk": "авийізкоуєяжб",
}


@cache
def lexicon(language: str) -> frozenset[str]:
    """The words of `language`, in lower case."""
    with zipfile.ZipFile(str(files("pipeline.data") / "encoding-words.zip")) as archive:
        lines = archive.read(f"{language}.txt").decode("utf-8").split("\n")
    words, before = set(SINGLE_LETTERS[language]), ""
    for line in lines:
        before = before[: int(line[0])] + line[1:]
        words.add(before)
    return frozenset(words)
