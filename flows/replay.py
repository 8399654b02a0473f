"""The flow `replay`: clean again from raw/, without the network."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows import line
from flows.artifacts import leave_summary
from flows.catalog import Entry, find
from flows.console import progress
from flows.ingest import clean_and_save, state_of
from flows.line import SourceReport, Work
from flows.settings import Settings, load_settings
from pipeline.errors import SourceBusy, UnscrapeError
from pipeline.store import Store


@flow(name="replay", flow_run_name="replay {sources}", persist_result=False)
def replay(sources: list[str], every: bool = False) -> State[list[SourceReport]]:
    """Clean the latest capture of each page of `sources` again, with `every` the whole history; a report for each.

    A new revision is written only where the result differs.
    """
    settings = load_settings()
    store = Store.open(settings.root, settings.ledger)
    try:
        reports = [_guarded(name, settings, store, every) for name in sources]
    finally:
        store.close()
    leave_summary("replay", reports, settings.root)
    return state_of(reports)


def _guarded(name: str, settings: Settings, store: Store, every: bool) -> SourceReport:
    try:
        return _replay_source(find(name, settings.own_sources), settings, store, every)
    except SourceBusy as error:
        return SourceReport(source=name, busy=str(error))
    except UnscrapeError as error:
        return SourceReport(source=name, error=str(error))


def _replay_source(entry: Entry, settings: Settings, store: Store, every: bool) -> SourceReport:
    name = entry.source.name
    with store.run(entry.source, kind="replay") as run, progress(name) as bar:
        captures = store.all_captures(name) if every else store.latest_captures(name)
        work = Work(entry.source, run)
        for batch in line.batches(captures, settings.batch):
            clean_and_save(work, batch)
            run.count(replayed=len(batch))
            bar.advance(len(batch))
        return SourceReport(source=name, counts=run.figures())
