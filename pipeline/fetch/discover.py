"""Where a source's pages are: lists, feeds, sitemaps and pages of links."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipeline.document import Capture
from pipeline.fetch.address import AllowedHosts
from pipeline.fetch.body import gunzip
from pipeline.fetch.client import Fetcher
from pipeline.fetch.entries import Entry, Listed, Unreadable, read_entries
from pipeline.fetch.headers import home
from pipeline.fetch.outcome import Deferred, Failed, Fetched, Gone, NotModified, Request, Validators
from pipeline.fetch.page import Links, find_links
from pipeline.fetch.urls import Refused, Target, join, key, key_of, target
from pipeline.fetch.wire import WireError
from schemas.source_v1 import DiscoverV1, ListingV1, SourceV1

How = Literal["url", "feed", "sitemap", "listing"]

MAX_FEED = 10_000_000  # bytes of a feed
MAX_SITEMAP = 50 * 1024 * 1024  # bytes of a sitemap; what sitemaps.org allows
MAX_SITEMAPS = 500  # documents read below one sitemap
MAX_SITEMAP_DEPTH = 3  # indexes within indexes
MAX_FAILURES = 10  # documents below one sitemap that may fail before the rest of it is left alone
GRACE = timedelta(days=1)  # the day a date without a zone may be off
_EPOCH = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page's URL: `how` and in which document (`via`) it was found, and when that says it last changed (UTC or None)."""

    url: str
    how: How
    via: str | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A document of URLs that could not be read, or an entry of it that is no use: `reason` for machines, `detail` for people."""

    url: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A feed, sitemap or listing that was read: how many entries it had, and its validators for the next time."""

    url: str
    how: How
    entries: int
    validators: Validators | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """All URLs found, each once, in the order to fetch them; what went wrong; what was read; how many were left out, by why."""

    pages: tuple[Found, ...]
    problems: tuple[Problem, ...]
    read: tuple[Read, ...]
    left_out: Mapping[str, int]


async def discover(
    source: SourceV1,
    fetcher: Fetcher,
    *,
    since: datetime | None = None,
    limit: int | None = None,
    known: Mapping[str, Validators] | None = None,
) -> Discovery:
    """The URLs of `source`, by its rules; `since` and `limit` narrow them (back-fill). Never raises for what servers answer.

    Order: the URLs the source names, feeds, listings, then sitemaps from the newest page to the oldest. A page whose date is older
    than `since` or `max_age_days` is left out; one without a date is not. `known` are validators of documents read before, by
    URL: what has not changed since is not read again.
    """
    chosen = Choice(source, _earliest(source.discover, since, fetcher.clock.now()))
    reader = _Reader(source, fetcher, chosen, known or {})
    for url in source.discover.urls:
        chosen.take(Found(url=url, how="url"), named=True)
    for url in source.discover.feeds:
        await reader.feed(url)
    for listing in source.discover.listings:
        await reader.listing(listing)
    for url in source.discover.sitemaps:
        await reader.sitemap(url)
    pages = chosen.pages(min(limit or source.discover.max_pages, source.discover.max_pages))
    return Discovery(
        pages=pages, problems=tuple(reader.problems), read=tuple(reader.read), left_out=dict(chosen.left_out)
    )


def _earliest(rules: DiscoverV1, since: datetime | None, now: datetime) -> datetime | None:
    """Before this, a dated page is too old."""
    oldest = now - timedelta(days=rules.max_age_days) if rules.max_age_days else None
    return max((time for time in (since, oldest) if time), default=None)


