"""Which single-byte encodings are misread as which, and what the pages in them are written with."""

from functools import cache
from typing import NamedTuple

from pipeline.charset.reading import table

# Right encoding → wrong readings of it. Where two explain the damage equally well, the first is named: an English page with
# no-break spaces after its prepositions comes from a Russian typographer.
MISREADINGS = (
    ("windows-1251", ("ibm852", "macintosh", "windows-1252", "ibm866", "koi8-r", "windows-1250", "ibm437", "ibm850")),
    ("windows-1252", ("windows-1250", "windows-1251", "macintosh", "ibm437", "ibm850", "ibm852", "iso-8859-2")),
    ("windows-1250", ("windows-1252", "windows-1251", "iso-8859-2", "ibm852", "macintosh")),
    ("iso-8859-2", ("windows-1252", "windows-1250", "windows-1251")),
    ("koi8-r", ("windows-1251", "windows-1252", "ibm866", "macintosh")),
    ("koi8-u", ("windows-1251", "windows-1252", "ibm866")),
    ("ibm866", ("windows-1251", "windows-1252", "koi8-r", "ibm437", "ibm850", "ibm852")),
    ("iso-8859-5", ("windows-1251", "windows-1252", "koi8-r")),
    ("macintosh", ("windows-1252", "windows-1250", "windows-1251")),
    ("ibm437", ("windows-1252", "windows-1251")),
    ("ibm850", ("windows-1252", "windows-1251")),
    ("ibm852", ("windows-1250", "windows-1252", "windows-1251")),
)
LANGUAGES_OF = {
    "ibm437": ("de", "fr", "es", "en"),
    "ibm850": ("de", "fr", "es", "en"),
    "ibm852": ("pl", "cs", "hu", "de"),
    "ibm866": ("ru", "uk"),
    "iso-8859-2": ("pl", "cs", "hu", "de"),
    "iso-8859-5": ("ru", "uk"),
    "koi8-r": ("ru", "en"),
    "koi8-u": ("uk",),
    "macintosh": ("de", "fr", "es", "en"),
    "windows-1250": ("pl", "cs", "hu", "de", "en"),
    "windows-1251": ("ru", "uk", "en"),
    "windows-1252": ("de", "fr", "es", "en"),
}
LETTERS = {
    "cs": "áčďéěíňóřšťúůýž",
    "de": "äöüß",
    "en": "éè",
    "es": "áéíñóúü",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "hu": "áéíóöőúüű",
    "pl": "ąćęłńóśźż",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
# Signs any page has, whatever its encoding.
SIGNS = frozenset("\xa0\xad«»‹›‘’‚“”„…–—•·°§№©®™€£")

VISIBLE = SIGNS - {"\xa0", "\xad"}
# Signs that texts are written with, as opposed to those that only misreading puts there (blocks, roots, box drawing).
MEANT = frozenset(chr(c) for c in (*range(0xA1, 0xC0), 0xD7, 0xF7, *range(0x2010, 0x2060), *range(0x20A0, 0x2200)))
CAPITAL = 0.3  # what a capital letter weighs: a wrong reading often turns small letters into capitals


class Pair(NamedTuple):
    """`right` read as `wrong`; `back` takes each character of the wrong reading to the right one.

    `able` are the characters it may have put, and signs; `telling` those that change, but for common signs that become other
    signs, which says nothing: "½" may well be meant. `weights`, by language, is what each is worth read right: 1 a letter of
    the language or a sign, CAPITAL a capital letter; a character not named nothing.
    """

    right: str
    wrong: str
    back: dict[int, str]
    able: frozenset[str]
    telling: frozenset[str]
    weights: dict[str, dict[str, float]]

    @property
    def kind(self) -> str:
        return f"mojibake.{self.right}-as-{short_name(self.wrong)}"


def short_name(encoding: str) -> str:
    """The name a wrong reading goes by.

    >>> short_name("windows-1252"), short_name("ibm852"), short_name("macintosh")
    ('cp1252', 'cp852', 'mac-roman')
    """
    return encoding.replace("windows-", "cp").replace("ibm", "cp").replace("macintosh", "mac-roman")


@cache
def bytes_of(encoding: str) -> dict[int, int]:
    """The byte of every character beyond ASCII in `encoding`; C1 controls stand for their byte in what browsers read."""
    controls = range(0x80, 0xA0) if encoding.startswith(("windows", "iso")) else ()
    known = {ord(c): byte for byte, c in enumerate(table(encoding)) if byte >= 0x80 and c != "\ufffd"}
    return {byte: byte for byte in controls} | known


@cache
def pairs() -> tuple[Pair, ...]:
    """All pairs of MISREADINGS, in its order."""
    return tuple(_pair(right, wrong) for right, wrongs in MISREADINGS for wrong in wrongs)


def _pair(right: str, wrong: str) -> Pair:
    characters = table(right)
    back = {c: characters[byte] for c, byte in bytes_of(wrong).items() if characters[byte] != "\ufffd"}
    changed = {chr(c): other for c, other in back.items() if chr(c) != other}
    telling = frozenset(c for c, other in changed.items() if c not in MEANT or other not in VISIBLE)
    kept = {sign: sign for sign in SIGNS if ord(sign) not in back}
    read = {chr(c): other for c, other in back.items()} | kept
    weights = {language: _weights(read, language) for language in LANGUAGES_OF[right]}
    return Pair(right, wrong, back, SIGNS.union(map(chr, back)), telling, weights)


def _weights(read: dict[str, str], language: str) -> dict[str, float]:
    worth = _worth(language)
    return {c: worth[o] for c, o in read.items() if o in worth}


@cache
def _worth(language: str) -> dict[str, float]:
    """What each character of a right reading is worth in `language`, where it is worth anything."""
    letters = frozenset(LETTERS[language])
    every = SIGNS.union(*(table(right) for right, _ in MISREADINGS))
    worth = {o: 1.0 if o in letters or o in SIGNS else CAPITAL if o.lower() in letters else 0.0 for o in every}
    return {o: weight for o, weight in worth.items() if weight}
