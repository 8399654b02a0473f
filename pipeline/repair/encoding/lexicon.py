"""The frequent words of nine languages (data/encoding-words.zip), loaded when a document first looks damaged."""

import zipfile
from functools import cache
from importlib.resources import files

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


@cache
def lexicon(language: str) -> frozenset[str]:
    """The words of `language`, in lower case."""
    with zipfile.ZipFile(str(files("pipeline.data") / "encoding-words.zip")) as archive:
        lines = archive.read(f"{language}.txt").decode("utf-8").split("\n")
    words, before = set(SHORT[language].split()), ""
    for line in lines:
        before = before[: int(line[0])] + line[1:]
        words.add(before)
    return frozenset(words)
