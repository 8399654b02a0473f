"""Every candidate for a fact of a page: what it may be, where it stood, and its text as it stood. `record` decides among them."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.document import Fact
from pipeline.strip.features import Context
from pipeline.strip.walk import Candidate

_MOST, _LONGEST, _LARGEST_JSON = 200, 600, 2_000_000

TOKENS = {
    "author": ("byline", "author"),
    "byline": ("byline", "byline"),
    "byline__name": ("byline", "byline"),
    "byline-name": ("byline", "byline"),
    "author-name": ("byline", "author"),
    "author_name": ("byline", "author"),
    "authorname": ("byline", "author"),
    "article-author": ("byline", "author"),
    "article__author": ("byline", "author"),
    "post-author": ("byline", "author"),
    "entry-author": ("byline", "author"),
    "p-author": ("byline", "author"),
    "creator": ("byline", "creator"),
    "dateline": ("published", "date"),
    "date": ("published", "date"),
    "datepublished": ("published", "datePublished"),
    "datecreated": ("published", "dateCreated"),
    "datemodified": ("modified", "dateModified"),
    "published": ("published", "published"),
    "pubdate": ("published", "pubdate"),
    "publish-date": ("published", "date"),
    "published-date": ("published", "date"),
    "post-date": ("published", "date"),
    "postdate": ("published", "date"),
    "posted-on": ("published", "date"),
    "entry-date": ("published", "date"),
    "article-date": ("published", "date"),
    "article__date": ("published", "date"),
    "timestamp": ("published", "date"),
    "dt-published": ("published", "published"),
    "updated": ("modified", "updated"),
    "modified": ("modified", "modified"),
    "dt-updated": ("modified", "updated"),
    "headline": ("title", "headline"),
    "entry-title": ("title", "entry-title"),
    "post-title": ("title", "post-title"),
    "article-title": ("title", "article-title"),
    "p-name": ("title", "p-name"),
    "articlesection": ("section", "articleSection"),
    "tag": ("tag", "tag"),
    "license": ("licence", "license"),
}
"""Tokens of class, id, rel and itemprop that say an element states a fact, and what to call the place."""

_META = {
    "og:title": "title",
    "twitter:title": "title",
    "title": "title",
    "headline": "title",
    "dc.title": "title",
    "dcterms.title": "title",
    "citation_title": "title",
    "parsely-title": "title",
    "sailthru.title": "title",
    "author": "byline",
    "article:author": "byline",
    "article:author_name": "byline",
    "og:author": "byline",
    "book:author": "byline",
    "byl": "byline",
    "dc.creator": "byline",
    "dcterms.creator": "byline",
    "citation_author": "byline",
    "parsely-author": "byline",
    "sailthru.author": "byline",
    "twitter:data1": "byline",
    "twitter:creator": "byline",
    "article:published_time": "published",
    "article:published": "published",
    "og:published_time": "published",
    "og:pubdate": "published",
    "published_time": "published",
    "publishdate": "published",
    "publish-date": "published",
    "publication_date": "published",
    "pubdate": "published",
    "date": "published",
    "datepublished": "published",
    "dc.date": "published",
    "dc.date.issued": "published",
    "dc.date.created": "published",
    "dcterms.created": "published",
    "dcterms.issued": "published",
    "dcterms.date": "published",
    "citation_publication_date": "published",
    "citation_date": "published",
    "citation_online_date": "published",
    "parsely-pub-date": "published",
    "sailthru.date": "published",
    "cxenseparse:recs:publishtime": "published",
    "article.published": "published",
    "ptime": "published",
    "pdate": "published",
    "originalpublicationdate": "published",
    "article:modified_time": "modified",
    "og:updated_time": "modified",
    "last-modified": "modified",
    "lastmod": "modified",
    "dc.date.modified": "modified",
    "dcterms.modified": "modified",
    "datemodified": "modified",
    "article.updated": "modified",
    "revised": "modified",
    "og:site_name": "site",
    "application-name": "site",
    "al:android:app_name": "site",
    "apple-mobile-web-app-title": "site",
    "dc.publisher": "site",
    "twitter:site": "site",
    "og:url": "canonical",
    "og:locale": "language",
    "content-language": "language",
    "dc.language": "language",
    "language": "language",
    "article:section": "section",
    "section": "section",
    "article:tag": "tag",
    "keywords": "tag",
    "news_keywords": "tag",
    "og:type": "type",
    "description": "description",
    "og:description": "description",
    "twitter:description": "description",
    "dc.rights": "licence",
    "dcterms.license": "licence",
    "copyright": "licence",
}
"""<meta> names (also property, itemprop and http-equiv, in lower case) and the fact each may state."""

_PUBLISHED_NAME = re.compile(
    r"(?:^|[-_.:])(?:(?:first[-_.]?)?publish(?:ed)?|publication|release|issued?|posted|creat(?:ed|ion))"
    r"(?:[-_.:]?(?:date|time|on|at)){0,2}$|(?:^|[-_.:])date[-_.:]?(?:published|created|issued|posted)$",
    re.I,
)
_MODIFIED_NAME = re.compile(
    r"(?:^|[-_.:])(?:last[-_.]?)?(?:modif(?:ied|ication)|updated?|revised)(?:[-_.:]?(?:date|time|on|at)){0,2}$"
    r"|(?:^|[-_.:])date[-_.:]?(?:modified|updated)$|^ms\.date$",
    re.I,
)

_JSON_LD = {
    "headline": "title",
    "name": "title",
    "alternativeheadline": "title",
    "author": "byline",
    "creator": "byline",
    "datepublished": "published",
    "datecreated": "published",
    "uploaddate": "published",
    "datemodified": "modified",
    "publisher": "site",
    "inlanguage": "language",
    "articlesection": "section",
    "keywords": "tag",
    "license": "licence",
    "mainentityofpage": "canonical",
    "description": "description",
}
"""Keys of a JSON-LD document (in lower case) and the fact each may state."""

_DOCUMENTS = (
    "article", "posting", "report", "webpage", "creativework", "product", "recipe", "thesis", "book", "legislation", "review",
    "discussion", "question", "qapage", "faqpage", "howto", "event", "videoobject", "course", "itempage", "profilepage",
)  # fmt: skip
_STATED_IN = ("datetime", "content", "ts", "data-datetime", "data-timestamp", "data-date", "data-time")
_BODIES = ("articlebody", "text", "reviewbody", "description")

_SUMMARY = 300
"""Characters up to which a description praises a page to those who search; a longer one is how its document begins. Of the pages
of the development bench with no other text those with up to 260 have no document (7 of 8), those with 320 to 510 have (6 of 7)."""


_STATEMENTS = 'title,meta[content],link[rel=canonical][href],link[rel=license][href],script[type="application/ld+json"]'
_LINKS = {"canonical": "canonical", "license": "licence"}


def stated(page: LexborHTMLParser) -> tuple[list[dict[str, Any]], list[Fact]]:
    """What a page states for machines: the documents its JSON-LD describes, those of an article-like type first, and the facts
    of <html> and <head>. The tree is searched once for all of it."""
    found: dict[str, list[LexborNode]] = {"title": [], "meta": [], "link": [], "script": []}
    for node in page.css(_STATEMENTS):
        found[node.tag or ""].append(node)
    return _documents(found["script"]), _head_facts(page.root, found["title"], found["meta"], found["link"])


def _head_facts(
    root: LexborNode | None, titles: Iterable[LexborNode], metas: Iterable[LexborNode], links: Iterable[LexborNode]
) -> list[Fact]:
    facts = []
    if root is not None and (language := root.attributes.get("lang")):
        facts.append(_fact("language", language, "html:lang", "html"))
    for node in titles:
        if node.parent is not None and node.parent.tag == "head":
            facts.append(_fact("title", node.text(), "title", "html>head>title"))
            break
    for node in islice(metas, _MOST):
        facts += _meta_facts(node.attributes)
    linked = [((attributes := node.attributes).get("rel") or "", attributes.get("href") or "") for node in links]
    for kind, name in _LINKS.items():
        facts += [_fact(name, href, f"link:{kind}", "html>head>link") for rel, href in linked if rel.lower() == kind]
    return [fact for fact in facts if fact.text]


def _meta_facts(attributes: dict[str, str | None]) -> Iterator[Fact]:
    content = attributes.get("content") or ""
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        key = (attributes.get(attribute) or "").strip()
        if name := _META.get(key.lower()) or _day_named(key, content):
            yield _fact(name, content, f"meta:{key}", "html>head>meta")
            return


def _day_named(key: str, content: str) -> str | None:
    """The fact that a <meta> of a site's own naming states, where its content is as short as a day: "w-published-date", say."""
    if not 6 <= len(content) <= 40 or content.isdigit() or not any(figure in content for figure in "12"):
        return None
    if _PUBLISHED_NAME.search(key):
        return "published"
    return "modified" if _MODIFIED_NAME.search(key) else None


