"""`unscrape ingest | replay | retry`: the flows, run by hand in this process."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from flows import catalog
from flows.console import BUSY, DONE, FAILED, UsageError, complain, say, table
from flows.line import SourceReport
from flows.runner import run_flow
from flows.settings import Settings, load_settings

Names = Annotated[str, Parameter(help="Sources, by name; without any: those that are enabled.")]

Columns = Mapping[str, tuple[str, ...]]

# Columns of the table: its head, and the counts of a run that are added up in it.
COLUMNS: Columns = {
    "found": ("found",),
    "fetched": ("fetched",),
    "unchanged": ("not_modified", "same_bytes"),
    "new": ("new",),
    "revised": ("revised",),
    "rejected": ("rejected",),
    "quarantined": ("quarantined",),
    "gone": ("gone",),
    "deferred": ("deferred",),
    "failed": ("failed", "crashed"),
}
REPLAY_COLUMNS: Columns = {
    "replayed": ("replayed",),
    "unchanged": ("unchanged",),
    "new": ("new",),
    "revised": ("revised",),
    "rejected": ("rejected",),
    "quarantined": ("quarantined",),
    "failed": ("crashed",),
}

Reports = Sequence[SourceReport]


def ingest(
    *names: Names,
    url: Annotated[tuple[str, ...], Parameter(help="Only this page; may be given again.")] = (),
    since: Annotated[date | None, Parameter(help="Only what feeds and sitemaps date on or after this day.")] = None,
    limit: Annotated[int | None, Parameter(help="At most so many of the pages found.", validator=Number(gte=1))] = None,
    force: Annotated[bool, Parameter(negative="", help="Also pages that are not due.")] = False,
) -> int:
    """Fetch what is due, clean it, store it."""
    settings = load_settings()
    chosen = _chosen(names, settings)
    if url and len(chosen) != 1:
        raise UsageError("--url needs exactly one source: unscrape ingest NAME --url URL")
    for address in url:
        if not address.startswith(("http://", "https://")):
            raise UsageError(f"--url {address!r}: write the whole URL, e.g. https://example.org/news/17")
    return _ingest(settings, chosen, urls=list(url), since=since, limit=limit, force=force)


def replay(
    *names: Names,
    all: Annotated[
        bool, Parameter(negative="", help="Every capture there is, not only the latest of each page.")
    ] = False,
) -> int:
    """Clean again from raw/, without the network."""
    settings = load_settings()
    chosen = _stored(names, settings)
    return _shown(run_flow("replay", settings, sources=chosen, every=all), settings, REPLAY_COLUMNS)


def retry(*names: Names) -> int:
    """Try again what failed."""
    settings = load_settings()
    urls = _failed_urls(settings, names)
    if not urls:
        say("nothing has failed that was not mended since")
        return DONE
    return max(_ingest(settings, [source], urls=addresses) for source, addresses in urls.items())


def _ingest(settings: Settings, names: list[str], **parameters: object) -> int:
    return _shown(run_flow("ingest", settings, sources=names, **parameters), settings, COLUMNS)


def _chosen(names: Sequence[str], settings: Settings) -> list[str]:
    """The names given, each of a source there is; or the enabled ones."""
    if names:
        return [catalog.find(name, settings.own_sources).source.name for name in dict.fromkeys(names)]
    chosen = [entry.source.name for entry in catalog.enabled(settings.own_sources)]
    if not chosen:
        raise UsageError("no source is enabled: name one, or write one with `unscrape sources new URL`")
    return chosen


def _stored(names: Sequence[str], settings: Settings) -> list[str]:
    """The names given; or every source that has captures and a description."""
    if names:
        return _chosen(names, settings)
    from pipeline.store import Store

    store = Store.open(settings.root, settings.ledger)
    try:
        stored = set(store.sources())
    finally:
        store.close()
    chosen = [name for name in catalog.entries(settings.own_sources) if name in stored]
    if not chosen:
        raise UsageError(f"nothing was ever fetched into {settings.root / 'raw'}: begin with `unscrape ingest sample`")
    return chosen


def _failed_urls(settings: Settings, names: Sequence[str]) -> dict[str, list[str]]:
    from pipeline.store import Store

    chosen = _chosen(names, settings) if names else [None]
    store = Store.open(settings.root, settings.ledger)
    urls: dict[str, list[str]] = {}
    try:
        for name in chosen:
            for failure in store.dead_letters(name):
                urls.setdefault(failure.source, []).append(failure.url)
    finally:
        store.close()
    return urls


def _shown(reports: Reports, settings: Settings, columns: Columns) -> int:
    rows = [
        [report.source, *(sum(report.counts.get(name, 0) for name in names) for names in columns.values())]
        for report in reports
        if not (report.busy or report.error)
    ]
    if rows:
        table("", ["source", *columns], rows)
        for label, folder in (("pages", "raw"), ("records", "clean")):
            say(f"{label}: {settings.root / folder}")
    for report in reports:
        _complain(report)
    return _code(reports)


def _complain(report: SourceReport) -> None:
    for problem in (report.busy, report.error, *report.problems):
        if problem:
            complain(f"{report.source}: {problem}")
    if report.counts.get("failed") or report.counts.get("crashed"):
        complain(f"{report.source}: some pages failed: `unscrape status --failures` says which and why")


def _code(reports: Reports) -> int:
    if any(report.failed for report in reports):
        return FAILED
    return BUSY if any(report.busy for report in reports) else DONE
