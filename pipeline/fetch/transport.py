"""One request over the wire, and its answer as bytes.

The work is done by httpcore, the engine of httpx, and by none of httpx above it: that keeps cookies, reads proxies and passwords
from the environment, follows redirects to anywhere, and decodes 455 bytes into 300 MB.
"""

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

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

_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (httpcore.TimeoutException, "timeout"),
    (httpcore.ConnectError, "connect"),
    (httpcore.NetworkError, "disconnected"),
    (httpcore.ProtocolError, "protocol"),
    (ValueError, "protocol"),  # httpcore reads some fields of HTTP/2 without looking
)


@dataclass(slots=True)
class _Pool:
    """The connections to one origin. `in_use`: requests under way."""

    pool: httpcore.AsyncConnectionPool
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
                status=response.status,
                headers=response.headers,
                chunks=_chunks(response),
                http_version=response.extensions["http_version"].decode("ascii"),
                address=peer[0] if peer else None,
            )
        finally:
            await response.aclose()

    async def _send(self, pool: _Pool, to: Target, headers: Headers) -> httpcore.Response:
        """Once more at once where a kept connection turns out to have been closed meanwhile: that is no fault of the server."""
        request = httpcore.Request("GET", to.url, headers=headers, extensions={"timeout": self._timeouts})
        opened = pool.backend.connects
        try:
            with _translated():
                return await pool.pool.handle_async_request(request)
        except WireError as error:
            if error.reason != "disconnected" or pool.backend.connects != opened:
                raise
        with _translated():
            return await pool.pool.handle_async_request(request)

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
        return self._pools.setdefault(key, _Pool(pool, backend))

    async def _trim(self) -> None:
        """Close the connections to the origins that were not asked for longest."""
        while len(self._pools) > ORIGINS:
            key = next((key for key, pool in self._pools.items() if not pool.in_use), None)
            if key is None:
                return
            await self._pools.pop(key).pool.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.pool.aclose()
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
    if isinstance(cause, h2.exceptions.DenialOfServiceError):
        return "header-too-large"
    text = str(error)
    if text.startswith("peer closed connection"):
        return "body-truncated"
    if text.startswith("Server disconnected"):
        return "disconnected"
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
