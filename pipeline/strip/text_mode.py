"""Text without tags: its lines told apart by kind, the site's own lines taken out on evidence only.

What is not recognised stays. Blocks and removals tile the text: each line, with the line ends after it, is in exactly one.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

from pipeline.document import Block, BlockKind, Fact, Removal
from pipeline.strip import phrases

_LINE = re.compile(r"[^\n]*\n|[^\n]+$")
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_END = re.compile(r"[.!?…。！？；;:：]['\"”’»)\]]*$")
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)\]]*$")
_PUNCTUATION = re.compile(r"[-*–—.,:;!?'\"«»()/]+")
_DIGIT = re.compile(r"\d")
_BETWEEN_LABELS = re.compile(r"[|•·»/]|\s{2,}|(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
_SEPARATOR = re.compile(r"^\s*(?:([*=_~#•—–-])\s*)(?:\1\s*){2,}$")

_SURELY_PROSE, _LONGEST_STOP = 200, 60
_SENTENCE = 40
"""Shorter lines that repeat from document to document may be headings that such documents have in common."""


def _any_of(words: Sequence[str]) -> Callable[[str], bool]:
    """Whether one of `words` stands in a line, in whatever case."""
    plain = tuple(word for word in words if word.isascii())

    def holds(line: str) -> bool:
        lower = line.lower()
        return any(map(lower.__contains__, plain if lower.isascii() else words))

    return holds


_holds_call_word = _any_of(phrases.CALL_WORDS)
_holds_notice_word = _any_of(phrases.NOTICE_WORDS)
_holds_caption_word = _any_of(phrases.CAPTION_WORDS)
_holds_stop_word = _any_of(phrases.STOP_WORDS)

PROSE_WORDS, TITLE_WORDS, HEADING_WORDS = 12, 40, 14


class Unit(NamedTuple):
    """One line, or the lines of one hard-wrapped paragraph: offsets in the text (line ends included), number of the first
    line, whether a blank line stands before and after, and what it says (`kind`, and for removals `reason`)."""

    start: int
    end: int
    line: int
    text: str
    blank_before: bool
    blank_after: bool
    kind: str = "plain"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TextResult:
    """What `read_text` found; `confidence` and `notes` as in `document.Stripped`."""

    blocks: tuple[Block, ...]
    facts: tuple[Fact, ...]
    removals: tuple[Removal, ...]
    confidence: float
    notes: tuple[str, ...] = ()


def read_text(text: str, *, dropped: Callable[[str], str | None], stops: Callable[[str], bool]) -> TextResult:
    """The document in a text without tags.

    `dropped` gives the reason why a line is to be removed by a rule or by what was learned of the source, or None; `stops`
    says whether the document ends before a line.
    """
    units = [_classified(unit, dropped) for unit in _units(text)]
    units = _inside(units)
    units = _menus(units)
    units = _related_lists(units)
    units = _stopped(units, stops)
    units = _continued(units)
    units = _tail(units)
    units = _head(units)
    units = _facts_marked(units)
    return _result(text, units)


def site_lines(texts: Sequence[str]) -> list[str]:
    """For each of the runs kept of a page why it is the site's by its words and its place at the ends of the document after
    all, "" where it is not: what `read_text` knows of lines, for pages whose tags tell nothing."""
    inside = _span_of_prose(texts)
    if not inside:
        return [""] * len(texts)
    stops = _stops(texts[inside.start : inside.stop])
    if not stops and not any(map(_may_tell, chain(texts[: inside.start], texts[inside.stop :]))):
        return [""] * len(texts)
    units = [Unit(at, at + 1, at, text, True, True) for at, text in enumerate(texts)]
    units = [_inside_run(unit, stops) if unit.start in inside else _classified(unit, _no_rule) for unit in units]
    units = _head(_tail(_dated_entries(_related_lists(_menus(units)))))
    return [unit.reason or "of the site" if unit.kind in _CHROME else "" for unit in units]


def _span_of_prose(texts: Sequence[str]) -> range:
    """From the first to the last run of running text that is the document's; empty where there is none."""
    first = next((at for at, text in enumerate(texts) if _is_documents(text)), len(texts))
    last = next((at for at in reversed(range(first, len(texts))) if _is_documents(texts[at])), first - 1)
    return range(first, last + 1)


