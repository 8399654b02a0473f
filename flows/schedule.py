"""`unscrape schedule`: the service. Every enabled source is ingested on its own cron until the service is told to stop.

    this process ── watches ──> prefect server   (unless PREFECT_API_URL names one)
                 ── watches ──> prefect worker ──> one process a run

Starting: server, then what a dead service left is set right, then deployments, then one run for each source that missed its
time, then the worker. Stopping: schedules are paused, runs are cancelled, then worker and server end. The ledger holds what was
done; whatever is killed, the next run of the source goes on from there.
"""

import asyncio
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from httpx import HTTPError
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, StateType

from flows import address, catalog, dead_runs, deployments, logs, metrics
from flows.children import Child
from flows.console import BUSY, DONE, FAILED, complain, say
from flows.cron import missed, next_time
from flows.server import healthy
from flows.settings import Settings, prefect_home
from flows.trouble import explained
from pipeline.errors import Terminal
from pipeline.store import RunInfo, Store
from schemas import SourceV1

PORT = 4200  # Prefect's own; the next free one where it is taken
PORTS = 50
READY = 240.0  # seconds for a server to come up: a fresh database took 142 on a busy machine
SILENT = 20.0  # seconds of that without a word
TICK = 15.0  # seconds between two looks at the runs
CANCEL_GRACE = 30.0  # seconds a run has to end when the service stops
STOPPED = "the service was stopped; the next run goes on from the ledger"
STOP_GRACE = 20.0  # seconds a server or worker has


class ServiceError(Terminal):
    """The service cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How the service runs: `limit` runs at a time, in the work `pool`, the server's `port` where one is started."""

    limit: int = 2
    port: int | None = None
    pool: str = deployments.POOL


def main(settings: Settings, service: Service = Service()) -> int:
    """Run the service until SIGTERM or SIGINT; returns the exit code: 0 stopped as asked, 1 could not go on, 3 it runs already.

    The environment must have been prepared for Prefect (`prepare_prefect(settings, one_run=False)`) before this module is
    imported. Raises SourceError where a source's file is wrong.
    """
    sources = [entry.source for entry in catalog.enabled(settings.own_sources)]
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(settings.root))
        except BlockingIOError:
            complain(f"a service runs already for {settings.root} (process {_holder(settings.root)})")
            return BUSY
        try:
            asyncio.run(serve(settings, service, sources))
        except (Terminal, HTTPError, OSError) as error:
            complain(f"the service cannot go on: {explained(error) or error}")
            return FAILED
    return DONE


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the home's service lock, which dies with this process. Raises BlockingIOError where another service holds it."""
    path = _lock_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _lock_path(home: Path) -> Path:
    return home / ".prefect" / "service.lock"


def _holder(home: Path) -> str:
    return _lock_path(home).read_text(encoding="ascii").strip() or "unknown"


async def serve(settings: Settings, service: Service, sources: Sequence[SourceV1]) -> None:
    """The service's life, from its first child to its last."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(_server(settings, service))
        client = await stack.enter_async_context(PrefectClient(api=api))
        await _ready(client, api, stop)
        if stop.is_set():
            return
        await set_right(client, service.pool)
        await deployments.ensure_pool(client, service.pool)
        ids = await deployments.register(client, sources, settings.root, service.pool)
        await catch_up(client, settings, sources, ids)
        stack.push_async_callback(_settle, client, service.pool)
        worker = _worker(settings, service, api)
        await stack.enter_async_context(_running(worker, signal.SIGTERM))
        stack.push_async_callback(_wind_down, client, service.pool)
        if settings.metrics_port is not None:
            stack.enter_context(_metrics(settings, [worker]))
        announce(sources, api)
        await _until(stop, client, service.pool)
        say("stopping: runs under way are cancelled, what they stored stays")


def announce(sources: Sequence[SourceV1], api: str) -> None:
    """Say where the interface is and when each source runs next."""
    say(f"Prefect's interface: {api.removesuffix('/api')}")
    now = datetime.now(UTC)
    for source in sources:
        at = next_time(source.schedule, now)
        if at is None:
            say(f"{source.name}: no cron; by hand: prefect deployment run 'ingest/{source.name}'")
        else:
            say(f"{source.name}: next run {at:%Y-%m-%d %H:%M} UTC ({source.schedule.cron}, {source.schedule.timezone})")


@asynccontextmanager
async def _server(settings: Settings, service: Service) -> AsyncIterator[str]:
    """The address of a server's API: the one that is configured, or one started for as long as this lasts."""
    configured = os.environ.get("PREFECT_API_URL")
    if configured:
        yield configured
        return
    standing_in = address.running(prefect_home(), address.SHARED)
    port = service.port or free_port(PORT, ours=urlsplit(standing_in.api).port if standing_in else None)
    api = f"http://127.0.0.1:{port}/api"
    child = Child(
        "Prefect's server",
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env={"PREFECT_UI_API_URL": api, "PREFECT_SERVER_UI_API_URL": api, **logs.environment(settings.log_json)},
        cwd=settings.root,
        log=settings.root / ".prefect" / "service-server.log",
    )
    with address.announced(prefect_home(), api):
        await asyncio.to_thread(_take_over, prefect_home(), api)
        async with _running(child, signal.SIGTERM):
            yield api


