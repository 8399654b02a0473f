"""The service, with a real Prefect server, worker and site: it runs on time, stops clean, and survives being killed."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.address import running

ROOT = Path(__file__).resolve().parents[2]
START, STOP = 300.0, 90.0  # seconds; a fresh database on a busy machine
pytestmark = pytest.mark.slow

PAGE = "<html><head><title>Page {0}</title></head><body><article><h1>The harbour in week {0}</h1>{1}</article></body></html>"
TEXT = "".join(
    f"<p>In week {{0}} the ferry number {n} left the harbour late because of the ice on the river.</p>"
    for n in range(6)
)


@dataclass
class Site:
    """A site that counts what it is asked for."""

    port: int
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    known = Site(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            number = self.path.rpartition("/")[2]
            body = PAGE.format(number, TEXT.format(number)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Path]:
    """A home with one source, `harbour`, whose pages take a while; all tests share it, and its database."""
    folder = tmp_path_factory.mktemp("home")
    describe(folder, site, pages=3, rate=10)
    yield folder
    for pid in processes(f"UNSCRAPE_HOME={folder}"):  # a service whose test failed before it was stopped
        os.kill(pid, signal.SIGKILL)


def describe(home: Path, site: Site, *, pages: int, rate: float) -> None:
    urls = ", ".join(f'"http://127.0.0.1:{site.port}/{pages}/{n}"' for n in range(pages))
    (home / "sources").mkdir(exist_ok=True)
    (home / "sources" / "harbour.toml").write_text(
        f'[discover]\nurls = [{urls}]\n[fetch]\nrate = {rate}\nrobots = false\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
        'min_interval = 1\nmax_interval = 1\n[schedule]\ncron = "* * * * *"\n'
    )


class Service:
    """`unscrape schedule` as a person would start it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home / "service.log"
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
        settings = {
            "UNSCRAPE_HOME": str(home),
            "UNSCRAPE_CONTACT": "test@example.org",
            "UNSCRAPE_BATCH": "5",
            "UNSCRAPE_METRICS_PORT": "0",
            "PYTHONPATH": str(ROOT),
        }
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.cli", "schedule"],
                cwd=home,
                env=env | settings,
                stdout=output,
                stderr=output,
            )
        wait(lambda: "Worker" in self.said() and "started!" in self.said(), START, self.said)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP)

    def children(self) -> list[int]:
        """Every process of the service's home but the service itself."""
        return [pid for pid in processes(f"UNSCRAPE_HOME={self.home}") if pid != self.process.pid]

    def child(self, words: str) -> int:
        return next(pid for pid in self.children() if words in command(pid))


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def processes(variable: str) -> list[int]:
    """Processes with this in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait(for_what: Callable[[], object], seconds: float, said: Callable[[], str]) -> None:
    until = time.monotonic() + seconds
    while not for_what():
        assert time.monotonic() < until, said()
        time.sleep(0.2)


@dataclass(frozen=True)
class Row:
    """A flow run as Prefect's database has it."""

    state: str
    expected: datetime
    pid: str | None
    message: str | None
    tags: str


def flow_runs(home: Path) -> list[Row]:
    """All runs, by the time they were to begin."""
    query = (
        "select r.state_name, r.expected_start_time, r.infrastructure_pid, s.message, r.tags "
        "from flow_run r left join flow_run_state s on s.id = r.state_id order by 2"
    )
    with sqlite3.connect(f"file:{home}/.prefect/prefect.db?mode=ro", uri=True) as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return [
        Row(s, datetime.fromisoformat(at).replace(tzinfo=UTC), pid, message, tags) for s, at, pid, message, tags in rows
    ]


def ledger(home: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{home}/raw/ledger.sqlite?mode=ro", uri=True) as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def nothing_is_left(service: Service) -> None:
    """No process, no run under way or planned, schedules off, no lock."""
    wait(lambda: not service.children(), 20, lambda: str([command(pid) for pid in service.children()]))
    assert {run.state for run in flow_runs(service.home)} <= {"Completed", "Cancelled", "Crashed", "Failed"}
    with sqlite3.connect(f"file:{service.home}/.prefect/prefect.db?mode=ro", uri=True) as connection:
        scheduled = connection.execute("select paused from deployment where name = 'harbour-scheduled'").fetchall()
    connection.close()
    assert scheduled == [(1,)]
    assert ledger(service.home, "select name from locks") == []


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
    wait(lambda: ledger(home, "select count(*) from records") == [(43,)], 180, service.said)
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
    wait(lambda: ledger(home, "select count(*) from records") == [(93,)], 240, service.said)
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
    wait(lambda: ledger(home, "select count(*) from records") == [(153,)], 180, service.said)
    assert service.stop() == 0, service.said()
    nothing_is_left(service)


HAND = {"UNSCRAPE_CONTACT": "test@example.org", "UNSCRAPE_BATCH": "5", "PYTHONPATH": str(ROOT)}


def hand_environment(home: Path) -> dict[str, str]:
    """Of a command beside the service, which nobody told where its server is."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
    return env | HAND | {"UNSCRAPE_HOME": str(home)}


def by_hand(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        env=hand_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=START,
    )


def test_commands_by_hand_use_the_server_of_the_service_and_no_dead_one(home: Path, site: Site) -> None:
    describe(home, site, pages=3, rate=10)
    harbour = (home / "sources" / "harbour.toml").read_text()
    (home / "sources" / "pier.toml").write_text(harbour.partition("[schedule]")[0])
    own_server = home / ".prefect" / "server.log"  # what a server for one run leaves behind
    service = Service(home)
    for command in (("ingest", "pier"), ("replay", "pier"), ("ingest", "pier", "--force")):
        done = by_hand(home, *command)
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


def test_a_command_by_hand_outlives_the_service(home: Path, site: Site) -> None:
    describe(home, site, pages=30, rate=1)
    harbour = (home / "sources" / "harbour.toml").read_text()
    (home / "sources" / "quay.toml").write_text(harbour.partition("[schedule]")[0])
    (home / "sources" / "harbour.toml").unlink()
    service = Service(home)
    log = home / "hand.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "flows.cli", "ingest", "quay"]
        hand = subprocess.Popen(command, env=hand_environment(home), cwd=home, stdout=output, stderr=output)
    wait(lambda: len(list(home.glob("raw/quay/*/*.json"))) >= 5, START, log.read_text)
    assert service.stop() == 0, service.said()
    assert hand.wait(START) == 0, log.read_text()
    assert ledger(home, "select count(*) from records where source = 'quay'") == [(30,)]
    assert flow_runs(home)[-1].state == "Completed"