def _is_documents(text: str) -> bool:
    """Whether a run is running text, and not the site's by its words alone: a notice, a credit, a call to subscribe."""
    return _is_run_of_prose(text) and not (_is_notice(text) or _is_credit(text) or _is_call(text))


def _stops(texts: Sequence[str]) -> frozenset[str]:
    """Those of the texts that end a document: all that is looked for between the first and the last running text."""
    short = [text for text in texts if len(text) <= _LONGEST_STOP]
    return frozenset(filter(_is_stop, short)) if _holds_stop_word("\n".join(short)) else frozenset()


def _may_tell(text: str) -> bool:
    """Whether a run outside the running text may make itself, or those around it, the site's."""
    return any(test(text) for kind, _, test in _KINDS if kind in _TELLING) or _is_dated_entry(text)


def _inside_run(unit: Unit, stops: Collection[str]) -> Unit:
    """A run between the first and the last running text with its kind."""
    if unit.text in stops:
        return unit._replace(kind="stop", reason="comments or teasers")
    return unit._replace(kind="prose") if _is_run_of_prose(unit.text) else unit


def _is_run_of_prose(text: str) -> bool:
    """`_is_prose`, without counting the words of long runs."""
    return not _is_enumeration(text) if len(text) > _SURELY_PROSE else _is_prose(text)


def _no_rule(_: str) -> str | None:
    return None


def _dated_entries(units: Sequence[Unit]) -> list[Unit]:
    """Three runs or more in a row of a headline and a date each, after all running text: a list of other documents."""
    units = list(units)
    run: list[int] = []
    for number in [*range(_ends_of_prose(units)[1], len(units)), None]:
        if number is not None and _is_dated_entry(units[number].text):
            run.append(number)
            continue
        if len(run) >= 3:
            for n in run:
                units[n] = units[n]._replace(kind="chrome", reason="headlines and dates")
        run = []
    return units


def _is_dated_entry(text: str) -> bool:
    lines = text.split("\n")
    return 2 <= len(lines) <= 3 and len(text) <= 250 and (_is_date(lines[-1]) or _is_date(lines[0]))


def _units(text: str) -> list[Unit]:
    """The lines of `text` that say anything, hard-wrapped paragraphs taken together; they tile the text."""
    spans: list[tuple[int, int]] = []
    position = 0
    for line in _LINE.findall(text):
        end = position + len(line)
        if line.strip():
            spans.append((position, end))
        elif spans:
            spans[-1] = (spans[-1][0], end)
        position = end
    if not spans:
        return []
    spans[0] = (0, spans[0][1])
    return _joined(text, spans)


def _joined(text: str, spans: Sequence[tuple[int, int]]) -> list[Unit]:
    """`spans` as units, with the lines of one wrapped paragraph joined."""
    groups: list[list[tuple[int, int]]] = [[]]
    for span in spans:
        groups[-1].append(span)
        if _blank_after(text, span):
            groups.append([])
    units: list[Unit] = []
    line = 1
    for group in filter(None, groups):
        whole = [(group[0][0], group[-1][1])] if _is_wrapped([text[a:b].strip() for a, b in group]) else group
        for number, (start, end) in enumerate(whole):
            inside = text[start:end]
            first = line + inside[: len(inside) - len(inside.lstrip())].count("\n")
            units.append(Unit(start, end, first, inside.strip(), number == 0, number == len(whole) - 1))
            line += inside.count("\n")
    return units


