"""Decoded → Stripped: the document without its site."""

from pipeline.document import Decoded, Rejected, Stripped
from pipeline.strip import gate, rules
from pipeline.strip.text_mode import read_text
from schemas import SourceV1

__all__ = ["strip"]


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
    from pipeline.strip.html import strip_html  # with numpy and the model, which a text without tags does not need

    return strip_html(decoded, source, url)


def _strip_text(decoded: Decoded, source: SourceV1 | None) -> Stripped | Rejected:
    dropped, stops = rules.line_tests(source)
    if source is not None and (learned := source.chrome):
        from pipeline.strip.chrome import repeated_line  # with numpy, which nothing else here needs

        by_rule = dropped

        def dropped(line: str) -> str | None:
            return by_rule(line) or repeated_line(line, learned)

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