def element_facts(candidates: Iterable[Candidate], paths: Iterable[str]) -> list[Fact]:
    """The facts that elements of the body state, by their machine-readable attribute where they have one, else by their text."""
    facts: list[Fact] = []
    for candidate, path in islice(zip(candidates, paths, strict=True), _MOST):
        attributes = candidate.node.attributes
        stated = next((value for name in _STATED_IN if (value := attributes.get(name))), "")
        text = " ".join((candidate.node.text(separator=" ") or "").split(" ")).strip()
        for value, kind in ((stated, ":attribute"), (text, "")):
            if value and len(value) <= _LONGEST:
                facts.append(_fact(candidate.name, value, candidate.place + kind, path))
    return facts


def _documents(scripts: Iterable[LexborNode]) -> list[dict[str, Any]]:
    """The documents described in JSON-LD, those of an article-like type first."""
    found: list[dict[str, Any]] = []
    for node in scripts:
        text = node.text() or ""
        if len(text) > _LARGEST_JSON:
            continue
        try:
            value = json.loads(text, strict=False)
            names = _named(value)
            for item in _objects(value):
                people = {key: _resolved(item[key], names) for key in ("author", "creator", "publisher") if key in item}
                found.append({**item, **people})
        except (ValueError, RecursionError):
            continue
    return sorted(found, key=lambda item: not any(kind in _kind(item) for kind in _DOCUMENTS[:3]))[:_MOST]