def _blank_after(text: str, span: tuple[int, int]) -> bool:
    inside = text[span[0] : span[1]]
    return inside[len(inside.rstrip()) :].count("\n") > 1


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether consecutive lines are one paragraph broken at a fixed width, rather than lines of their own."""
    if len(lines) > 1 and all(line.startswith(">") for line in lines):  # what a letter quotes stays together
        return True
    if len(lines) < 2 or any(phrases.BULLET.match(line) for line in lines[1:]):
        return False
    inner = [len(line) for line in lines[:-1]]
    flowing = sum(not _END.search(a) and b[:1].islower() for a, b in pairwise(lines))
    if flowing and min(inner) >= 30 and max(inner) <= 130:
        return True
    even = len(lines) >= 3 and min(inner) >= 0.7 * max(inner) and 40 <= max(inner) <= 130
    return even and sum(not _END.search(line) for line in lines[:-1]) > len(inner) / 2


def _classified(unit: Unit, dropped: Callable[[str], str | None]) -> Unit:
    """`unit` with its kind, judged by itself alone."""
    if reason := dropped(unit.text):
        return unit._replace(kind="chrome", reason=reason)
    for kind, reason, test in _KINDS:
        if test(unit.text):
            return unit._replace(kind=kind, reason=reason)
    return unit


def _is_control(line: str) -> bool:
    """Controls and menus: known labels, alone, in a row, or glued together."""
    bare = phrases.BULLET.sub("", line).strip(" \t\u00a0|•·»«›‹<>→←:.…!").lower()
    if bare in _CONTROLS:
        return True
    if len(bare) > 200 or _SENTENCE_END.search(line):
        return False
    parts = [part.strip() for part in _BETWEEN_LABELS.split(phrases.BULLET.sub("", line).strip()) if part.strip()]
    known = sum(part.lower() in _CONTROLS for part in parts)
    return len(parts) > 1 and (known >= 2 or known > len(parts) / 2)


def _is_interruption(line: str) -> bool:
    """What sites set between the paragraphs of a document."""
    return phrases.BULLET.sub("", line).strip(" \t\u00a0[]()|-–—.:").lower() in _INTERRUPTIONS


def _is_call(line: str) -> bool:
    """Calls to subscribe, follow or give, addressed to the reader: two places to follow, or two calls, or one of each."""
    if len(line) > 500 or not _holds_call_word(line):
        return False
    calls = len(phrases.CALL.findall(line))
    if not calls:
        return False
    channels = len({match[0].lower() for match in phrases.CHANNEL.finditer(line)})
    return channels >= 2 or (calls + channels >= 2 and phrases.READER.search(line) is not None and len(line) <= 250)


def _is_debris(line: str) -> bool:
    """Punctuation left over where letters were lost."""
    tokens = line.split()
    empty = sum(_PUNCTUATION.fullmatch(token) is not None for token in tokens)
    return empty >= 2 and empty >= 0.5 * len(tokens) and not _SEPARATOR.match(line)


def _is_notice(line: str) -> bool:
    return len(line) <= 400 and _holds_notice_word(line) and phrases.NOTICE.search(line) is not None


def _is_credit(line: str) -> bool:
    return len(line) <= 300 and phrases.CREDIT.match(line) is not None


def _is_caption(line: str) -> bool:
    return len(line) <= 300 and _holds_caption_word(line) and phrases.CAPTION.search(line) is not None


def _is_stop(line: str) -> bool:
    return phrases.STOPS.fullmatch(phrases.BULLET.sub("", line).strip(" \t\u00a0:.…!»›→")) is not None


def _is_clock(line: str) -> bool:
    return len(line) <= 60 and ":" in line and phrases.CLOCK.match(line) is not None


def _is_date(line: str) -> bool:
    return len(line) <= 80 and _DIGIT.search(line) is not None and phrases.DATE.match(line) is not None


def _is_byline(line: str) -> bool:
    return len(_words(line)) <= 12 and not _SENTENCE_END.search(line) and phrases.BYLINE.match(line) is not None


def _words(line: str) -> list[str]:
    return _WORD.findall(line)


def _is_prose(line: str) -> bool:
    """Running text: a sentence that ends as one, or a line too long for anything else."""
    ascii_only = line.isascii()
    if (ascii_only and len(line) < 2 * PROSE_WORDS - 1) or _is_enumeration(line):
        return False
    words = len(_words(line)) + (0 if ascii_only else len(_CJK.findall(line)) / 2)
    return (words >= PROSE_WORDS and _END.search(line) is not None) or words >= 30


def _is_enumeration(line: str) -> bool:
    """Names and commas by turns, as sites list their sections and sponsors: a comma to every four words at least."""
    return 4 * line.count(",") > line.count(" ") > 3


def _is_label(line: str) -> bool:
    return len(_words(line)) <= 5 and line.endswith((":", "："))


_CONTROLS = frozenset(phrases.CONTROLS)
_INTERRUPTIONS = frozenset(phrases.INTERRUPTIONS)
_KINDS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("separator", "", lambda line: _SEPARATOR.match(line) is not None),
    ("date", "", _is_date),
    ("clock", "clock", _is_clock),
    ("stop", "comments or teasers", _is_stop),
    ("chrome", "interruption", _is_interruption),
    ("chrome", "menu", _is_control),
    ("chrome", "credit of the site", _is_credit),
    ("chrome", "call to subscribe", _is_call),
    ("chrome", "notice", _is_notice),
    ("debris", "punctuation without words", _is_debris),
    ("caption", "", _is_caption),
    ("byline", "", _is_byline),
    ("prose", "", _is_prose),
    ("label", "", _is_label),
)  # fmt: skip
"""Kinds of line, tried in this order: name, reason for the removal where it is the site's, test."""

