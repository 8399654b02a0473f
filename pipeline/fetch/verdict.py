"""Answer → Outcome: what an answer means for the page."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from pipeline.document import Capture
from pipeline.fetch.answer import PAGES, Answer
from pipeline.fetch.chain import Chain
from pipeline.fetch.headers import scrubbed
from pipeline.fetch.outcome import Attempt, Fetched, Gone, NotModified, Reason, Timings
from pipeline.fetch.urls import scrub
from pipeline.fetch.wire import WireError

GONE = frozenset({404, 410})
_REASONS: dict[int, Reason] = {
    202: "body-empty",
    204: "body-empty",
    205: "body-empty",
    206: "partial",
    304: "not-modified-unasked",
    429: "rate-limited",
}
_TRANSIENT = frozenset({408, 425})

Log = Callable[[str], tuple[Attempt, ...]]


def outcome_of(answer: Answer, chain: Chain, started_at: datetime, log: Log) -> Fetched | NotModified | Gone:
    """What came of an attempt that was answered. Raises WireError where the answer is a refusal or a fault."""
    if answer.status in PAGES:
        return _fetched(answer, chain, started_at, log("fetched"))
    url = scrub(chain.urls[-1])
    if answer.status == 304 and any(header.name.startswith("if-") for header in chain.sent):
        headers = scrubbed(answer.headers)
        return NotModified(url=url, headers=headers, at=answer.at, attempts=log("not-modified"))
    if answer.status in GONE:
        return Gone(url=url, status=answer.status, at=answer.at, attempts=log("gone"))
    raise WireError(_reason(answer.status), f"{answer.status} {_phrase(answer.status)}")


def _fetched(answer: Answer, chain: Chain, started_at: datetime, attempts: tuple[Attempt, ...]) -> Fetched:
    capture = Capture(
        body=answer.body,
        sha256=hashlib.sha256(answer.body).hexdigest(),
        url_chain=tuple(map(scrub, chain.urls)),
        status=answer.status,
        headers=scrubbed(answer.headers),
        content_type=answer.header("content-type"),
        fetched_at=answer.at,
    )
    timings = Timings(started_at=started_at, waited=chain.waited, headers=chain.headers_after, total=chain.seconds)
    return Fetched(
        capture=capture,
        request_headers=tuple(header.kept for header in chain.sent),
        hops=tuple(chain.hops),
        timings=timings,
        attempts=attempts,
        http_version=answer.http_version,
        wire_bytes=chain.wire_bytes,
    )


def _reason(status: int) -> Reason:
    if status in _REASONS:
        return _REASONS[status]
    return "server-error" if status in _TRANSIENT or 500 <= status < 600 else "status"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "is no known status"
