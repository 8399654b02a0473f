"""Connections for the transport: to addresses that were judged, and with as little in between as asyncio allows."""

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, cast

import httpcore

from pipeline.fetch.address import AllowedHosts, Resolver, is_address, kind_of, permitted
from pipeline.fetch.wire import WireError

READ_AHEAD = 512 * 1024  # bytes kept unread before the sender is made to wait
ADDRESSES = 4  # of a host, tried one after another


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a host, judges the answer, and connects to what was judged: a second answer of the name server counts for nothing.

    `connects` counts the connections opened.
    """

    def __init__(self, resolver: Resolver, allowed: AllowedHosts) -> None:
        self._resolver = resolver
        self._allowed = allowed
        self.connects = 0

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to `host`. Raises WireError."""
        self.connects += 1
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(await self._addresses(host, port), port, timeout)
        except TimeoutError:
            raise WireError("timeout", f"no connection within {timeout:g} s") from None

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        if is_address(host):
            answer: Sequence[str] = (host,)
        else:
            try:
                answer = await self._resolver(host, port)
            except (OSError, UnicodeError) as error:
                raise WireError("dns", f"{host}: {error}") from error
        addresses = permitted(host, port, answer, self._allowed)
        if not addresses:
            found = ", ".join(f"{address} ({kind_of(address)})" for address in answer[:ADDRESSES]) or "nowhere"
            raise WireError(
                "address-refused", f"{host} leads to {found}, and the source's allow_hosts does not name it"
            )
        return addresses[:ADDRESSES]

    async def _connect(self, addresses: Sequence[str], port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        problem = "no address"
        for tried, address in enumerate(addresses, 1):
            last = tried == len(addresses)
            try:
                async with asyncio.timeout(None if last or timeout is None else timeout / len(addresses)):
                    _, stream = await loop.create_connection(_Stream, address, port)
                    return stream
            except OSError as error:  # TimeoutError among them
                if last and isinstance(error, TimeoutError):
                    raise
                problem = f"{address}: {error or 'no answer'}"
        raise WireError("connect", problem)

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)


class _Stream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A connection, as httpcore reads it. Chunks go from the event loop to the reader without being copied."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._chunks: deque[bytes] = deque()
        self._unread = 0
        self._ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._chunks.append(data)
        self._unread += len(data)
        if self._unread > READ_AHEAD and self._transport:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """No more bytes will come."""
        self._ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._ended, self._error = True, exc
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        """The other side does not read."""
        self._drained = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """The other side reads again."""
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def _wake(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)

    # what httpcore calls

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, b"" at the end. Raises httpcore.ReadTimeout and ReadError."""
        if not self._chunks and not self._ended:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout):
                    await self._reader
            except TimeoutError:
                raise httpcore.ReadTimeout(f"nothing came for {timeout:g} s") from None
        if self._chunks:
            return self._take()
        if self._error:
            raise httpcore.ReadError(str(self._error)) from self._error
        return b""

    def _take(self) -> bytes:
        chunk = self._chunks.popleft()
        was_full = self._unread > READ_AHEAD
        self._unread -= len(chunk)
        if was_full and self._unread <= READ_AHEAD and self._transport and not self._ended:
            self._transport.resume_reading()
        return chunk

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`. Raises httpcore.WriteTimeout and WriteError."""
        if self._transport is None or self._transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        self._transport.write(buffer)
        if self._drained:
            try:
                async with asyncio.timeout(timeout):
                    await self._drained
            except TimeoutError:
                raise httpcore.WriteTimeout(f"nothing was read for {timeout:g} s") from None

    async def aclose(self) -> None:
        """Close at once: nothing of ours is left to be sent."""
        if self._transport:
            self._transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted, with the certificate checked for the host asked for. Raises WireError."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                self._transport = cast(
                    asyncio.Transport,
                    await loop.start_tls(self._transport, self, ssl_context, server_hostname=server_hostname),
                )
        except TimeoutError:
            raise WireError("timeout", f"no encryption within {timeout:g} s") from None
        except ssl.SSLError as error:
            raise WireError("tls", str(error)) from error
        except OSError as error:
            raise WireError("connect", f"while agreeing on encryption: {error}") from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about a connection."""
        if info == "is_readable":
            return self._ended or bool(self._chunks)
        if self._transport is None:
            return None
        return self._transport.get_extra_info("peername" if info == "server_addr" else info)
