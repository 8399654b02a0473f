"""Plain functions over processes: every job answered once, whatever dies."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import workers

ROOT = Path(__file__).resolve().parents[2]
ONCE_DEADLY = "test -e {0} || {{ touch {0}; kill -9 $PPID; }}; echo alive"
ALWAYS_DEADLY = "kill -9 $PPID"


def test_every_job_is_answered() -> None:
    outcomes = list(workers.on_processes(math.sqrt, [float(n * n) for n in range(20)], 2))
    assert {outcome.job: outcome.result for outcome in outcomes} == {float(n * n): float(n) for n in range(20)}
    assert [outcome.error for outcome in outcomes] == [None] * 20


def test_no_jobs() -> None:
    assert list(workers.on_processes(math.sqrt, [], 2)) == []


def test_an_error_is_handed_back_after_the_last_attempt() -> None:
    bad, good = sorted(workers.on_processes(math.sqrt, [4.0, -1.0], 1), key=lambda outcome: outcome.job)
    assert (good.result, good.error) == (2.0, None)
    assert bad.result is None
    assert bad.error == "ValueError: math domain error"


def test_a_worker_killed_once_costs_an_attempt(tmp_path: Path) -> None:
    jobs = [ONCE_DEADLY.format(tmp_path / "killed"), "echo other"]
    outcomes = {outcome.job: outcome for outcome in workers.on_processes(subprocess.getoutput, jobs, 2)}
    assert (tmp_path / "killed").exists()
    assert [outcomes[job].result for job in jobs] == ["alive", "other"]


def test_a_deadly_job_fails_alone() -> None:
    jobs = [ALWAYS_DEADLY, *(f"echo {n}" for n in range(6))]
    outcomes = {outcome.job: outcome for outcome in workers.on_processes(subprocess.getoutput, jobs, 2)}
    assert outcomes[ALWAYS_DEADLY].error == "the worker died (exit code -9)"
    assert [outcomes[job].result for job in jobs[1:]] == [str(n) for n in range(6)]


def test_workers_end_when_the_reader_stops_reading(tmp_path: Path) -> None:
    jobs = ["echo first", f"sleep 30; touch {tmp_path / 'late'}"]
    outcomes = workers.on_processes(subprocess.getoutput, jobs, 2)
    assert next(outcomes).result == "first"
    outcomes.close()
    assert not (tmp_path / "late").exists()


@pytest.mark.slow
def test_dask_loses_a_worker_and_no_job(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    jobs = [ONCE_DEADLY.format(tmp_path / "killed"), *(f"echo {n}" for n in range(20)), "exit 3 | cat; echo end"]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        outcomes = {outcome.job: outcome for outcome in workers.on_dask(subprocess.getoutput, jobs, client)}
        bad = next(iter(workers.on_dask(math.sqrt, [-1.0], client)))
    assert (tmp_path / "killed").exists()
    assert [outcomes[job].error for job in jobs] == [None] * len(jobs)
    assert outcomes[jobs[0]].result == "alive"
    assert bad.error == "ValueError: math domain error"


def test_dask_is_quiet_unless_the_operator_says_otherwise() -> None:
    pytest.importorskip("distributed")
    names = ("distributed.admin.tick.interval", "distributed.worker.profile.enabled")
    code = (
        f"from flows.workers import quiet_dask; import dask.config; quiet_dask(); print(*map(dask.config.get, {names}))"
    )
    env = {**os.environ, "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "7s"}
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["7s", "False"]
