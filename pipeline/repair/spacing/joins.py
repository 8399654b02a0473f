"""Blanks lost at a seam: between two sentences ("end.Next", "fabric,which"), between two texts of an interface
("homepageContact usAdd", "22:51Abu Dhabi"). Each kind has a diagnosis of its own over the document."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.repair.spacing.lexicon import Lexicon
from pipeline.repair.spacing.reader import plain
from pipeline.repair.spacing.words import Words

SEAM = re.compile(r"([.!?…]+[”’»)\]]*|[,;])(?=[\"“‘«(]*[^\W\d_])")
"""Marks that end a sentence or a clause, with a letter right behind them."""
KEPT_END = re.compile(r"[^\W_][.!?…]+[\"”’»)\]]*\s")
KEPT_CLAUSE = re.compile(r"[,;]\s")
LEFT = re.compile(r"(?:^|[\s(\[\"“‘«/])((?:[^\W_]+(?:['’-][^\W_]+)*|\d+[.:,]\d+)%?)([)\]\"”’»]*)$")
RIGHT = re.compile(r"[\"“‘«(]*([^\W\d_]+(?:['’-][^\W\d_]+)*)(?=[\s,;:!?…\"”’»)]|[.](?!\w)|$)")
CLOCK = re.compile(r"(?<![\w:.])(?:[01]?\d|2[0-3]):[0-5]\d(?=[^\W\d_]{3})")
MINUTES = re.compile(r":[0-5]\d[^\W\d_]")
"""What every such place has, and hardly any text."""
HUMP = re.compile(r"[a-zа-яё][A-ZА-ЯЁ]")
HUMPED = re.compile(r"(?<![\w@#./_-])[^\W\d_]*[a-zа-яё][A-ZА-ЯЁ][^\W\d_]*(?![\w(=_])")
SHORT_LINE = 60
"""So long (code points) is a line that may be one of an interface with a single join."""
REACH = 40
"""How far a word can reach (code points) from a seam."""
CODE_LINE = re.compile(r"[{}<>=;\\|]|\(\)|::|->|//")

SENTENCES, SHARE = 2, 0.07
"""So many repairable joins, and this share of all sentence ends, are evidence that ends were lost; undamaged pages have a
join or two, and one bench page in 660 really lost 6 % (`score.py spacing` on sent, `score.py spacing-clean`)."""
RARE = -15.5
"""A word rarer than this (log P) is no proof that a seam is one."""


class Join(NamedTuple):
    """A blank to put in at `at` of the text number `text`."""

    text: int
    at: int


@dataclass(frozen=True, slots=True)
class Seams:
    """The joins found, and the share they are of all seams of their kind."""

    joins: tuple[Join, ...]
    share: float
    examples: tuple[str, ...]


def sentence_joins(texts: Sequence[str], words: Words, lexicon: Lexicon, *, damaged: bool) -> Seams:
    """Where sentences and clauses run into one another; none below the evidence, unless the document is `damaged` anyway."""
    found = [
        (Join(number, at), left, right)
        for number, text in enumerate(texts)
        for at, left, right in seams(text, words, lexicon, damaged=damaged)
    ]
    ends = [seam for seam in found if texts[seam[0].text][seam[0].at - 1] not in ",;"]
    clauses = [seam for seam in found if texts[seam[0].text][seam[0].at - 1] in ",;"]
    share_of_ends = share(len(ends), texts, KEPT_END)
    starts = {right.lower() for _, _, right in ends}
    ends_proven = (
        len({left for _, left, _ in ends}) >= SENTENCES
        and share_of_ends >= SHARE
        and 3 * len(starts & words.starters) >= len(starts)
    )
    clauses_proven = (
        len({left for _, left, _ in clauses}) > SENTENCES and share(len(clauses), texts, KEPT_CLAUSE) >= SHARE
    )
    kept = (ends if ends_proven or damaged else []) + (clauses if clauses_proven or damaged else [])
    return Seams(tuple(join for join, _, _ in kept), share_of_ends, tuple(f"{a}|{b}" for _, a, b in kept[:3]))


def share(lost: int, texts: Sequence[str], kept: re.Pattern[str]) -> float:
    """Which share of the seams of one kind lost its blank."""
    return lost / (lost + sum(len(kept.findall(text)) for text in texts)) if lost else 0.0


def seams(text: str, words: Words, lexicon: Lexicon, *, damaged: bool) -> Iterator[tuple[int, str, str]]:
    """Offset behind the mark, word before and word behind it, for each seam that no name or code explains; in a `damaged`
    document also those that would prove nothing: "Ideally,safer", "us!silvery"."""
    for mark in SEAM.finditer(text):
        left = LEFT.search(text, max(0, mark.start() - REACH), mark.start())
        right = RIGHT.match(text, mark.end(), mark.end() + REACH)
        if not left or not right:
            continue
        if is_seam(left, mark[0], right[1], words, lexicon) or (damaged and is_loose(left, mark[0], right[1], lexicon)):
            yield mark.end() + closing_quote(text, mark.end()), left[1], right[1]


def closing_quote(text: str, at: int) -> int:
    """1 where a straight quote at `at` closes one opened in the same line, else 0."""
    return int(text[at] == '"' and text.count('"', text.rfind("\n", 0, at) + 1, at) % 2 == 1)


def is_seam(left: re.Match[str], mark: str, right: str, words: Words, lexicon: Lexicon) -> bool:
    """Whether a sentence or clause ends here, and no file name, host, attribute, initial or abbreviation."""
    word, closed = left[1], bool(left[2])
    if right.lower() in words.endings or word == right:
        return False
    if mark in ",;":
        return (
            word.islower() and right.islower() and min(len(word), len(right)) > 1 and both_words(word, right, lexicon)
        )
    starter = right.lower() in words.starters
    if mark[:2] in ("..", "….") or not right[0].isupper() or not (starter or is_word(right, lexicon)):
        return False
    if not starter and not right[1:].islower():
        return False
    if closed or mark[0] != ".":
        return True
    if word.rstrip("%").replace(".", "").isdigit():
        return True
    if len(word) == 1 or (not word.islower() and not starter):
        return False
    return starter or is_word(word, lexicon)


def is_loose(left: re.Match[str], mark: str, right: str, lexicon: Lexicon) -> bool:
    """Whether two common words meet at a comma behind a capital, or at an exclamation or question mark."""
    word = left[1]
    if not right.islower() or left[2] or min(len(word), len(right)) < 2 or not both_words(word, right, lexicon):
        return False
    return word.islower() if mark in "!?" else mark == "," and word[0].isupper() and word[1:].islower()


def both_words(left: str, right: str, lexicon: Lexicon) -> bool:
    """Whether the tables know both."""
    return is_word(left, lexicon) and is_word(right, lexicon)


def is_word(word: str, lexicon: Lexicon) -> bool:
    """Whether the tables know the word, or all of its parts."""
    parts = plain(word).split("-")
    return all((lexicon.known(part) or -99.0) > RARE for part in parts)


def clock_joins(texts: Sequence[str]) -> tuple[Join, ...]:
    """Where a time of day runs into a name: "22:51Abu Dhabi"."""
    return tuple(
        Join(number, found.end())
        for number, text in enumerate(texts)
        if MINUTES.search(text)
        for found in CLOCK.finditer(text)
        if text[found.end()].isupper() and text[found.end() + 1 : found.end() + 3].islower()
    )


def interface_joins(texts: Sequence[str], words: Words, lexicon: Lexicon) -> tuple[Join, ...]:
    """Where the texts of two links or buttons run into one another; none where fewer than two different ones do."""
    found = [
        (Join(number, offset + at), token)
        for number, text in enumerate(texts)
        for offset, line in lines(text)
        for at, token in interface_line(line, words, lexicon)
    ]
    tokens = {token for _, token in found}
    return tuple(join for join, _ in found) if len(tokens) > 1 and 2 * len(tokens) >= len(identifiers(texts)) else ()


def identifiers(texts: Sequence[str]) -> set[str]:
    """All tokens written as identifiers are, "userName": where most are no joins of interface texts, none is."""
    return {token for text in texts for token in HUMPED.findall(text) if token[0].islower()}


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text, each with its offset."""
    offset = 0
    for line in text.split("\n"):
        yield offset, line
        offset += len(line) + 1


def interface_line(line: str, words: Words, lexicon: Lexicon) -> list[tuple[int, str]]:
    """The joins in a line of interface texts, and the tokens they are in; nothing in prose with a single one, or in code."""
    if not HUMP.search(line) or CODE_LINE.search(line):
        return []
    found = [(at, token[0]) for token in HUMPED.finditer(line) for at in humps(token[0], token.start(), words, lexicon)]
    return (
        found if any(token[0].islower() for _, token in found) and (len(found) > 1 or len(line) <= SHORT_LINE) else []
    )


def humps(token: str, start: int, words: Words, lexicon: Lexicon) -> Iterator[int]:
    """Where in a token a word of interfaces begins, if all its parts are words and it is none itself."""
    cuts = [i for i in range(1, len(token)) if token[i - 1].islower() and token[i].isupper()]
    parts = [token[a:b] for a, b in zip([0, *cuts], [*cuts, len(token)], strict=True)]
    if token.lower() in lexicon or not all(is_word(part, lexicon) and len(part) > 1 for part in parts):
        return
    for at, part in zip(cuts, parts[1:], strict=True):
        if part.lower() in words.interface:
            yield start + at
