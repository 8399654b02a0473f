"""Segmented → Record."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline import edits, facts
from pipeline.document import Block, Capture, Decoded, Fact, Rejected, Removal, Segmented, Step, Suspect
from pipeline.facts import Context, DocumentFacts
from pipeline.facts.identity import document_id
from pipeline.language import detect, differs, guess
from schemas import Record, SourceV1
from schemas.escape import escape
from schemas.record_v1 import content_hash
from schemas.source_v1 import DatesV1

LEADING = 6  # blocks among which the heading that repeats the title is looked for
SAMPLED = 40  # blocks whose text decides the language
LONG = 80  # code points of a block whose language is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """`min_confidence` (0–1): below it a record is quarantined, so that it replaces no good one; a source may set its own."""

    min_confidence: float = 0.3


DEFAULTS = RecordOptions()


def record(
    segmented: Segmented,
    capture: Capture,
    decoded: Decoded,
    *,
    source: SourceV1 | None = None,
    options: RecordOptions = DEFAULTS,
) -> Record | Rejected:
    """The record of a document, or why it makes none; one of low confidence is a record that says it is quarantined."""
    if not any(block.kind != "separator" for block in segmented.blocks):
        return Rejected(
            stage="record", reason="empty", detail="the document has no text", url=capture.url, sha256=capture.sha256
        )
    language = _language(segmented, source)
    found = facts.decide(segmented.facts, _context(segmented, capture, source, language))
    segmented = _without_title(segmented, found.title.fact)
    blocks = segmented.blocks
    targets = _targets(found)
    written = {
        "source": source.name if source else None,
        "url": capture.url,
        "capture": _capture(capture, decoded),
        "language": language,
        **_facts(found),
        "blocks": [_block(block, language) for block in blocks],
        "steps": list(_steps(blocks, targets)),
        "removals": [_removal(removal) for removal in segmented.removals],
        "quality": _quality(segmented, targets, len(decoded.text), _least(source, options)),
        "pipeline": _pipeline(source),
    }
    written["id"] = document_id(found.canonical, capture.url, capture.sha256)
    written["content_hash"] = content_hash(written["title"], written["byline"], found.published.at, blocks)
    return Record.model_validate(written)


def _without_title(segmented: Segmented, title: Fact | None) -> Segmented:
    """`segmented` without the heading that says its title, where it stands before the text: the record says it once."""
    at = next((at for at, block in enumerate(segmented.blocks[:LEADING]) if title and _is_title(block, title)), None)
    if at is None or len(segmented.blocks) == 1:
        return segmented
    block = segmented.blocks[at]
    text = edits.before(block)
    removal = Removal(
        path=block.path,
        reason="title",
        length=len(text),
        text=text[: None if block.start is not None else 80],
        start=block.start,
    )
    return replace(
        segmented,
        blocks=segmented.blocks[:at] + segmented.blocks[at + 1 :],
        removals=(*segmented.removals, removal),
    )


def _is_title(block: Block, title: Fact) -> bool:
    return block.kind == "heading" and block.text.casefold().split() == title.text.casefold().split()


def _language(segmented: Segmented, source: SourceV1 | None) -> str | None:
    """The source's, that which repair worked with, that of the text, or the one the page declares; the first there is."""
    if source and source.language:
        return source.language
    text = "\n".join(block.text for block in segmented.blocks[:SAMPLED])
    return segmented.language or guess(text) or _declared(segmented.facts) or detect(text)


def _declared(facts: Iterable[Fact]) -> str | None:
    codes = (re.split(r"[-_]", fact.text.lower())[0] for fact in facts if fact.name == "language")
    return next((code for code in codes if re.fullmatch("[a-z]{2}", code)), None)


def _context(segmented: Segmented, capture: Capture, source: SourceV1 | None, language: str | None) -> Context:
    heading = next((block.text for block in segmented.blocks if block.kind == "heading"), None)
    return Context(
        url=capture.url,
        fetched_at=capture.fetched_at,
        language=language,
        heading=heading,
        site=source.site if source else None,
        dates=source.dates if source else DatesV1(),
    )


def _capture(capture: Capture, decoded: Decoded) -> dict[str, Any]:
    return {
        "sha256": capture.sha256,
        "fetched_at": capture.fetched_at,
        "status": capture.status,
        "media_type": (capture.content_type or "").partition(";")[0].strip().lower() or None,
        "encoding": decoded.encoding,
        "encoding_evidence": decoded.evidence,
    }


