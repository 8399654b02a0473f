"""Turns: each host's requests one after another, as many at a time as it is asked to bear."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from pipeline.fetch.budget import HostBudget, Leave, Limits
from pipeline.fetch.clock import Clock


class NotNow(Exception):
    """The host is to be left alone until `until`. Never leaves the package."""

    def __init__(self, until: datetime, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.until, self.reason, self.detail = until, reason, detail


class _Host:
    """Of one host: `slots` are its requests under way, `turn` is held by the one that asks the budget."""

    __slots__ = ("__weakref__", "slots", "turn")

    def __init__(self, concurrency: int) -> None:
        self.slots = asyncio.Semaphore(concurrency)
        self.turn = asyncio.Lock()


class Hosts:
    """Asks the budget on behalf of the requests of one fetcher, first come, first served."""

    def __init__(self, budget: HostBudget, clock: Clock, *, patience: float, concurrency: int) -> None:
        self._budget, self._clock, self._patience = budget, clock, patience
        self._all = asyncio.Semaphore(concurrency)
        self._hosts: WeakValueDictionary[tuple[str, int], _Host] = WeakValueDictionary()
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, name: str, limits: Limits) -> AsyncIterator[None]:
        """One request to the host may be made inside. Raises NotNow where that would take longer than there is patience."""
        host = self._hosts.setdefault((name, limits.concurrency), _Host(limits.concurrency))
        self._waiting[name] += 1
        waits = True
        try:
            async with host.slots:
                leave = await self._leave(host, name, limits)
                try:
                    async with self._all:
                        self._no_longer_waits(name)
                        waits = False
                        yield
                finally:
                    await self._budget.give_back(leave)
        finally:
            if waits:
                self._no_longer_waits(name)

    async def _leave(self, host: _Host, name: str, limits: Limits) -> Leave:
        async with host.turn:
            while True:
                answer = await self._budget.ask(name, limits)
                if isinstance(answer, Leave):
                    return answer
                if answer.seconds > self._patience:
                    until = self._clock.now() + timedelta(seconds=answer.seconds)
                    raise NotNow(until, answer.reason, f"{name} is to be left alone for {answer.seconds:.0f} s")
                await self._clock.sleep(answer.seconds)

    def _no_longer_waits(self, name: str) -> None:
        self._waiting[name] -= 1
        if not self._waiting[name]:
            del self._waiting[name]

    def waiting(self) -> dict[str, int]:
        """How many requests wait for their turn, by host."""
        return dict(self._waiting)