_CHROME = ("chrome", "stop", "debris")
_TELLING = (*_CHROME, "clock", "date")
_ANYWHERE = ("call to subscribe", "interruption")


def _ends_of_prose(units: Sequence[Unit]) -> tuple[int, int]:
    """Index of the first unit of running text and index after the last; (0, 0) where there is none."""
    prose = [number for number, unit in enumerate(units) if unit.kind == "prose"]
    return (prose[0], prose[-1] + 1) if prose else (0, 0)


def _inside(units: Sequence[Unit]) -> list[Unit]:
    """Between the first and the last running text only what interrupts it unmistakably is the site's; the rest is kept.

    A manual may say "Print" or "All rights reserved" on a line of its own; where sites say so is above and below.
    """
    first, last = _ends_of_prose(units)
    found = []
    for number, unit in enumerate(units):
        repeats = unit.reason.startswith("chrome:") and len(unit.text) >= _SENTENCE
        known = unit.reason in _ANYWHERE or unit.reason.startswith("rule:") or repeats
        if first <= number < last and unit.kind in ("chrome", "debris") and not known:
            unit = unit._replace(kind="plain", reason="")
        found.append(unit)
    return found


def _menus(units: Sequence[Unit]) -> list[Unit]:
    """Four short lines or more in a row, one of them a known control, above or below all running text: a menu."""
    units = list(units)
    first, last = _ends_of_prose(units)
    for zone in (range(first), range(last, len(units))) if last else ():
        run: list[int] = []
        for number in [*zone, None]:
            if number is not None and _could_be_entry(units, number):
                run.append(number)
                continue
            controls = sum(units[n].reason == "menu" for n in run)
            if len(run) >= 4 and 0 < len(run) <= 10 * controls:
                for n in run:
                    units[n] = units[n]._replace(kind="chrome", reason="menu")
            run = []
    return units


def _could_be_entry(units: Sequence[Unit], number: int) -> bool:
    """Whether a unit could be an entry of a menu; the line just above a date or running text may be the title."""
    unit = units[number]
    if unit.reason == "menu":
        return True
    if unit.kind not in ("plain", "label") or not 1 <= len(_words(unit.text)) <= 4 or _SENTENCE_END.search(unit.text):
        return False
    following = units[number + 1].kind if number + 1 < len(units) else ""
    return following not in ("date", "byline", "prose", "caption")


def _related_lists(units: Sequence[Unit]) -> list[Unit]:
    """Headline and date by turns, three times or more: a list of other documents, where no running text follows or precedes."""
    units = list(units)
    index = 0
    while index < len(units):
        end = _alternating(units, index)
        if end - index >= 6 and (_no_prose(units[end:]) or _no_prose(units[:index])):
            units[index:end] = [unit._replace(kind="chrome", reason="headlines and dates") for unit in units[index:end]]
        index = max(end, index + 1)
    return units