def _take_over(home: Path, api: str) -> None:
    """See to the server of commands by hand, if one lives: at our address it ends, as ours will answer for it, which its commands
    wait for; elsewhere it goes on, but two must not build the database at once."""
    until = time.monotonic() + READY
    while (other := address.running(home, address.SHARED)) and time.monotonic() < until:
        if other.api == api:
            with suppress(ProcessLookupError):
                os.kill(other.pid, signal.SIGTERM)
            address.wait_for_end(home)
            return
        if healthy(other.api):
            return
        time.sleep(0.5)


def free_port(first: int, *, ours: int | None = None) -> int:
    """The first port of 127.0.0.1 from `first` on that is free, or `ours`. Raises ServiceError where PORTS in a row are taken."""
    for port in range(first, first + PORTS):
        if port == ours:
            return port
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServiceError(f"the ports {first} to {first + PORTS - 1} of 127.0.0.1 are all taken: give one with --port")


@asynccontextmanager
async def _running(child: Child, sign: signal.Signals) -> AsyncIterator[None]:
    """`child`, started and watched for as long as this lasts, then ended by `sign`."""
    await child.start()
    watch = asyncio.create_task(child.watch())
    try:
        yield
    finally:
        watch.cancel()
        await child.stop(sign, STOP_GRACE)


async def _ready(client: PrefectClient, api: str, stop: asyncio.Event) -> None:
    """Wait for the server, or for `stop`. Raises ServiceError where it does not come up."""
    began, patience = asyncio.get_running_loop().time(), SILENT
    while (problem := await client.api_healthcheck()) is not None and not stop.is_set():
        waited = asyncio.get_running_loop().time() - began
        if waited > READY:
            raise ServiceError(f"Prefect's server at {api} did not answer within {READY:.0f} s: {problem}")
        if waited > patience:
            say(f"waiting for Prefect's server at {api} ({problem}), for {READY:.0f} s at most")
            patience = READY
        await asyncio.sleep(0.5)


def _worker(settings: Settings, service: Service, api: str) -> Child:
    return Child(
        "Prefect's worker",
        [
            *(sys.executable, "-m", "prefect", "worker", "start", "--type", "process"),
            *("--pool", service.pool, "--limit", str(service.limit), "--name", f"unscrape@{socket.gethostname()}"),
        ],
        env={"PREFECT_API_URL": api, "UNSCRAPE_HOME": str(settings.root), **logs.environment(settings.log_json)},
        cwd=settings.root,
    )


async def set_right(client: PrefectClient, pool: str) -> None:
    """After a service that did not stop by itself: runs it planned are forgotten (`catch_up` decides anew), runs without a worker
    are ended and put down as crashed, so that they block nothing."""
    await deployments.forget_waiting(client, pool)
    for run in await deployments.runs(client, pool, dead_runs.UNDER_WAY):
        end_process(run)
        await dead_runs.crash(client, run, "its service died; the next run goes on from the ledger")
    await dead_runs.put_down(client)


