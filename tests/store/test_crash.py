"""Killed at any instant: nothing acknowledged is lost, and the next run finishes."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store import Store
from schemas import read

WORKER = Path(__file__).with_name("worker.py")


def start(home: Path, pages: int, version: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER), str(home), str(pages), str(version)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1)


def killed(home: Path, pages: int, version: int, delay: float) -> list[str]:
    """What the worker said until it was killed, `delay` seconds after its run began."""
    with start(home, pages, version) as process:
        assert process.stdout is not None
        said = [process.stdout.readline()]
        time.sleep(delay)
        process.kill()
        said += process.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]  # the last may be cut


def finish(home: Path, pages: int, version: int) -> None:
    with start(home, pages, version) as process:
        assert process.stdout is not None
        assert process.stdout.readlines()[-1] == "done\n"
    assert process.returncode == 0


def kept_what_it_said(home: Path, said: list[str]) -> None:
    """Every capture and record acknowledged is there, before any further run."""
    with_events = {path.stem for path in (home / "raw").rglob("*.json")}
    assert {line.split()[1] for line in said if line.startswith("captured")} <= with_events
    stored = (
        {(r.url, r.capture.sha256) for r in read.records(home / "clean", every_revision=True)}
        if written(home)
        else set()
    )
    saved = {tuple(line.split()[1:]) for line in said if line.startswith("saved")}
    numbers = {url: int(url.rpartition("/")[2]) for url, _ in saved}
    assert {(url, sha) for url, sha in saved if numbers[url] % 7} <= stored


def written(home: Path) -> bool:
    return any((home / "clean").rglob("part-*"))


def everything_agrees(home: Path, pages: int) -> None:
    store = Store.open(home)
    try:
        assert store.verify() == []
        (status,) = store.status()
        rejected = len(range(0, pages, 7))
        assert (status.pages, status.pending, status.records, status.refused) == (pages, 0, pages - rejected, rejected)
        assert store.runs("paper", limit=1)[0].state == "done"
    finally:
        store.close()
    assert len({r.url for r in read.records(home / "clean")}) == pages - rejected
    assert list(home.rglob("*.tmp")) == []


def crash_often(home: Path, pages: int, times: int, longest: float) -> None:
    chance = random.Random(times)
    for version in range(times):
        kept_what_it_said(home, killed(home, pages, version, chance.random() * longest))
    finish(home, pages, times)
    everything_agrees(home, pages)


def test_killed_three_times(tmp_path: Path) -> None:
    crash_often(tmp_path, pages=60, times=3, longest=0.6)


@pytest.mark.slow
def test_killed_twenty_times(tmp_path: Path) -> None:
    crash_often(tmp_path, pages=500, times=20, longest=4.0)


def test_a_dead_holder_is_taken_over_from(tmp_path: Path) -> None:
    killed(tmp_path, 40, 0, 0.1)
    store = Store.open(tmp_path)
    with store.run("paper") as run:
        assert store.status()[0].held_by == f"run {run.id} ({_this()})"
    assert [info.state for info in store.runs("paper")] == ["done", "lost"]
    store.close()


def _this() -> str:
    from pipeline.store.locks import this_process

    return str(this_process())


def test_a_living_holder_is_not(tmp_path: Path) -> None:
    with start(tmp_path, 400, 0) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with start(tmp_path, 1, 0) as second:
            second.communicate()
            assert second.returncode == 1
        process.kill()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, 2 MiB large."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_loses_nothing(small_disk: Path) -> None:
    pages = 600
    command = [sys.executable, str(WORKER), str(small_disk), str(pages), "0"]
    full = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert full.returncode != 0
    assert "no space left" in full.stderr.lower() or "disk is full" in full.stderr.lower()
    said = full.stdout.splitlines()
    assert said[-1] != "done"
    kept_what_it_said(small_disk, said)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    finish(small_disk, pages, 0)
    everything_agrees(small_disk, pages)
