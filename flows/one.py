"""One page from the network, cleaned, stored nowhere."""

from collections.abc import Sequence
from pathlib import Path

from flows.catalog import Entry
from flows.fetching import fetching
from flows.line import clean_one
from flows.settings import Settings, load_settings
from pipeline.document import Capture, Rejected
from pipeline.errors import Terminal
from pipeline.fetch import Fetched, Outcome, Request, home
from schemas import Record, SourceV1

NO_SOURCE = "page"  # the name under which a page of no source is fetched


def fetch_one(url: str, entry: Entry | None) -> Record | Rejected:
    """The record of the page at `url`, fetched by the rules of a source or the defaults; or why there is none."""
    by = entry or Entry(SourceV1(name=NO_SOURCE), Path())
    outcome = _outcomes([url], by, load_settings())[url]
    if isinstance(outcome, Fetched):
        return clean_one(outcome.capture, entry.source if entry else None)
    return Rejected(
        stage="fetch",
        reason=getattr(outcome, "reason", "gone"),
        detail=getattr(outcome, "detail", f"status {getattr(outcome, 'status', None)}"),
        url=url,
    )


def fetch_captures(urls: Sequence[str], entry: Entry, settings: Settings) -> dict[str, Capture]:
    """The captures of the pages at `urls`, in that order. Raises Terminal naming the first page that could not be fetched."""
    outcomes = _outcomes(urls, entry, settings)
    captures: dict[str, Capture] = {}
    for url in urls:
        outcome = outcomes[url]
        if not isinstance(outcome, Fetched):
            detail: str = getattr(outcome, "detail", None) or type(outcome).__name__.lower()
            raise Terminal(f"{url}: {detail.removeprefix(f'{url}: ')}")
        captures[url] = outcome.capture
    return captures


def _outcomes(urls: Sequence[str], entry: Entry, settings: Settings) -> dict[str, Outcome]:
    answers: dict[str, Outcome] = {}
    with fetching(entry, settings) as session:
        requests = [Request(url=url, home=home(entry.source)) for url in dict.fromkeys(urls)]
        session.fetch(requests, entry.source.fetch, lambda request, outcome: answers.update({request.url: outcome}))
    return answers
