"""`unscrape bulk`: many captures → many records, in shards, on the processes of this machine or on a Dask cluster.

Two stages, one Prefect task each: plan (inputs → shards) and clean (shards → records). A task hands plain functions to workers
that know nothing of Prefect. A second run does what the first left undone, and what changed since.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from typing import Any
from uuid import UUID

import fsspec
from prefect import flow, task
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import catalog, console, shards, workers
from flows.dead_runs import run_by_hand
from flows.settings import load_settings
from flows.shards import Done, Job, Plan, Shard
from schemas import SourceV1

PAGES = ("records", "unchanged", "quarantined", "rejected", "crashed")  # what becomes of a document
COUNTS = (*PAGES, "bytes_in", "bytes_out")
BODIES = re.compile("[0-9a-f][0-9a-f]")  # folders of a source under raw/
NOTE_EVERY = 5.0  # seconds between two notes of the progress to Prefect

Failures = list[tuple[str, str]]
Outcomes = Iterator[workers.Outcome[Any, Any]]
Run = Callable[[Callable[[Any], Any], Iterable[Any]], Outcomes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What to do: WARC files, globs or folders of them, a home, its raw/ or one source's folder there, as any path of fsspec's.

    `out` gets v1/, rejected/, done/ and plan/. `source` names the description for all captures; without it, those under raw/ go by
    that of their folder's name. `scheduler` is the address of a Dask scheduler; else `processes` of this machine work (default:
    one a core). `pages` captures of a large WARC file make a shard.
    """

    inputs: Sequence[str]
    out: str
    source: str | None = None
    scheduler: str | None = None
    processes: int | None = None
    pages: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a bulk run did. `skipped` shards were done before; `failed` are (input or shard, why). `cpu_seconds` are the shards',
    `seconds` the run's; `peak_bytes` is the memory of the largest worker."""

    shards: int = 0
    skipped: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    peak_bytes: int = 0

    @property
    def broken(self) -> bool:
        """Whether something failed that should not: a shard, or a page that broke a stage."""
        return bool(self.failed or self.counts.get("crashed"))


def main(what: Bulk) -> int:
    """Run the flow and print what it did; returns the exit code: 0 done, 1 a shard failed or a page broke a stage.

    Raises UsageError where an input is none.
    """
    inputs = [path for given in what.inputs for path in found(absolute(given))]
    state = run_by_hand(bulk, {**asdict(what), "inputs": inputs})
    summary: object = state.result(raise_on_failure=False)
    if isinstance(summary, Exception):
        raise summary
    assert isinstance(summary, Summary)
    console.table(f"bulk → {what.out}", ("what", "how much"), rows(summary))
    for name, why in summary.failed:
        console.complain(f"{name} failed {workers.ATTEMPTS} times: {why}")
    return console.FAILED if summary.broken else console.DONE


@flow(name="bulk", flow_run_name="bulk → {out}", persist_result=False)
def bulk(
    inputs: list[str],
    out: str,
    source: str | None = None,
    scheduler: str | None = None,
    processes: int | None = None,
    pages: int = 500,
) -> State[Summary]:
    """Plan, then clean what is not done yet. The parameters are those of `Bulk`; the result is a Summary."""
    began, out = time.monotonic(), absolute(out)
    describe = cache(partial(description, source))
    plans = [Plan(path=path, out=out, pages=pages) for given in inputs for path in found(absolute(given))]
    with crew(scheduler, processes) as run:
        planned, unread = plan(partial(run, shards.plan_shards, plans), "inputs planned", len(plans))
        jobs = [job(shard, out, describe(shard.source)) for some in planned for shard in some]
        todo = shards.left(jobs, out)
        done, failed = clean(partial(run, shards.clean_shard, todo), "shards cleaned", len(todo))
    summary = total(done, [*unread, *failed], skipped=len(jobs) - len(todo), seconds=time.monotonic() - began)
    create_table_artifact([{"what": what, "how much": count} for what, count in rows(summary)], key="bulk")
    state = Failed if summary.broken else Completed
    return state(message=f"{summary.shards} shards done, {len(summary.failed)} failed", data=summary)


def gather(start: Callable[[], Outcomes], label: str, count: int) -> tuple[list[Any], Failures]:
    """The results and the failures of the `count` outcomes that `start` gives; progress is shown on the way."""
    results: list[Any] = []
    failures: Failures = []
    note = noting(label, count)
    with console.progress(label, count) as progress:
        for outcome in start():
            if outcome.error is None:
                results.append(outcome.result)
            else:
                failures.append((outcome.job.name, outcome.error))
            progress.advance()
            note(progress.done)
    return results, failures


plan = task(name="plan", cache_policy=NO_CACHE)(gather)
clean = task(name="clean", cache_policy=NO_CACHE)(gather)


