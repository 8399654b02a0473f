"""Trying a source without storing anything: its pages are found, and a few of them cleaned."""

from flows.catalog import Entry
from flows.console import DONE, FAILED, complain, say, table
from flows.fetching import Fetching, fetching
from flows.line import clean_one, discovered
from flows.settings import Settings
from pipeline.document import Capture, Rejected
from pipeline.fetch import Fetched, Outcome, Request, home
from schemas import SourceV1

Row = tuple[str, str, str]


def try_source(entry: Entry, settings: Settings, pages: int) -> tuple[int, list[Capture]]:
    """Find the source's pages, clean the first `pages`, and say what became of each; the exit code and what was fetched."""
    with fetching(entry, settings) as session:
        urls, problems = discovered(session, entry.source)
        for problem in problems:
            complain(problem)
        say(f"{len(urls)} pages found")
        rows, captures = _tried(session, entry.source, urls[:pages])
    if not rows:
        complain("no page was found: look at [discover], above all `include` and the selector `links`")
        return FAILED, []
    table("", ("url", "outcome", "title"), rows)
    return (DONE if all(outcome != "failed" for _, outcome, _ in rows) else FAILED), captures


def _tried(session: Fetching, source: SourceV1, urls: list[str]) -> tuple[list[Row], list[Capture]]:
    rows: list[Row] = []
    captures: list[Capture] = []

    def received(request: Request, outcome: Outcome) -> None:
        rows.append((request.url, *_became(outcome, source)))
        if isinstance(outcome, Fetched):
            captures.append(outcome.capture)

    session.fetch([Request(url=url, home=home(source)) for url in urls], source.fetch, received)
    return rows, captures


def _became(outcome: Outcome, source: SourceV1) -> tuple[str, str]:
    if not isinstance(outcome, Fetched):
        return "failed", str(getattr(outcome, "detail", getattr(outcome, "status", "")))
    made = clean_one(outcome.capture, source)
    if isinstance(made, Rejected):
        return f"rejected: {made.reason}", made.detail
    if made.quality.quarantined:
        return f"quarantined: {made.quality.quarantined}", made.title or ""
    return f"{len(made.blocks)} blocks, confidence {made.quality.confidence:.2f}", made.title or "no title"
