"""A record as people read it: plain text, Markdown, and what was done to it."""

import re
from collections.abc import Iterator, Sequence

from schemas import Record
from schemas.record_v1 import BlockV1

MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|])")
LINE_STARTERS = re.compile(r"^(\s*)([#+>-]|\d+[.)])(?=\s|$)", re.MULTILINE)


def as_text(record: Record) -> str:
    """Title and text, blank lines between."""
    return "\n\n".join(part for part in (record.title, record.text) if part)


def as_markdown(record: Record) -> str:
    """Title, date, byline and blocks as Markdown."""
    head = [f"# {_escaped(record.title)}"] if record.title else []
    when = record.published_at.isoformat() if record.published_at else record.published_raw
    facts = [fact for fact in (record.byline, when) if fact]
    if facts:
        head.append(f"*{_escaped(' · '.join(facts))}*")
    return "\n\n".join([*head, *_blocks(record.blocks)])


def _blocks(blocks: Sequence[BlockV1]) -> Iterator[str]:
    """Each block as Markdown; the items of one list stay together."""
    items: list[str] = []
    for block in blocks:
        if block.kind == "list_item":
            items.append(_item(block))
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield _block(block)
    if items:
        yield "\n".join(items)


def _item(block: BlockV1) -> str:
    indent = "    " * ((block.depth or 1) - 1)
    text = _escaped(block.text).replace("\n", f"\n{indent}  ")
    return f"{indent}{'1.' if block.ordered else '-'} {text}"


def _block(block: BlockV1) -> str:
    match block.kind:
        case "heading":
            return f"{'#' * min((block.level or 1) + 1, 6)} {_escaped(block.text)}"
        case "quote":
            return "\n".join(f"> {line}" for line in _escaped(block.text).split("\n"))
        case "caption":
            return f"*{_escaped(block.text)}*"
        case "code":
            return f"```\n{block.text}\n```"
        case "separator":
            return "---"
        case "table":
            return _table(block)
        case _:
            return _escaped(block.text)


def _table(block: BlockV1) -> str:
    rows = [row.split("\t") for row in block.text.split("\n")]
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join(_escaped(cell) for cell in row + [""] * (width - len(row))) + " |" for row in rows]
    header = lines[: block.header_rows or 0] or ["|" + "  |" * width]
    return "\n".join([*header[:1], "|" + " --- |" * width, *header[1:], *lines[block.header_rows or 0 :]])


def _escaped(text: str) -> str:
    return LINE_STARTERS.sub(r"\1\\\2", MARKDOWN_SIGNS.sub(r"\\\1", text))


def explanation(record: Record) -> str:
    """What was found, changed, removed and left alone, and on what evidence."""
    return "\n".join(
        [*_facts(record), "", *_damages(record), "", *_steps(record), "", *_removals(record), "", *_suspects(record)]
    )


def _facts(record: Record) -> Iterator[str]:
    yield f"id          {record.id}, revision {record.revision}" + (f" ({record.change})" if record.change else "")
    yield f"url         {record.url or '-'}"
    yield f"title       {record.title!r}: {record.title_evidence}"
    yield f"byline      {record.byline!r}: {record.byline_evidence or 'none found'}"
    when = record.published_at.isoformat() if record.published_at else record.published_date
    yield f"published   {when} from {record.published_raw!r}: {record.published_evidence}"
    yield f"language    {record.language}"
    yield f"encoding    {record.capture.encoding}: {record.capture.encoding_evidence}"
    yield f"confidence  {record.quality.confidence:.2f}" + "".join(
        f"\n            {note}" for note in record.quality.notes
    )
    for other in record.same_as:
        yield f"same as     {other.id} of {other.source}: {other.similarity:.0%} alike"
    if record.quality.quarantined:
        yield f"quarantined {record.quality.quarantined}"


def _damages(record: Record) -> Iterator[str]:
    yield f"Damage found: {len(record.quality.damages) or 'none'}"
    for damage in record.quality.damages:
        yield f"  {damage.kind} ({damage.confidence:.2f}), {damage.repaired} places repaired: {damage.evidence}"


def _steps(record: Record) -> Iterator[str]:
    yield f"Steps: {len(record.steps) or 'none'}"
    for step in record.steps:
        target = f"block {step.block}" if step.block is not None else f"{step.fact}"
        yield f"  {target}, {step.rule}: {len(step.splices)} changes"
        for splice in step.splices[:20]:
            yield f"    at {splice.start}: {splice.before!r} → {splice.after!r}"
        if len(step.splices) > 20:
            yield f"    … and {len(step.splices) - 20} more (`unscrape show` has all)"


def _removals(record: Record) -> Iterator[str]:
    yield f"Removed: {len(record.removals) or 'nothing'}"
    for removal in record.removals:
        yield f"  {removal.reason}, {removal.length} characters at {removal.path}: {removal.text[:80]!r}"


def _suspects(record: Record) -> Iterator[str]:
    yield f"Suspect, left alone: {len(record.quality.suspects) or 'nothing'}"
    for suspect in record.quality.suspects:
        target = f"block {suspect.block}" if suspect.block is not None else f"{suspect.fact}"
        yield (
            f"  {target} at {suspect.start}: {suspect.text!r}"
            + (f" (perhaps {suspect.candidate!r})" if suspect.candidate else "")
            + f": {suspect.reason}"
        )
