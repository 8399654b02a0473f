"""One attempt at a page: from the URL asked for, over its redirects, to the answer."""

import asyncio
from dataclasses import dataclass, replace

from pipeline.fetch import robots
from pipeline.fetch.address import AllowedHosts
from pipeline.fetch.answer import PAGES, Answer, Pairs, body_reader, drain, first, read_body, read_start
from pipeline.fetch.budget import Limits
from pipeline.fetch.clock import Clock
from pipeline.fetch.headers import Header, read_headers, request_headers
from pipeline.fetch.hosts import Hosts, NotNow
from pipeline.fetch.outcome import Hop, Request
from pipeline.fetch.robots import Robots, RobotsFile, Rules
from pipeline.fetch.urls import Refused, Target, join, scrub, target
from pipeline.fetch.wire import Reply, Transport, WireError
from schemas.source_v1 import FetchV1

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LEASE_SPARE = 30.0  # seconds beyond the time limit after which a leave is void


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is wanted, and on what terms."""

    request: Request
    rules: FetchV1
    allowed: AllowedHosts
    headers: tuple[Header, ...]
    agent: str
    max_bytes: int
    for_robots: bool = False


class Chain:
    """One attempt. Its attributes say how far it came, also where it failed: seconds on the network, seconds waited, the hops."""

    def __init__(self, job: Job, transport: Transport, hosts: Hosts, robots: Robots, clock: Clock) -> None:
        self.job = job
        self._transport, self._hosts, self._robots, self._clock = transport, hosts, robots, clock
        self.seconds = 0.0
        self.waited = 0.0
        self.headers_after = 0.0
        self.wire_bytes = 0
        self.hops: list[Hop] = []
        self.urls: list[str] = []
        self.host = ""
        self.status: int | None = None
        self.retry_after: str | None = None
        self.sent: tuple[Header, ...] = ()

    async def follow(self) -> Answer:
        """The last answer. Raises WireError, NotNow."""
        url = self.job.request.url
        while True:
            to = self._next(url)
            interval = await self._permitted(to)
            answer = await self._ask(to, interval)
            if answer.status not in REDIRECTS:
                return answer
            url = self._redirected(to, answer)

    def _next(self, url: str) -> Target:
        to = target(url, self.job.allowed)
        if isinstance(to, Refused):
            raise WireError(to.reason, f"{scrub(url)[:200]}: {to.detail}")
        if to.url in self.urls:
            raise WireError("redirect-loop", f"back to {scrub(to.url)}")
        if len(self.urls) > MAX_REDIRECTS:
            raise WireError("redirect-limit", f"more than {MAX_REDIRECTS} redirects")
        self.urls.append(to.url)
        self.hops.append(Hop(url=scrub(to.url)))
        self.host, self.status = to.host, None
        return to

    def _redirected(self, to: Target, answer: Answer) -> str:
        location = answer.header("location") or ""
        url = join(to.url, _as_utf8(location)) if location else None
        if not url:
            raise WireError("redirect-invalid", f"{answer.status} to {location[:200] or 'nowhere'}")
        self.hops[-1] = replace(self.hops[-1], location=scrub(url))
        return url

    async def _permitted(self, to: Target) -> float:
        """Seconds between two requests to this host, at least, if we may ask at all."""
        interval = 1.0 / self.job.rules.rate
        if self.job.for_robots or not self.job.rules.robots:
            return interval
        rules = await self._rules(to)
        if not rules.reachable:
            until = self._clock.now() + robots.UNREACHABLE_FOR
            raise NotNow(until, "robots-unreachable", f"{to.origin}/robots.txt cannot be had")
        if not rules.allows(to.url):
            raise WireError("robots-disallowed", f"{to.origin}/robots.txt does not want it fetched")
        return max(interval, rules.delay)

    async def _rules(self, to: Target) -> Rules:
        return await self._robots.rules(to.origin, self._load_robots)

    async def _load_robots(self, origin: str) -> RobotsFile:
        """robots.txt of `origin`. Raises WireError where the page itself would fail alike."""
        job = Job(
            request=Request(url=f"{origin}/robots.txt"),
            rules=self.job.rules,
            allowed=self.job.allowed,
            headers=(),
            agent=self.job.agent,
            max_bytes=robots.MAX_BYTES,
            for_robots=True,
        )
        chain = Chain(job, self._transport, self._hosts, self._robots, self._clock)
        try:
            answer = await chain.follow()
        except WireError as error:
            if error.reason in {"redirect-loop", "redirect-limit", "redirect-invalid"}:
                return RobotsFile(origin=origin, state="none", fetched_at=self._clock.now())
            if error.reason in {"dns", "connect", "tls", "address-refused"} and len(chain.hops) == 1:
                raise
            return RobotsFile(origin=origin, state="unreachable", fetched_at=self._clock.now())
        return _robots_file(origin, answer)

    async def _ask(self, to: Target, interval: float) -> Answer:
        rules = self.job.rules
        limits = Limits(interval=interval, concurrency=rules.concurrency, lease=rules.timeout + LEASE_SPARE)
        came = self._clock.monotonic()
        async with self._hosts.turn(to.host, limits):
            began = self._clock.monotonic()
            self.waited += began - came
            try:
                async with asyncio.timeout(rules.timeout - self.seconds):
                    return await self._exchange(to, began)
            except TimeoutError:
                raise WireError("timeout", f"not finished within {rules.timeout:g} s") from None
            finally:
                self.seconds += self._clock.monotonic() - began

    async def _exchange(self, to: Target, began: float) -> Answer:
        self.sent = request_headers(to, self.job.request, self.job.agent, self.job.headers)
        async with self._transport.get(to, [header.wire for header in self.sent], self.job.allowed) as reply:
            self.headers_after = self.seconds + self._clock.monotonic() - began
            self.status = reply.status
            self.hops[-1] = replace(self.hops[-1], status=reply.status, address=reply.address)
            return await self._read(reply)

    async def _read(self, reply: Reply) -> Answer:
        headers = read_headers(reply.headers)
        self.retry_after = first(headers, "retry-after")
        body = b""
        if reply.status in PAGES:
            body = await self._body(reply, headers)
        else:
            await drain(reply.chunks)
        return Answer(
            status=reply.status, headers=headers, at=self._clock.now(), body=body, http_version=reply.http_version
        )

    async def _body(self, reply: Reply, headers: Pairs) -> bytes:
        if self.job.for_robots:
            return await read_start(reply.chunks, headers, self.job.max_bytes)
        reader = body_reader(headers, self.job.max_bytes)
        try:
            return await read_body(reply.chunks, headers, reader)
        finally:
            self.wire_bytes += reader.wire_bytes


def _robots_file(origin: str, answer: Answer) -> RobotsFile:
    """RFC 9309, 2.3.1: what is not there allows all, what cannot be had forbids all. 429 is the server's trouble, not its word."""
    if answer.status >= 500 or answer.status == 429:
        return RobotsFile(origin=origin, state="unreachable", fetched_at=answer.at)
    if answer.status != 200:
        return RobotsFile(origin=origin, state="none", fetched_at=answer.at)
    return RobotsFile(origin=origin, state="rules", fetched_at=answer.at, body=answer.body)


def _as_utf8(value: str) -> str:
    """A Location that was read as Latin-1, as UTF-8 where it is that."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