def _alternating(units: Sequence[Unit], start: int) -> int:
    """Where the turns of headline and date (or date and headline) that begin at `start` end."""
    first = units[start].kind == "date"
    end = start
    while end < len(units):
        unit, wanted = units[end], (end - start) % 2 == (0 if first else 1)
        if (unit.kind == "date") is not wanted or len(unit.text) > 250 or unit.kind in _CHROME:
            break
        end += 1
    return end - (end - start) % 2


def _no_prose(units: Sequence[Unit]) -> bool:
    return all(unit.kind != "prose" for unit in units)


def _stopped(units: Sequence[Unit], stops: Callable[[str], bool]) -> list[Unit]:
    """Everything from the first line a rule stops at."""
    at = next((number for number, unit in enumerate(units) if stops(unit.text)), len(units))
    return [*units[:at], *(unit._replace(kind="chrome", reason="rule:stop") for unit in units[at:])]


def _continued(units: Sequence[Unit]) -> list[Unit]:
    """A line of the site's own that goes on in lower case on the next lines."""
    found: list[Unit] = []
    for unit in units:
        before = found[-1] if found else None
        if (
            before is not None
            and before.kind == "chrome"
            and not _SENTENCE_END.search(before.text)
            and unit.kind in ("plain", "caption", "label")
            and unit.text[:1].islower()
        ):
            unit = unit._replace(kind="chrome", reason=before.reason)
        found.append(unit)
    return found


def _tail(units: Sequence[Unit]) -> list[Unit]:
    """After the last running text, everything from the first line that is the site's; and comments after a stop line."""
    units = list(units)
    prose = [number for number, unit in enumerate(units) if unit.kind == "prose"]
    if not prose:
        return units
    size = sum(len(units[number].text) for number in prose)
    for number, unit in enumerate(units):
        if unit.kind == "stop":
            after = sum(len(units[n].text) for n in prose if n > number)
            before = size - after
            if before and after <= before / 3:
                return [*units[:number], *(_removed(u, unit.reason) for u in units[number:])]
    for number in range(prose[-1] + 1, len(units)):
        if units[number].kind in _CHROME and _mostly_chrome(units[number:]):
            return [*units[:number], *(_removed(unit, "after the document") for unit in units[number:])]
    return units


def _mostly_chrome(units: Sequence[Unit]) -> bool:
    """Whether a third of the units at least are known to be the site's, none of the others running text."""
    known = sum(unit.kind in (*_CHROME, "clock") for unit in units)
    return 3 * known >= len(units)


def _removed(unit: Unit, reason: str) -> Unit:
    return unit._replace(kind="chrome", reason=unit.reason or reason)


def _head(units: Sequence[Unit]) -> list[Unit]:
    """Before the title, everything, where any of it is known to be the site's."""
    units = list(units)
    first = next((number for number, unit in enumerate(units) if unit.kind == "prose"), None)
    if first is None:
        return units
    last = max((n for n in range(first) if units[n].kind in (*_CHROME, "clock")), default=-1)
    if not _mostly_chrome(units[: last + 1]):
        return units
    return [*(_removed(unit, "before the document") for unit in units[: last + 1]), *units[last + 1 :]]


def _facts_marked(units: Sequence[Unit]) -> list[Unit]:
    """The title, and the dates and authors between it and the first running text."""
    units = list(units)
    first = next((number for number, unit in enumerate(units) if unit.kind == "prose"), None)
    if first is None:
        return units
    zone = [number for number in range(first) if units[number].kind not in _CHROME]
    title = _title(units, zone)
    for number in zone:
        if number == title:
            units[number] = units[number]._replace(kind="title")
        elif units[number].kind in ("date", "byline") and (title is None or abs(number - title) <= 4):
            units[number] = units[number]._replace(kind="published" if units[number].kind == "date" else "author")
    return units


def _title(units: Sequence[Unit], zone: Sequence[int]) -> int | None:
    """Which unit of `zone` is the title: the one before the date, else the first that can be one."""
    able = [number for number in zone if _can_be_title(units[number], units[number + 1])]
    dated = [number for number in able if units[number + 1].kind in ("date", "byline")]
    return next(iter(dated or able), None)


