"""The service, with a real Prefect server, worker and site: it runs on time, stops clean, and survives being killed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows.address import SHARED, running
from tests.ops.services import ROOT
from tests.ops.watching import (
    START,
    Service,
    Site,
    by_hand,
    command,
    describe,
    flow_runs,
    hand_environment,
    ledger,
    prefect,
    processes,
    wait,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Path]:
    """A home with one source, `harbour`, whose pages take a while; all tests share it, and its database."""
    folder = tmp_path_factory.mktemp("home")
    describe(folder, site, pages=3, rate=10)
    yield folder
    for pid in processes(f"UNSCRAPE_HOME={folder}"):  # a service whose test failed before it was stopped
        os.kill(pid, signal.SIGKILL)


def nothing_is_left(service: Service) -> None:
    """No process, no run under way or planned, schedules off, no lock."""
    wait(lambda: not service.children(), 20, lambda: str([command(pid) for pid in service.children()]))
    assert {run.state for run in flow_runs(service.home)} <= {"Completed", "Cancelled", "Crashed", "Failed"}
    assert prefect(service.home, "select paused from deployment where name = 'harbour-scheduled'") == [(1,)]
    assert ledger(service.home, "select name from locks") == []


def records(home: Path, *, of: int) -> int:
    """How many of the pages of a site of so many have a record; other tests left theirs."""
    query = (
        "select count(*) from records r join pages p on p.source = r.source and p.key = r.url_key "
        f"where p.url like '%/{of}/%'"
    )
    return int(str(ledger(home, query)[0][0]))


def test_a_one_minute_cron_runs_each_minute(home: Path, site: Site) -> None:
    service = Service(home)
    assert re.search(r"Prefect's interface: http://127\.0\.0\.1:\d+\n", service.said())
    assert re.search(r"harbour: next run \d{4}-\d\d-\d\d \d\d:\d\d UTC \(\* \* \* \* \*, UTC\)", service.said())
    wait(lambda: len([run for run in flow_runs(home) if run.state == "Completed"]) >= 5, 420, service.said)
    assert service.stop() == 0, service.said()
    nothing_is_left(service)
    completed = [run.expected for run in flow_runs(home) if run.state == "Completed"]
    assert [at.second for at in completed] == [0] * len(completed)
    assert completed == [completed[0] + timedelta(minutes=n) for n in range(len(completed))]
    # Every run looked at every page, and the pages, which do not change, gave one capture's body and one record each.
    assert len(site.asked) >= 3 * len(completed)
    assert ledger(home, "select count(*) from records") == [(3,)]
    assert {state for (state,) in ledger(home, "select state from runs")} == {"done"}


def test_a_second_service_is_refused(home: Path) -> None:
    service = Service(home)
    second = subprocess.run(
        [sys.executable, "-m", "flows.cli", "schedule"],
        env={**os.environ, "UNSCRAPE_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert second.returncode == 3
    assert f"process {service.process.pid}" in second.stderr
    assert service.stop() == 0


def test_stopped_in_the_middle_of_a_run_it_goes_on_after_the_next_start(home: Path, site: Site) -> None:
    describe(home, site, pages=40, rate=1)
    service = Service(home)
    asked = len(site.asked)
    wait(lambda: len(site.asked) > asked + 8, 120, service.said)
    assert service.stop() == 0, service.said()
    nothing_is_left(service)
    assert flow_runs(home)[-1].state == "Cancelled"
    stored = ledger(home, "select count(*) from captures")[0][0]
    assert isinstance(stored, int)
    assert stored > 3
    describe(home, site, pages=40, rate=20)
    service = Service(home)
    wait(lambda: records(home, of=40) == 40, 180, service.said)
    assert service.said().count("catching up with one run now") == 1
    assert service.stop() == 0, service.said()
    nothing_is_left(service)
    catching_up = [run for run in flow_runs(home) if "catch-up" in run.tags]
    assert len(catching_up) <= 3  # at most one for each start so far


def test_a_killed_worker_is_started_again_and_the_next_run_takes_over(home: Path, site: Site) -> None:
    describe(home, site, pages=50, rate=1)
    service = Service(home)
    asked = len(site.asked)
    wait(lambda: len(site.asked) > asked + 5, 120, service.said)
    os.kill(service.child("worker start"), signal.SIGKILL)
    wait(lambda: "starting it again" in service.said(), 60, service.said)
    describe(home, site, pages=50, rate=20)  # read anew by every run
    wait(lambda: records(home, of=50) == 50, 240, service.said)
    assert service.stop() == 0, service.said()
    nothing_is_left(service)
    assert ledger(home, "select count(*) from captures where outcome is null") == [(0,)]


def test_a_killed_service_leaves_nothing_that_the_next_does_not_set_right(home: Path, site: Site) -> None:
    describe(home, site, pages=60, rate=1)
    service = Service(home)
    asked = len(site.asked)
    wait(lambda: len(site.asked) > asked + 5, 120, service.said)
    service.process.kill()
    service.process.wait()
    wait(lambda: not service.children(), 60, lambda: str([command(pid) for pid in service.children()]))
    assert {run.state for run in flow_runs(home)} & {"Running", "Crashed", "Cancelled", "Scheduled"}
    describe(home, site, pages=60, rate=20)
    service = Service(home)
    wait(lambda: records(home, of=60) == 60, 180, service.said)
    assert service.stop() == 0, service.said()
    nothing_is_left(service)


def test_commands_by_hand_use_the_server_of_the_service_and_no_dead_one(home: Path, site: Site) -> None:
    describe(home, site, pages=3, rate=10)
    harbour = (home / "sources" / "harbour.toml").read_text()
    (home / "sources" / "pier.toml").write_text(harbour.partition("[schedule]")[0])
    own_server = home / ".prefect" / "server.log"  # what a server for one run leaves behind
    service = Service(home)
    for words in (("ingest", "pier"), ("replay", "pier"), ("ingest", "pier", "--force")):
        done = by_hand(home, *words)
        assert done.returncode == 0, done.stderr
    assert not own_server.exists()
    (ended,) = {run.state for run in flow_runs(home) if run.pid is None and "unscrape" not in run.tags}
    assert ended == "Completed"
    service.process.kill()
    service.process.wait()
    assert running(home / ".prefect") is None
    done = by_hand(home, "replay", "pier")
    assert done.returncode == 0, done.stderr
    assert own_server.exists()
    service = Service(home)
    assert service.stop() == 0, service.said()


def test_a_command_by_hand_outlives_the_service_and_its_next_start(home: Path, site: Site) -> None:
    describe(home, site, pages=60, rate=1)
    harbour = (home / "sources" / "harbour.toml").read_text()
    (home / "sources" / "quay.toml").write_text(harbour.partition("[schedule]")[0])
    (home / "sources" / "harbour.toml").unlink()
    service = Service(home)
    api = running(home / ".prefect")
    assert api is not None
    log = home / "hand.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "flows.cli", "ingest", "quay"]
        hand = subprocess.Popen(command, env=hand_environment(home), cwd=home, stdout=output, stderr=output)
    wait(lambda: len(list(home.glob("raw/quay/*/*.json"))) >= 5, START, log.read_text)
    assert service.stop() == 0, service.said()
    wait(lambda: running(home / ".prefect", SHARED), START, log.read_text)
    service = Service(home)
    again = running(home / ".prefect")
    assert again is not None
    assert (again.api, running(home / ".prefect", SHARED)) == (api.api, None)
    assert hand.wait(START) == 0, log.read_text()
    assert ledger(home, "select count(*) from records where source = 'quay'") == [(60,)]
    assert flow_runs(home)[-1].state == "Completed"
    assert service.stop() == 0, service.said()
    assert "ended (exit code" not in service.said()
