"""The marks lines begin with: bullets, numbers, quotation marks of mail, articles of law; and lines that are nothing but a mark."""

import re
from dataclasses import dataclass
from typing import Literal

Style = Literal["bullet", "dash", "decimal", "parenthesis", "letter", "roman"]

QUOTE_MARK = re.compile(r"(?:>[ \t]?)+")
_SEPARATOR = re.compile(r"\s*(?:[*•·⁂#~=_+-]\s*){3,}|\s*[—–*⁂]\s*|\s*[—–]{2,}\s*")
_BULLET = re.compile(r"(?P<mark>[•‣◦●○■□▪▫◆◇►▸➢➤✓✔·∙])[ \t\u00a0]*(?=\S)|(?P<dash>[-*+])[ \t\u00a0]+(?=\S)")
_NUMBER = re.compile(
    r"(?P<decimal>\d{1,3})[.)](?=[ \t\u00a0]+\S)"
    r"|\((?P<parenthesis>\d{1,3})\)(?=[ \t\u00a0]*\S)"
    r"|\(?(?P<roman>[ivx]{1,5})\)(?=[ \t\u00a0]*\S)"
    r"|\(?(?P<letter>[a-zа-я])\)(?=[ \t\u00a0]*\S)"
)
_FOOTNOTE = re.compile(r"(?:\[\d{1,3}\]|[¹²³⁴-⁹]+|\*{1,3}(?=\w))\s*\S")
_HIGHER = frozenset([
    "chapter", "part", "title", "annex", "appendix", "schedule", "глава", "раздел", "часть", "приложение", "kapitel", "teil",
    "anlage", "capítulo", "título", "anexo", "chapitre", "titre", "annexe", "partie", "rozdział", "dział", "załącznik", "тарау",
    "бөлім", "розділ", "capo",
])  # fmt: skip
_LOWER = frozenset([
    "article", "section", "rule", "clause", "art.", "статья", "пункт", "artikel", "abschnitt", "artículo", "sección", "artykuł",
    "бап", "стаття", "articolo", "artigo",
])  # fmt: skip
_DIVISION = "|".join(map(re.escape, sorted(_HIGHER | _LOWER)))
_ARTICLE = re.compile(
    rf"(?:(?P<name>{_DIVISION})\s*(?P<number>\d{{1,4}}[a-z]?|[IVXLC]{{1,6}}|[A-Z])|§§?\s*(?P<paragraph>\d{{1,4}}[a-z]?)"
    r"|(?P<kazakh>\d{1,4}[-‑]?\s?(?:бап|тарау)))(?P<rest>(?:\s*[.:–—-]|\s*$|\s+(?=[^\W\d_])).*)",
    re.I,
)
LONGEST_HEADING, MOST_WORDS = 100, 14
_ROMAN = {"i": 1, "v": 5, "x": 10}
_INITIALS = frozenset(letter for word in _HIGHER | _LOWER for letter in (word[0], word[0].upper()))


@dataclass(frozen=True, slots=True)
class Mark:
    """A list mark at the start of a text: its style, its value (0 for bullets), and how many code points it and the blanks
    after it take."""

    style: Style
    value: int
    length: int


def marks(text: str) -> tuple[Mark, ...]:
    """How the start of `text` can be read as a list mark: "i)" is a letter and a Roman number.

    >>> [mark.value for mark in marks("(c) the Council")]
    [3]
    """
    if text[:1].isalpha() and ")" not in text[1:6]:
        return ()
    if match := _BULLET.match(text):
        return (Mark("bullet" if match["mark"] else "dash", 0, match.end()),)
    match = _NUMBER.match(text)
    if match is None:
        return ()
    if digits := match["decimal"] or match["parenthesis"]:
        return (Mark("decimal" if match["decimal"] else "parenthesis", int(digits), match.end()),)
    found = []
    if match["roman"] and (value := _roman(match["roman"])):
        found.append(Mark("roman", value, match.end()))
    letter = match["letter"] or match["roman"]
    if len(letter) == 1:
        found.append(Mark("letter", ord(letter) - ord("a" if letter.isascii() else "а") + 1, match.end()))
    return tuple(found)


def _roman(digits: str) -> int:
    value, least = 0, 0
    for number in (_ROMAN[digit] for digit in reversed(digits)):
        value += number if number >= least else -number
        least = max(least, number)
    return value


def begins_piece(line: str) -> bool:
    """Whether `line` begins something of its own: an item, a footnote, an article."""
    return bool(marks(line)) or _FOOTNOTE.match(line) is not None or is_article_heading(line)


def is_separator(text: str) -> bool:
    """Whether `text` is nothing but a row of marks."""
    return not text[:1].isalnum() and _SEPARATOR.fullmatch(text) is not None


def is_article_heading(text: str) -> bool:
    """Whether `text` heads a division of a legal text.

    >>> is_article_heading("Article 12. Freedom of assembly"), is_article_heading("Article 12 provides that it is free.")
    (True, False)
    """
    return article_level(text) is not None


def begins_otherwise(text: str, initials: frozenset[str]) -> bool:
    """Whether `text` begins with an ASCII letter that is none of `initials`; a cheap look before a costly match."""
    first = text[:1]
    return first.isascii() and first.isalpha() and first not in initials


def article_level(text: str) -> int | None:
    """2 for a chapter and the like, 3 for an article, None where `text` heads neither."""
    if len(text) > LONGEST_HEADING or "\n" in text or begins_otherwise(text, _INITIALS):
        return None
    match = _ARTICLE.fullmatch(text)
    if match is None or len(text.split()) > MOST_WORDS:
        return None
    rest = match["rest"].strip(" .:–—-\u00a0")
    if rest and (text.rstrip()[-1] in ".,;:!?" or not (rest[0].isupper() or rest[0] in '("“«„')):
        return None
    return 2 if (match["name"] or "").lower() in _HIGHER else 3