class Choice:
    """Which of the URLs found are the source's pages, each once."""

    def __init__(self, source: SourceV1, earliest: datetime | None) -> None:
        rules = source.discover
        self._include = [re.compile(pattern) for pattern in rules.include]
        self._exclude = [re.compile(pattern) for pattern in rules.exclude]
        self._rewrite = [(re.compile(rule.pattern), rule.replace) for rule in rules.rewrite]
        self._allowed = AllowedHosts.of(source.fetch.allow_hosts)
        self._earliest = max(earliest, _EPOCH) - GRACE if earliest else None
        self._taken: dict[str, Found] = {}
        self._sites: dict[str | None, str] = {}
        self.left_out: Counter[str] = Counter()

    def take(self, found: Found, *, named: bool = False) -> str | None:
        """The URL to fetch, if `found` is one of the source's pages; the patterns do not apply to what the source `named` itself."""
        to = target(found.url, self._allowed)
        if isinstance(to, Refused):
            self.left_out[to.reason] += 1
            return None
        reason = self._against(found, to, named=named)
        if reason:
            self.left_out[reason] += 1
            return None
        to = self._rewritten(to)
        self._keep(replace(found, url=to.url), key_of(to))
        return to.url

    def _against(self, found: Found, to: Target, *, named: bool) -> str | None:
        """Why it is no page of the source."""
        if self.too_old(found.modified_at):
            return "too-old"
        if named:
            return None
        if self._include and not any(pattern.search(to.url) for pattern in self._include):
            return "not-included"
        if any(pattern.search(to.url) for pattern in self._exclude):
            return "excluded"
        if not self._include and found.how in {"listing", "sitemap"} and _site(to.host) != self._site_of(found.via):
            return "other-site"
        return None

    def _site_of(self, url: str | None) -> str:
        """The site of the document a page was found in."""
        if url not in self._sites:
            to = target(url or "", self._allowed)
            self._sites[url] = _site(to.host) if isinstance(to, Target) else ""
        return self._sites[url]

    def too_old(self, modified_at: datetime | None) -> bool:
        """Whether a page, or a sitemap, has not changed for longer than is of interest."""
        return bool(modified_at and self._earliest and modified_at < self._earliest)

    def _rewritten(self, to: Target) -> Target:
        """What to fetch in its stead; a rewriting that makes no URL is left undone."""
        url = to.url
        for pattern, put in self._rewrite:
            url = pattern.sub(put, url)
        other = to if url == to.url else target(url, self._allowed)
        return other if isinstance(other, Target) else to

    def _keep(self, found: Found, same: str) -> None:
        """Of one page named twice the first counts, with the latest date."""
        before = self._taken.setdefault(same, found)
        if before is found:
            return
        self.left_out["seen-twice"] += 1
        if found.modified_at and (before.modified_at is None or found.modified_at > before.modified_at):
            self._taken[same] = replace(before, modified_at=found.modified_at)

    def pages(self, limit: int) -> tuple[Found, ...]:
        """The first `limit` of them."""
        rest = [found for found in self._taken.values() if found.how == "sitemap"]
        rest.sort(key=lambda found: found.modified_at.timestamp() if found.modified_at else 0.0, reverse=True)
        pages = [found for found in self._taken.values() if found.how != "sitemap"] + rest
        if len(pages) > limit:
            self.left_out["over-limit"] += len(pages) - limit
        return tuple(pages[:limit])


def _site(host: str) -> str:
    return host.removeprefix("www.")


