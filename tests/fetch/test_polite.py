"""Turns, rates, waits and validators: what a host is asked to bear, and what it need not send twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.fetch import (
    Deferred,
    Failed,
    Fetched,
    Fetcher,
    FetchSettings,
    Leave,
    Limits,
    MemoryBudget,
    MemoryRobots,
    NotModified,
    Outcome,
    Request,
    RobotsFile,
    Validators,
    Wait,
)
from pipeline.fetch.robots import Robots
from tests.faults.run import QuickClock, fetch_all, fetcher, rules, watched
from tests.faults.server import Drip, FaultServer, Hang, answer, head, redirect

LIMITS = Limits(interval=2.0, concurrency=2, lease=60.0)


def test_budget_rate_and_concurrency() -> None:
    async def run() -> None:
        clock = QuickClock()
        budget = MemoryBudget(clock)
        assert isinstance(await budget.ask("h", LIMITS), Leave)
        wait = await budget.ask("h", LIMITS)
        assert isinstance(wait, Wait)
        assert wait.reason == "rate"
        assert 1.9 < wait.seconds <= 2.0
        assert isinstance(await budget.ask("other", LIMITS), Leave)
        await clock.sleep(2.0)
        second = await budget.ask("h", LIMITS)
        assert isinstance(second, Leave)
        await clock.sleep(2.0)
        assert await budget.ask("h", LIMITS) == Wait(0.05, "concurrency")
        await budget.give_back(second)
        assert isinstance(await budget.ask("h", LIMITS), Leave)

    watched(run())


def test_budget_hold() -> None:
    async def run() -> None:
        clock = QuickClock()
        budget = MemoryBudget(clock)
        await budget.hold("h", clock.now() + timedelta(seconds=100), "retry-after")
        await budget.hold("h", clock.now() + timedelta(seconds=10), "earlier")
        wait = await budget.ask("h", LIMITS)
        assert isinstance(wait, Wait)
        assert 99 < wait.seconds <= 100
        assert wait.reason == "retry-after"
        await clock.sleep(100)
        assert isinstance(await budget.ask("h", LIMITS), Leave)

    watched(run())


def test_the_rate_is_kept() -> None:
    """Ten pages at one a second take nine seconds, robots.txt another."""
    clock = QuickClock()
    with FaultServer({}) as server:
        terms = rules(server.port, rate=1.0)
        wanted = [(Request(url=server.url(f"/{n}")), terms) for n in range(10)]
        outcomes = watched(fetch_all(wanted, fetcher(clock)))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert 9.0 <= clock.slept <= 10.0


def test_a_crawl_delay_is_kept() -> None:
    clock = QuickClock()
    with FaultServer({"/robots.txt": (answer(b"User-agent: *\nCrawl-delay: 7\n"),)}) as server:
        wanted = [(Request(url=server.url(f"/{n}")), rules(server.port)) for n in range(4)]
        watched(fetch_all(wanted, fetcher(clock)))
    assert 20.0 <= clock.slept <= 22.0


def test_concurrency_is_kept() -> None:
    """No more requests under way to a host than the source says, however many are asked for."""
    most = under_way = 0

    class Watching(MemoryBudget):
        async def ask(self, host: str, limits: Limits) -> Leave | Wait:
            nonlocal most, under_way
            answer = await super().ask(host, limits)
            if isinstance(answer, Leave):
                under_way += 1
                most = max(most, under_way)
            return answer

        async def give_back(self, leave: Leave) -> None:
            nonlocal under_way
            under_way -= 1
            await super().give_back(leave)

    clock = QuickClock()
    with FaultServer({f"/{n}": (head("Content-Length: 3"), Hang(0.05), b"abc") for n in range(12)}) as server:
        client = Fetcher(FetchSettings(contact="c"), budget=Watching(clock), clock=clock)
        wanted = [(Request(url=server.url(f"/{n}")), rules(server.port, concurrency=3)) for n in range(12)]
        outcomes = watched(fetch_all(wanted, client))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert most == 3
    assert under_way == 0


def test_a_host_that_wants_an_hour_is_left_alone() -> None:
    """The first page learns it, the others do not even ask."""
    with FaultServer({"/0": (answer(b"", "Retry-After: 3600", status="429 Slow"),)}) as server:
        terms = rules(server.port, concurrency=1)
        wanted = [(Request(url=server.url(f"/{n}")), terms) for n in range(5)]
        outcomes = watched(fetch_all(wanted))
        assert set(server.asked) == {"/robots.txt", "/0"}
    assert all(isinstance(outcome, Deferred) and outcome.reason == "retry-after" for outcome in outcomes)


def test_progress() -> None:
    async def run() -> None:
        async with fetcher() as client:
            tasks = [asyncio.create_task(client.fetch(Request(url=server.url(f"/{n}")), terms)) for n in range(4)]
            await asyncio.sleep(0.3)
            progress = client.progress()
            assert progress.under_way == 4
            assert progress.waiting == {"127.0.0.1": 3}
            await asyncio.gather(*tasks)
            progress = client.progress()
            assert (progress.pages, progress.under_way, dict(progress.waiting)) == (3, 0, {})
            assert progress.failures == {"status": 1}
            assert progress.wire_bytes > 0

    slow = (head("Content-Length: 3"), Hang(1.0), b"abc")
    with FaultServer({"/0": slow, "/3": (answer(status="403 Forbidden"),)}) as server:
        terms = rules(server.port, concurrency=1)
        watched(run())


async def one(client: Fetcher, request: Request, terms: object) -> Outcome:
    async with client:
        return await client.fetch(request, terms)  # type: ignore[arg-type]


def test_validators_come_back_as_not_modified() -> None:
    script = [
        (answer(b"body", 'ETag: "v1"', "Last-Modified: Sun, 01 Mar 2026 10:00:00 GMT"),),
        (head('ETag: "v2"', status="304 Not Modified"),),
    ]
    with FaultServer({"/page": script}) as server:
        terms = rules(server.port)
        first = watched(one(fetcher(), Request(url=server.url("/page")), terms))
        assert isinstance(first, Fetched)
        assert first.validators == Validators(
            url=server.url("/page"), etag='"v1"', last_modified="Sun, 01 Mar 2026 10:00:00 GMT"
        )
        second = watched(one(fetcher(), Request(url=server.url("/page"), validators=first.validators), terms))
        sent = server.heads[-1].lower()
    assert b'if-none-match: "v1"' in sent
    assert b"if-modified-since: sun, 01 mar 2026 10:00:00 gmt" in sent
    assert isinstance(second, NotModified)
    assert dict(second.headers)["etag"] == '"v2"'
    assert second.attempts[0].result == "not-modified"


def test_validators_are_sent_to_their_own_url_only() -> None:
    with FaultServer({"/old": redirect("/new")}) as server:
        known = Validators(url=server.url("/old"), etag='"v1"')
        outcome = watched(one(fetcher(), Request(url=server.url("/old"), validators=known), rules(server.port)))
    assert isinstance(outcome, Fetched)
    pages = [request for request in server.heads if b"/robots.txt" not in request]
    assert [b"if-none-match" in request for request in pages] == [True, False]


def test_a_validator_with_a_line_break_is_not_sent() -> None:
    with FaultServer({}) as server:
        known = Validators(url=server.url("/a"), etag='"a"\r\nCookie: x=y')
        outcome = watched(one(fetcher(), Request(url=server.url("/a"), validators=known), rules(server.port)))
    assert isinstance(outcome, Fetched)
    assert not any(b"Cookie" in request or b"if-none" in request for request in server.heads)


def test_connections_are_used_again() -> None:
    connects = 0

    async def count(host: str, port: int) -> tuple[str, ...]:
        nonlocal connects
        connects += 1
        return ("127.0.0.1",)

    async def run() -> None:
        async with fetcher(resolver=count) as client:
            for n in range(20):
                outcome = await client.fetch(Request(url=f"http://site.test:{server.port}/{n}"), terms)
                assert isinstance(outcome, Fetched)

    with FaultServer({}) as server:
        terms = rules(server.port)
        watched(run())
    assert connects == 1


def test_a_connection_closed_meanwhile_is_no_failure() -> None:
    async def run() -> None:
        async with fetcher() as client:
            for path in ("/closing", "/next"):
                outcome = await client.fetch(Request(url=server.url(path)), terms)
                assert isinstance(outcome, Fetched)
                assert len(outcome.attempts) == 1
                await asyncio.sleep(0.1)

    # The answer ends by its length, so the connection is kept, and closed a moment later.
    with FaultServer({"/closing": (answer(), Hang(0.05))}) as server:
        terms = rules(server.port, retries=0)
        watched(run())


def test_robots_are_asked_again_when_old() -> None:
    """Fresh for half a day; a copy that cannot be refreshed serves for the other half."""

    class Slow(QuickClock):
        def now(self) -> datetime:
            return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.slept)

    async def run() -> None:
        clock = Slow()
        states = iter(["rules", "unreachable", "unreachable", "unreachable", "none"])
        loaded = 0

        async def load(origin: str) -> RobotsFile:
            nonlocal loaded
            loaded += 1
            return RobotsFile(
                origin=origin, state=next(states), fetched_at=clock.now(), body=b"User-agent: *\nDisallow: /x"
            )  # type: ignore[arg-type]

        robots = Robots(MemoryRobots(), clock)
        for hours, count, allowed, reachable in (
            (0, 1, False, True),  # fetched
            (11, 1, False, True),  # still fresh
            (13, 2, False, True),  # could not be refreshed, the copy serves
            (13.1, 2, False, True),  # not asked for again at once
            (20, 3, False, True),
            (25, 4, False, False),  # too old by now
            (26, 5, True, True),
        ):
            clock.slept = hours * 3600
            rules = await robots.rules("http://h", load)
            assert (loaded, rules.allows("http://h/x"), rules.reachable) == (count, allowed, reachable), hours

    watched(run())


def test_robots_are_asked_once_by_all_and_remembered() -> None:
    cache = MemoryRobots()
    with FaultServer({"/robots.txt": (head("Content-Length: 0"), Hang(0.1))}) as server:
        for _ in range(2):
            wanted = [(Request(url=server.url(f"/{n}")), rules(server.port)) for n in range(8)]
            outcomes = watched(fetch_all(wanted, fetcher(robots=cache)))
            assert all(isinstance(outcome, Fetched) for outcome in outcomes)
        assert server.asked["/robots.txt"] == 1


@pytest.mark.parametrize("retries", [0, 2, 5])
def test_retries(retries: int) -> None:
    """As many as the source says, waits doubling, with a log of each."""
    clock = QuickClock()
    with FaultServer({"/500": (answer(status="500 Oops"),)}) as server:
        outcome = watched(
            one(
                fetcher(clock, jitter=lambda: 1.0), Request(url=server.url("/500")), rules(server.port, retries=retries)
            )
        )
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.status, outcome.transient) == ("server-error", 500, True)
    assert [attempt.number for attempt in outcome.attempts] == list(range(1, retries + 2))
    assert clock.slept == pytest.approx(2**retries - 1, abs=0.1)


def test_the_deadline_counts_the_whole_chain() -> None:
    """Redirects that are each in time are not in time together."""
    slow = {f"/{n}": (Hang(0.2), *redirect(f"/{n + 1}")) for n in range(5)}
    with FaultServer(slow) as server:
        outcome = watched(one(fetcher(), Request(url=server.url("/0")), rules(server.port, timeout=0.5, retries=0)))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "timeout"
    assert 1 < len(outcome.attempts[0].hops) < 5


def test_a_wait_longer_than_patience_is_deferred() -> None:
    async def run() -> Outcome:
        clock = QuickClock()
        budget = MemoryBudget(clock)
        await budget.hold("127.0.0.1", clock.now() + timedelta(hours=1), "failing")
        async with Fetcher(FetchSettings(contact="c"), budget=budget, clock=clock) as client:
            return await client.fetch(Request(url="http://127.0.0.1:9/"), rules(9, robots=False))

    outcome = watched(run())
    assert isinstance(outcome, Deferred)
    assert outcome.reason == "failing"
    assert outcome.until - datetime.now(UTC) > timedelta(minutes=59)


def test_drops_do_not_hold_up_the_others() -> None:
    with FaultServer({"/drip": (head(), Drip(b"x"))}) as server:
        terms = rules(server.port)
        wanted = [(Request(url=server.url("/drip")), rules(server.port, timeout=1.0, retries=0))]
        wanted += [(Request(url=server.url(f"/{n}")), terms) for n in range(20)]
        first, *others = watched(fetch_all(wanted))
    assert isinstance(first, Failed)
    assert all(isinstance(other, Fetched) for other in others)
