"""Leave to send: how every run on the machine shares what a host is asked to bear.

The fetcher asks before each request and gives the leave back after it. `MemoryBudget` serves one process; the ledger
implements the same protocol for all runs on the machine.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.fetch.clock import Clock

BUSY_POLL = 0.05  # seconds until a host whose requests are all under way is asked about again


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a host is asked to bear.

    `interval`: seconds between the starts of two requests, at least. `concurrency`: requests under way at a time. `lease`:
    seconds after which a leave that was not given back is void, because whoever held it died.
    """

    interval: float
    concurrency: int
    lease: float


@dataclass(frozen=True, slots=True)
class Leave:
    """One request may be sent to `host` now. `token` is the budget's own."""

    host: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: ask again in `seconds`. `reason`: "rate", "concurrency", or what `hold` was given."""

    seconds: float
    reason: str


class HostBudget(Protocol):
    """Shares hosts among all who fetch. Hosts are lower-case names or addresses without a port."""

    async def ask(self, host: str, limits: Limits) -> Leave | Wait:
        """Leave for one request to `host`, started now; or how long to wait before asking again."""
        ...

    async def give_back(self, leave: Leave) -> None:
        """The request is over, whatever became of it."""
        ...

    async def hold(self, host: str, until: datetime, reason: str) -> None:
        """Send nothing to `host` before `until` (UTC): it said so (Retry-After) or is failing. An earlier `until` changes nothing."""
        ...


@dataclass(slots=True)
class _Host:
    free_at: float = 0.0
    under_way: int = 0
    held_until: datetime | None = None
    held_because: str = ""


@dataclass(slots=True)
class MemoryBudget:
    """The budget of one process: for tests, and for fetching without a ledger."""

    clock: Clock
    _hosts: dict[str, _Host] = field(default_factory=dict)

    async def ask(self, host: str, limits: Limits) -> Leave | Wait:
        """See HostBudget."""
        state = self._hosts.setdefault(host, _Host())
        if state.held_until is not None:
            remaining = (state.held_until - self.clock.now()) / timedelta(seconds=1)
            if remaining > 0:
                return Wait(remaining, state.held_because)
            state.held_until = None
        if state.under_way >= limits.concurrency:
            return Wait(BUSY_POLL, "concurrency")
        now = self.clock.monotonic()
        if now < state.free_at:
            return Wait(state.free_at - now, "rate")
        state.free_at = now + limits.interval
        state.under_way += 1
        return Leave(host)

    async def give_back(self, leave: Leave) -> None:
        """See HostBudget."""
        self._hosts[leave.host].under_way -= 1

    async def hold(self, host: str, until: datetime, reason: str) -> None:
        """See HostBudget."""
        state = self._hosts.setdefault(host, _Host())
        if state.held_until is None or until > state.held_until:
            state.held_until, state.held_because = until, reason
