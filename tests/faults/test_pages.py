"""Every fault of the table, one at a time: the outcome stated, within time and memory, and the other pages of the run arrive."""

import asyncio
from datetime import timedelta

import pytest

from pipeline.fetch import Deferred, Failed, Fetched, Outcome, Request
from tests.faults.cases import BODIES, CONNECTIONS, REDIRECTS, STATUSES, Case
from tests.faults.run import QuickClock, fetch_all, fetcher, memory_bound, rules, watched
from tests.faults.server import PAGE, FaultServer

CASES = (*BODIES, *CONNECTIONS, *STATUSES, *REDIRECTS)
OTHERS = ("/good/1", "/good/2", "/good/3")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case) -> None:
    clock = QuickClock()
    with FaultServer({"/case": case.script, **case.also}) as server, memory_bound():
        terms = rules(server.port)
        wanted = [(Request(url=server.url("/case")), rules(server.port, **case.rules))]
        wanted += [(Request(url=server.url(path)), terms) for path in OTHERS]
        outcome, *others = watched(fetch_all(wanted, fetcher(clock)))
        later = watched(fetch_all([(Request(url=server.url(path)), terms) for path in OTHERS]))
    check(outcome, case)
    if isinstance(outcome, Deferred):
        assert outcome.until - clock.now() <= timedelta(days=1)
        assert all(isinstance(other, Fetched | Deferred) for other in others)
    else:
        assert [other.capture.body for other in others if isinstance(other, Fetched)] == [PAGE] * len(OTHERS)
    assert all(isinstance(other, Fetched) for other in later)


def check(outcome: Outcome, case: Case) -> None:
    """The outcome is the one stated, with a log of all attempts."""
    assert isinstance(outcome, case.outcome), outcome
    if isinstance(outcome, Failed | Deferred):
        assert outcome.reason == case.reason, outcome
        assert outcome.detail
    if isinstance(outcome, Failed):
        assert len(outcome.attempts) == (2 if outcome.transient else 1), outcome.attempts
        assert outcome.attempts[-1].result == case.reason
    if isinstance(outcome, Fetched):
        times = len(case.script) if isinstance(case.script, list) else 1
        assert [attempt.result == "fetched" for attempt in outcome.attempts] == [False] * (times - 1) + [True]


def test_there_are_as_many_as_promised() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 45


def test_all_faults_in_one_run() -> None:
    """Against one server, from one fetcher, on top of one another."""
    scripts = {f"/{n}": case.script for n, case in enumerate(CASES) if case.outcome is not Deferred and not case.also}
    with FaultServer(scripts) as server, memory_bound():
        short = rules(server.port, timeout=3.0, retries=0, concurrency=16)
        wanted = [(Request(url=server.url(path)), short) for path in scripts]
        wanted += [(Request(url=server.url(f"/good/{n}")), rules(server.port)) for n in range(100)]
        outcomes = watched(fetch_all(wanted))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes[len(scripts) :])


def test_nothing_listens() -> None:
    with FaultServer({}) as server:
        port = server.port
    outcome = watched(fetch_all([(Request(url=f"http://127.0.0.1:{port}/"), rules(port))]))[0]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "connect"


def test_giving_up_leaves_nothing_behind() -> None:
    """A run that is cancelled in the middle of a body can be followed by another with the same fetcher."""
    from tests.faults.server import Hang, head

    async def run() -> Outcome:
        async with fetcher() as client:
            task = asyncio.create_task(client.fetch(Request(url=server.url("/slow")), terms))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert client.progress().under_way == 0
            assert client.progress().waiting == {}
            return await client.fetch(Request(url=server.url("/good")), terms)

    with FaultServer({"/slow": (head("Content-Length: 99"), Hang())}) as server:
        terms = rules(server.port, concurrency=1)
        assert isinstance(watched(run()), Fetched)
