"""Several workers and runs on one ledger, on each engine: leases, host budgets, locks."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from pipeline.errors import SourceBusy, StoreError
from pipeline.store import Store
from pipeline.store import ledger as ledgers
from pipeline.store.tables import SCHEMA_VERSION

URLS = [f"https://paper.example/{n}" for n in range(40)]


def test_workers_never_take_the_same_page(store: Store) -> None:
    with store.run("paper") as run:
        run.due(URLS)
        workers = [store.attach(run.id) for _ in range(4)]

        def work(worker: Any) -> list[str]:
            taken = []
            while pages := worker.lease(3):
                taken += [page.url for page in pages]
            return taken

        with ThreadPoolExecutor(4) as pool:
            taken = Counter(url for found in pool.map(work, workers) for url in found)
    assert taken == Counter(URLS)


def test_a_lease_ends(store: Store, clock: Any) -> None:
    with store.run("paper") as run:
        run.due(URLS[:1])
        assert len(run.lease(5, seconds=60)) == 1
        assert run.lease(5) == []
        assert run.due(URLS[:1]) == [], "a leased page is somebody's"
        clock.advance(seconds=61)
        assert len(run.lease(5)) == 1
        run.note_not_modified(URLS[0])
        clock.advance(days=31)
        assert len(run.lease(5)) == 1


def test_nobody_joins_a_run_that_is_over(store: Store) -> None:
    with store.run("paper") as run:
        pass
    with pytest.raises(StoreError, match="is not running"):
        store.attach(run.id)
    with pytest.raises(SourceBusy, match="taken over"):
        run.due(URLS)


def test_one_of_many_gets_the_source(store: Store) -> None:
    def attempt(_: int) -> bool:
        try:
            with store.run("paper"):
                tried.wait(5)
                return True
        except SourceBusy:
            return False

    import threading

    tried = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(attempt, n) for n in range(4)]
        losers = 0
        for _ in range(200):
            losers = sum(result.done() for result in results)
            if losers == 3:
                break
            threading.Event().wait(0.05)
        tried.set()
        assert sorted(result.result() for result in results) == [False, False, False, True]


@dataclass(frozen=True)
class Leave:
    host: str
    token: str


@dataclass(frozen=True)
class Wait:
    seconds: float
    reason: str


@dataclass(frozen=True)
class Limits:
    interval: float = 10
    concurrency: int = 2
    lease: float = 100


def test_hosts_are_shared(store: Store, home: Path, ledger_url: str | None, clock: Any) -> None:
    other = Store.open(home, ledger_url, clock=clock)
    ours, theirs = store.host_budget(Leave, Wait), other.host_budget(Leave, Wait)

    async def story() -> None:
        first = await ours.ask("a.example", Limits())
        assert isinstance(first, Leave)
        assert await theirs.ask("a.example", Limits()) == Wait(10.0, "rate")
        assert isinstance(await theirs.ask("b.example", Limits()), Leave)
        clock.advance(seconds=10)
        second = await theirs.ask("a.example", Limits())
        assert isinstance(second, Leave)
        clock.advance(seconds=10)
        assert (await ours.ask("a.example", Limits())).reason == "concurrency"
        await ours.give_back(first)
        assert isinstance(await ours.ask("a.example", Limits()), Leave)
        clock.advance(seconds=200)
        assert isinstance(await ours.ask("a.example", Limits(concurrency=1)), Leave), "the dead hold nothing for ever"
        until = clock() + timedelta(seconds=60)
        await theirs.hold("a.example", until, "retry-after")
        await theirs.hold("a.example", until - timedelta(seconds=30), "sooner")
        assert await ours.ask("a.example", Limits()) == Wait(60.0, "retry-after")

    asyncio.run(story())
    other.close()


def test_the_ledger_is_upgraded_step_by_step(store: Store) -> None:
    engine = store.ledger.engine
    now = SCHEMA_VERSION
    steps = {
        now: ("ALTER TABLE pages ADD COLUMN colour VARCHAR(9)",),
        now + 1: ("ALTER TABLE pages ADD COLUMN shade VARCHAR(9)",),
    }
    ledgers._upgrade(engine, now + 2, steps)
    assert {"colour", "shade"} <= {column["name"] for column in inspect(engine).get_columns("pages")}
    ledgers._upgrade(engine, now + 2, {})
    with pytest.raises(StoreError, match=f"has schema version {now + 2}, this Unscrape knows {now}: use the newer"):
        ledgers._upgrade(engine, now, {})


def test_other_databases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="speaks of mysql: write sqlite"):
        Store.open(tmp_path, "mysql://localhost/x").sources()


def test_the_ledger_waits_for_its_turn(store: Store) -> None:
    with store.ledger.write() as connection:
        connection.execute(text("SELECT 1"))
    with store.ledger.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
