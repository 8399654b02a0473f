"""One request over the wire, and its answer as bytes.

Requests go through httpx, a client for each origin, with its conveniences off: it keeps no cookies, reads no proxies and passwords
from the environment, follows no redirects, adds no headers and decodes nothing. Beneath the client, httpx's usual engine works over
connections to addresses that were judged.
"""

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.request import Request as CookieRequest

import h2.exceptions
import h11
import httpcore
import httpx

from pipeline.fetch.address import AllowedHosts, Resolver
from pipeline.fetch.network import PinnedBackend
from pipeline.fetch.outcome import Reason
from pipeline.fetch.urls import Target
from pipeline.fetch.wire import Headers, Reply, WireError

IDLE_CONNECTIONS = 16  # kept to one origin; as many as a source may have under way
ORIGINS = 64  # whose connections are kept
KEEPALIVE = 15.0  # seconds an idle connection is used again

_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}

_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "connect"),
    (httpx.NetworkError, "disconnected"),
    (httpx.ProtocolError, "protocol"),
    (httpx.InvalidURL, "url-invalid"),
    (ValueError, "protocol"),  # httpcore reads some fields of HTTP/2 without looking
)


@dataclass(slots=True)
class _Pool:
    """The client for one origin. `in_use`: requests under way."""

    client: httpx.AsyncClient
    backend: PinnedBackend
    in_use: int = 0


class HttpTransport:
    """HTTP/1.1 and HTTP/2 over connections that are kept and shared.

    Sources with allowed hosts of their own have connections of their own, so that none uses one it could not have opened. Each
    origin has a pool of its own, because for every request a pool looks at all pairs of its connections.
    """

    def __init__(
        self,
        resolver: Resolver,
        *,
        connect_timeout: float,
        idle_timeout: float,
        http2: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._resolver = resolver
        self._timeouts = {"connect": connect_timeout, "read": idle_timeout, "write": idle_timeout}
        self._http2 = http2
        self._tls = tls
        self._pools: OrderedDict[tuple[str, AllowedHosts], _Pool] = OrderedDict()

    @asynccontextmanager
    async def get(self, to: Target, headers: Headers, allowed: AllowedHosts) -> AsyncIterator[Reply]:
        """The answer of `to`. Raises WireError."""
        pool = self._pool(to.origin, allowed)
        pool.in_use += 1
        try:
            async with self._answer(pool, to, headers) as reply:
                yield reply
        finally:
            pool.in_use -= 1
            await self._trim()

    @asynccontextmanager
    async def _answer(self, pool: _Pool, to: Target, headers: Headers) -> AsyncIterator[Reply]:
        response = await self._send(pool, to, headers)
        try:
            peer = response.extensions["network_stream"].get_extra_info("server_addr")
            yield Reply(
                status=response.status_code,
                headers=response.headers.raw,
                chunks=_chunks(response),
                http_version=response.http_version,
                address=peer[0] if peer else None,
            )
        finally:
            await response.aclose()

    async def _send(self, pool: _Pool, to: Target, headers: Headers) -> httpx.Response:
        """Once more at once where a kept connection turns out to have been closed meanwhile: that is no fault of the server."""
        opened = pool.backend.connects
        with _translated():
            request = self._request(to, headers)
        try:
            with _translated():
                return await pool.client.send(request, stream=True, auth=None)
        except WireError as error:
            if error.reason != "disconnected" or pool.backend.connects != opened:
                raise
        with _translated():
            return await pool.client.send(request, stream=True, auth=None)

    def _request(self, to: Target, headers: Headers) -> httpx.Request:
        """Path and query go as the `target`: a URL httpx would spell anew, and write to the log with the secrets in it."""
        return httpx.Request(
            "GET",
            to.origin,
            headers=list(headers),
            stream=httpx.ByteStream(b""),  # rather than content, for which httpx adds headers
            extensions={"timeout": self._timeouts, "target": to.url.removeprefix(to.origin).encode("ascii")},
        )

    def _pool(self, origin: str, allowed: AllowedHosts) -> _Pool:
        key = origin, allowed
        if key in self._pools:
            self._pools.move_to_end(key)
            return self._pools[key]
        self._tls = self._tls or httpx.create_ssl_context(trust_env=False)
        backend = PinnedBackend(self._resolver, allowed)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=KEEPALIVE,
            http2=self._http2,
            network_backend=backend,
        )
        client = httpx.AsyncClient(
            transport=_Engine(pool), cookies=_NoCookies(), trust_env=False, follow_redirects=False
        )
        return self._pools.setdefault(key, _Pool(client, backend))

    async def _trim(self) -> None:
        """Close the connections to the origins that were not asked for longest."""
        while len(self._pools) > ORIGINS:
            key = next((key for key, pool in self._pools.items() if not pool.in_use), None)
            if key is None:
                return
            await self._pools.pop(key).client.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.client.aclose()
        self._pools.clear()


class _Engine(httpx.AsyncBaseTransport):
    """What httpx's client sends through: httpx's own transport, but for the pool, which that does not let one choose."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body not read. Raises httpx.TransportError, WireError, ValueError."""
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(asked)
        return _Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _Response(httpx.Response):
    """An answer whose Location httpx does not read: it fails on some that can be followed."""

    @property
    def has_redirect_location(self) -> bool:
        """No, as far as httpx is concerned."""
        return False


class _Body(httpx.AsyncByteStream):
    """The body of an answer as it travels. Raises httpx.TransportError, ValueError."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._answer.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        """Give up the rest."""
        await self._answer.aclose()


class _NoCookies(CookieJar):
    """Keeps no cookies and sends none; what servers set is not even read."""

    def extract_cookies(self, response: HTTPResponse, request: CookieRequest) -> None:
        """Keep nothing."""

    def add_cookie_header(self, request: CookieRequest) -> None:
        """Send nothing."""


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    with _translated():
        async for chunk in response.aiter_raw():
            yield chunk


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Errors of the engine as httpx's, with the engine's as their cause."""
    try:
        yield
    except tuple(_ERRORS) as error:
        raise _ERRORS[type(error)](str(error)) from error


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of httpx as WireError."""
    try:
        yield
    except tuple(kind for kind, _ in _REASONS) as error:
        raise WireError(_reason(error), str(error) or type(error).__name__) from error


def _reason(error: Exception) -> Reason:
    engine = error.__cause__ or error
    cause = engine.args[0] if engine.args else None
    if isinstance(cause, h11.RemoteProtocolError) and cause.error_status_hint == 431:
        return "header-too-large"
    if isinstance(cause, h2.exceptions.DenialOfServiceError):
        return "header-too-large"
    text = str(error)
    if text.startswith("peer closed connection"):
        return "body-truncated"
    if text.startswith("Server disconnected"):
        return "disconnected"
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
