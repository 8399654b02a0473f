"""One source after the other over one store, for the flows `ingest` and `replay`."""

from collections.abc import Callable, Sequence

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import leave_summary
from flows.catalog import Entry, find
from flows.line import SourceReport
from flows.settings import Settings
from pipeline.errors import SourceBusy, UnscrapeError
from pipeline.store import Store

SUMS = {"confidence_permille"}  # to be divided before it says anything; leave_summary does
Act = Callable[[Entry, Store], SourceReport]


def each_source(kind: str, names: Sequence[str], settings: Settings, act: Act) -> State[list[SourceReport]]:
    """What `act` reports of each source by name, as the state the run ends in, and as its summary.

    A source's failure is reported and does not keep the others from their turn.
    """
    store = Store.open(settings.root, settings.ledger)
    try:
        reports = [_guarded(name, settings, store, act) for name in names]
    finally:
        store.close()
    leave_summary(kind, reports, settings.root)
    message = "; ".join(summary_line(report) for report in reports)
    made = Failed if any(report.failed for report in reports) else Completed
    return made(message=message, data=reports)


def summary_line(report: SourceReport) -> str:
    """A report in one line."""
    if report.busy or report.error:
        return f"{report.source}: {report.busy or report.error}"
    return f"{report.source}: " + (
        ", ".join(f"{n} {name}" for name, n in report.counts.items() if n and name not in SUMS) or "nothing to do"
    )


def _guarded(name: str, settings: Settings, store: Store, act: Act) -> SourceReport:
    try:
        return act(find(name, settings.own_sources), store)
    except SourceBusy as error:
        return SourceReport(source=name, busy=str(error))
    except UnscrapeError as error:
        return SourceReport(source=name, error=str(error))
