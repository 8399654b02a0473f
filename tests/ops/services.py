"""What the slow tests of the service share: processes of their own, and the address of a PostgreSQL."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment of a person who has set these and nothing else of ours, with this environment's programs first."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    return env | {"PATH": path, "PYTHONPATH": str(ROOT)} | settings


def wait_for(what: Callable[[], object], seconds: float, said: Callable[[], object]) -> None:
    """Wait until `what` is true; on failure show what `said` says."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, said()
        time.sleep(0.5)


@contextmanager
def process(command: list[str], log: Path, *, env: Mapping[str, str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes to `log` and is ended with the block."""
    with log.open("wb") as output:
        started = subprocess.Popen(command, env=env, cwd=cwd, stdout=output, stderr=output)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(90)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@dataclass(frozen=True)
class Postgres:
    """A server of our own on loopback, whose user `unscrape` needs the password."""

    programs: Path
    port: int
    password: str

    @property
    def address(self) -> str:
        """What stands between "//" and "/" in its URLs."""
        return f"unscrape:{self.password}@127.0.0.1:{self.port}"

    def rows(self, database: str, query: str) -> list[tuple[object, ...]]:
        """What a query gives."""
        import psycopg

        with psycopg.connect(f"postgresql://{self.address}/{database}", autocommit=True) as connection:
            done = connection.execute(query)  # type: ignore[arg-type]
            return done.fetchall() if done.description else []


def as_postgres(*command: str) -> None:
    """PostgreSQL refuses to run as root."""
    user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    subprocess.run([*user, *command], check=True, capture_output=True, cwd="/")
