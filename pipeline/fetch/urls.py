"""URLs: read strictly, spelled one way, and cleaned of secrets before they are kept."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from pipeline.fetch.address import AllowedHosts, odd_spelling, refused_port
from pipeline.fetch.outcome import Reason

MAX_URL = 8192  # characters; servers refuse longer ones with 414

DEFAULT_PORTS = {"http": 80, "https": 443}

SCRUBBED = "REDACTED"
# Names that say nothing but "secret".
_SECRET_NAMES = """
access_token accesstoken api_key apikey api-key auth_token authtoken authorization client_secret id_token jwt jsessionid passwd
password phpsessid pwd refresh_token secret session_token sessiontoken sessid x-amz-credential x-amz-security-token
x-amz-signature x-goog-credential x-goog-signature
"""
# Names that also name articles (article.php?sid=123): secret only where the value looks like a token.
_TOKEN_NAMES = "auth code hash key s session session_id sessionid sid sig signature ticket token"
_HEADER_NAMES = """
authorization cookie cookie2 proxy-authenticate proxy-authorization set-cookie set-cookie2 www-authenticate authentication-info
"""
_SECRET_PARAMETERS = frozenset(_SECRET_NAMES.split())
_TOKEN_PARAMETERS = frozenset(_TOKEN_NAMES.split())
_SECRET_HEADERS = frozenset(_HEADER_NAMES.split())
_SECRET_HEADER_WORDS = re.compile(r"token|secret|api-?key|passw|session|credential|csrf|xsrf")
_LONG_TOKEN = re.compile(r"(?=[^0-9]*[0-9])(?=[^a-zA-Z]*[a-zA-Z])[A-Za-z0-9_.~+/=-]{20,}")
_PATH_SESSION = re.compile(r";(jsessionid|phpsessid)=[^/?#;]*", re.IGNORECASE)
_URL_HEADERS = frozenset({"location", "content-location", "referer"})
_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|yclid|ysclid|msclkid|mc_[ce]id|_openstat|igshid|twclid|ttclid|_ga|_gl|"
    r"at_(?:campaign|custom\d|medium)|ref_src|ref_url|spm|cmpid|ocid|ncid|sr_share|wt_mc|__twitter_impression)$",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_PLAIN = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=~%._-]*")
_SAFE_PATH = "/:@!$&'()*+,;=~%-._[]"
_SAFE_QUERY = _SAFE_PATH + "?{}|^`\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL that may be asked for: `url` normal, without fragment and credentials; `host` lower-case ASCII, without brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the usual one, port."""
        return origin_of(self.scheme, self.host, self.port)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a URL is not asked for."""

    reason: Reason
    detail: str


def origin_of(scheme: str, host: str, port: int) -> str:
    """An origin as text.

    >>> origin_of("https", "example.org", 443), origin_of("http", "::1", 8080)
    ('https://example.org', 'http://[::1]:8080')
    """
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if DEFAULT_PORTS.get(scheme) == port else f"{scheme}://{name}:{port}"


def target(url: str, allowed: AllowedHosts) -> Target | Refused:
    """What to ask for, or why not: http and https only, a host in its usual spelling, a port on which web servers listen.

    Credentials in the URL are dropped: they are never sent.
    """
    if len(url) > MAX_URL:
        return Refused("url-invalid", f"{len(url)} characters, at most {MAX_URL} are asked for")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        return Refused("url-invalid", str(error))
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        return Refused("scheme-refused", f"{scheme or 'no'} scheme, only http and https are fetched")
    host = _host(parts)
    if host is None:
        return Refused("url-invalid", "no host, or one that is no name")
    if odd_spelling(host):
        return Refused("address-refused", f"{host} is an address in an unusual spelling")
    port = DEFAULT_PORTS[scheme] if port is None else port
    if port == 0 or refused_port(host, port, allowed):
        return Refused("port-refused", f"port {port} is not one of a web server")
    path = _quoted(parts.path, _SAFE_PATH) or "/"
    query = _quoted(parts.query, _SAFE_QUERY)
    origin = origin_of(scheme, host, port)
    return Target(url=f"{origin}{path}" + (f"?{query}" if query else ""), scheme=scheme, host=host, port=port)


def _quoted(part: str, safe: str) -> str:
    """Without what cannot be sent; escapes that are there stay."""
    return part if _PLAIN.fullmatch(part) else quote(part, safe=safe, errors="replace")


def _host(parts: SplitResult) -> str | None:
    """The host in lower-case ASCII, by IDNA 2003 as browsers nearly do; None where it is none."""
    name = unquote(parts.hostname or "").rstrip(".")
    if not name or "\\" in parts.netloc or _CONTROL.search(name) or any(c in name for c in "/?#@\\<>^|"):
        return None
    if ":" in name:
        return name
    try:
        ascii_name = name.encode("idna").decode("ascii").lower() if not name.isascii() else name
    except UnicodeError:
        return None
    return ascii_name if len(ascii_name) <= 253 and ".." not in ascii_name else None


def join(base: str, link: str) -> str | None:
    """`link` as it stands on the page `base`, absolute, without fragment; None where it leads nowhere."""
    try:
        return urljoin(base, link.strip()).partition("#")[0]
    except ValueError:
        return None


def key(url: str) -> str:
    """What two spellings of one page have in common: tracking parameters gone, the others sorted, no trailing "?" or fragment.

    >>> key("HTTP://Example.org:80/a?utm_source=x&b=2&a=1#top")
    'http://example.org/a?a=1&b=2'
    """
    checked = target(url, AllowedHosts())
    return url if isinstance(checked, Refused) else key_of(checked)


def key_of(to: Target) -> str:
    """See `key`."""
    start, mark, query = to.url.partition("?")
    if not mark:
        return start
    kept = sorted(p for p in query.split("&") if p and not _TRACKING.match(p.partition("=")[0]))
    return f"{start}?{'&'.join(kept)}" if kept else start


def scrub(url: str) -> str:
    """`url` without what gives access: credentials, session ids in the path, parameters that are or look like tokens.

    >>> scrub("https://user:pw@example.org/a;jsessionid=1?access_token=x&sid=123")
    'https://example.org/a;jsessionid=REDACTED?access_token=REDACTED&sid=123'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return SCRUBBED
    netloc = parts.netloc.rpartition("@")[2]
    path = _PATH_SESSION.sub(lambda m: f";{m[1]}={SCRUBBED}", parts.path)
    query = "&".join(map(_scrub_parameter, parts.query.split("&"))) if parts.query else ""
    if (netloc, path, query) == (parts.netloc, parts.path, parts.query):
        return url
    return urlunsplit((parts.scheme, netloc, path, query, parts.fragment))


def _scrub_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    plain = unquote(name).lower()
    secret = plain in _SECRET_PARAMETERS or (plain in _TOKEN_PARAMETERS and _LONG_TOKEN.fullmatch(unquote(value)))
    return f"{name}={SCRUBBED}" if equals and value and secret else parameter


def is_secret_header(name: str) -> bool:
    """Whether a header of this (lower-case) name may give access to something."""
    return name in _SECRET_HEADERS or bool(_SECRET_HEADER_WORDS.search(name))


def scrub_header(name: str, value: str) -> str:
    """The value of a header (lower-case name) as it may be kept."""
    if is_secret_header(name):
        return SCRUBBED
    return scrub(value) if name in _URL_HEADERS else value
