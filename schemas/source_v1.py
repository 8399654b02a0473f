"""Source, version 1: how one site is found, fetched and read. One TOML file a source."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListingV1(_Model):
    """A page of links: `links` selects their <a>, `next` the <a> to the following page, `pages` limits how many are read."""

    url: str
    links: str = "a[href]"
    next: str | None = None
    pages: int = Field(default=1, ge=1)


class RewriteV1(_Model):
    """A regular expression on the URL and what to put instead, e.g. to fetch print views."""

    pattern: str
    replace: str


class DiscoverV1(_Model):
    """Where the source's pages are found."""

    urls: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    listings: tuple[ListingV1, ...] = ()
    include: tuple[str, ...] = Field(
        default=(), description="Regular expressions; a URL must match one, where any are given."
    )
    exclude: tuple[str, ...] = ()
    rewrite: tuple[RewriteV1, ...] = ()
    max_depth: int = Field(default=1, ge=0, description="How many links away from listings pages are followed.")
    max_pages: int = Field(default=1000, ge=1)
    max_age_days: int | None = Field(default=None, ge=1)


class FetchV1(_Model):
    """How politely and how long pages are fetched."""

    rate: Positive = Field(default=1.0, description="Requests a second to one host.")
    concurrency: int = Field(default=2, ge=1, le=16, description="Requests at a time to one host.")
    timeout: Positive = Field(default=60.0, description="Seconds for one page, redirects and body included.")
    max_bytes: int = Field(default=10_000_000, ge=1, description="Of a body after decompression.")
    retries: int = Field(default=3, ge=0)
    allow_hosts: tuple[str, ...] = Field(
        default=(), description="host or host:port that may resolve to private or loopback addresses."
    )
    min_interval: Positive = Field(default=3600, description="Seconds before a page is looked at again, at least.")
    max_interval: Positive = Field(default=30 * 86400, description="Seconds before a page is looked at again, at most.")
    robots: bool = Field(default=True, description="Obey robots.txt.")
    headers: dict[str, str] = Field(
        default_factory=dict, description='Extra request headers; "$NAME" is read from the environment.'
    )


class StripV1(_Model):
    """What is the document and what is the site; these rules win over the scorer."""

    keep: tuple[str, ...] = Field(default=(), description="CSS selectors of the document's root(s).")
    drop: tuple[str, ...] = Field(default=(), description="CSS selectors of what is never part of it.")
    drop_lines: tuple[str, ...] = Field(
        default=(), description="Regular expressions; a block matching whole is dropped."
    )
    stop_lines: tuple[str, ...] = Field(
        default=(), description="Regular expressions; the document ends before a matching block."
    )
    title: str | None = Field(default=None, description="CSS selector.")
    date: str | None = None
    byline: str | None = None
    profile: Literal["article", "other"] | None = None
    hook: str | None = Field(
        default=None, description='"module:function" called with the parsed page, for what TOML cannot say.'
    )


class DatesV1(_Model):
    """How the site writes dates."""

    timezone: str | None = Field(
        default=None, description='IANA name, e.g. "Europe/Moscow"; a date without a zone is read in it.'
    )
    day_first: bool | None = None
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = Field(default=(), description='strptime formats tried first, e.g. "%d.%m.%Y %H:%M".')


class RepairV1(_Model):
    """What repair may do beyond its defaults."""

    aggressive: bool = Field(
        default=False, description="Repair blanks lost at random (scanned text), not only typographers' damage."
    )
    normalization: Literal["NFC", "NFKC"] | None = None


class ScheduleV1(_Model):
    """When the source is ingested."""

    cron: str | None = None
    timezone: str = "UTC"


class ChromeV1(_Model):
    """What was learned to be the site's own, from its own pages: a snapshot, changed only on a stated event."""

    version: int = Field(ge=1)
    learned_from: tuple[str, ...] = Field(description="sha256 of the captures it was learned from.")
    texts: dict[str, float] = Field(
        default_factory=dict,
        description="Hash of a text at its place (a line, where there are no tags) → share of pages that carry it.",
    )
    paths: dict[str, float] = Field(
        default_factory=dict, description="Place, in tags and first classes → share of the texts there that repeat."
    )


class SourceV1(_Model):
    """One source."""

    schema_version: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    enabled: bool = True
    description: str = ""
    homepage: str | None = None
    site: str | None = Field(default=None, description="The site's own name, as it is cut from titles.")
    language: str | None = None
    encoding: str | None = Field(default=None, description="Overrides what pages declare.")
    discover: DiscoverV1 = DiscoverV1()
    fetch: FetchV1 = FetchV1()
    strip: StripV1 = StripV1()
    dates: DatesV1 = DatesV1()
    repair: RepairV1 = RepairV1()
    schedule: ScheduleV1 = ScheduleV1()
    min_confidence: float | None = Field(
        default=None, ge=0, le=1, description="Below it a record is quarantined; default: the options'."
    )
    quarantine_unusual: bool = Field(
        default=True, description="Quarantine a record that is far from the source's others, once there are twenty."
    )
    chrome: ChromeV1 | None = Field(default=None, description="Not written by hand; the CLI adds the learned snapshot.")
