"""The fetcher for synchronous code, set up from the settings; one event loop for a whole run."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from flows.catalog import Entry
from flows.settings import Settings, secret
from pipeline.errors import Terminal
from pipeline.fetch import Discovery, Fetcher, FetchSettings, HostBudget, MemoryBudget, Outcome, Request, SystemClock
from pipeline.fetch.address import Resolver, system_resolver
from pipeline.fetch.discover import discover
from schemas import SourceV1
from schemas.source_v1 import FetchV1

SAMPLE = "sample"
SECRET = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")

Received = Callable[[Request, Outcome], None]


class Fetching:
    """A fetcher whose coroutines are run to their end on one event loop, so that connections are kept from batch to batch."""

    def __init__(self, runner: asyncio.Runner, fetcher: Fetcher) -> None:
        self._runner = runner
        self._fetcher = fetcher

    def discover(self, source: SourceV1, since: datetime | None = None, limit: int | None = None) -> Discovery:
        """The source's URLs; see `pipeline.fetch.discover`."""
        return self._runner.run(discover(source, self._fetcher, since=since, limit=limit))

    def fetch(self, requests: Sequence[Request], rules: FetchV1, received: Received) -> None:
        """Fetch all `requests`; `received` is called with each as it is answered."""
        self._runner.run(self._fetch(requests, rules, received))

    async def _fetch(self, requests: Sequence[Request], rules: FetchV1, received: Received) -> None:
        async def one(request: Request) -> None:
            received(request, await self._fetcher.fetch(request, rules))

        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(one(request))


@contextmanager
def fetching(entry: Entry, settings: Settings, budget: HostBudget | None = None) -> Iterator[Fetching]:
    """A Fetching for one source. Raises Terminal where live sites are to be fetched and nobody is named as contact."""
    with _resolver(entry) as resolver, asyncio.Runner() as runner:
        fetcher = runner.run(_open(entry, settings, budget, resolver))
        try:
            yield Fetching(runner, fetcher)
        finally:
            runner.run(fetcher.__aexit__(None, None, None))


async def _open(entry: Entry, settings: Settings, budget: HostBudget | None, resolver: Resolver) -> Fetcher:
    clock = SystemClock()
    made = Fetcher(
        FetchSettings(contact=_contact(entry, settings), secrets=_secrets(entry.source)),
        budget=budget or MemoryBudget(clock),
        clock=clock,
        resolver=resolver,
    )
    return await made.__aenter__()


@contextmanager
def _resolver(entry: Entry) -> Iterator[Resolver]:
    """How host names are resolved: the sample site is served for as long as this lasts."""
    if is_sample(entry):
        from flows.sample import serve

        with serve() as resolver:
            yield resolver
    else:
        yield system_resolver


def is_sample(entry: Entry) -> bool:
    """Whether this is the site that comes along."""
    return entry.shipped and entry.source.name == SAMPLE


def _contact(entry: Entry, settings: Settings) -> str:
    if settings.contact:
        return settings.contact
    if is_sample(entry):
        return "sample run"
    raise Terminal(
        "sites want to know who fetches: set UNSCRAPE_CONTACT to your mail address or a URL, "
        "e.g. export UNSCRAPE_CONTACT=you@example.org (it is sent in the User-Agent)"
    )


def _secrets(source: SourceV1) -> dict[str, str]:
    names = {name for value in source.fetch.headers.values() for name in SECRET.findall(value)}
    return {name: secret(name) for name in sorted(names)}
