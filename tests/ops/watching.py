"""A site, a home and what happens in it, for the slow tests of runs: the service, commands by hand, what Prefect has of them."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.ops.services import ROOT

START, STOP = 300.0, 90.0  # seconds; a fresh database on a busy machine
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


@contextmanager
def served() -> Iterator[Site]:
    """The site, for as long as this lasts."""
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
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.cli", "schedule"],
                cwd=home,
                env=hand_environment(home) | {"UNSCRAPE_METRICS_PORT": "0"},
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
    return [
        Row(s, datetime.fromisoformat(at).replace(tzinfo=UTC), pid, message, tags)
        for s, at, pid, message, tags in prefect(home, query)
    ]


def prefect(home: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of Prefect's database."""
    return _rows(home / ".prefect" / "prefect.db", query, *values)


def ledger(home: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of the ledger."""
    return _rows(home / "raw" / "ledger.sqlite", query)


def _rows(database: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(query, values).fetchall()
    connection.close()
    return rows


HAND = {"UNSCRAPE_CONTACT": "test@example.org", "UNSCRAPE_BATCH": "5", "PYTHONPATH": str(ROOT)}


def hand_environment(home: Path) -> dict[str, str]:
    """Of a service or a command by hand, which nobody told where its server is."""
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
