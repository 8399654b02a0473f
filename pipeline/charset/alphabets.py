"""The letters beyond ASCII of the languages a single-byte encoding serves: what a right reading is made of."""

import re
from functools import cache

from pipeline.charset.labels import FAMILY

WESTERN = {
    "ca": "àçèéíïòóúü·",
    "da": "æøåé",
    "de": "äöüß",
    "es": "áéíñóúü",
    "fi": "åäö",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "ga": "áéíóú",
    "is": "áðéíóúýþæö",
    "it": "àèéìîòóù",
    "nl": "áéëïóöü",
    "pt": "àáâãçéêíóôõú",
    "sv": "åäöé",
}
ALPHABETS = {
    "western": WESTERN,
    "central": {
        "cs": "áčďéěíňóřšťúůýž",
        "de": "äöüß",
        "hr": "čćđšž",
        "hu": "áéíóöőúüű",
        "pl": "ąćęłńóśźż",
        "ro": "ăâîşţșț",
        "sk": "áäčďéíĺľňóôŕšťúýž",
        "sq": "çë",
    },
    "baltic": {"et": "äöõüšž", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "de": "äöüß"},
    "turkish": WESTERN | {"tr": "âçğıîöşüûİ"},
    "cyrillic": {
        "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
        "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
        "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
        "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
        "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    },
    "greek": {"el": "αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ"},
}
# No Cyrillic word consists of many of these alone; Hebrew words read as windows-1251 often do.
CONSONANTS = "бвгджзйклмнпрстфхцчшщъь"
LATIN_FAMILIES = frozenset({"western", "central", "baltic", "turkish"})
# What stands between words and at their ends; none of it speaks for or against a reading.
BETWEEN = re.compile(r"[\s!-&(-/:-@\[-`{-~\xa0«»‹›„“”‚‘’–—…•€£¥¿¡ªº·©®™№§°\xad]+|'")


def plausible(encoding: str, words: list[str]) -> float:
    """The share of `words`, read in `encoding`, that the best language of that encoding could have written.

    A word has letters of one alphabet, small, or capital at its beginning or throughout. 1.0 where nothing is known about
    the encoding's script.

    >>> plausible("windows-1252", ["Müller", "Büro"]), plausible("windows-1251", ["Mьller", "Bьro"])
    (1.0, 0.0)
    """
    patterns = _patterns(FAMILY.get(encoding, ""))
    if not patterns:
        return 1.0
    pieces = [[piece for piece in BETWEEN.split(word) if piece] for word in words]
    return max(sum(all(map(pattern.fullmatch, each)) for each in pieces) for pattern in patterns) / max(len(words), 1)


@cache
def _patterns(family: str) -> tuple[re.Pattern[str], ...]:
    extra = "a-z" if family in LATIN_FAMILIES else ""
    return tuple(_words(extra, extra.upper(), letters) for letters in ALPHABETS.get(family, {}).values())


def _words(small: str, capital: str, letters: str) -> re.Pattern[str]:
    """Words of one alphabet, or of plain ASCII."""
    low = small + letters
    high = capital + "".join(c.upper() for c in letters if len(c.upper()) == 1)
    pronounceable = f"(?![{CONSONANTS}]{{6}}|[{CONSONANTS}]{{4,}}$)" if CONSONANTS[0] in letters else ""
    return re.compile(f"{pronounceable}(?:[{low}]+|[{high}][{low}]*)|[{high}]{{1,5}}|[0-9A-Za-z]+|[0-9]+[{low}]*")
