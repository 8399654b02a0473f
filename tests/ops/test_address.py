"""Where a running service's server is, as commands by hand learn it."""

import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows import address, server
from flows.address import Address
from pipeline.errors import Terminal, Transient

ROOT = Path(__file__).resolve().parents[2]
API = "http://127.0.0.1:9/api"
HOLDER = f"""
import time
from pathlib import Path
from flows.address import announced

with announced(Path({{!r}}), {API!r}):
    print("on", flush=True)
    time.sleep(600)
"""


def test_it_is_known_for_as_long_as_it_is_announced(tmp_path: Path) -> None:
    assert address.running(tmp_path) is None
    with address.announced(tmp_path, API):
        assert address.running(tmp_path) == Address(API, os.getpid())
    assert address.running(tmp_path) is None
    assert server.service_api(tmp_path) is None


def test_two_services_on_one_database_are_refused(tmp_path: Path) -> None:
    with (
        address.announced(tmp_path, API),
        pytest.raises(Terminal, match="PREFECT_API_URL"),
        address.announced(tmp_path, API),
    ):
        pytest.fail("both hold it")
    with address.announced(tmp_path, API):
        assert address.running(tmp_path)


def test_what_a_killed_process_wrote_is_stale_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER.format(str(tmp_path))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        process.stdout.readline()
        assert address.running(tmp_path) == Address(API, process.pid)
        process.kill()
        process.wait()
        assert address.running(tmp_path) is None
    assert json.loads((tmp_path / address.NAME).read_text())["api"] == API


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_service_that_starts_is_waited_for(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    api = f"http://127.0.0.1:{port}/api"
    found: list[str | None] = []
    with address.announced(tmp_path, api):
        asking = threading.Thread(target=lambda: found.append(server.service_api(tmp_path)))
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
        with ThreadingHTTPServer(("127.0.0.1", port), Health) as httpd:
            threading.Thread(target=httpd.serve_forever, daemon=True).start()
            asking.join(60)
            httpd.shutdown()
    assert found == [api]


def test_a_service_that_ends_before_it_answers_is_waited_for_no_longer(tmp_path: Path) -> None:
    found: list[str | None] = []
    with address.announced(tmp_path, API):
        asking = threading.Thread(target=lambda: found.append(server.service_api(tmp_path)))
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
    asking.join(60)
    assert found == [None]


def test_a_server_that_never_answers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    with (
        address.announced(tmp_path, API),
        pytest.raises(Transient, match=rf"{API}, of the service \(process {os.getpid()}\)"),
    ):
        server.service_api(tmp_path)


USER = """
import sys
from pathlib import Path
from flows.address import using

with using(Path({!r})):
    print("on", flush=True)
    sys.stdin.read()
"""


def user(home: Path) -> subprocess.Popen[bytes]:
    """A command by hand that goes on until its stdin ends."""
    command = [sys.executable, "-c", USER.format(str(home))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout
    process.stdout.readline()
    return process


def test_the_server_of_commands_ends_with_the_last_however_that_ends(tmp_path: Path) -> None:
    first, second = user(tmp_path), user(tmp_path)
    waiting = threading.Thread(target=address.wait_for_users, args=(tmp_path,), daemon=True)
    waiting.start()
    with first:
        first.communicate()
    waiting.join(0.5)
    assert waiting.is_alive()
    with second:
        second.kill()
    waiting.join(60)
    assert not waiting.is_alive()


def test_one_server_of_commands_at_a_time(tmp_path: Path) -> None:
    with address.claim(tmp_path) as file:
        assert file is not None
        address.write(file, Address(API, 17))
        assert address.running(tmp_path, address.SHARED) == Address(API, 17)
        assert address.running(tmp_path) is None
        with address.claim(tmp_path) as second:
            assert second is None
    assert address.running(tmp_path, address.SHARED) is None


def test_a_server_of_commands_that_cannot_start_is_named_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_free_port", lambda: -1)
    with (
        server.temporary_server(tmp_path) as started,
        pytest.raises(Transient, match=r"(?s)did not start; the end of .*server\.log:\n.+"),
    ):
        started.wait()
