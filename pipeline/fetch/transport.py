"""One request over the wire, and its answer as bytes.

The work is done by httpcore, the engine of httpx, and by none of httpx above it: that keeps cookies, reads proxies and passwords
from the environment, follows redirects to anywhere, and decodes 455 bytes into 300 MB.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import h11
import httpcore
import httpx

from pipeline.fetch.address import AllowedHosts, Resolver
from pipeline.fetch.network import PinnedBackend
from pipeline.fetch.outcome import Reason
from pipeline.fetch.urls import Target
from pipeline.fetch.wire import Headers, Reply, WireError

IDLE_CONNECTIONS = 100  # kept, over all hosts
KEEPALIVE = 15.0  # seconds an idle connection is kept

_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (httpcore.TimeoutException, "timeout"),
    (httpcore.ConnectError, "connect"),
    (httpcore.NetworkError, "disconnected"),
    (httpcore.LocalProtocolError, "header-refused"),
    (httpcore.RemoteProtocolError, "protocol"),
    (ValueError, "protocol"),  # httpcore reads some fields of HTTP/2 without looking
)


class HttpTransport:
    """HTTP/1.1 and HTTP/2 over connections that are kept and shared.

    Sources with allowed hosts of their own have connections of their own, so that none uses one it could not have opened.
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
        self._pools: dict[AllowedHosts, tuple[httpcore.AsyncConnectionPool, PinnedBackend]] = {}

    @asynccontextmanager
    async def get(self, to: Target, headers: Headers, allowed: AllowedHosts) -> AsyncIterator[Reply]:
        """The answer of `to`. Raises WireError."""
        response = await self._send(to, headers, allowed)
        try:
            peer = response.extensions["network_stream"].get_extra_info("server_addr")
            yield Reply(
                status=response.status,
                headers=response.headers,
                chunks=_chunks(response),
                http_version=response.extensions["http_version"].decode("ascii"),
                address=peer[0] if peer else None,
            )
        finally:
            await response.aclose()

    async def _send(self, to: Target, headers: Headers, allowed: AllowedHosts) -> httpcore.Response:
        """Once more at once where a kept connection turns out to have been closed meanwhile: that is no fault of the server."""
        pool, backend = self._pool(allowed)
        request = httpcore.Request("GET", to.url, headers=headers, extensions={"timeout": self._timeouts})
        opened = backend.connects
        try:
            with _translated():
                return await pool.handle_async_request(request)
        except WireError as error:
            if error.reason != "disconnected" or backend.connects != opened:
                raise
        with _translated():
            return await pool.handle_async_request(request)

    def _pool(self, allowed: AllowedHosts) -> tuple[httpcore.AsyncConnectionPool, PinnedBackend]:
        if allowed not in self._pools:
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
            self._pools[allowed] = pool, backend
        return self._pools[allowed]

    async def aclose(self) -> None:
        """Close all connections."""
        for pool, _ in self._pools.values():
            await pool.aclose()
        self._pools.clear()


async def _chunks(response: httpcore.Response) -> AsyncIterator[bytes]:
    with _translated():
        async for chunk in response.aiter_stream():
            yield chunk


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the engine as WireError."""
    try:
        yield
    except tuple(kind for kind, _ in _REASONS) as error:
        raise WireError(_reason(error), str(error) or type(error).__name__) from error


def _reason(error: Exception) -> Reason:
    cause = error.args[0] if error.args else None
    if isinstance(cause, h11.RemoteProtocolError) and cause.error_status_hint == 431:
        return "header-too-large"
    text = str(error)
    if text.startswith("peer closed connection"):
        return "body-truncated"
    if text.startswith("Server disconnected"):
        return "disconnected"
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
