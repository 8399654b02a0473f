"""What a host is asked to bear, shared by all runs through the ledger; the shape of the fetcher's `HostBudget`."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection, delete, func, select

from pipeline.store.ledger import Ledger, upsert
from pipeline.store.tables import host_slots, hosts

BUSY_POLL = 0.05
"""Seconds until a host whose requests are all under way is asked about again."""


class Limits(Protocol):
    """Seconds between two starts, requests at a time, and seconds after which a leave not given back is void."""

    @property
    def interval(self) -> float: ...
    @property
    def concurrency(self) -> int: ...
    @property
    def lease(self) -> float: ...


class Given(Protocol):
    """A leave that was given."""

    @property
    def token(self) -> str: ...


Leave = TypeVar("Leave", bound=Given)
Wait = TypeVar("Wait")


class LedgerBudget(Generic[Leave, Wait]):
    """Shares hosts among all processes with this ledger.

    `leave(host, token)` and `wait(seconds, reason)` make the fetcher's own answers. Rates go by the machines' clocks: keep them
    synchronised where several share a ledger.
    """

    def __init__(
        self,
        ledger: Ledger,
        leave: Callable[[str, str], Leave],
        wait: Callable[[float, str], Wait],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger, self._leave, self._wait, self._clock = ledger, leave, wait, clock

    async def ask(self, host: str, limits: Limits) -> Leave | Wait:
        """Leave for one request to `host`, started now; or how long to wait before asking again."""
        return await asyncio.to_thread(self._ask, host, limits)

    async def give_back(self, leave: Leave) -> None:
        """The request is over, whatever became of it."""
        await asyncio.to_thread(self._give_back, leave.token)

    async def hold(self, host: str, until: datetime, reason: str) -> None:
        """Send nothing to `host` before `until`; an earlier `until` than one already set changes nothing."""
        await asyncio.to_thread(self._hold, host, until, reason)

    def _ask(self, host: str, limits: Limits) -> Leave | Wait:
        with self._ledger.write() as connection:
            now = self._clock()
            # The row is made first, so that on PostgreSQL two who ask for a new host meet at its lock.
            _note(connection, host)
            row = connection.execute(select(hosts).where(hosts.c.host == host).with_for_update()).one()
            if row.held_until is not None and row.held_until > now:
                return self._wait(_seconds(row.held_until - now), row.held_because or "held")
            connection.execute(delete(host_slots).where((host_slots.c.host == host) & (host_slots.c.until <= now)))
            under_way = connection.execute(
                select(func.count()).select_from(host_slots).where(host_slots.c.host == host)
            ).scalar_one()
            if under_way >= limits.concurrency:
                return self._wait(BUSY_POLL, "concurrency")
            # A start far in the future is a clock that was set back, not a promise.
            if row.free_at is not None and now < row.free_at <= now + timedelta(seconds=limits.interval):
                return self._wait(_seconds(row.free_at - now), "rate")
            return self._start(connection, host, limits, now)

    def _start(self, connection: Connection, host: str, limits: Limits, now: datetime) -> Leave:
        token = secrets.token_hex(16)
        upsert(connection, hosts, [{"host": host, "free_at": now + timedelta(seconds=limits.interval)}])
        until = now + timedelta(seconds=limits.lease)
        connection.execute(host_slots.insert().values(token=token, host=host, until=until))
        return self._leave(host, token)

    def _give_back(self, token: str) -> None:
        with self._ledger.write() as connection:
            connection.execute(delete(host_slots).where(host_slots.c.token == token))

    def _hold(self, host: str, until: datetime, reason: str) -> None:
        with self._ledger.write() as connection:
            _note(connection, host)
            held = connection.execute(select(hosts.c.held_until).where(hosts.c.host == host).with_for_update()).scalar()
            if held is None or until > held:
                upsert(connection, hosts, [{"host": host, "held_until": until, "held_because": reason}])


def _note(connection: Connection, host: str) -> None:
    upsert(connection, hosts, [{"host": host}])


def _seconds(span: timedelta) -> float:
    return span / timedelta(seconds=1)
