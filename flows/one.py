"""One page from the network, cleaned, stored nowhere."""

from pathlib import Path

from flows.catalog import Entry
from flows.fetching import fetching
from flows.line import clean_one
from flows.settings import load_settings
from pipeline.document import Rejected
from pipeline.fetch import Fetched, Outcome, Request, home
from schemas import Record, SourceV1

NO_SOURCE = "page"  # the name under which a page of no source is fetched


def fetch_one(url: str, entry: Entry | None) -> Record | Rejected:
    """The record of the page at `url`, fetched by the rules of a source or the defaults; or why there is none."""
    answers: list[Outcome] = []
    by = entry or Entry(SourceV1(name=NO_SOURCE), Path())
    with fetching(by, load_settings()) as session:
        request = Request(url=url, home=home(by.source))
        session.fetch([request], by.source.fetch, lambda _request, outcome: answers.append(outcome))
    outcome = answers[0]
    if isinstance(outcome, Fetched):
        return clean_one(outcome.capture, entry.source if entry else None)
    return Rejected(
        stage="fetch",
        reason=getattr(outcome, "reason", "gone"),
        detail=getattr(outcome, "detail", f"status {getattr(outcome, 'status', None)}"),
        url=url,
    )
