"""Prefect's server for one run by hand: a running service's, or one for that run alone.

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
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from flows import address
from pipeline.errors import Transient

PATIENCE = 180.0  # seconds until a server that does not answer counts as failed; a first start migrates the database
POLL = 0.1  # seconds
LOOK = 1.0  # seconds between two looks at a service whose server is used
GRACE = 10.0  # seconds it has to end by itself
LOG = "server.log"

# How Prefect marks the server it starts for one run: no interface, no services but those a run itself needs.
MARKS = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


class Server:
    """A server that was started; `wait` until it answers."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self._process, self.url, self._log = process, url, log

    def wait(self) -> None:
        """Return once it answers. Raises Transient, with the end of its log, where it does not."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            if _healthy(self.url):
                return
            time.sleep(POLL)
        raise Transient(f"Prefect's server did not start; the end of {self._log}:\n{_tail(self._log)}")

    def stop(self) -> None:
        """End it; it ends as well when this process does, however that comes."""
        stdin = self._process.stdin
        if stdin:
            stdin.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def temporary_server(home: Path, port: int | None = None) -> Iterator[Server]:
    """A server with its database and log in `home` (PREFECT_HOME), for as long as the block lasts; by default on any free port."""
    port = port or _free_port()
    log = home / LOG
    with log.open("wb") as output:
        server = Server(_start(port, output), f"http://127.0.0.1:{port}/api", log)
        try:
            yield server
        finally:
            server.stop()


def service_api(home: Path) -> str | None:
    """The API of the service that has its server's database in `home`, once it answers; None where no such service lives.

    Raises Transient where it lives and does not answer.
    """
    until = time.monotonic() + PATIENCE
    while service := address.running(home):
        if _healthy(service.api):
            return service.api
        if time.monotonic() > until:
            raise Transient(
                f"Prefect's server at {service.api}, of the service (process {service.pid}), does not answer"
            )
        time.sleep(POLL)
    return None


@contextmanager
def standing_in(home: Path, api: str) -> Iterator[None]:
    """A server in the place of the service's, at the same address, should the service end before the block does.

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
    with ExitStack() as stack:
        while not ended.wait(LOOK):
            if address.running(home) is None and not _healthy(api):
                server = stack.enter_context(temporary_server(home, urlsplit(api).port))
                with suppress(Transient):  # where another command was quicker, its server answers for both
                    server.wait()


def _start(port: int, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Its own session keeps Ctrl-C from it, so that the run can still report how it ended; its stdin ends with us."""
    command = [sys.executable, "-m", "flows.server_process", str(port)]
    env = {**os.environ, **MARKS, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _tail(path: Path, lines: int = 5) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
