"""From the labels pages really carry to the names of the WHATWG Encoding Standard, and what those names mean to Python."""

import re
from functools import cache

from webencodings.labels import LABELS

UTF_16_32 = frozenset({"utf-16le", "utf-16be", "utf-32le", "utf-32be"})

# Labels seen on pages that the Encoding Standard does not list, without their punctuation.
EXTRA_LABELS = {
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
    "utf8sig": "utf-8",
    "utf8bom": "utf-8",
    "unicode": "utf-8",
    "uft8": "utf-8",
    "utf16": "utf-16le",
    "utf16le": "utf-16le",
    "utf16be": "utf-16be",
    "ucs2": "utf-16le",
    "utf32": "utf-32le",
    "utf32le": "utf-32le",
    "utf32be": "utf-32be",
    "koi8": "koi8-r",
    "koi": "koi8-r",
    "koi8ru": "koi8-u",
    "dos866": "ibm866",
    "alt": "ibm866",
    "sjiswin": "shift_jis",
    "mskanji": "shift_jis",
    "eucjpwin": "euc-jp",
    "eucjpms": "euc-jp",
    "ujis": "euc-jp",
    "euckrwin": "euc-kr",
    "uhc": "euc-kr",
    "johab": "euc-kr",
    "gbk2312": "gb18030",
    "gb1312": "gb18030",
    "euccn": "gb18030",
    "hkscs": "big5",
    "macroman": "macintosh",
    "xmacroman": "macintosh",
    "maccyrillic": "x-mac-cyrillic",
    "xmacukrainian": "x-mac-cyrillic",
    "latin9": "iso-8859-15",
    "iso8859": "windows-1252",
    "8859": "windows-1252",
    "usascii": "windows-1252",
    "ibm437": "ibm437",
    "cp437": "ibm437",
    "ibm850": "ibm850",
    "cp850": "ibm850",
    "ibm852": "ibm852",
    "cp852": "ibm852",
}

# Code pages by number, however a label spells "code page".
CODE_PAGES = {
    "866": "ibm866",
    "874": "windows-874",
    "932": "shift_jis",
    "936": "gb18030",
    "949": "euc-kr",
    "950": "big5",
    "1250": "windows-1250",
    "1251": "windows-1251",
    "1252": "windows-1252",
    "1253": "windows-1253",
    "1254": "windows-1254",
    "1255": "windows-1255",
    "1256": "windows-1256",
    "1257": "windows-1257",
    "1258": "windows-1258",
    "10000": "macintosh",
    "20866": "koi8-r",
    "21866": "koi8-u",
    "28591": "windows-1252",
    "28592": "iso-8859-2",
    "54936": "gb18030",
    "65001": "utf-8",
}
CODE_PAGE = re.compile(r"(?:x?cp|x?windows|window|win|ms|ansi|codepage|)(\d{3,5})(?:cyrillic|win)?")

# gb18030 reads every gbk and gb2312 page, and more. An eight-bit set the standard does not define is read as Western.
WIDER = {"gbk": "gb18030", "x-user-defined": "windows-1252", "iso-8859-8-i": "iso-8859-8"}

PYTHON_CODECS = {
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "gb18030": "gb18030",
    "hz-gb-2312": "hz",
    "ibm437": "cp437",
    "ibm850": "cp850",
    "ibm852": "cp852",
    "ibm866": "cp866",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-kr": "iso2022_kr",
    "iso-8859-10": "iso8859_10",
    "iso-8859-13": "iso8859_13",
    "iso-8859-14": "iso8859_14",
    "iso-8859-15": "iso8859_15",
    "iso-8859-16": "iso8859_16",
    "iso-8859-2": "iso8859_2",
    "iso-8859-3": "iso8859_3",
    "iso-8859-4": "iso8859_4",
    "iso-8859-5": "iso8859_5",
    "iso-8859-6": "iso8859_6",
    "iso-8859-7": "iso8859_7",
    "iso-8859-8": "iso8859_8",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "macintosh": "mac_roman",
    "shift_jis": "cp932",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-1258": "cp1258",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
    "utf-8": "utf_8",
    "utf-16le": "utf_16_le",
    "utf-16be": "utf_16_be",
    "utf-32le": "utf_32_le",
    "utf-32be": "utf_32_be",
}
MULTIBYTE = frozenset({"big5", "euc-jp", "euc-kr", "gb18030", "shift_jis"})
SEVEN_BIT = frozenset({"hz-gb-2312", "iso-2022-jp", "iso-2022-kr"})

# Encodings a detector may take for one another because they serve the same script.
FAMILIES = {
    "western": ("windows-1252", "iso-8859-15", "iso-8859-14", "macintosh", "ibm437", "ibm850"),
    "central": ("windows-1250", "iso-8859-2", "iso-8859-16", "ibm852"),
    "baltic": ("windows-1257", "iso-8859-4", "iso-8859-13", "iso-8859-10"),
    "turkish": ("windows-1254", "iso-8859-3"),
    "vietnamese": ("windows-1258",),
    "cyrillic": ("windows-1251", "koi8-r", "koi8-u", "ibm866", "iso-8859-5", "x-mac-cyrillic"),
    "greek": ("windows-1253", "iso-8859-7"),
    "hebrew": ("windows-1255", "iso-8859-8"),
    "arabic": ("windows-1256", "iso-8859-6"),
    "thai": ("windows-874",),
    "chinese": ("gb18030", "hz-gb-2312"),
    "traditional chinese": ("big5",),
    "japanese": ("shift_jis", "euc-jp", "iso-2022-jp"),
    "korean": ("euc-kr", "iso-2022-kr"),
}
LATIN = frozenset({"western", "central", "baltic", "turkish", "vietnamese"})
FAMILY = {name: family for family, names in FAMILIES.items() for name in names}


@cache
def _labels() -> dict[str, str]:
    standard = {_squeezed(label): name for label, name in LABELS.items()}
    return standard | EXTRA_LABELS


def _squeezed(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label.lower())


def lookup(label: str) -> str | None:
    """The encoding a label means, in the standard's spelling (gb18030 for gbk), or None.

    >>> lookup("win-1251"), lookup("UTF8"), lookup("x-sjis"), lookup("none")
    ('windows-1251', 'utf-8', 'shift_jis', None)
    """
    key = _squeezed(label)
    name = _labels().get(key)
    if name is None and (page := CODE_PAGE.fullmatch(key)):
        name = CODE_PAGES.get(page[1])
    return WIDER.get(name, name) if name else None
