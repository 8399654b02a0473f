"""A first description of a source, proposed from its pages, and the check whether a description still fits them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline import markup
from pipeline.document import Decoded, Fact, Rejected, Stripped
from pipeline.strip import strip
from pipeline.strip.rules import select
from pipeline.strip.walk import Walked, walk
from schemas import SourceV1

_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M",
    "%d/%m/%Y", "%m/%d/%Y", "%B %d, %Y", "%d %B %Y", "%d %B %Y %H:%M", "%d %b %Y", "%b %d, %Y", "%d-%m-%Y",
)  # fmt: skip
_HELD = 0.9
_NAME = re.compile(r"[^a-z0-9]+")
_PLAIN = re.compile(r"[a-zA-Z_][\w-]*\Z")


@dataclass(frozen=True, slots=True)
class Preview:
    """What the proposed description would do to one page: text it keeps, and what it removes with the reason."""

    url: str
    title: str | None
    kept: tuple[str, ...]
    removed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How one selector of a source fares: on how many of the pages it matches anything."""

    key: str
    selector: str
    matched: int
    pages: int

    @property
    def alarm(self) -> bool:
        """Whether the layout seems to have changed: the selector matches on less than half of the pages."""
        return 2 * self.matched < self.pages


def propose(pages: Mapping[str, Decoded]) -> tuple[dict[str, Any], tuple[Preview, ...]]:
    """(a source's description as TOML would hold it, what it would keep and drop of each page), from pages (URL → text) of
    one site. A key the pages give no ground for is left out."""
    parsed = _trees(pages)
    results = {url: result for url, page in pages.items() if isinstance(result := strip(page, url=url), Stripped)}
    described = _described(next(iter(pages), ""), parsed, results)
    rules: dict[str, Any] = {}
    roots = [root for url, result in results.items() if (root := _root(parsed[url], result))]
    if root := _common(roots, len(results)):
        rules["keep"] = [root]
    for key, fact in (("title", "title"), ("date", "published"), ("byline", "byline")):
        found = [s for url, result in results.items() if (s := _fact_selector(parsed[url], result.facts, fact))]
        if selector := _common(found, len(results)):
            rules[key] = selector
    if rules:
        described["strip"] = rules
    source = SourceV1.model_validate(described)
    return described, tuple(_preview(url, page, source) for url, page in pages.items())


def check(source: SourceV1, pages: Mapping[str, Decoded]) -> tuple[Match, ...]:
    """For each selector of `source`, on how many of `pages` (URL → text) it still matches."""
    parsed = _trees(pages).values()
    rules = source.strip
    named = [*(("keep", s) for s in rules.keep), *(("drop", s) for s in rules.drop)]
    named += [(key, s) for key, s in (("title", rules.title), ("date", rules.date), ("byline", rules.byline)) if s]
    named += [
        ("discover.listings", listing.links) for listing in source.discover.listings if listing.links != "a[href]"
    ]
    return tuple(
        Match(key, selector, sum(bool(select(page, selector, source.name)) for page in parsed), len(pages))
        for key, selector in named
    )


def _trees(pages: Mapping[str, Decoded]) -> dict[str, LexborHTMLParser]:
    """URL → tree of the pages that the parser may be given."""
    trees = ((url, markup.parse(page.text)) for url, page in pages.items())
    return {url: tree for url, tree in trees if not isinstance(tree, markup.Refusal)}


def _described(url: str, parsed: Mapping[str, LexborHTMLParser], results: Mapping[str, Stripped]) -> dict[str, Any]:
    """Name, homepage, site, language, feed and date format."""
    host = (urlsplit(url).hostname or "site").removeprefix("www.")
    described: dict[str, Any] = {"name": _NAME.sub("-", host.lower()).strip("-")[:64] or "site"}
    if urlsplit(url).scheme in ("http", "https"):
        described["homepage"] = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    stated = [fact for result in results.values() for fact in result.facts]
    for key, name in (("site", "site"), ("language", "language")):
        values = Counter(
            fact.text for fact in stated if fact.name == name and fact.place.startswith(("meta:og", "html"))
        )
        if values:
            value = values.most_common(1)[0][0]
            described[key] = value.replace("_", "-").split("-")[0].lower() if key == "language" else value
    if feeds := _feeds(parsed):
        described["discover"] = {"feeds": feeds}
    if formats := _date_formats([fact.text for fact in stated if fact.name == "published"]):
        described["dates"] = {"formats": formats}
    return described


