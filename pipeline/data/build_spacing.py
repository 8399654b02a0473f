# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy>=1.26", "wordfreq==3.1.1"]
# ///
"""Builds spacing-<language>.npz: word frequencies, word pairs and a letter model for the repair of lost spaces.

    uv run pipeline/data/build_spacing.py --wcxb ../shared/bench/wcxb-dev --debian FOLDER

Words come from wordfreq 3.1.1 (data CC BY-SA 4.0). Pairs are counted in the main content of WCXB pages (CC BY 4.0) and in the
documentation of the Debian packages in FOLDER, each unpacked by `dpkg -x` into a folder of its own name: anarchism,
debian-handbook, libreoffice-help-{en-us,ru,de,fr,es}, python3.11-doc. Pages that are cases of the spacing
benches (`spacing-*.jsonl.gz` beside the WCXB folder) are never counted, so that the figures measured there stay honest.

Arrays of a file (n words, m pairs, A letters):
    words   uint8   the n words, most frequent first, joined by line feeds, UTF-8
    centi   uint16  (n,) minus the decimal logarithm of the word's frequency, times 100
    total   uint32  (n,) how often the word was seen with a word after it
    kinds   uint32  (n,) how many different words were seen after it
    pairs   uint64  (m,) index of the first word << 24 | index of the second, ascending
    counts  uint16  (m,) how often the pair was seen
    letters uint8   (A,) the alphabet, UTF-8 joined by line feeds; index 0 is the edge of a word
    grams   uint8   (A**4,) minus the natural logarithm of P(fourth letter | three before), times 16
"""

import argparse
import gzip
import html
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

WORDS = {"en": 321_180, "ru": 300_000, "de": 250_000, "fr": 200_000, "es": 200_000}
LETTERS = {
    "en": "abcdefghijklmnopqrstuvwxyz'",
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "de": "abcdefghijklmnopqrstuvwxyzäöüß",
    "fr": "abcdefghijklmnopqrstuvwxyzàâæçéèêëîïôœùûüÿ'",
    "es": "abcdefghijklmnopqrstuvwxyzáéíñóúü",
}
DEBIAN = {
    "en": [
        "anarchism/usr/share/doc/anarchism/html",
        "debian-handbook/usr/share/doc/debian-handbook/html/en-US",
        "libreoffice-help-en-us/usr/share/libreoffice/help/en-US",
        "python3.11-doc/usr/share/doc/python3.11/html",
    ],
    "ru": [
        "debian-handbook/usr/share/doc/debian-handbook/html/ru-RU",
        "libreoffice-help-ru/usr/share/libreoffice/help/ru",
    ],
    "de": [
        "debian-handbook/usr/share/doc/debian-handbook/html/de-DE",
        "libreoffice-help-de/usr/share/libreoffice/help/de",
    ],
    "fr": [
        "debian-handbook/usr/share/doc/debian-handbook/html/fr-FR",
        "libreoffice-help-fr/usr/share/libreoffice/help/fr",
    ],
    "es": [
        "debian-handbook/usr/share/doc/debian-handbook/html/es-ES",
        "libreoffice-help-es/usr/share/libreoffice/help/es",
    ],
}
UNREAD = re.compile(r"(?is)<(script|style|pre|code|tt|head|nav)\b.*?</\1>")
BREAK = re.compile(r"(?i)</?(?:p|div|li|h\d|td|th|tr|br|dd|dt|ul|ol|table|section)\b[^>]*>")
TAG = re.compile(r"<[^>]+>")
RUN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s'’]+|\n\n")
"""A word, a number, or what parts two words: pairs are not counted across it."""


