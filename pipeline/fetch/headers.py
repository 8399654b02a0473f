"""Request headers, and which of them a host may see."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.fetch.address import AllowedHosts
from pipeline.fetch.body import ACCEPT_ENCODING
from pipeline.fetch.outcome import Request
from pipeline.fetch.urls import SCRUBBED, Target, is_secret_header, origin_of, scrub_header, target
from pipeline.fetch.wire import Headers, WireError
from schemas.source_v1 import FetchV1, SourceV1

MAX_COUNT = 256  # headers of one answer
MAX_SIZE = 64 * 1024  # bytes of all of them

ACCEPT = "text/html,application/xhtml+xml;q=0.9,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5"
_OURS = frozenset(
    {
        "host",
        "user-agent",
        "accept-encoding",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "upgrade",
        "expect",
    }
)
_SECRET = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Header:
    """One request header; the value of a `secret` one is never kept."""

    name: str
    value: str
    secret: bool = False

    @property
    def wire(self) -> tuple[bytes, bytes]:
        """As it is sent."""
        return self.name.encode("ascii"), self.value.encode("latin-1", "replace")

    @property
    def kept(self) -> tuple[str, str]:
        """As it is recorded."""
        return self.name, SCRUBBED if self.secret else scrub_header(self.name, self.value)


def home(source: SourceV1) -> tuple[str, ...]:
    """The origins a source names itself. Its credentials go to them alone, not to whatever its feeds link to."""
    discover = source.discover
    listings = tuple(listing.url for listing in discover.listings)
    urls = (source.homepage or "", *discover.urls, *discover.feeds, *discover.sitemaps, *listings)
    targets = (target(url, AllowedHosts.of(source.fetch.allow_hosts)) for url in urls)
    return tuple(dict.fromkeys(to.origin for to in targets if isinstance(to, Target)))


def user_agent(contact: str) -> str:
    """Who we are and whom to write to.

    >>> user_agent("ops@example.org")
    'unscrape/1 (+ops@example.org)'
    """
    return f"unscrape/1 (+{_UNSENDABLE.sub(' ', contact)})"


def source_headers(rules: FetchV1, secrets: Mapping[str, str]) -> tuple[Header, ...]:
    """The source's own headers, secrets filled in. Raises WireError where one is missing or a header is not the source's to set."""
    made = []
    for name, template in rules.headers.items():
        lower = name.lower()
        if lower in _OURS:
            raise WireError("header-refused", f"fetch.headers: {name} is not for a source to set")
        value, count = _SECRET.subn(lambda m: _secret(m, secrets), template)
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or _UNSENDABLE.search(value):
            raise WireError("header-refused", f"fetch.headers: {name} cannot stand in a header")
        made.append(Header(lower, value.strip(), secret=bool(count) or is_secret_header(lower)))
    return tuple(made)


def _secret(match: re.Match[str], secrets: Mapping[str, str]) -> str:
    name = match[1] or match[2]
    if name not in secrets:
        raise WireError("secret-missing", f"fetch.headers names ${name}, which is not set")
    return secrets[name]


def request_headers(to: Target, request: Request, agent: str, own: tuple[Header, ...]) -> tuple[Header, ...]:
    """What is sent to `to` on behalf of `request`: validators to the URL they came from, credentials to the source's own origins."""
    host = origin_of(to.scheme, to.host, to.port).partition("://")[2]
    headers = [
        Header("host", host),
        Header("user-agent", agent),
        Header("accept", ACCEPT),
        Header("accept-encoding", ACCEPT_ENCODING),
    ]
    headers += _conditions(to, request)
    mine = [header for header in own if not header.secret or to.origin in request.home]
    set_by_source = {header.name for header in mine}
    return tuple(header for header in headers if header.name not in set_by_source) + tuple(mine)


def _conditions(to: Target, request: Request) -> list[Header]:
    known = request.validators
    if known is None or not is_same(known.url, to):
        return []
    pairs = (("if-none-match", known.etag), ("if-modified-since", known.last_modified))
    return [Header(name, value) for name, value in pairs if value and not _UNSENDABLE.search(value)]


def is_same(url: str, to: Target) -> bool:
    """Whether `url` is another spelling of `to`."""
    if url == to.url:
        return True
    other = target(url, AllowedHosts(frozenset({to.host})))
    return isinstance(other, Target) and other.url == to.url


def read_headers(raw: Headers) -> tuple[tuple[str, str], ...]:
    """An answer's headers, names in lower case. Raises WireError where they are too many or too long."""
    if len(raw) > MAX_COUNT:
        raise WireError("header-too-large", f"{len(raw)} headers, at most {MAX_COUNT} are read")
    size = sum(len(name) + len(value) for name, value in raw)
    if size > MAX_SIZE:
        raise WireError("header-too-large", f"{size} bytes of headers, at most {MAX_SIZE} are read")
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in raw)


def scrubbed(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """An answer's headers as they may be kept."""
    return tuple((name, scrub_header(name, value)) for name, value in headers)
