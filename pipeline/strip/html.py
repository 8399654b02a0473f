"""A page with tags: parsed and walked once, its runs chosen, its facts collected."""

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser

from pipeline import markup
from pipeline.document import Block, Decoded, Fact, Rejected, Stripped
from pipeline.strip import facts, gate, model, rules
from pipeline.strip.assemble import Paths, assemble
from pipeline.strip.nearby import nearby_facts
from pipeline.strip.scorer import decide
from pipeline.strip.tags import REGIONS
from pipeline.strip.walk import Walked, walk
from schemas import SourceV1

_SHELL = 250
_FOOTER = REGIONS["footer"]


def strip_html(decoded: Decoded, source: SourceV1 | None, url: str | None) -> Stripped | Rejected:
    """As `strip`, for a text with tags."""
    parsed = markup.parse(decoded.text)
    if isinstance(parsed, markup.Refusal):
        return gate.rejected(*parsed)
    if change := rules.hook(source):
        change(parsed)
    documents, head = facts.stated(parsed)
    page = walk_page(parsed, source)
    if page.depth > markup.LIMITS.depth:
        return gate.rejected(*markup.too_deep(page.depth))
    decision = decide(page, facts.context(url, head, documents), source, model.load())
    paths = Paths(page)
    blocks, removals = assemble(page, decision.reasons, decision.chances, paths)
    notes = decision.notes
    if sum(len(block.text) for block in blocks) < _SHELL and (told := facts.body_text(documents, head)):
        path, text = told
        if len(text) > sum(len(block.text) for block in blocks):
            blocks = tuple(
                Block(kind="paragraph", text=part.strip(), path=path) for part in text.split("\n") if part.strip()
            )
            notes = (*notes, f"the page is empty without scripts; the text is its {path}")
    if not blocks or (not rules.keeps(source) and _only_links(page, decision.reasons, blocks)):
        return _no_document(page)
    return Stripped(
        blocks=blocks,
        facts=_facts(parsed, page, paths, (*facts.json_ld_facts(documents), *head), source),
        removals=removals,
        mode="html",
        confidence=decision.confidence,
        notes=notes,
        strays=decoded.strays,
    )


def walk_page(parsed: LexborHTMLParser, source: SourceV1 | None) -> Walked:
    """The runs of a page; with those of <noscript> where these say more than the page itself."""
    marked = rules.marked(parsed, source)
    page = walk(parsed, facts.TOKENS, marked=marked)
    if page.noscript > sum(map(len, page.texts)) - sum(page.linked):
        return walk(parsed, facts.TOKENS, marked=marked, noscript=True)
    return page


def _only_links(page: Walked, reasons: Sequence[str], blocks: Sequence[Block]) -> bool:
    """Whether all that is left are the links of a menu: a small list of them, or any in a footer (in a <nav> the scorer keeps none)."""
    kept = [run for run, reason in enumerate(reasons) if not reason]
    if not kept or any(page.linked[run] < len(page.texts[run]) for run in kept):
        return False
    small = sum(len(block.text) for block in blocks) < _SHELL
    return (small and all(block.kind == "list_item" for block in blocks)) or all(
        page.regions[page.owners[run]] & _FOOTER for run in kept
    )


def _no_document(page: Walked) -> Rejected:
    if not page.texts:
        return Rejected(stage="strip", reason="empty", detail="the page shows no text")
    return Rejected(
        stage="strip",
        reason="only-navigation",
        detail=f"none of {len(page.texts)} pieces of text belongs to a document",
    )


def _facts(
    parsed: LexborHTMLParser, page: Walked, paths: Paths, stated: tuple[Fact, ...], source: SourceV1 | None
) -> tuple[Fact, ...]:
    """Every candidate: those of the source's own rules, those `stated` for machines, those of the body's elements."""
    found: list[Fact] = []
    if source is not None:
        rule = source.strip
        for name, selector in (("title", rule.title), ("published", rule.date), ("byline", rule.byline)):
            if selector:
                found += facts.selected(name, rules.select(parsed, selector, source.name), selector)
    places = (paths.of(candidate.element) for candidate in page.candidates)
    titles = [fact.text[: facts.LONGEST_TITLE] for fact in stated if fact.name == "title"]
    return (*found, *stated, *facts.element_facts(page.candidates, places), *nearby_facts(page, paths, titles))
