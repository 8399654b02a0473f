"""What a source's own description says of its pages. Its rules win over the scorer."""

import hashlib
import importlib
import re
from collections.abc import Callable, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline.errors import SourceError
from pipeline.strip.walk import DROP, KEEP
from schemas import SourceV1

_BLANKS = re.compile(r"\s+")


def text_hash(text: str) -> str:
    """A short stable name for a text, blanks and case aside; digits count as one, so that clocks and counters repeat."""
    folded = re.sub(r"\d+", "0", _BLANKS.sub(" ", text).strip().casefold())
    return hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=8).hexdigest()


def marked(page: LexborHTMLParser, source: SourceV1 | None) -> dict[int, int]:
    """mem_id → KEEP or DROP of the elements a source's selectors name."""
    found: dict[int, int] = {}
    if source is None:
        return found
    for bit, selectors in ((KEEP, source.strip.keep), (DROP, source.strip.drop)):
        for selector in selectors:
            for node in select(page, selector, source.name):
                found[node.mem_id] = found.get(node.mem_id, 0) | bit
    return found


def select(page: LexborHTMLParser, selector: str, name: str) -> list[LexborNode]:
    """The elements `selector` names. Raises SourceError where it is no CSS selector."""
    try:
        return page.css(selector)
    except (SelectolaxError, ValueError, RuntimeError) as error:
        raise SourceError(f"source {name!r}: {selector!r} is no CSS selector: {error}") from error


def line_tests(source: SourceV1 | None) -> tuple[Callable[[str], str | None], Callable[[str], bool]]:
    """(why a block's text is to be dropped or None, whether the document ends before it), as the source's lines say."""
    if source is None:
        return _never_dropped, _never_stops
    drops = _compiled(source.strip.drop_lines, source.name)
    stops = _compiled(source.strip.stop_lines, source.name)

    def dropped(text: str) -> str | None:
        return "rule:drop_lines" if any(pattern.fullmatch(text) for pattern in drops) else None

    return dropped, lambda text: any(pattern.fullmatch(text) for pattern in stops)


def _never_dropped(_: str) -> str | None:
    return None


def _never_stops(_: str) -> bool:
    return False


def _compiled(patterns: Sequence[str], name: str) -> list[re.Pattern[str]]:
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern, re.S))
        except re.error as error:
            raise SourceError(f"source {name!r}: {pattern!r} is no regular expression: {error}") from error
    return compiled


def keeps(source: SourceV1 | None) -> bool:
    """Whether the source says by itself what the document is."""
    return source is not None and bool(source.strip.keep)


def hook(source: SourceV1 | None) -> Callable[[LexborHTMLParser], None] | None:
    """The source's own function, called with the parsed page before it is walked."""
    if source is None or not source.strip.hook:
        return None
    module, _, name = source.strip.hook.partition(":")
    try:
        found: Callable[[LexborHTMLParser], None] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SourceError(f"source {source.name!r}: hook {source.strip.hook!r} cannot be loaded: {error}") from error
    return found
