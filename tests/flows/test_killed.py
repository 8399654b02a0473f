"""The whole Prefect run killed without warning: the next run finishes what it left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.store import Store
from schemas import read

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PAGES, RECORDS = 10, 9  # of the sample site; one page is refused


def start(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flows.cli", "ingest", "sample"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
    return subprocess.Popen(command, cwd=ROOT, env=env | {"UNSCRAPE_HOME": str(home)}, stdout=subprocess.DEVNULL)


def killed_when(home: Path, pattern: str, more_than: int) -> None:
    """A run killed as soon as more than so many files of `pattern` lie under `home`."""
    run = start(home)
    until = time.monotonic() + 240
    while run.poll() is None and time.monotonic() < until and len(list(home.glob(pattern))) <= more_than:
        time.sleep(0.005)
    was_running = run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait(60)
    assert was_running, "the run ended before it could be killed"


def test_killed_while_fetching_and_while_storing_and_then_finished(tmp_path: Path) -> None:
    killed_when(tmp_path, "raw/sample/*/*.json", 2)
    fetched = len(list(tmp_path.glob("raw/sample/*/*.json")))
    assert fetched >= 3
    killed_when(tmp_path, "raw/sample/*/*.json", max(fetched, PAGES - 2))
    assert start(tmp_path).wait(300) == 0
    store = Store.open(tmp_path)
    try:
        assert store.verify() == []
        (status,) = store.status()
        assert (status.pages, status.pending, status.records, status.refused) == (PAGES, 0, RECORDS, PAGES - RECORDS)
    finally:
        store.close()
    assert len({record.url for record in read.records(tmp_path / "clean")}) == RECORDS
    assert len(list(tmp_path.glob("raw/sample/*/*.json"))) == PAGES
    assert list(tmp_path.rglob("*.tmp")) == []
