"""Prefect's server for runs by hand: a running service's, or one that the commands share for as long as one of them lives.

Prefect would start one by itself, but imports the server into the client's process too (3 of the 10 CPU-seconds of an empty flow)
and begins to start it only when the first flow is called. The latter starts while the flow's own modules are imported.
"""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from flows import address
from flows.address import Address
from pipeline.errors import Transient

PATIENCE = 180.0  # seconds until a server that does not answer counts as failed; a first start migrates the database
POLL = 0.1  # seconds
STARTS = 2  # of one server; the port that was free may be taken by the time it listens
LOOK = 1.0  # seconds between two looks at a server that is used
AGAIN = 10.0  # seconds before another stand-in is tried
LOG = "server.log"

# How Prefect marks the server it starts for one run: no interface, no services but those a run itself needs.
MARKS = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


class Server:
    """The server that the commands by hand of a home (PREFECT_HOME) share; `start` it, then `wait` until it answers at `url`."""

    def __init__(self, home: Path) -> None:
        self._home, self._starts, self.url = home, 0, ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start it, on any free port; False where it is there already."""
        self.reap()
        with address.claim(self._home) as file:
            if file is not None:
                self._process = _start(self._home, _free_port(), file)
                self._starts += 1
        return file is not None

    def wait(self) -> str:
        """Its `url`, once it answers; where it is not there any more it is started. Raises Transient, with the end of its log, where
        it does not come up."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = address.running(self._home, address.SHARED)
            if found and healthy(found.api):
                self.url = found.api
                return self.url
            if found is None:
                if self._starts == STARTS:
                    break
                self.start()
            time.sleep(POLL)
        log = self._home / LOG
        raise Transient(f"Prefect's server did not start; the end of {log}:\n{_tail(log)}")

    def reap(self) -> None:
        """Take note of the end of the process this one started, if it has ended."""
        if self._process and address.running(self._home, address.SHARED) is None:
            self._process.wait()


@contextmanager
def temporary_server(home: Path) -> Iterator[Server]:
    """A server with its database and log in `home` (PREFECT_HOME), for as long as the block lasts, or another command by hand."""
    server = Server(home)
    with address.using(home):
        yield server
    server.reap()


def service_api(home: Path) -> str | None:
    """The API of the service that has its server's database in `home`, once it answers; None where no such service lives.

    Raises Transient where it lives and does not answer.
    """
    until = time.monotonic() + PATIENCE
    while service := address.running(home):
        if healthy(service.api):
            return service.api
        if time.monotonic() > until:
            raise Transient(
                f"Prefect's server at {service.api}, of the service (process {service.pid}), does not answer"
            )
        time.sleep(POLL)
    return None


@contextmanager
def standing_in(home: Path, api: str) -> Iterator[None]:
    """A server in the place of the one at `api`, should that end before the block does, which counts as a command by hand.

    Without one the flow goes on, but what it tells Prefect is tried again for minutes and then lost.
    """
    ended = threading.Event()
    watch = threading.Thread(target=_stand_in, args=(home, api, ended), name="stand-in", daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()


def _stand_in(home: Path, api: str, ended: threading.Event) -> None:
    process: subprocess.Popen[bytes] | None = None
    while not ended.wait(AGAIN if process else LOOK):
        if (process and process.poll() is None) or _expected(home, api) or healthy(api):
            continue
        # Without the claim, where other commands have theirs at another address: this flow knows but one.
        with address.claim(home) as file:
            if not _expected(home, api, *([address.NAME] if file else [])):
                process = _start(home, urlsplit(api).port or 0, file)


def _expected(home: Path, api: str, *names: str) -> bool:
    """Whether a living service, or the server of the commands, is to answer at `api`."""
    known = [address.running(home, name) for name in names or (address.NAME, address.SHARED)]
    return any(server is not None and server.api == api for server in known)


def _start(home: Path, port: int, claim: IO[str] | None) -> subprocess.Popen[bytes]:
    """Its own session keeps Ctrl-C from it, so that runs can still report how they ended; it inherits the claim."""
    command = [sys.executable, "-m", "flows.server_process", str(port), str(home)]
    env = {**os.environ, **MARKS, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (home / LOG).open("wb") as output:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[claim.fileno()] if claim else [],
        )
    if claim:
        address.write(claim, Address(f"http://127.0.0.1:{port}/api", process.pid))
    return process


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def healthy(url: str) -> bool:
    """Whether a server of Prefect answers at `url`."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _tail(path: Path, lines: int = 5) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
