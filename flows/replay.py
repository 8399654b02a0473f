"""The flow `replay`: clean again from raw/, without the network."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows import line
from flows.catalog import Entry
from flows.console import progress
from flows.each import each_source
from flows.ingest import clean_and_save
from flows.line import SourceReport, Work
from flows.settings import Settings, load_settings
from pipeline.store import Store


@flow(name="replay", flow_run_name="replay {sources}", persist_result=False)
def replay(sources: list[str], every: bool = False) -> State[list[SourceReport]]:
    """Clean the latest capture of each page of `sources` again, with `every` the whole history; a report for each.

    A new revision is written only where the result differs.
    """
    settings = load_settings()
    return each_source("replay", sources, settings, lambda entry, store: _replay_source(entry, settings, store, every))


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
