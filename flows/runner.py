"""Running a flow by hand in this process, with a Prefect server for it where none is configured."""

from contextlib import ExitStack
from importlib import import_module

from flows.console import say
from flows.line import SourceReport
from flows.server import temporary_server
from flows.settings import Settings, prepare_prefect, prefect_home


def run_flow(name: str, settings: Settings, **parameters: object) -> list[SourceReport]:
    """The reports of the flow `name` of the module of that name. Raises what the flow raised."""
    ready = prepare_prefect(settings)
    if ready.builds_database:
        say(f"First run: Prefect builds its database under {prefect_home()} (once, about half a minute).")
    with ExitStack() as stack:
        server = stack.enter_context(temporary_server(prefect_home())) if ready.needs_server else None
        flow = getattr(import_module(f"flows.{name}"), name)  # Prefect is imported while the server starts
        if server:
            stack.enter_context(_use(server.url))
            server.wait()
        return _reports(flow(**parameters, return_state=True))


def _use(url: str) -> ExitStack:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    stack = ExitStack()
    stack.enter_context(temporary_settings({PREFECT_API_URL: url}))
    return stack


def _reports(state: object) -> list[SourceReport]:
    from prefect.client.schemas.objects import State

    assert isinstance(state, State)
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    assert isinstance(result, list)
    return result