def _feeds(parsed: Mapping[str, LexborHTMLParser]) -> list[str]:
    """The feeds the pages point at, those on every page first."""
    found: Counter[str] = Counter()
    for url, page in parsed.items():
        for node in page.css(
            'link[rel~="alternate"][type="application/rss+xml"], link[rel~="alternate"][type="application/atom+xml"]'
        ):
            if href := node.attributes.get("href"):
                found[urljoin(url, href)] += 1
    return [feed for feed, count in found.most_common() if count == len(parsed)][:3]


def _date_formats(texts: Sequence[str]) -> list[str]:
    """The formats that read the dates that are not written for machines."""
    found: Counter[str] = Counter()
    for text in texts:
        for pattern in _FORMATS[2:]:
            try:
                datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 (only whether it fits)
            except ValueError:
                continue
            found[pattern] += 1
            break
    return [pattern for pattern, count in found.most_common(2) if pattern != "%Y-%m-%d" and count > 1]


def _root(page: LexborHTMLParser, result: Stripped) -> str | None:
    """A selector of the smallest element that holds nearly all that is kept and has a name of its own."""
    walked = walk(page, {})
    kept = {block.text for block in result.blocks}
    sizes = [len(text) if text in kept else 0 for text in walked.texts]
    total = sum(sizes)
    best: str | None = None
    for element in range(len(walked.tags)):
        if sum(sizes[walked.starts[element] : walked.ends[element]]) < _HELD * total or not total:
            continue
        if (selector := _selector(walked, element)) and len(page.css(selector)) == 1:
            best = selector
    return best


def _selector(page: Walked, element: int) -> str | None:
    """A CSS selector for an element by its tag, id or class; None where it has nothing of its own."""
    tag = page.tags[element]
    if tag in ("main", "article"):
        return tag
    tokens = [token for token in page.marks[element].split() if _PLAIN.match(token) and not re.search(r"\d{2,}", token)]
    return f"{tag}.{tokens[0]}" if tokens and tag not in ("html", "body") else None


def _fact_selector(page: LexborHTMLParser, stated: Sequence[Fact], name: str) -> str | None:
    """A selector for the element of the body that states a fact."""
    for fact in stated:
        if fact.name != name or ":" in fact.place.removesuffix(":attribute").removeprefix("class:"):
            continue
        for selector in _candidates(fact):
            if 1 <= len(page.css(selector)) <= 2:
                return selector
    return None


def _candidates(fact: Fact) -> list[str]:
    place = fact.place.removesuffix(":attribute")
    if place in ("h1", "time"):
        return [place, f"article {place}", f"header {place}"]
    if place.startswith("class:"):
        return [f".{place.removeprefix('class:')}"]
    return []


def _common(found: Sequence[str], pages: int) -> str | None:
    """The selector most pages agree on."""
    if not found:
        return None
    selector, count = Counter(found).most_common(1)[0]
    return selector if 2 * count > pages else None


def _preview(url: str, page: Decoded, source: SourceV1) -> Preview:
    result = strip(page, source=source, url=url)
    if isinstance(result, Rejected):
        return Preview(url, None, (), ((result.reason, result.detail),))
    title = next((fact.text for fact in result.facts if fact.name == "title"), None)
    kept = tuple(block.text for block in result.blocks if block.text.strip())
    return Preview(url, title, kept, tuple((removal.reason, removal.text) for removal in result.removals))
