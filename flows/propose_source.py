"""A new source from its pages: the pages are read, a description is proposed, and what it would keep and drop is shown."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flows.catalog import Entry
from flows.commands.clean import read_input
from flows.console import UsageError
from flows.one import NO_SOURCE, fetch_captures
from flows.settings import Settings
from pipeline.decode import decode_bytes
from pipeline.document import Decoded
from pipeline.errors import Terminal
from pipeline.fetch.gate import gate
from pipeline.fetch.page import TooDeep, parse
from pipeline.strip.propose import Preview
from schemas import SourceV1

SHOWN, WIDTH = 5, 90  # of a preview: texts kept and dropped, and characters of each

TEMPLATE = """\
# {origin}
# All keys: `unscrape schema --name source`. Try it: `unscrape sources check {name}`, then `unscrape ingest {name}`.
name = {name_}
enabled = true
homepage = {root_}
{about}
[discover]
{feeds}
# sitemaps = ["{root}sitemap.xml"]
include = ['//{host}/']   # regular expressions: a page's URL must match one

[[discover.listings]]
url = {listing_}
links = "a[href]"         # CSS selector of the links to pages

[fetch]
rate = 0.5                # requests a second
concurrency = 1

[strip]
{strip}

[dates]
{formats}
# timezone = "Europe/Moscow"   # no page says it; without it, dates that bear no zone stay local

[schedule]
cron = "{minute} */6 * * *"
"""

# key of [strip] → what stands there as a comment where the pages gave no ground for it
UNKNOWN = {
    "keep": '# keep = ["article"]      # CSS selectors, only where the document is not found by itself',
    "drop": '# drop = [".newsletter"]',
    "title": '# title = "h1"            # CSS selectors, only where title and date are not found by themselves',
    "date": '# date = "time"',
    "byline": '# byline = ".author"',
}


def read_pages(places: Sequence[str], settings: Settings) -> dict[str, Decoded]:
    """The pages at `places` (URLs, or HTML files) by URL; a file that names no canonical URL goes by its own address.

    Raises UsageError for a file that cannot be read, Terminal for a page that cannot be fetched or is no page.
    """
    urls = [place for place in places if _is_url(place)]
    pages = dict(_file(place) for place in places if not _is_url(place))
    if urls:
        answers = fetch_captures(urls, Entry(SourceV1(name=NO_SOURCE), Path()), settings)
        for url, capture in answers.items():
            if rejected := gate(capture):
                raise Terminal(f"{url}: is no page: {rejected.reason}: {rejected.detail}")
            pages[url] = decode_bytes(capture.body, capture.content_type, capture.url)
    return pages


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _file(place: str) -> tuple[str, Decoded]:
    page = decode_bytes(read_input(place))
    try:
        tree = parse(page.text)
    except TooDeep as error:
        raise UsageError(f"{place}: is no page that can be read: {error}") from error
    for node in tree.css('link[rel~="canonical"]'):
        if _is_url(href := node.attributes.get("href") or ""):
            return href, page
    return Path(place).resolve().as_uri(), page


def as_toml(described: Mapping[str, Any], name: str, url: str, pages: int) -> str:
    """The source's file: what was proposed (see `pipeline.strip.propose.propose`; empty: nothing was), and comments for the
    rest. `url` is where its documents are listed, `pages` the number of pages looked at."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    strip: Mapping[str, Any] = described.get("strip", {})
    feeds = [feed for feed in described.get("discover", {}).get("feeds", ()) if _is_url(feed)]
    formats = described.get("dates", {}).get("formats")
    seen = f"Proposed from {pages} page{'s' * (pages != 1)} of {root}" if pages else " ".join(url.split())
    return TEMPLATE.format(
        origin=seen,
        name=name,
        name_=_toml(name),
        root=root,
        root_=_toml(root),
        about="".join(f"{key} = {_toml(described[key])}\n" for key in ("site", "language") if key in described),
        feeds=f"feeds = {_toml(feeds)}" if feeds else f'# feeds = ["{root}feed.xml"]',
        host=re.escape(parts.netloc),
        listing_=_toml(url if not pages else root),
        strip="\n".join(f"{key} = {_toml(strip[key])}" if key in strip else UNKNOWN[key] for key in UNKNOWN),
        formats=f"formats = {_toml(formats)}" if formats else '# formats = ["%d.%m.%Y %H:%M"]   # strptime',
        minute=sum(map(ord, name)) % 60,
    )


def _toml(value: str | Sequence[str]) -> str:
    """A text or a list of texts as TOML, whose basic strings are JSON's but for DEL."""
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return text.encode("utf-8", "replace").decode("utf-8")


def preview_lines(preview: Preview) -> Iterator[str]:
    """What would become of one page, for a person to look at."""
    yield f"{preview.url}: {preview.title or 'no title'}"
    yield from _texts("kept", "+", preview.kept)
    yield from _texts("dropped", "-", [f"{reason}: {text}" for reason, text in preview.removed if text.strip()])


def _texts(what: str, sign: str, texts: Sequence[str]) -> Iterator[str]:
    yield f"  {what}: {len(texts)}"
    for text in texts[:SHOWN]:
        line = " ".join(text.split())
        yield f"  {sign} {line[:WIDTH]}{'…' * (len(line) > WIDTH)}"
    if len(texts) > SHOWN:
        yield f"    and {len(texts) - SHOWN} more"
