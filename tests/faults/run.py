"""Runs of the fetcher for these tests: a clock that does not wait, a watchdog that does, and the memory a run takes."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pipeline.fetch import Fetcher, FetchSettings, MemoryBudget, Outcome, Request
from schemas.source_v1 import FetchV1

WATCHDOG = 60.0  # seconds, of a case that takes one
MEMORY = 150 * 1024 * 1024  # bytes above what the process held before

Got = TypeVar("Got")


class QuickClock:
    """The machine's clock, but what is slept through passes at once."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        await asyncio.sleep(0)


def rules(port: int | None, **changes: object) -> FetchV1:
    """Rules for a server on loopback."""
    allowed = (f"127.0.0.1:{port}", f"site.test:{port}") if port else ()
    return FetchV1.model_validate(
        {"rate": 1000.0, "concurrency": 4, "timeout": 20.0, "retries": 1, "allow_hosts": allowed} | changes
    )


def fetcher(clock: QuickClock | None = None, **given: object) -> Fetcher:
    clock = clock or QuickClock()
    settings = FetchSettings(contact="tests@example.org", connect_timeout=5.0)
    return Fetcher(settings, budget=MemoryBudget(clock), clock=clock, **given)  # type: ignore[arg-type]


async def fetch_all(requests: Sequence[tuple[Request, FetchV1]], made: Fetcher | None = None) -> list[Outcome]:
    """All at the same time, as a run does."""
    async with made or fetcher() as client:
        return await asyncio.gather(*(client.fetch(request, terms) for request, terms in requests))


def watched(work: Awaitable[Got]) -> Got:
    """Its result, unless the watchdog bites."""

    async def run() -> Got:
        async with asyncio.timeout(WATCHDOG):
            return await work

    return asyncio.run(run())


@contextmanager
def memory_bound() -> Iterator[None]:
    """What happens inside may take MEMORY at its peak."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    yield
    assert _status("VmHWM") - before < MEMORY


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))
