"""Runs that died without a word, by SIGKILL or with the power: what Prefect shows of them is set right by whoever comes next.

A run by hand is marked, as it begins, with its process. Prefect itself notices a dead run only where a worker of its own had
started it. A run of another machine is never touched: only there is it known what lives.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.flow_engine import run_flow
from prefect.states import Crashed
from prefect.utilities.callables import get_call_parameters

from pipeline.store.locks import Process, this_process

BY_HAND = "by-hand"
PAGE = 200  # what the API gives at a time
UNDER_WAY = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
NO_ID = "-"
MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Owner:
    """The process of a run by hand. `installation` tells systems of one host name apart; it stays when the machine starts anew."""

    process: Process
    installation: str

    @classmethod
    def us(cls) -> Self:
        """The process that asks."""
        return cls(this_process(), _installation())

    @classmethod
    def of(cls, tags: Iterable[str]) -> Self | None:
        """Whoever a run's tags name; None where they name nobody."""
        for tag in tags:
            if found := re.fullmatch(r"process:(\d+)@(\S+) (\d*) (\S+) (\S+)", tag):
                pid, host, started, machine, installation = found.groups()
                return cls(Process(machine, host, int(pid), started), installation)
        return None

    @property
    def tag(self) -> str:
        """What `of` reads."""
        it = self.process
        return f"process:{it.pid}@{it.host} {it.started} {it.machine} {self.installation}"

    def dead(self) -> bool:
        """Whether this is known, here, to live no more: a process of this machine, or of this system before it was started anew."""
        us = Owner.us()
        if self.process.machine == us.process.machine:
            return not self.process.alive()
        ours = (us.process.host, us.installation)
        booted_since = self.process.machine.partition("/")[0] != us.process.machine.partition("/")[0]
        return us.installation != NO_ID and (self.process.host, self.installation) == ours and booted_since


def run_by_hand(flow: Flow[..., Any], parameters: dict[str, Any]) -> State[Any]:
    """The state in which a run of `flow` in this process ends; it is marked from the moment it is there.

    Tags of a context would do so too, but go on to the tasks, which then ask the server for each tag's concurrency limit.
    """
    given = get_call_parameters(flow.fn, (), parameters)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(flow, parameters=flow.serialize_parameters(given), tags=(BY_HAND, Owner.us().tag))
    state = run_flow(flow, run, given, return_type="state")
    assert isinstance(state, State)
    return state


async def every_run(client: PrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    """All runs that `wanted` names, however many."""
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(found)):
        found += page
    return found


async def put_down(client: PrefectClient) -> int:
    """Put down as crashed the runs by hand that seem to be under way and whose process is dead; how many."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(UNDER_WAY))),
        tags=FlowRunFilterTags(all_=[BY_HAND]),
    )
    dead = [(run, owner) for run in await every_run(client, wanted) if (owner := Owner.of(run.tags)) and owner.dead()]
    for run, owner in dead:
        await crash(
            client, run, f"its process ({owner.process}) died; what it stored stays, the next run goes on from there"
        )
    return len(dead)


async def crash(client: PrefectClient, run: FlowRun, why: str) -> None:
    """Put down that `run` died, and its tasks with it, whatever state they seem to be in; its place is free from then on."""
    await client.set_flow_run_state(run.id, Crashed(message=why), force=True)
    tasks = await client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
        task_run_filter=TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=list(UNDER_WAY)))),
        limit=PAGE,
    )
    for task in tasks:
        await client.set_task_run_state(task.id, Crashed(message=why), force=True)


def _installation() -> str:
    """A digest of the system's id, which is not to be shown to others; NO_ID where it has none, as most containers."""
    try:
        id = MACHINE_ID.read_bytes().strip()
    except OSError:
        return NO_ID
    return hashlib.sha256(id).hexdigest()[:8] if id else NO_ID
