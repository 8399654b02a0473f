"""Decoded → Stripped: the document without its site."""

from selectolax.lexbor import LexborHTMLParser

from pipeline.document import Block, Decoded, Fact, Rejected, Stripped
from pipeline.strip import facts, gate, rules
from pipeline.strip.assemble import Paths, assemble
from pipeline.strip.nearby import nearby_facts
from pipeline.strip.scorer import decide
from pipeline.strip.text_mode import read_text
from pipeline.strip.walk import Walked, walk
from schemas import SourceV1

__all__ = ["strip"]

_SHELL = 250


def strip(
    decoded: Decoded, *, source: SourceV1 | None = None, url: str | None = None, content_type: str | None = None
) -> Stripped | Rejected:
    """The blocks, facts and removals of a document, or why it is none.

    `source` gives the site's own rules and what was learned of its pages; `content_type` decides between tags and none only
    where the text leaves it open. Never raises for what the document holds; SourceError for a source that cannot be used.
    """
    if refused := gate.refuse(decoded.text, content_type):
        return refused
    if gate.mode_of(decoded.text, content_type) == "text":
        return _strip_text(decoded, source)
    if refused := gate.refuse_markup(decoded.text):
        return refused
    return _strip_html(decoded, source, url)


def _strip_text(decoded: Decoded, source: SourceV1 | None) -> Stripped | Rejected:
    dropped, stops = rules.line_tests(source)
    result = read_text(decoded.text, dropped=dropped, stops=stops)
    if not result.blocks:
        return Rejected(stage="strip", reason="only-navigation", detail="no line of the text belongs to a document")
    return Stripped(
        blocks=result.blocks,
        facts=result.facts,
        removals=result.removals,
        mode="text",
        confidence=result.confidence,
        notes=result.notes,
        strays=decoded.strays,
    )


def _strip_html(decoded: Decoded, source: SourceV1 | None, url: str | None) -> Stripped | Rejected:
    parsed = LexborHTMLParser(decoded.text)
    if change := rules.hook(source):
        change(parsed)
    page = walk(parsed, facts.TOKENS, marked=rules.marked(parsed, source))
    documents = facts.json_ld(parsed)
    if page.noscript and sum(map(len, page.texts)) < _SHELL:
        page = walk(parsed, facts.TOKENS, marked=rules.marked(parsed, source), noscript=True)
    decision = decide(page, source, url)
    blocks, removals = assemble(page, decision.reasons)
    if (body := (facts.body_text(documents, ()) or ('', ''))[1]) and sum(len(block.text) for block in blocks) < _SHELL < len(body):
        blocks = tuple(
            Block(kind="paragraph", text=text.strip(), path="json-ld") for text in body.split("\n") if text.strip()
        )
    if not blocks:
        return Rejected(
            stage="strip",
            reason="no-document",
            detail=f"none of {len(page.texts)} blocks of text belongs to a document",
        )
    return Stripped(
        blocks=blocks,
        facts=_facts(parsed, page, documents, source),
        removals=removals,
        mode="html",
        confidence=decision.confidence,
        notes=decision.notes,
        strays=decoded.strays,
    )


def _facts(
    parsed: LexborHTMLParser, page: Walked, documents: list[dict[str, object]], source: SourceV1 | None
) -> tuple[Fact, ...]:
    """Every candidate, those of the source's own rules first."""
    found: list[Fact] = []
    if source is not None:
        for name, selector in (
            ("title", source.strip.title),
            ("published", source.strip.date),
            ("byline", source.strip.byline),
        ):
            if selector:
                found += facts.selected(name, rules.select(parsed, selector, source.name), selector)
    paths = Paths(page)
    found += facts.json_ld_facts(documents)
    found += facts.head_facts(parsed)
    found += facts.element_facts(page.candidates, (paths.of(candidate.element) for candidate in page.candidates))
    found += nearby_facts(page, paths)
    return tuple(found)
