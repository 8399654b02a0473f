"""Plain functions over many processes: on this machine, or on a Dask cluster. A worker that dies costs an attempt, never a job.

A job that fails is tried again; what failed ATTEMPTS times is handed back with its error. Functions and jobs must be picklable,
and importable where the workers run. Nothing here imports Prefect.
"""

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from typing import Any, Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")

ATTEMPTS = 3
PRELOAD = ["flows.shards"]  # imported once, by the process all local workers are forked from
AHEAD = 4  # jobs handed to a cluster per thread it has: enough to keep it busy, few enough to keep its scheduler light


@dataclass(frozen=True, slots=True)
class Outcome(Generic[J, R]):
    """What became of a job: its result, or, after the last attempt, the error in words."""

    job: J
    result: R | None
    error: str | None = None


def on_processes(function: Callable[[J], R], jobs: Iterable[J], processes: int) -> Iterator[Outcome[J, R]]:
    """Outcomes as they come, from `processes` workers of this machine, each with one job at a time."""
    waiting = deque((job, 1) for job in jobs)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    workers = [_Worker(context, function) for _ in range(min(processes, len(waiting)))]
    busy: dict[Connection, tuple[_Worker[J, R], J, int]] = {}
    try:
        while waiting or busy:
            while workers and waiting:
                worker, (job, attempt) = workers.pop(), waiting.popleft()
                worker.give(job)
                busy[worker.pipe] = worker, job, attempt
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                worker, job, attempt = busy.pop(pipe)
                result, error = worker.answer()
                workers.append(worker if worker.alive else _Worker(context, function))
                if error is None or attempt >= ATTEMPTS:
                    yield Outcome(job, result, error)
                else:
                    waiting.append((job, attempt + 1))
    finally:
        for worker in [*workers, *(worker for worker, _, _ in busy.values())]:
            worker.stop()


class _Worker(Generic[J, R]):
    """A process with a pipe to it; it ends when the pipe does, so none outlives this process."""

    def __init__(self, context: ForkServerContext, function: Callable[[J], R]) -> None:
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, function), daemon=True)
        self._process.start()
        theirs.close()
        self.alive = True

    def give(self, job: J) -> None:
        """Hand over a job; a worker that died meanwhile tells by its answer."""
        try:
            self.pipe.send(job)
        except BrokenPipeError:
            self.alive = False

    def answer(self) -> tuple[R | None, str | None]:
        """The result of its job, or the error; waits for it."""
        try:
            result, error = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self.alive = False
            self._process.join()
            return None, f"the worker died (exit code {self._process.exitcode})"
        return result, error

    def stop(self) -> None:
        """End it; a job under way is broken off and leaves nothing behind."""
        self._process.terminate()
        self._process.join()
        self.pipe.close()


def _serve(pipe: Connection, function: Callable[[Any], Any]) -> None:
    """What a worker does: answer jobs until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave through the `finally`s
    while True:
        try:
            job = pipe.recv()
        except (EOFError, ConnectionResetError):
            return
        answer: tuple[Any, str | None]
        try:
            answer = function(job), None
        except Exception as error:  # noqa: BLE001 - it is handed to the parent, which tries again and then reports it
            answer = None, _words(error)
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return


def quiet_dask() -> None:
    """Have Dask in this process, and in workers it starts, look less often at jobs that last seconds; what the operator's own
    configuration says stays. Raises ImportError without the extra [dask]."""
    import dask.config
    import distributed  # noqa: F401  # its defaults must be there before ours

    for ours in dask.config.collect_yaml([str(files("flows") / "dask.yaml")]):
        dask.config.update_defaults(ours)


def on_dask(function: Callable[[J], R], jobs: Iterable[J], client: Any) -> Iterator[Outcome[J, R]]:
    """Outcomes as they come, from the workers of a `distributed.Client`; these may come and go.

    Dask itself gives the jobs of a worker that is lost to another. Jobs are handed over a few at a time.
    """
    from distributed import as_completed

    queue = iter(jobs)
    given: dict[Any, J] = {}

    def submit() -> list[Any]:
        job = next(queue, None)
        if job is None:
            return []
        future = client.submit(function, job, pure=False, retries=ATTEMPTS - 1)
        given[future.key] = job
        return [future]

    ahead = max(AHEAD * sum(client.nthreads().values()), 2 * AHEAD)
    coming = as_completed([future for _ in range(ahead) for future in submit()], loop=client.loop)
    for future in coming:
        error = future.exception() if future.status == "error" else None
        result = future.result() if error is None else None
        job = given.pop(future.key)
        future.release()
        coming.update(submit())
        yield Outcome(job, result, _words(error) if error is not None else None)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
