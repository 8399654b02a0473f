"""Running a flow by hand in this process, with the Prefect server that is configured, a running service's, or one of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module

from flows import address
from flows.console import say
from flows.line import SourceReport
from flows.server import service_api, standing_in, temporary_server
from flows.settings import Settings, prefect_home, prepare_prefect

DRAIN_SECONDS = 20.0  # for the last events of a run to reach the server


@contextmanager
def prefect_session(settings: Settings) -> Iterator[Callable[[], None]]:
    """A server for flows run inside. Import them first, which takes as long as the server does to start; then call what this yields."""
    ready = prepare_prefect(settings)
    with ExitStack() as stack:
        if not ready.needs_server:
            yield lambda: None
            return
        home = prefect_home()
        own = None if address.running(home) else stack.enter_context(temporary_server(home))
        if own and ready.builds_database:
            say(f"First run: Prefect builds its database under {home} (once, about half a minute).")

        def use() -> None:
            from prefect.events.worker import EventsWorker
            from prefect.settings import PREFECT_API_URL, temporary_settings

            url = None if own else service_api(home)
            if url:
                stack.enter_context(standing_in(home, url))
            else:
                server = own or stack.enter_context(temporary_server(home))
                server.wait()
                url = server.url
            stack.enter_context(temporary_settings({PREFECT_API_URL: url}))
            # What the run told Prefect is sent from a thread of its own; sent to no server, it is tried again for minutes.
            stack.callback(EventsWorker.drain_all, DRAIN_SECONDS, at_exit=False)

        yield use


def run_flow(name: str, settings: Settings, **parameters: object) -> list[SourceReport]:
    """The reports of the flow `name` of the module of that name. Raises what the flow raised."""
    with prefect_session(settings) as ready:
        flow = getattr(import_module(f"flows.{name}"), name)
        ready()
        return _reports(flow(**parameters, return_state=True))


def _reports(state: object) -> list[SourceReport]:
    from prefect.client.schemas.objects import State

    assert isinstance(state, State)
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    assert isinstance(result, list)
    return result
