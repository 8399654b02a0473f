"""The seam between fetching and the network: what a transport is asked, and what it answers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from pipeline.fetch.address import AllowedHosts
from pipeline.fetch.outcome import Reason
from pipeline.fetch.urls import Target

Headers = Sequence[tuple[bytes, bytes]]


class WireError(Exception):
    """The answer did not come, or not whole. Never leaves the package: it becomes an attempt's result."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose headers are here and whose body is not: `chunks` yields that as it travels, and raises WireError.

    `address` is the one connected to, None where the transport does not say.
    """

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]
    http_version: str = "HTTP/1.1"
    address: str | None = None


class Transport(Protocol):
    """Sends a GET. Whoever leaves the context early gives up the rest of the body."""

    def get(self, to: Target, headers: Headers, allowed: AllowedHosts) -> AbstractAsyncContextManager[Reply]:
        """The answer of `to`. Raises WireError."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