def main() -> None:
    """Writes one file per language beside this script."""
    parser = argparse.ArgumentParser(description="Builds the tables for the repair of lost spaces.")
    parser.add_argument("--wcxb", type=Path, required=True)
    parser.add_argument("--debian", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--languages", nargs="*", default=list(WORDS))
    args = parser.parse_args()
    for language in args.languages:
        lines = list(debian_lines(args.debian, language))
        if language == "en":
            lines += list(wcxb_lines(args.wcxb))
        np.savez_compressed(args.out / f"spacing-{language}.npz", allow_pickle=False, **tables(language, lines))


def tables(language: str, lines: list[str]) -> dict[str, np.ndarray]:
    """All arrays of one language."""
    frequencies = word_frequencies(language)
    index = {word: i for i, word in enumerate(frequencies)}
    alphabet = "\0" + LETTERS[language]
    return {
        "words": np.frombuffer("\n".join(frequencies).encode(), np.uint8),
        "centi": np.array([round(-100 * math.log10(f)) for f in frequencies.values()], np.uint16),
        **pair_tables(lines, index),
        "letters": np.frombuffer("\n".join(alphabet).encode(), np.uint8),
        "grams": letter_model(list(frequencies), alphabet),
    }


def word_frequencies(language: str) -> dict[str, float]:
    """The most frequent words in the language's letters, most frequent first, with their share of all words."""
    from wordfreq import get_frequency_dict  # type: ignore[import-not-found,unused-ignore]  # not a dependency of the product

    usable = re.compile(f"[{LETTERS[language]}']+")
    found: Counter[str] = Counter()
    for word, frequency in get_frequency_dict(language, "large").items():
        if usable.fullmatch(word):
            found[plain(word)] += frequency
    kept = sorted(found, key=lambda word: (-found[word], word))
    return {word: found[word] for word in kept[: WORDS[language]]}


def plain(word: str) -> str:
    """`word` as the tables spell it: lower case, straight apostrophes, "е" for "ё", which Russian texts rarely write."""
    return word.lower().replace("’", "'").replace("ё", "е")


def pair_tables(lines: list[str], index: dict[str, int]) -> dict[str, np.ndarray]:
    """How often which word was followed by which; pairs seen once are counted in `total` and `kinds` only."""
    pairs: Counter[tuple[int, int]] = Counter()
    for line in lines:
        ids = [index.get(plain(run), -1) for run in RUN.findall(line)]
        pairs.update((a, b) for a, b in pairwise(ids) if a >= 0 and b >= 0)
    total, kinds = np.zeros(len(index), np.uint32), np.zeros(len(index), np.uint32)
    for (a, _), n in pairs.items():
        total[a] += n
        kinds[a] += 1
    kept = sorted((a << 24 | b, n) for (a, b), n in pairs.items() if n > 1)
    return {
        "total": total,
        "kinds": kinds,
        "pairs": np.array([key for key, _ in kept], np.uint64),
        "counts": np.array([min(n, 65535) for _, n in kept], np.uint16),
    }


def letter_model(words: list[str], alphabet: str) -> np.ndarray:
    """P(letter | three letters before), each word counted once, shorter contexts mixed in after Witten and Bell."""
    code = {letter: i for i, letter in enumerate(alphabet)}
    size = len(alphabet)
    counts = np.zeros((size,) * 4)
    for word in words:
        if len(word) > 1 and all(letter in code for letter in word):
            ids = [0, 0, 0, *(code[letter] for letter in word), 0]
            for i in range(3, len(ids)):
                counts[tuple(ids[i - 3 : i + 1])] += 1
    model = np.full(size, 1 / size)
    for order in range(4):
        seen = counts.sum(axis=tuple(range(3 - order)))
        total, kinds = seen.sum(-1, keepdims=True), (seen > 0).sum(-1, keepdims=True)
        model = (seen + kinds * model) / np.maximum(total + kinds, 1) + (total == 0) * model
    quantised: np.ndarray = np.clip(np.rint(-16 * np.log(model)), 0, 255).astype(np.uint8).ravel()
    return quantised


def wcxb_lines(folder: Path) -> Iterator[str]:
    """The main content of the pages that are in no spacing bench, line by line."""
    benched: set[str] = set()
    for bench in sorted(folder.parent.glob("spacing-*.jsonl.gz")):
        with gzip.open(bench, "rt", encoding="utf-8") as rows:
            benched |= {json.loads(row)["id"].partition("/")[0].removeprefix("wcxb-dev-") for row in rows}
    for path in sorted((folder / "ground-truth").glob("*.json")):
        if path.stem not in benched:
            text = json.loads(path.read_text(encoding="utf-8"))["ground_truth"].get("main_content") or ""
            yield from text.split("\n")


def debian_lines(folder: Path, language: str) -> Iterator[str]:
    """The prose of the packages' HTML pages, block by block, each different block once."""
    seen: set[str] = set()
    for place in DEBIAN[language]:
        for path in sorted((folder / place).rglob("*.html")):
            page = UNREAD.sub("\n\n", path.read_text(encoding="utf-8", errors="replace"))
            for block in html.unescape(TAG.sub("", BREAK.sub("\n\n", page))).split("\n\n"):
                line = " ".join(block.split())
                if line.count(" ") > 3 and line not in seen:
                    seen.add(line)
                    yield line


if __name__ == "__main__":
    main()