def _named(value: Any) -> dict[str, str]:
    """The names of all objects of a graph that have an @id, so that authors given by reference get theirs."""
    graph = value.get("@graph") if isinstance(value, dict) else value
    items = [item for item in graph if isinstance(item, dict)] if isinstance(graph, list) else []
    return {
        str(item["@id"]): str(item["name"]) for item in items if "@id" in item and isinstance(item.get("name"), str)
    }


def _resolved(value: Any, names: dict[str, str]) -> Any:
    """A value with the names of the objects it refers to by @id."""
    if isinstance(value, list):
        return [_resolved(item, names) for item in value]
    if isinstance(value, dict) and "name" not in value and (name := names.get(str(value.get("@id")))):
        return {**value, "name": name}
    return value


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects that describe a document, found in lists and @graph but not deeper."""
    waiting: list[Any] = [value]
    found: list[dict[str, Any]] = []
    while waiting and len(found) < _MOST:
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting = [*item[:_MOST], *waiting]
        elif isinstance(item, dict):
            if "@graph" in item:
                waiting.append(item["@graph"])
            if any(kind in _kind(item) for kind in _DOCUMENTS):
                found.append(item)
            if isinstance(item.get("mainEntity"), dict | list):
                waiting.append(item["mainEntity"])
    return found


def _kind(item: dict[str, Any]) -> str:
    kind = item.get("@type")
    return " ".join(map(str, kind)).lower() if isinstance(kind, list) else str(kind or "").lower()


def json_ld_facts(documents: Iterable[dict[str, Any]]) -> list[Fact]:
    """The facts that JSON-LD documents state, each with its type and key as the place."""
    facts = []
    for number, document in enumerate(islice(documents, 20)):
        kind = str(document.get("@type"))[:60]
        for key, value in document.items():
            if name := _JSON_LD.get(str(key).lower()):
                place = f"json-ld:{key}"
                facts += [_fact(name, text, place, f"json-ld[{number + 1}]:{kind}") for text in _texts(value)]
    return facts


def _texts(value: Any) -> list[str]:
    """What a JSON-LD value says, as plain texts: the names of persons and organisations, the strings of lists."""
    if isinstance(value, str | int | float):
        return [str(value)] if str(value).strip() and len(str(value)) <= _LONGEST else []
    if isinstance(value, list):
        return [text for item in value[:20] for text in _texts(item)]
    if isinstance(value, dict):
        return (
            _texts(value.get("name") or value.get("@id") or value.get("url") or "")
            if "@value" not in value
            else _texts(value["@value"])
        )
    return []


LONGEST_TITLE, _DESCRIPTION, _BODY = 1_000, 50_000, 200_000
"""Characters of each that every run of the page is compared with; the longest of the development bench have 327, 16,011, 39,781."""


def context(url: str | None, head: Sequence[Fact], documents: Sequence[dict[str, Any]]) -> Context:
    """What the scorer is told of the page besides its runs."""
    kinds = [_kind(document) for document in documents[:10]] + [
        fact.text.lower() for fact in head if fact.name == "type"
    ]
    titles = tuple(fact.text[:LONGEST_TITLE] for fact in head if fact.name == "title")
    descriptions = [fact.text for fact in head if fact.name == "description"]
    descriptions += [
        document["description"] for document in documents[:10] if isinstance(document.get("description"), str)
    ]
    return Context(
        url=url or "",
        titles=titles,
        types=tuple(dict.fromkeys(kinds)),
        descriptions=tuple(dict.fromkeys(text[:_DESCRIPTION] for text in descriptions)),
        body=max(_bodies(documents), key=len, default="")[:_BODY],
    )


def _bodies(documents: Iterable[dict[str, Any]]) -> list[str]:
    """The texts that JSON-LD carries as the body of a document."""
    return [
        value
        for document in documents
        for key, value in document.items()
        if str(key).lower() in _BODIES[:-1] and isinstance(value, str)
    ]


def body_text(documents: Iterable[dict[str, Any]], head: Iterable[Fact]) -> tuple[str, str] | None:
    """(where, text) of the longest text that JSON-LD or <meta> carries for the page's document, for pages that are empty
    without scripts. A description counts where it is longer than `_SUMMARY`."""
    texts = [
        (f"json-ld:{key}", value)
        for document in documents
        for key, value in document.items()
        if str(key).lower() in _BODIES and isinstance(value, str)
    ]
    texts += [(fact.place, fact.text) for fact in head if fact.name == "description"]
    texts = [
        (where, text) for where, text in texts if len(text) > _SUMMARY or not where.lower().endswith("description")
    ]
    return max(texts, key=lambda told: len(told[1]), default=None)


def selected(name: str, nodes: Iterable[LexborNode], path: str) -> list[Fact]:
    """Facts a source's own selectors point at."""
    facts = []
    for node in islice(nodes, 20):
        attributes = node.attributes
        stated = attributes.get("datetime") or attributes.get("content") or ""
        text = " ".join((node.text(separator=" ") or "").split(" ")).strip()
        facts += [_fact(name, value, "source-rule", path) for value in (stated, text) if value]
    return facts


def _fact(name: str, text: str, place: str, path: str) -> Fact:
    return Fact(name=name, text=text.strip(" \t\r\n\f"), place=place, path=path)