class _Reader:
    """Reads documents of URLs. What goes wrong with one is a Problem, and the others are read."""

    def __init__(self, source: SourceV1, fetcher: Fetcher, chosen: Choice, known: Mapping[str, Validators]) -> None:
        self._source, self._fetcher, self._chosen, self._known = source, fetcher, chosen, known
        self._home = home(source)
        self._seen: set[str] = set()
        self.problems: list[Problem] = []
        self.read: list[Read] = []

    async def feed(self, url: str) -> None:
        """Take the entries of a feed."""
        listed = await self._entries(url, "feed", MAX_FEED)
        self._take(listed.entries if listed else (), url, "feed", listed)

    async def sitemap(self, root: str) -> None:
        """Take the entries of a sitemap and of all sitemaps below it, breadth first."""
        queue, read, failures = deque([(root, 0)]), 0, 0
        while queue:
            url, depth = queue.popleft()
            if key(url) in self._seen:
                continue
            if read >= MAX_SITEMAPS or failures >= MAX_FAILURES:
                self._problem(
                    root, "sitemap-limit", f"{len(queue) + 1} sitemaps left alone after {read}, {failures} failed"
                )
                return
            listed = await self._entries(url, "sitemap", MAX_SITEMAP)
            read, failures = read + 1, failures + (listed is None)
            if listed:
                self._take((entry for entry in listed.entries if not entry.document), url, "sitemap", listed)
                queue.extend(self._below(listed, url, depth))

    def _below(self, listed: Listed, url: str, depth: int) -> list[tuple[str, int]]:
        """The sitemaps an index names, unless they have not changed for too long."""
        entries = [entry for entry in listed.entries if entry.document and not self._chosen.too_old(entry.modified_at)]
        if entries and depth >= MAX_SITEMAP_DEPTH:
            self._problem(url, "sitemap-depth", f"indexes more than {MAX_SITEMAP_DEPTH} deep are not followed")
            return []
        return [(below, depth + 1) for entry in entries[:MAX_SITEMAPS] if (below := join(url, entry.url))]

    async def listing(self, listing: ListingV1) -> None:
        """Take the links of a listing, its following pages, and of the pages it leads to as deep as the source says."""
        level: list[str] = []
        url: str | None = listing.url
        for _ in range(listing.pages):
            if url is None or key(url) in self._seen:
                break
            links = await self._links(url, listing)
            level += self._take_links(links, url)
            url = links.next if links else None
        for _ in range(1, self._source.discover.max_depth):
            level = await self._deeper(level, listing)

    async def _deeper(self, level: list[str], listing: ListingV1) -> list[str]:
        found: list[str] = []
        for url in level:
            if len(self.read) >= self._source.discover.max_pages:
                break
            if key(url) not in self._seen:
                found += self._take_links(await self._links(url, listing), url)
        return found

    def _take_links(self, links: Links | None, via: str) -> list[str]:
        """Take the links of a page, but not those to pages of links."""
        if links is None:
            return []
        pages = [link for link in links.urls if link != links.next and key(link) not in self._seen]
        taken = [self._chosen.take(Found(url=link, how="listing", via=via)) for link in pages]
        return [url for url in taken if url]

    def _take(self, entries: Iterable[Entry], via: str, how: How, listed: Listed | None) -> None:
        base = join(via, (listed and listed.base) or "") or via
        bad_dates = 0
        for entry in entries:
            url = join(base, entry.url)
            bad_dates += entry.bad_date is not None
            if url:
                self._chosen.take(Found(url=url, how=how, via=via, modified_at=entry.modified_at))
        if bad_dates:
            self._problem(via, "bad-dates", f"{bad_dates} entries have a date that is none; they are taken as undated")

    async def _links(self, url: str, listing: ListingV1) -> Links | None:
        fetched = await self._fetch(url, "listing", self._source.fetch.max_bytes)
        if fetched is None:
            return None
        try:
            links = find_links(fetched.capture, listing.links, listing.next)
        except ValueError as error:
            self._problem(url, "page-unreadable", str(error))
            return None
        self._note(fetched, url, "listing", len(links.urls))
        return links

    async def _entries(self, url: str, how: How, max_bytes: int) -> Listed | None:
        fetched = await self._fetch(url, how, max_bytes)
        if fetched is None:
            return None
        try:
            body = _unpacked(fetched.capture, max_bytes)
            listed = await asyncio.to_thread(read_entries, body)
        except Unreadable as error:
            self._problem(url, error.reason, error.detail)
            return None
        except WireError as error:
            self._problem(url, error.reason, error.detail)
            return None
        if listed.broken:
            kept = f"{len(listed.entries)} entries before that are kept"
            self._problem(url, listed.broken.reason, f"{listed.broken.detail}; {kept}")
        self._note(fetched, url, how, len(listed.entries))
        return listed

    async def _fetch(self, url: str, how: How, max_bytes: int) -> Fetched | None:
        self._seen.add(key(url))
        request = Request(url=url, home=self._home, max_bytes=max_bytes, validators=self._known.get(url))
        outcome = await self._fetcher.fetch(request, self._source.fetch)
        match outcome:
            case Fetched():
                return outcome
            case NotModified():
                self.read.append(Read(url=url, how=how, entries=0, validators=self._known.get(url)))
            case Gone():
                self._problem(url, "gone", f"{outcome.status}: no {how} there")
            case Deferred() | Failed():
                self._problem(url, outcome.reason, outcome.detail)
        return None

    def _note(self, fetched: Fetched, url: str, how: How, entries: int) -> None:
        self.read.append(Read(url=url, how=how, entries=entries, validators=fetched.validators))

    def _problem(self, url: str, reason: str, detail: str) -> None:
        self.problems.append(Problem(url=url, reason=reason, detail=detail))


def _unpacked(capture: Capture, max_bytes: int) -> bytes:
    """The body of a document that may be a .gz file. Raises WireError."""
    return gunzip(capture.body, max_bytes) if capture.body.startswith(b"\x1f\x8b") else capture.body
