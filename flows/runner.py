"""Running a flow by hand in this process, with the Prefect server that is configured, a running service's, or one of its own."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module

from flows import address
from flows.console import say
from flows.line import SourceReport
from flows.server import service_api, standing_in, temporary_server
from flows.settings import Settings, prefect_home, prepare_prefect
from pipeline.errors import Transient

DRAIN_SECONDS = 20.0  # for the last events of a run to reach the server


@contextmanager
def prefect_session(settings: Settings) -> Iterator[Callable[[], None]]:
    """A server for flows run inside. Import them first, which takes as long as the server does to start; then call what this yields.

    That raises Transient where the server does not answer.
    """
    ready = prepare_prefect(settings)
    with ExitStack() as stack:
        if not ready.needs_server:
            yield lambda: asyncio.run(_greet(os.environ["PREFECT_API_URL"]))
            return
        home = prefect_home()
        server = stack.enter_context(temporary_server(home))
        if address.running(home) is None and server.start() and ready.builds_database:
            say(f"First run: Prefect builds its database under {home} (once, about half a minute).")

        def use() -> None:
            from prefect.events.worker import EventsWorker
            from prefect.settings import PREFECT_API_URL, temporary_settings

            url = service_api(home) or server.wait()
            stack.enter_context(standing_in(home, url))
            stack.enter_context(temporary_settings({PREFECT_API_URL: url}))
            # What the run told Prefect is sent from a thread of its own; sent to no server, it is tried again for minutes.
            stack.callback(EventsWorker.drain_all, DRAIN_SECONDS, at_exit=False)
            asyncio.run(_greet(url))

        yield use


async def _greet(api: str) -> None:
    """See that the server answers, and set right what it has of runs by hand that were killed."""
    from httpx import HTTPError
    from prefect.client.orchestration import get_client

    from flows import dead_runs

    try:
        async with get_client() as client:
            await dead_runs.put_down(client)
    except HTTPError as error:
        raise Transient(
            f"Prefect's server at {api} does not answer as it should: {error}: start it, or unset PREFECT_API_URL"
        ) from error


def run_flow(name: str, settings: Settings, **parameters: object) -> list[SourceReport]:
    """The reports of the flow `name` of the module of that name. Raises what the flow raised."""
    with prefect_session(settings) as ready:
        flow = getattr(import_module(f"flows.{name}"), name)
        ready()
        from flows.dead_runs import run_by_hand

        result = run_by_hand(flow, parameters).result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    assert isinstance(result, list)
    return result
