"""Where a source's pages are: lists, feeds, sitemaps and pages of links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.fetch.client import Fetcher
from pipeline.fetch.outcome import Validators
from schemas.source_v1 import SourceV1

How = Literal["url", "feed", "sitemap", "listing"]


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
    source: SourceV1, fetcher: Fetcher, *, since: datetime | None = None, limit: int | None = None
) -> Discovery:
    """The URLs of `source`, by its rules; `since` and `limit` narrow them (back-fill). Never raises for what servers answer."""
    raise NotImplementedError
