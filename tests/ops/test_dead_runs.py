"""Which runs by hand are known to be dead: those of this machine whose process is, and never another's."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from flows import dead_runs, deployments
from flows.dead_runs import BY_HAND, Owner
from pipeline.store.locks import Process

US = Owner.us()


def other(**changes: Any) -> Owner:
    return replace(US, process=replace(US.process, **changes))


def gone() -> Owner:
    """A process of this machine that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    return other(pid=ended.pid, started="1")


BOOT, _, NAMESPACE = US.process.machine.partition("/")


def test_a_tag_names_the_process() -> None:
    assert Owner.of(["catch-up", US.tag, BY_HAND]) == US
    assert US.process.pid == os.getpid()
    assert Owner.of([BY_HAND, "process:me"]) is None


def test_a_living_process_is_not_dead_and_an_ended_one_is() -> None:
    assert not US.dead()
    assert gone().dead()


def test_the_number_of_a_dead_process_may_be_anothers_by_now() -> None:
    assert other(started="1").dead()


@pytest.mark.parametrize(
    "stranger",
    [
        Owner(Process("5b1c/pid:[1]", "elsewhere", os.getpid(), "1"), "aaaaaaaa"),
        Owner(Process("5b1c/pid:[1]", US.process.host, os.getpid(), "1"), "aaaaaaaa"),
        Owner(Process("5b1c/pid:[1]", "elsewhere", os.getpid(), "1"), US.installation),
        other(machine=f"{BOOT}/pid:[1]", pid=1, started="1"),
    ],
    ids=["another host", "another of the same name", "another name", "another container of this machine"],
)
def test_of_other_machines_nothing_is_known(stranger: Owner) -> None:
    assert not stranger.dead()


def test_nothing_lives_from_before_the_machine_was_started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_runs, "_installation", lambda: "0123abcd")
    before = Owner(replace(US.process, machine=f"an-earlier-boot/{NAMESPACE}"), "0123abcd")
    assert before.dead()


def test_without_an_id_of_the_system_an_earlier_boot_may_be_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_runs, "_installation", lambda: dead_runs.NO_ID)
    assert not Owner(replace(US.process, machine=f"an-earlier-boot/{NAMESPACE}"), dead_runs.NO_ID).dead()


class Server:
    """What Prefect has under way, and what it is told."""

    def __init__(self, *tags: list[str]) -> None:
        self.runs = [SimpleNamespace(id=uuid4(), tags=some) for some in tags]
        self.task = SimpleNamespace(id=uuid4())
        self.told: dict[object, str] = {}

    async def read_flow_runs(self, *, offset: int, **_: object) -> list[SimpleNamespace]:
        return self.runs[offset:]

    async def read_task_runs(self, **_: object) -> list[SimpleNamespace]:
        return [self.task]

    async def set_flow_run_state(self, id: object, state: Any, force: bool) -> None:
        assert force
        self.told[id] = f"{state.name}: {state.message}"

    set_task_run_state = set_flow_run_state


def test_only_the_dead_are_put_down_with_their_tasks() -> None:
    dead = gone()
    abroad = Owner(Process("5b1c/pid:[1]", "elsewhere", dead.process.pid, "1"), "aaaaaaaa")
    server = Server([BY_HAND, US.tag], [BY_HAND, dead.tag], [BY_HAND, abroad.tag], [BY_HAND])
    assert asyncio.run(dead_runs.put_down(server)) == 1  # type: ignore[arg-type]
    assert set(server.told) == {server.runs[1].id, server.task.id}
    assert all(f"Crashed: its process ({dead.process}) died" in said for said in server.told.values())


def test_a_run_to_catch_up_that_never_began_is_forgotten_or_the_next_start_would_make_a_second() -> None:
    deployment = SimpleNamespace(id=uuid4(), work_pool_name="pool")
    planned, catching_up, asked_for, elsewhere = (
        SimpleNamespace(id=uuid4(), deployment_id=at, auto_scheduled=by_cron, tags=tags)
        for at, by_cron, tags in (
            (deployment.id, True, ["unscrape", "auto-scheduled"]),
            (deployment.id, False, ["unscrape", "catch-up"]),
            (deployment.id, False, ["unscrape"]),
            (uuid4(), True, []),
        )
    )
    deleted: list[object] = []

    class Waiting:
        async def read_deployments(self, *, offset: int, **_: object) -> list[SimpleNamespace]:
            return [deployment][offset:]

        async def read_flow_runs(self, *, offset: int, **_: object) -> list[SimpleNamespace]:
            return [planned, catching_up, asked_for, elsewhere][offset:]

        async def delete_flow_run(self, id: object) -> None:
            deleted.append(id)

    assert asyncio.run(deployments.forget_waiting(Waiting(), "pool")) == 2  # type: ignore[arg-type]
    assert deleted == [planned.id, catching_up.id]