def noting(label: str, count: int) -> Callable[[int], None]:
    """A function that tells Prefect how many of `count` are done, not oftener than every NOTE_EVERY seconds."""
    artifact, last = create_progress_artifact(0.0, description=label), time.monotonic()
    assert isinstance(artifact, UUID)

    def note(done: int) -> None:
        nonlocal last
        if done == count or time.monotonic() - last >= NOTE_EVERY:
            last = time.monotonic()
            update_progress_artifact(artifact, 100.0 * done / count)

    return note


@contextmanager
def crew(scheduler: str | None, processes: int | None) -> Iterator[Run]:
    """What runs plain functions: the workers of a Dask cluster, or processes of this machine."""
    if scheduler is None:
        yield partial(workers.on_processes, processes=processes or os.cpu_count() or 1)
        return
    workers.quiet_dask()
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        yield partial(workers.on_dask, client=client)


def found(given: str) -> list[str]:
    """The inputs that `given` names: WARC files, or folders of sources under raw/. Raises UsageError where there are none."""
    fs, path = fsspec.url_to_fs(given)
    whole = fs.unstrip_protocol if "://" in given else str
    if fs.isdir(path):
        names = [name for name in fs.find(path) if name.endswith(shards.WARC_ENDINGS)] or _sources(fs, path)
    else:  # what is there may be called as a pattern is written
        names = [path] if fs.isfile(path) else fs.glob(path)
    if not names:
        raise console.UsageError(f"{given}: no WARC file ({', '.join(shards.WARC_ENDINGS)}) and no raw/ is there")
    return [whole(name) for name in sorted(names)]


def _sources(fs: Any, path: str) -> list[str]:
    """The folders of sources in a home, in its raw/, or the one that `path` is."""
    for some in ([path.rstrip("/")], _folders(fs, path), _folders(fs, f"{path}/raw")):
        found = [one for one in some if any(BODIES.fullmatch(name.rpartition("/")[2]) for name in _folders(fs, one))]
        if found:
            return sorted(found)
    return []


def _folders(fs: Any, path: str) -> list[str]:
    """The folders in `path`; none where it is no folder itself."""
    if not fs.isdir(path):
        return []
    return [entry["name"].rstrip("/") for entry in fs.ls(path, detail=True) if entry["type"] == "directory"]


def absolute(path: str) -> str:
    """`path` so that every worker finds the same place by it."""
    return path if "://" in path else os.path.abspath(os.path.expanduser(path))


def description(name: str | None, folder: str | None) -> SourceV1 | None:
    """The source called `name`, or else the one called as the captures' folder, if there is one. Raises SourceError for a wrong
    `name`."""
    own = load_settings().own_sources
    if name is not None:
        return catalog.find(name, own).source
    entry = catalog.entries(own).get(folder) if folder else None
    return entry.source if entry else None


def job(shard: Shard, out: str, source: SourceV1 | None) -> Job:
    """The job of cleaning `shard` into `out`."""
    return Job(shard=shard, out=out, key=shards.key(shard, source), pipeline=shards.pipeline_version(), source=source)


def total(done: Iterable[Done], failed: Failures, *, skipped: int, seconds: float) -> Summary:
    """What a run's shards add up to."""
    done = list(done)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for one in done:
        counts.update({name: getattr(one, name) for name in COUNTS})
        reasons.update(one.reasons)
    return Summary(
        shards=len(done),
        skipped=skipped,
        failed=tuple(failed),
        counts=dict(counts),
        reasons=dict(reasons.most_common()),
        cpu_seconds=sum(one.cpu_seconds for one in done),
        seconds=seconds,
        peak_bytes=max((one.peak_bytes for one in done), default=0),
    )


def rows(summary: Summary) -> list[tuple[str, str]]:
    """The summary for people, line by line."""
    counts = Counter(summary.counts)
    pages = sum(counts[name] for name in PAGES)
    figures = [
        ("shards done", f"{summary.shards:,}"),
        ("shards done before", f"{summary.skipped:,}"),
        ("shards failed", f"{len(summary.failed):,}"),
        *((name, f"{counts[name]:,}") for name in PAGES),
        ("bytes in", f"{counts['bytes_in']:,}"),
        ("bytes out", f"{counts['bytes_out']:,}"),
        ("CPU seconds", f"{summary.cpu_seconds:,.1f}"),
        ("pages a CPU second", f"{pages / summary.cpu_seconds:,.1f}" if summary.cpu_seconds else "-"),
        ("pages a second", f"{pages / summary.seconds:,.1f}" if summary.seconds else "-"),
        ("largest worker", f"{summary.peak_bytes / 1e6:,.0f} MB"),
    ]
    return figures + [(f"  {reason}", f"{count:,}") for reason, count in summary.reasons.items()]
