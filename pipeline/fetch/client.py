"""Request → Outcome: one page, politely, safely, and never for ever."""

import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from types import TracebackType
from typing import Self

from pipeline.fetch.address import AllowedHosts, Resolver, system_resolver
from pipeline.fetch.budget import HostBudget
from pipeline.fetch.chain import Chain, Job
from pipeline.fetch.clock import Clock, SystemClock
from pipeline.fetch.headers import source_headers, user_agent
from pipeline.fetch.hosts import Hosts, NotNow
from pipeline.fetch.outcome import TRANSIENT, Attempt, Deferred, Failed, Fetched, Outcome, Request
from pipeline.fetch.retry import backoff, retry_after
from pipeline.fetch.robots import MemoryRobots, Robots, RobotsCache
from pipeline.fetch.transport import HttpTransport
from pipeline.fetch.urls import scrub
from pipeline.fetch.verdict import outcome_of
from pipeline.fetch.wire import Transport, WireError
from schemas.source_v1 import FetchV1


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """What the operator decides, for all sources.

    `contact`: an address or URL where site owners reach the operator; it stands in every User-Agent. `secrets`: values for the
    "$NAME" in sources' headers, by name. `patience`: seconds a request may wait for its host before it is Deferred.
    `concurrency`: requests under way at a time, over all hosts. `connect_timeout`, `idle_timeout`: seconds to a connection, and
    between two bytes. `tls`: whose certificates are believed, by default those of the public authorities.
    """

    contact: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    patience: float = 120.0
    concurrency: int = 64
    connect_timeout: float = 15.0
    idle_timeout: float = 30.0
    http2: bool = True
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The figures so far. `waiting`: requests waiting for leave, by host. `failures`: by Reason."""

    pages: int
    wire_bytes: int
    under_way: int
    waiting: Mapping[str, int]
    failures: Mapping[str, int]


@dataclass(slots=True)
class _Counts:
    pages: int = 0
    wire_bytes: int = 0
    under_way: int = 0
    failures: dict[str, int] = field(default_factory=dict)


class Fetcher:
    """Fetches pages over shared connections; an async context manager. Safe to use from many tasks of one event loop.

    `clock`, `resolver`, `robots` (its cache), `transport` and `jitter` (a random number 0–1) are the machine's own unless given.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        budget: HostBudget,
        clock: Clock | None = None,
        resolver: Resolver = system_resolver,
        robots: RobotsCache | None = None,
        transport: Transport | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self._transport = transport or HttpTransport(
            resolver,
            connect_timeout=settings.connect_timeout,
            idle_timeout=settings.idle_timeout,
            http2=settings.http2,
            tls=settings.tls,
        )
        self._budget = budget
        self._hosts = Hosts(budget, self.clock, patience=settings.patience, concurrency=settings.concurrency)
        self._robots = Robots(robots or MemoryRobots(), self.clock)
        self._agent = user_agent(settings.contact)
        self._jitter = jitter
        self._counts = _Counts()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def fetch(self, request: Request, rules: FetchV1) -> Outcome:
        """The page, or what became of it. Robots, politeness, redirects, retries and all limits are seen to here.

        `rules.timeout` bounds each attempt with all its redirects, waiting for leave excepted; retries follow transient failures only.
        Raises nothing for what servers do.
        """
        self._counts.under_way += 1
        try:
            outcome = await self._fetch(request, rules)
        finally:
            self._counts.under_way -= 1
        self._count(outcome)
        return outcome

    async def _fetch(self, request: Request, rules: FetchV1) -> Outcome:
        try:
            own = source_headers(rules, self.settings.secrets)
        except WireError as error:
            return Failed(url=scrub(request.url), reason=error.reason, detail=error.detail, attempts=())
        job = Job(
            request=request,
            rules=rules,
            allowed=AllowedHosts.of(rules.allow_hosts),
            headers=own,
            agent=self._agent,
            max_bytes=request.max_bytes or rules.max_bytes,
        )
        attempts: tuple[Attempt, ...] = ()
        for number in count(1):
            chain = Chain(job, self._transport, self._hosts, self._robots, self.clock)
            outcome = await self._attempt(chain, number, attempts)
            if not isinstance(outcome, _Again):
                return outcome
            attempts = outcome.attempts
            await self.clock.sleep(outcome.wait)
        raise AssertionError("count() does not end")

    async def _attempt(self, chain: Chain, number: int, before: tuple[Attempt, ...]) -> "Outcome | _Again":
        """One try, or when to try again."""
        started_at = self.clock.now()

        def log(result: str, detail: str = "") -> tuple[Attempt, ...]:
            return (
                *before,
                Attempt(
                    number=number,
                    started_at=started_at,
                    seconds=chain.seconds,
                    waited=chain.waited,
                    result=result,
                    detail=detail,
                    wire_bytes=chain.wire_bytes,
                    hops=tuple(chain.hops),
                ),
            )

        try:
            answer = await chain.follow()
            return outcome_of(answer, chain, started_at, log)
        except NotNow as wait:
            attempts = log(wait.reason, wait.detail) if chain.hops else before
            return Deferred(
                url=scrub(chain.job.request.url),
                until=wait.until,
                reason=wait.reason,
                detail=wait.detail,
                attempts=attempts,
            )
        except WireError as error:
            return await self._failed(chain, error, log(error.reason, error.detail))

    async def _failed(self, chain: Chain, error: WireError, attempts: tuple[Attempt, ...]) -> "Outcome | _Again":
        """Try again, later, or not at all."""
        number, now, url = len(attempts), self.clock.now(), scrub(chain.job.request.url)
        spent = number > chain.job.rules.retries
        asked = retry_after(chain.retry_after, now) if error.reason in {"rate-limited", "server-error"} else None
        wait = backoff(number, self._jitter) if asked is None else asked
        if chain.host and (asked is not None or error.reason == "rate-limited"):
            await self._budget.hold(chain.host, now + timedelta(seconds=wait), "retry-after")
        if asked is not None and (spent or asked > self.settings.patience):
            until = now + timedelta(seconds=asked)
            return Deferred(url=url, until=until, reason="retry-after", detail=error.detail, attempts=attempts)
        if error.reason in TRANSIENT and not spent:
            return _Again(wait, attempts)
        return Failed(url=url, reason=error.reason, detail=error.detail, attempts=attempts, status=chain.status)

    def _count(self, outcome: Outcome) -> None:
        counts = self._counts
        counts.wire_bytes += sum(attempt.wire_bytes for attempt in outcome.attempts)
        if isinstance(outcome, Fetched):
            counts.pages += 1
        elif isinstance(outcome, Failed):
            counts.failures[outcome.reason] = counts.failures.get(outcome.reason, 0) + 1

    def progress(self) -> Progress:
        """A snapshot for whoever shows progress."""
        counts = self._counts
        return Progress(
            pages=counts.pages,
            wire_bytes=counts.wire_bytes,
            under_way=counts.under_way,
            waiting=self._hosts.waiting(),
            failures=dict(counts.failures),
        )


@dataclass(frozen=True, slots=True)
class _Again:
    """Try again in `wait` seconds."""

    wait: float
    attempts: tuple[Attempt, ...]