def process_of(run: FlowRun) -> int | None:
    """The id of the process that executes `run` on this machine, if it lives: not of another that got its number."""
    pid = run.infrastructure_pid or ""
    if not pid.isdigit():
        return None
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None
    return int(pid) if f"PREFECT__FLOW_RUN_ID={run.id}".encode() in environment.split(b"\0") else None


def end_process(run: FlowRun) -> None:
    """Kill the process that executes `run`, if it lives. It writes nothing that is not whole."""
    pid = process_of(run)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def catch_up(
    client: PrefectClient, settings: Settings, sources: Sequence[SourceV1], ids: Mapping[str, UUID]
) -> None:
    """One run now for each source that missed its time, or whose last run was broken off."""
    now = datetime.now(UTC)
    store = Store.open(settings.root, settings.ledger)
    try:
        last = {source.name: _last_ingest(store.runs(source.name)) for source in sources}
    finally:
        store.close()
    for source in sources:
        run = last[source.name]
        if source.name not in ids or run is None:
            continue
        ended_well = run.state not in {"running", "lost"} and not await deployments.broken_off(client, ids[source.name])
        if missed(source.schedule, now, run.started_at, ended_well=ended_well):
            await deployments.run_now(client, ids[source.name], "catching up")
            say(f"{source.name}: catching up with one run now (the last began {run.started_at:%Y-%m-%d %H:%M} UTC)")


def _last_ingest(runs: Sequence[RunInfo]) -> RunInfo | None:
    return next((run for run in runs if run.kind == "ingest"), None)


async def _until(stop: asyncio.Event, client: PrefectClient, pool: str) -> None:
    """Look after the runs until `stop`: those whose process died without a word are put down as crashed.

    A run is given two looks: between its start and the note of its process there is a moment without either.
    """
    suspects: set[UUID] = set()
    while True:
        try:
            await asyncio.wait_for(stop.wait(), TICK)
            return
        except TimeoutError:
            suspects = await reap(client, pool, suspects)


async def reap(client: PrefectClient, pool: str, suspects: set[UUID]) -> set[UUID]:
    """Put down as crashed the runs among `suspects` that are still without a living process; those found so now."""
    if await client.api_healthcheck() is not None:
        return suspects
    dead = [run for run in await deployments.runs(client, pool, (StateType.RUNNING,)) if process_of(run) is None]
    for run in dead:
        if run.id in suspects:
            await dead_runs.crash(client, run, "its process died; the next run goes on from the ledger")
    await dead_runs.put_down(client)
    return {run.id for run in dead}


async def _wind_down(client: PrefectClient, pool: str) -> None:
    """Pause the schedules and have the worker, which must still be there, cancel what is under way."""
    await deployments.pause(client, pool)
    await deployments.forget_waiting(client, pool)
    for run in await deployments.runs(client, pool, dead_runs.UNDER_WAY):
        await deployments.cancel(client, run, STOPPED)
    deadline = asyncio.get_running_loop().time() + CANCEL_GRACE
    while await deployments.runs(client, pool, dead_runs.UNDER_WAY):
        if asyncio.get_running_loop().time() > deadline:
            complain(f"some runs did not end within {CANCEL_GRACE:.0f} s; killing them")
            return
        await asyncio.sleep(0.5)


async def _settle(client: PrefectClient, pool: str) -> None:
    """Once the worker is gone: nothing is under way any more, whatever was left of it."""
    for run in await deployments.runs(client, pool, dead_runs.UNDER_WAY):
        end_process(run)
        await deployments.cancel(client, run, STOPPED, force=True)


@contextmanager
def _metrics(settings: Settings, children: Sequence[Child]) -> Iterator[None]:
    """Prometheus metrics, for as long as this lasts. Raises OSError where the port is taken."""
    collector = metrics.LedgerCollector(
        lambda: Store.open(settings.root, settings.ledger), lambda: {child.name: child.restarts for child in children}
    )
    with metrics.served(collector, settings.metrics_port or 0) as port:
        say(f"metrics: http://127.0.0.1:{port}/metrics")
        yield