def _can_be_title(unit: Unit, following: Unit) -> bool:
    if unit.kind not in ("plain", "caption") or len(_words(unit.text)) > TITLE_WORDS or "\n" in unit.text:
        return False
    if unit.text.endswith((".", ",", ";", ":")) or unit.text[:1].islower() or phrases.BULLET.match(unit.text):
        return False
    return unit.blank_after or following.kind in ("date", "byline") or len(following.text) > 1.5 * len(unit.text)


def _is_heading(units: Sequence[Unit], number: int) -> bool:
    """A short line that stands alone, ends in no full stop and has text of the document after it."""
    unit = units[number]
    if unit.kind != "plain" or not (unit.blank_before and unit.blank_after) or "\n" in unit.text:
        return False
    if (
        len(_words(unit.text)) > HEADING_WORDS
        or len(unit.text) > 120
        or _END.search(unit.text)
        or unit.text.endswith(",")
    ):
        return False
    if not (unit.text[:1].isupper() or unit.text[:1].isdigit() or not unit.text[:1].isalpha() or _CJK.match(unit.text)):
        return False
    following = next((u for u in units[number + 1 :] if u.kind not in (*_CHROME, "clock", "plain")), None)
    return following is not None and following.kind in ("prose", "item", "label")


_FACTS = {
    "title": ("title", "text:title"),
    "published": ("published", "near-title"),
    "author": ("byline", "near-title"),
}


def _result(text: str, units: Sequence[Unit]) -> TextResult:
    blocks: list[Block] = []
    facts: list[Fact] = []
    removals: list[Removal] = []
    for number, unit in enumerate(units):
        path, whole = f"line {unit.line}", text[unit.start : unit.end]
        if unit.kind in _FACTS:
            name, place = _FACTS[unit.kind]
            facts.append(Fact(name=name, text=unit.text, place=place, path=path))
            removals.append(_removal(unit, whole, f"fact:{name}"))
        elif unit.kind in _CHROME:
            removals.append(_removal(unit, whole, unit.reason))
        else:
            blocks.append(_block(units, number, whole, path))
    confidence, notes = _confidence(units)
    return TextResult(tuple(blocks), tuple(facts), tuple(removals), confidence, notes)


def _confidence(units: Sequence[Unit]) -> tuple[float, tuple[str, ...]]:
    """How sure the document was told from its site: little where no running text was found or most of it was removed."""
    prose = sum(len(unit.text) for unit in units if unit.kind == "prose")
    rest = sum(len(unit.text) for unit in units if unit.kind in _CHROME)
    if not prose:
        return 0.5, ("no running text",)
    if rest > 3 * prose:
        return 0.5, ("more removed than kept",)
    return 0.95, ()


def _removal(unit: Unit, whole: str, reason: str) -> Removal:
    return Removal(path=f"line {unit.line}", reason=reason, length=len(whole), text=whole, start=unit.start)


def _block(units: Sequence[Unit], number: int, whole: str, path: str) -> Block:
    unit = units[number]
    kind: BlockKind = "paragraph"
    if unit.kind in ("caption", "separator"):
        kind = "caption" if unit.kind == "caption" else "separator"
    elif phrases.BULLET.match(unit.text) and not _SEPARATOR.match(unit.text) and _in_list(units, number):
        ordered = phrases.BULLET.match(unit.text)
        return Block(
            kind="list_item",
            text=whole,
            path=path,
            start=unit.start,
            depth=1,
            ordered=bool(ordered and ordered[0].strip("( ).\t").isalnum()),
        )
    elif _is_heading(units, number):
        return Block(kind="heading", text=whole, path=path, start=unit.start, level=2)
    return Block(kind=kind, text=whole, path=path, start=unit.start)


def _in_list(units: Sequence[Unit], number: int) -> bool:
    """A mark makes an item only where a neighbour bears one too."""
    near = [units[n].text for n in (number - 1, number + 1) if 0 <= n < len(units)]
    return any(phrases.BULLET.match(text) for text in near)
