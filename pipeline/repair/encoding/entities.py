"""Character references that survived: escaped twice, or left in text without tags. Text about HTML keeps its own."""

import re
from collections.abc import Iterator
from html import unescape

from pipeline.document import Damage, Splice, Step
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import NOTHING, Finding, places, steps_of

ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Marks of code, and words of texts that speak of references.
CODE = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&lt;[/!]?[A-Za-z]|[{}`]|=[\"']|\)\s*;")
ABOUT = re.compile(
    r"\b(?:entit(?:y|ies|é|és|à|a|y|ou)|escap(?:e|ed|es|ing)|unescaped?|character reference|named reference|charref|"
    r"Entität(?:en)?|entidad(?:es)?|encj[aei]|encji|сущност[ьи]|сутност[іь])\b|HTML code|HTML-код|\bHTML-Code",
    re.IGNORECASE,
)
QUOTES = frozenset("\"'`“”‘’«»„()[]")
KEPT = frozenset("<>")  # they would make tags of text; as a sign between blanks they are only a sign
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def unescape_entities(draft: Draft) -> Finding:
    """The characters that surviving references stand for, outside of code and of lines about such references."""
    if "&" not in draft.joined or not ENTITY.search(draft.joined):
        return NOTHING
    steps = steps_of("entities", [list(_splices(text)) if "&" in text else () for text in draft.texts])
    if not steps:
        return NOTHING
    evidence = f"{places(steps):,} character references such as {_example(steps)} stood in the text."
    return Finding(
        steps=steps, damages=(Damage(kind="entities", evidence=evidence, confidence=0.97, repaired=places(steps)),)
    )


def _example(steps: dict[int, Step]) -> str:
    return next(iter(steps.values())).splices[0].before


def _splices(text: str) -> Iterator[Splice]:
    if not ENTITY.search(text):
        return
    start = 0
    for line in text.split("\n"):
        if "&" in line and not CODE.search(line):
            yield from _line_splices(line, start, about=ABOUT.search(line) is not None)
        start += len(line) + 1


def _line_splices(line: str, start: int, *, about: bool) -> Iterator[Splice]:
    for found in ENTITY.finditer(line):
        character = unescape(f"&{found[1]};")
        before, after = line[found.start() - 1 : found.start()], line[found.end() : found.end() + 1]
        if character.endswith(";") or CONTROL.search(character):
            continue
        if character in KEPT and not (after.isspace() or after.isdigit()):
            continue
        inside_word = before.isalpha() or after.isalpha()
        if (about and not inside_word) or (before in QUOTES and after in QUOTES and before and after):
            continue
        yield Splice(start + found.start(), found[0], character)
