"""What is asked for, and what became of it: the frozen types of fetching."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.document import Capture

Reason = Literal[
    # the request itself
    "url-invalid",
    "scheme-refused",
    "port-refused",
    "address-refused",
    "robots-disallowed",
    "header-refused",
    "secret-missing",
    # the way there
    "dns",
    "connect",
    "tls",
    "timeout",
    "disconnected",
    "protocol",
    "redirect-invalid",
    "redirect-loop",
    "redirect-limit",
    # the answer
    "status",
    "rate-limited",
    "server-error",
    "not-modified-unasked",
    "partial",
    "header-too-large",
    "body-too-large",
    "body-bomb",
    "body-truncated",
    "body-garbled",
    "body-empty",
    "encoding-refused",
]

TRANSIENT: frozenset[Reason] = frozenset(
    {
        "dns",
        "connect",
        "timeout",
        "disconnected",
        "protocol",
        "rate-limited",
        "server-error",
        "not-modified-unasked",
        "partial",
        "body-truncated",
        "body-garbled",
        "body-empty",
    }
)
"""Reasons for which trying again later may work; for all others somebody has to change something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server said of the version we hold: `etag`, `last_modified` verbatim, and the `url` that answered with them.

    They are sent to that very URL only: after a redirect to another page they would vouch for the wrong one.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One page to fetch.

    `validators`: of the capture we hold, only where its body is still there. `home`: the origins ("https://example.org") that
    may see the credentials among the source's headers (see `pipeline.fetch.home`); none by default. `max_bytes` overrides the
    source's own.
    """

    url: str
    validators: Validators | None = None
    home: tuple[str, ...] = ()
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request and its answer: `status` None where none came; `address` is the one connected to; `location` as resolved.

    URLs are scrubbed of credentials and tokens.
    """

    url: str
    status: int | None = None
    address: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at the page, redirects included, as the ledger keeps it.

    `result` is "fetched", "not-modified", "gone", or the Reason it failed; `seconds` on the network, `waited` seconds for leave
    before it, `wire_bytes` of body as they came.
    """

    number: int
    started_at: datetime
    seconds: float
    waited: float
    result: str
    detail: str = ""
    wire_bytes: int = 0
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Of the attempt that counted: `started_at` UTC; seconds `waited` for leave, to the `headers` of the last hop, and to the end."""

    started_at: datetime
    waited: float
    headers: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The page came. `capture.body` is without content encoding; `wire_bytes` is what travelled.

    `request_headers` are those of the last hop, scrubbed; `hops` lead from the URL asked for to the one that answered.
    """

    capture: Capture
    request_headers: tuple[tuple[str, str], ...]
    hops: tuple[Hop, ...]
    timings: Timings
    attempts: tuple[Attempt, ...]
    http_version: str = "HTTP/1.1"
    wire_bytes: int = 0

    @property
    def validators(self) -> Validators | None:
        """To keep for the next visit; None where the server gave none."""
        headers = dict(reversed(self.capture.headers))
        etag, last_modified = headers.get("etag"), headers.get("last-modified")
        if not (etag or last_modified) or not self.capture.url:
            return None
        return Validators(url=self.capture.url, etag=etag, last_modified=last_modified)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: the version we hold is still the page. `headers` may carry newer validators."""

    url: str
    headers: tuple[tuple[str, str], ...]
    at: datetime
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """404 or 410: the page is no longer there. What was stored of it stays."""

    url: str
    status: int
    at: datetime
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Not now: the host asked for time or its robots.txt cannot be had. No failure; due again at `until`.

    `reason`: "retry-after", "robots-unreachable" or the budget's own.
    """

    url: str
    until: datetime
    reason: str
    detail: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The page did not come. `transient`: all retries are used up, and later it may work; else somebody has to change something.

    `status` is the last one seen, where any.
    """

    url: str
    reason: Reason
    detail: str
    attempts: tuple[Attempt, ...]
    status: int | None = None

    @property
    def transient(self) -> bool:
        """Whether trying again later may work."""
        return self.reason in TRANSIENT


Outcome = Fetched | NotModified | Gone | Deferred | Failed
