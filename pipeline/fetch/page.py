"""Pages of links."""

import codecs
import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline import markup
from pipeline.document import Capture
from pipeline.fetch.urls import join

MAX_LINKS = 20_000

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


class TooDeep(ValueError):
    """Markup that no page needs and that would take the parser minutes. Never leaves the package."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a page, absolute, in order; and the one to the page that follows."""

    urls: tuple[str, ...]
    next: str | None


def page_text(capture: Capture) -> str:
    """The page as text, by its label or as UTF-8; enough to find links and phrases in, not to be kept."""
    head = capture.body[:2048].decode("latin-1")
    declared = _CHARSET.search(capture.content_type or "") or _CHARSET.search(head)
    for name in ("utf-8", declared[1] if declared else "latin-1"):
        try:
            return capture.body.decode(codecs.lookup(name).name)
        except (LookupError, UnicodeError):
            continue
    return capture.body.decode("latin-1")


def parse(text: str) -> LexborHTMLParser:
    """The tree. Raises TooDeep."""
    tree = markup.parse(text)
    if isinstance(tree, markup.Refusal):
        raise TooDeep(tree.detail)
    return tree


def find_links(capture: Capture, links: str, following: str | None) -> Links:
    """Where the elements chosen by the CSS selector `links` lead, and the first chosen by `following`.

    Raises TooDeep; ValueError for a selector that is none.
    """
    tree = parse(page_text(capture))
    url = capture.url or ""
    base = tree.css_first("base[href]")
    base_url = (_href(base, url) if base else None) or url
    try:
        found = [_href(node, base_url) for node in tree.css(links)[:MAX_LINKS]]
        after = tree.css_first(following) if following else None
    except SelectolaxError as error:
        raise ValueError(f"{links!r} or {following!r} is no CSS selector: {error}") from error
    return Links(tuple(dict.fromkeys(url for url in found if url)), _href(after, base_url) if after else None)


def _href(node: LexborNode, base: str) -> str | None:
    """Where a link leads. A selector may choose an element around the <a> or within it."""
    link = node if "href" in node.attributes else node.css_first("a[href]")
    href = (link.attributes.get("href") if link else None) or ""
    if not href.strip() or href.lstrip().startswith("#"):
        return None
    url = join(base, href)
    return url if url and url.lower().startswith(("http://", "https://")) else None
