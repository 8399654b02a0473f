"""What is left when the encoding is right: a stroke for a dash, controls, invisible characters. A stated rule for each."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from pipeline.charset.reading import table
from pipeline.document import Damage, Splice
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of
from pipeline.repair.encoding.pairs import LETTERS

# After words or numbers and a blank, before a blank or a word: “2019 ̵ 2021”, “29 ̵ 31October”; or between two years. On a letter or
# a single figure it strikes through, “2̵0̵”, and at the beginning of a line it says nothing.
STROKE_DASH = re.compile(
    r"(?<=\xa0) ?\u0335(?=[ \xa0\w])|(?<=[^\s\u0335] )\u0335(?=[ \xa0\w])|(?<=\b\d{4})\u0335(?=\d{4}\b)"
)
CONTROLS = re.compile(r"(?:\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0e-\x1b\x7f])+")
CONTROL = bytes((*range(0x09), *range(0x0E, 0x1C), 0x7F))
C1_SIGNS = frozenset("€‚„…†‡‰‹‘’“”•–—™›")
C1 = re.compile("[\x80-\x9f]")
C1_CONTROLS = frozenset(map(chr, range(0x80, 0xA0)))
SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
SURROGATE = frozenset(map(chr, range(0xD800, 0xE000)))

RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
JOINING = "\u0590-\u109f\u1780-\u18af\ua840-\uabff\ufb1d-\ufefc"  # scripts in which joiners make a difference
UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff"  # scripts that part words by zero-width spaces, if at all
PICTURES = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
BYTE_ORDER = "\ufeff\ufffe\uffff\u206a\u206b\u206c\u206d\u206e\u206f"
TAGS = "".join(map(chr, range(0xE0001, 0xE0080)))

DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
WRAPPED = re.compile("([\u202a-\u202e\u2066-\u2068])[^\u202a-\u202e\u2066-\u2069]*([\u202c\u2069]+[\u200e\u200f]?)")

# Invisible characters, and where they go; everywhere else they stay.
INVISIBLES = (
    # A hint where a line may break, never content; after a sign such as ¤ it is a byte of a misread text.
    ("\xad", re.compile("(?<![\xa1-\xaa\xac\xae-\xba\xbc-\xbf])\xad+")),
    # A mark of byte order and deprecated format characters, without meaning inside a text.
    (BYTE_ORDER, re.compile(f"[{BYTE_ORDER}]+")),
    # Forbids a line to break; between letters, where none would, it says nothing.
    ("\u2060", re.compile(r"(?<=[^\W\d_])\u2060+(?=[^\W\d_])")),
    # Hints where a line may break; but they part the words of Thai, Lao, Khmer, Burmese and Tibetan.
    ("\u200b", re.compile(f"(?<![{UNSPACED}])\u200b+(?![{UNSPACED}])")),
    # Spelling in Persian and Indic scripts, nothing elsewhere.
    ("\u200c", re.compile(f"(?<![{JOINING}])\u200c+")),
    # Spelling in Arabic and Indic scripts, part of emoji, nothing elsewhere.
    ("\u200d", re.compile(f"(?<![{JOINING}{PICTURES}])\u200d+")),
    # After a black flag they name a region; elsewhere they hide text.
    (TAGS, re.compile(f"(?<![\U0001f3f4\U000e0020-\U000e007f])[{TAGS}]+")),
)
DIRECTION = frozenset("\u061c\u200e\u200f") | {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
LOOKED_FOR = DIRECTION.union(*(characters for characters, _ in INVISIBLES))


def restore_dashes(draft: Draft) -> Finding:
    """A dash for U+0335, the stroke that a reference meant for a dash gave."""
    if "\u0335" not in draft.characters:
        return NOTHING
    return _finding(
        draft,
        "strikethrough-dash",
        _replacing(STROKE_DASH, "–"),
        "{} strokes (U+0335) stood where a dash belongs.",
        0.95,
    )


def remove_controls(draft: Draft) -> Finding:
    """Control characters and terminal escapes out; tabs, line ends and page ends stay."""
    joined = draft.joined.encode("utf-8", "surrogatepass")
    if len(joined.translate(None, CONTROL)) == len(joined):  # five times as fast as to search
        return NOTHING
    return _finding(draft, "controls", _replacing(CONTROLS, ""), "{} control characters stood in the text.", 0.99)


def restore_c1(draft: Draft) -> Finding:
    """C1 controls, which are the signs of a Windows encoding read as Latin-1, as those signs.

    Only if all of them are signs such as quotation marks and dashes. Letters or bytes without a sign among them would mean that
    more was misread than they; then they are left as they are.
    """
    controls = draft.characters & C1_CONTROLS
    if not controls:
        return NOTHING
    encoding = _windows(draft.characters)
    if not controls <= {chr(byte) for byte in range(0x80, 0xA0) if table(encoding)[byte] in C1_SIGNS}:
        return NOTHING

    def splices(text: str) -> Iterator[Splice]:
        return (Splice(found.start(), found[0], table(encoding)[ord(found[0])]) for found in C1.finditer(text))

    return _finding(draft, "c1-controls", splices, f"{{}} C1 controls stood for signs of {encoding}.", 0.95)


def join_surrogates(draft: Draft) -> Finding:
    """Surrogates: a pair becomes the character it encodes, one alone U+FFFD, for no text may hold it."""
    if draft.characters.isdisjoint(SURROGATE):
        return NOTHING

    def splices(text: str) -> Iterator[Splice]:
        for found in SURROGATES.finditer(text):
            pair = found[0]
            joined = pair.encode("utf-16", "surrogatepass").decode("utf-16") if len(pair) == 2 else "\ufffd"
            yield Splice(found.start(), pair, joined)

    return _finding(draft, "surrogates", splices, "{} surrogates stood in the text.", 0.99)


def remove_invisibles(draft: Draft) -> Finding:
    """Invisible characters out where they say nothing."""
    present = draft.characters & LOOKED_FOR
    if not present:
        return NOTHING
    return _finding(
        draft,
        "invisible",
        partial(_invisible_splices, present=present),
        "{} invisible characters without meaning stood in the text.",
        0.97,
    )


def _windows(characters: frozenset[str]) -> str:
    """The Windows encoding of the script the text is in."""
    small = {character.lower() for character in characters}
    if len(small & set(LETTERS["ru"])) > 3:
        return "windows-1251"
    return "windows-1250" if small & set("ąćęłńśźżčďěňřťůőű") else "windows-1252"


def _invisible_splices(text: str, present: frozenset[str]) -> Iterator[Splice]:
    """The splices for those invisible characters that are `present` in the document."""
    found = () if text.isascii() else [c for c in present if c in text]
    if not found:
        return
    patterns = [pattern for characters, pattern in INVISIBLES if any(c in characters for c in found)]
    spans = [match.span() for pattern in patterns for match in pattern.finditer(text)]
    if not DIRECTION.isdisjoint(found):
        spans += _directions(text)
    spans.sort()
    yield from (Splice(start, text[start:end], "") for start, end in _joined(spans))


def _directions(text: str) -> Iterator[tuple[int, int]]:
    """Direction marks and embeddings, where nothing runs from right to left, or where one pair embraces a whole line."""
    start = 0
    for line in text.split("\n"):
        if DIRECTIONS.search(line):
            if not re.search(f"[{RIGHT_TO_LEFT}]", line):
                yield from ((start + m.start(), start + m.end()) for m in DIRECTIONS.finditer(line))
            elif wrapped := WRAPPED.fullmatch(line):
                yield start, start + 1
                yield start + wrapped.start(2), start + wrapped.end(2)
        start += len(line) + 1


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ascending spans, with those that touch or overlap made one."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current and start <= current[1]:
            current = (current[0], max(end, current[1]))
            continue
        if current:
            yield current
        current = (start, end)
    if current:
        yield current


def _replacing(pattern: re.Pattern[str], after: str) -> Callable[[str], Iterator[Splice]]:
    return lambda text: (Splice(found.start(), found[0], after) for found in pattern.finditer(text))


def _finding(
    draft: Draft, kind: str, splices: Callable[[str], Iterator[Splice]], evidence: str, confidence: float
) -> Finding:
    steps = steps_of(kind, [list(splices(text)) for text in draft.texts])
    if not steps:
        return NOTHING
    damage = Damage(
        kind=kind, evidence=evidence.format(f"{places(steps):,}"), confidence=confidence, repaired=places(steps)
    )
    return Finding(steps=steps, damages=(damage,))
