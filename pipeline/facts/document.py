"""All facts of one document, decided together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from pipeline.document import Fact
from pipeline.facts.byline import Byline, byline
from pipeline.facts.context import Context
from pipeline.facts.dates import Moment, decide_dates
from pipeline.facts.identity import url_key
from pipeline.facts.title import Title, title

MAX_TAGS, MAX_VALUE = 40, 200
_CANONICAL = {"source-rule": 0, "link:canonical": 1, "meta:og:url": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """The facts of a document; None or () where the page does not state them."""

    title: Title
    byline: Byline
    published: Moment
    modified: Moment
    canonical: str | None
    site: str | None
    section: str | None
    tags: tuple[str, ...]
    licence: str | None


def decide(facts: Iterable[Fact], context: Context) -> DocumentFacts:
    """The facts of a document from all candidates found in it."""
    candidates: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.text:
            candidates.setdefault(fact.name, []).append(fact)
    site = context.site or _first(candidates, "site")
    published, modified = decide_dates(candidates.get("published", ()), candidates.get("modified", ()), context)
    return DocumentFacts(
        title=title(candidates.get("title", ()), site, context),
        byline=byline(candidates.get("byline", ()), site),
        published=published,
        modified=modified,
        canonical=_canonical(candidates.get("canonical", ()), context.url),
        site=site,
        section=_first(candidates, "section"),
        tags=_tags(candidates),
        licence=_first(candidates, "licence"),
    )


def _first(candidates: Mapping[str, list[Fact]], name: str) -> str | None:
    return next((fact.text for fact in candidates.get(name, ()) if len(fact.text) <= MAX_VALUE), None)


def _canonical(candidates: Sequence[Fact], url: str | None) -> str | None:
    """The address the page gives as its own, absolute; not the site's front page, which careless templates give on every page."""
    for fact in sorted(candidates, key=lambda fact: _CANONICAL.get(fact.place, len(_CANONICAL))):
        try:
            address = urljoin(url or "", fact.text)
        except ValueError:
            continue
        key = url_key(address)
        if key and (_names_a_page(key) or url is None or not _names_a_page(url_key(url))):
            return address
    return None


def _names_a_page(key: str) -> bool:
    return "/" in key or "?" in key


def _tags(candidates: Mapping[str, list[Fact]]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for fact in candidates.get("tag", ()):
        for tag in fact.text.split(",") if fact.place.startswith("meta:") else [fact.text]:
            if tag.strip() and len(tag) <= MAX_VALUE:
                found.setdefault(tag.strip().casefold(), tag.strip())
    return tuple(found.values())[:MAX_TAGS]
