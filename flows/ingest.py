"""The flow `ingest`: fetch what is due, clean it, store it. Every step is a task over a batch of pages."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task
from pydantic import Field

from flows import line
from flows.catalog import Entry
from flows.console import progress
from flows.each import each_source
from flows.fetching import fetching
from flows.line import SourceReport, Work
from flows.settings import Settings, load_settings
from pipeline.errors import Terminal, Transient
from pipeline.fetch import Leave, Wait
from pipeline.store import CaptureRef, Page, Store

RETRIES, RETRY_SECONDS = 2, [10.0, 60.0]  # of a whole batch; single pages are retried by the fetcher


def is_transient(task: Task[..., object], run: TaskRun, state: State[object]) -> bool:
    """Whether a failed task should run again."""
    return isinstance(state.result(raise_on_failure=False), Transient)


find_pages = task(name="discover", cache_policy=NO_CACHE)(line.find_pages)
fetch_pages = task(
    name="fetch",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_SECONDS,
    retry_condition_fn=is_transient,
)(line.fetch_pages)
clean_captures = task(name="clean", cache_policy=NO_CACHE)(line.clean_captures)
save_outcomes = task(name="store", cache_policy=NO_CACHE)(line.save_outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of a source is to be ingested: these `urls` only, whether due or not; pages dated since; at most `limit` of those
    found; all pages, due or not."""

    urls: tuple[str, ...] = ()
    since: datetime | None = None
    limit: int | None = None
    force: bool = False


Url = Annotated[str, Field(pattern=r"^https?://")]


@flow(name="ingest", flow_run_name="ingest {sources}", persist_result=False)
def ingest(
    sources: list[str],
    urls: list[Url] | None = None,
    since: date | None = None,
    limit: Annotated[int, Field(ge=1)] | None = None,
    force: bool = False,
) -> State[list[SourceReport]]:
    """Ingest `sources` by name, one after the other; a report for each.

    With `urls` these pages only; with `since` only what feeds and sitemaps date on or after that day; with `limit` at most so
    many of the pages found; with `force` every page found, due or not. The run fails where a source or a page of it did; all
    that was fetched is stored.
    """
    if urls and len(sources) != 1:
        raise Terminal(f"urls belong to one source, and these are {len(sources)}: {', '.join(sources)}")
    settings = load_settings()
    day = datetime.combine(since, time(), UTC) if since else None
    wish = Wish(urls=tuple(urls or ()), since=day, limit=limit, force=force)
    return each_source("ingest", sources, settings, lambda entry, store: _ingest_source(entry, settings, store, wish))


def _ingest_source(entry: Entry, settings: Settings, store: Store, wish: Wish) -> SourceReport:
    with ExitStack() as stack:
        run = stack.enter_context(store.run(entry.source, kind="ingest"))
        session = stack.enter_context(fetching(entry, settings, store.host_budget(Leave, Wait)))
        work = Work(entry.source, run, session)
        clean_pending(work, settings.batch)
        urls, problems = (list(wish.urls), []) if wish.urls else find_pages(work, wish.since, wish.limit)
        run.count(found=len(urls))
        _fetch_and_clean(work, run.due(urls, force=wish.force or bool(wish.urls)), settings.batch)
        return SourceReport(source=run.source, counts=run.figures(), problems=tuple(problems))


def _fetch_and_clean(work: Work, pages: Sequence[Page], size: int) -> None:
    with progress(work.source.name, len(pages)) as bar:
        for start in range(0, len(pages), size):
            batch = pages[start : start + size]
            clean_and_save(work, fetch_pages(work, batch))
            bar.advance(len(batch))


def clean_pending(work: Work, size: int) -> None:
    """Finish what a run that died had fetched and not cleaned."""
    for batch in line.batches(work.run.pending(), size):
        clean_and_save(work, batch)
        work.run.count(recovered=len(batch))


def clean_and_save(work: Work, captures: list[CaptureRef]) -> None:
    """Two tasks over a batch of captures."""
    if captures:
        save_outcomes(work, clean_captures(work, captures))
