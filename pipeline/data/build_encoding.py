# /// script
# requires-python = ">=3.11"
# dependencies = ["wordfreq==3.1.1"]
# ///
"""Builds encoding-words.zip: the frequent words by which repair tells a right reading from a wrong one.

    uv run pipeline/data/build_encoding.py

From wordfreq 3.1.1 (data CC BY-SA 4.0, see LICENSE-DATA.md). One member a language, `<ISO 639-1>.txt`: its most frequent words
in lower case, sorted, those that begin alike in one line: their first three letters, then a blank and the rest of each.
"""

import re
import zipfile
from itertools import groupby
from pathlib import Path

# How many words: languages that inflect need more to know as large a share of a page.
WORDS = {
    "cs": 60_000,
    "de": 45_000,
    "en": 35_000,
    "es": 35_000,
    "fr": 35_000,
    "hu": 46_000,
    "pl": 60_000,
    "ru": 60_000,
    "uk": 60_000,
}
LETTERS = {
    "cs": "a-záčďéěíňóřšťúůýž",
    "de": "a-zäöüßé",
    "en": "a-zéèêëïöüñçáíóô",
    "es": "a-záéíñóúü",
    "fr": "a-zàâæçéèêëîïôœùûüÿ",
    "hu": "a-záéíóöőúüű",
    "pl": "a-ząćęłńóśźż",
    "ru": "а-яё",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
# By length, how frequent a word must be: further down the list, short ones are abbreviations and debris of other languages.
RANK_OF_SHORT = {2: 400, 3: 3_000, 4: 12_000}


def listed(language: str, ranked: list[str]) -> list[str]:
    """The words of the list that count, sorted."""
    fits = re.compile(f"[{LETTERS[language]}]{{2,24}}")
    kept = [
        word
        for rank, word in enumerate(ranked)
        if fits.fullmatch(word) and rank < RANK_OF_SHORT.get(len(word), len(ranked))
    ]
    return sorted(kept[: WORDS[language]])


def by_beginning(words: list[str]) -> str:
    """Sorted words, one line for all that share their first three letters, as `repair/encoding/lexicon.py` reads them."""
    groups = groupby(words, key=lambda word: word[:3])
    return "\n".join(" ".join([beginning, *(word[3:] for word in group)]) for beginning, group in groups)


def main() -> None:
    from wordfreq import top_n_list  # type: ignore[import-not-found,unused-ignore]  # not a dependency of the product

    target = Path(__file__).with_name("encoding-words.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for language, count in sorted(WORDS.items()):
            words = listed(language, top_n_list(language, 2 * count, wordlist="best"))
            member = zipfile.ZipInfo(f"{language}.txt", date_time=(2020, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, by_beginning(words), compresslevel=9)
            print(f"{language} {len(words):,} words")
    print(f"{target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
