"""What Prefect is told of the sources: deployments, the work pool, the states of runs. All coroutines take a client."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions, FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Cancelled, Cancelling, Scheduled
from prefect.utilities.callables import parameter_schema

from flows import deployed
from flows.dead_runs import PAGE, every_run
from schemas import SourceV1

POOL = "unscrape"
TAG = "unscrape"
CATCH_UP = "catch-up"  # the tag of a run that a start asked for
SCHEDULED = "-scheduled"  # ends the name of the deployment with the cron; hand runs use the one without

WAITING = (StateType.SCHEDULED,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A flow to be run with these parameters: by hand, or by `cron` in `zone`."""

    name: str
    flow: Any
    parameters: dict[str, Any]
    description: str = ""
    cron: str | None = None
    zone: str = "UTC"


def deployments_of(source: SourceV1) -> list[Deployment]:
    """`ingest/NAME` and `replay/NAME`, to be run by hand, and, with a cron, `ingest/NAME-scheduled`."""
    common: dict[str, Any] = {"parameters": {"sources": [source.name]}, "description": source.description}
    made = [Deployment(name=source.name, flow=flow, **common) for flow in (deployed.ingest, deployed.replay)]
    cron, zone = source.schedule.cron, source.schedule.timezone
    if cron is not None:
        made.append(Deployment(name=source.name + SCHEDULED, flow=deployed.ingest, cron=cron, zone=zone, **common))
    return made


async def ensure_pool(client: PrefectClient, pool: str) -> None:
    """Make the work pool, if it is not there."""
    try:
        await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    except ObjectAlreadyExists:
        return


async def register(client: PrefectClient, sources: Iterable[SourceV1], home: Path, pool: str) -> dict[str, UUID]:
    """Tell Prefect of `sources` and of no others; the ids of the scheduled deployments by source."""
    ids: dict[str, UUID] = {}
    kept: set[UUID] = set()
    for source in sources:
        for deployment in deployments_of(source):
            id = await _create(client, deployment, home, pool)
            kept.add(id)
            if deployment.cron is not None:
                ids[source.name] = id
    for old in await ours(client, pool):
        if old.id not in kept:
            await client.delete_deployment(old.id)
    return ids


async def _create(client: PrefectClient, deployment: Deployment, home: Path, pool: str) -> UUID:
    """Make or replace one deployment. A scheduled one has one run at a time: what comes meanwhile is cancelled, so that after a
    time of rest one run catches up, not all that were missed."""
    flow = deployment.flow
    alone = deployment.cron is not None
    return await client.create_deployment(
        flow_id=await client.create_flow_from_name(flow.name),
        name=deployment.name,
        description=deployment.description,
        tags=[TAG],
        entrypoint=f"{deployed.__name__}.{flow.name}",
        pull_steps=[],
        parameters=deployment.parameters,
        parameter_openapi_schema=parameter_schema(flow.fn).model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
        schedules=[_schedule(deployment)] if alone else [],
        concurrency_limit=1 if alone else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
        if alone
        else None,
        work_pool_name=pool,
        # With no command of its own the worker first prepares a workspace, in a second process that imports Prefect.
        job_variables={"command": shlex.join([sys.executable, "-m", "prefect.engine"]), "working_dir": str(home)},
        paused=False,
    )


def _schedule(deployment: Deployment) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(schedule=CronSchedule(cron=deployment.cron or "", timezone=deployment.zone))


async def ours(client: PrefectClient, pool: str) -> list[DeploymentResponse]:
    """The deployments this program made for `pool`."""
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found: list[DeploymentResponse] = []
    while page := await client.read_deployments(deployment_filter=tagged, limit=PAGE, offset=len(found)):
        found += page
    return [deployment for deployment in found if deployment.work_pool_name == pool]


async def pause(client: PrefectClient, pool: str) -> None:
    """Pause what is scheduled: no run comes until `register` is called again. Runs that wait are dropped with it."""
    for deployment in await ours(client, pool):
        if deployment.schedules:
            await client.pause_deployment(deployment.id)


async def runs(client: PrefectClient, pool: str, states: Sequence[StateType]) -> list[FlowRun]:
    """The runs of our deployments in one of `states`."""
    known = {deployment.id for deployment in await ours(client, pool)}
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))))
    return [run for run in await every_run(client, wanted) if run.deployment_id in known]


async def forget_waiting(client: PrefectClient, pool: str) -> int:
    """Delete the runs that a schedule planned, or a start to catch up, and nobody began; how many. Those asked for by hand stay."""
    waiting = [run for run in await runs(client, pool, WAITING) if run.auto_scheduled or CATCH_UP in run.tags]
    for run in waiting:
        await client.delete_flow_run(run.id)
    return len(waiting)


async def cancel(client: PrefectClient, run: FlowRun, why: str, *, force: bool = False) -> None:
    """Ask the worker to end `run`; with `force`, put down that it ended."""
    state: State[None] = Cancelled(message=why) if force else Cancelling(message=why)
    try:
        await client.set_flow_run_state(run.id, state, force=force)
    except ObjectNotFound:
        return


async def broken_off(client: PrefectClient, deployment: UUID) -> bool:
    """Whether the last run of a deployment that had a process was cancelled or crashed."""
    ended = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]), start_time=FlowRunFilterStartTime(is_null_=False)
    )
    newest = await client.read_flow_runs(flow_run_filter=ended, sort=FlowRunSort.START_TIME_DESC, limit=PAGE)
    # One that was cancelled because another was under way has a start time too, but never had a process.
    last = next((run for run in newest if run.infrastructure_pid), None)
    return last is not None and last.state_type in {StateType.CANCELLED, StateType.CRASHED}


async def run_now(client: PrefectClient, deployment: UUID, why: str) -> FlowRun:
    """Have a deployment run at once."""
    return await client.create_flow_run_from_deployment(deployment, state=Scheduled(message=why), tags=[CATCH_UP])
