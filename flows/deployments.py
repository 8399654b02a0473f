"""What Prefect is told of the sources: deployments, the work pool, and the states of runs. All coroutines take a client."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags, FlowRunFilter
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions, FlowRun, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Cancelled, Cancelling, Crashed, Scheduled
from prefect.utilities.callables import parameter_schema

from flows.ingest import ingest
from flows.replay import replay
from schemas import SourceV1

POOL = "unscrape"
TAG = "unscrape"
SCHEDULED = "-scheduled"  # ends the name of a source's deployment that has the cron; hand runs use the one without
PAGE = 200  # what the API gives at a time

WAITING = (StateType.SCHEDULED,)
UNDER_WAY = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.PAUSED)


async def ensure_pool(client: PrefectClient, pool: str = POOL) -> None:
    """Make the work pool, if it is not there."""
    try:
        await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    except ObjectAlreadyExists:
        return


async def register(client: PrefectClient, sources: Iterable[SourceV1], home: Path, pool: str = POOL) -> dict[str, UUID]:
    """Tell Prefect of `sources` and of no others; the ids of the deployments with a cron, by source.

    Every source gets `ingest/NAME` and `replay/NAME`, to be run by hand: they wait for nobody, and the source's lock keeps two
    runs apart. A source with a cron also gets `ingest/NAME-scheduled`, of which one run exists at a time.
    """
    known: dict[str, UUID] = {}
    kept: set[UUID] = set()
    flows = {flow.name: await client.create_flow_from_name(flow.name) for flow in (ingest, replay)}
    common = {
        "work_pool_name": pool,
        "pull_steps": [],
        "tags": [TAG],
        "enforce_parameter_schema": True,
        # Without a command of its own the worker resolves a workspace first, in two more processes that import Prefect.
        "job_variables": {"command": f"{sys.executable} -m prefect.engine", "working_dir": str(home)},
        "paused": False,
    }
    for source in sources:
        for flow in (ingest, replay):
            kept.add(
                await client.create_deployment(
                    flow_id=flows[flow.name],
                    name=source.name,
                    entrypoint=f"{flow.fn.__module__}.{flow.fn.__name__}",
                    parameters={"sources": [source.name]},
                    parameter_openapi_schema=parameter_schema(flow.fn).model_dump(exclude_unset=True),
                    description=source.description,
                    **common,
                )
            )
    return known