def _facts(found: DocumentFacts) -> dict[str, Any]:
    authors = tuple(author.text for author in found.byline.authors)
    return {
        "canonical_url": found.canonical,
        "title": found.title.fact.text if found.title.fact else None,
        "title_evidence": found.title.evidence,
        "byline": ", ".join(authors) or None,
        "authors": authors,
        "byline_evidence": found.byline.evidence,
        "published_at": found.published.at,
        "published_date": found.published.day,
        "published_raw": found.published.raw,
        "published_zone": found.published.zone,
        "published_evidence": found.published.evidence,
        "modified_at": found.modified.at,
        "modified_date": found.modified.day,
        "modified_raw": found.modified.raw,
        "site": found.site,
        "section": found.section,
        "tags": found.tags,
        "licence": found.licence,
    }


def _targets(found: DocumentFacts) -> dict[str, Fact]:
    """The facts whose text may have been changed, by the name their steps carry in the record."""
    named = {"title": found.title.fact} if found.title.fact else {}
    return named | {f"authors[{index}]": author for index, author in enumerate(found.byline.authors)}


def _block(block: Block, language: str | None) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "text": block.text,
        "level": block.level,
        "ordered": block.ordered,
        "depth": block.depth,
        "header_rows": block.header_rows,
        "path": block.path,
        "language": differs(block.text, language) if language and len(block.text) >= LONG else None,
        "start": block.start,
        "before_sha256": hashlib.sha256(edits.before(block).encode("utf-8", "surrogatepass")).hexdigest(),
    }


def _steps(blocks: Iterable[Block], targets: Mapping[str, Fact]) -> Iterator[dict[str, Any]]:
    for index, block in enumerate(blocks):
        for step in block.steps:
            yield {"block": index, "rule": step.rule, "splices": _splices(step)}
    for name, fact in targets.items():
        for step in fact.steps:
            yield {"fact": name, "rule": step.rule, "splices": _splices(step)}


def _splices(step: Step) -> list[dict[str, Any]]:
    return [_splice(*splice) for splice in step.splices]


def _splice(start: int, before: str, after: str) -> dict[str, Any]:
    old, old_escaped = escape(before)
    new, new_escaped = escape(after)
    if old_escaped or new_escaped:
        return {"start": start, "before": _written(before), "after": _written(after), "escaped": True}
    return {"start": start, "before": old, "after": new}


def _written(text: str) -> str:
    """`text` written as in a string marked escaped."""
    written, escaped = escape(text)
    return written if escaped else text.replace("\\", "\\\\")


def _removal(removal: Removal) -> dict[str, Any]:
    text, escaped = escape(removal.text)
    return {
        "path": removal.path,
        "reason": removal.reason,
        "length": removal.length,
        "text": text,
        "start": removal.start,
        "escaped": escaped,
    }


def _least(source: SourceV1 | None, options: RecordOptions) -> float:
    return options.min_confidence if source is None or source.min_confidence is None else source.min_confidence


def _quality(segmented: Segmented, targets: Mapping[str, Fact], length: int, least: float) -> dict[str, Any]:
    """How far the record can be trusted; `length` of the decoded input in code points, `least` the confidence it needs."""
    low = segmented.confidence < least
    suspects = [
        _suspect(suspect, block=index) for index, block in enumerate(segmented.blocks) for suspect in block.suspects
    ]
    suspects += [_suspect(suspect, fact=name) for name, fact in targets.items() for suspect in fact.suspects]
    return {
        "confidence": segmented.confidence,
        "notes": segmented.notes,
        "damages": [
            {
                "kind": damage.kind,
                "evidence": damage.evidence,
                "confidence": damage.confidence,
                "repaired": damage.repaired,
                "detail": dict(damage.detail),
            }
            for damage in segmented.damages
        ],
        "suspects": suspects,
        "characters_before": length,
        "characters_after": _length(segmented.blocks),
        "quarantined": f"confidence {segmented.confidence:.2f} is below {least:.2f}" if low else None,
    }


def _length(blocks: Iterable[Block]) -> int:
    """Code points of the record's text."""
    lengths = [len(block.text) for block in blocks if block.kind != "separator"]
    return sum(lengths) + 2 * max(len(lengths) - 1, 0)


def _suspect(suspect: Suspect, **target: int | str) -> dict[str, Any]:
    return {
        **target,
        "start": suspect.start,
        "length": suspect.length,
        "text": escape(suspect.text)[0],
        "candidate": suspect.candidate and escape(suspect.candidate)[0],
        "reason": suspect.reason,
    }


def _pipeline(source: SourceV1 | None) -> dict[str, Any]:
    return {
        "version": _version(),
        "source_hash": hashlib.sha256(source.model_dump_json().encode()).hexdigest() if source else None,
        "data_hash": _data_hash(),
    }


@lru_cache(maxsize=1)
def _version() -> str:
    try:
        return version("unscrape")
    except PackageNotFoundError:  # run from a tree that was never installed
        return "0"


@lru_cache(maxsize=1)
def _data_hash() -> str:
    """sha256 of the manifest, which holds the sha256 of every table."""
    return hashlib.sha256((Path(__file__).parent / "data" / "MANIFEST.toml").read_bytes()).hexdigest()
