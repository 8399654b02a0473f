"""How the service comes to its server, and what it says where it does not."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flows import address, schedule
from flows.address import Address
from flows.schedule import ServiceError


class Silent:
    """A client whose server never answers."""

    async def api_healthcheck(self) -> Exception:
        return ConnectionError("connection refused")


def test_a_server_that_does_not_answer_is_waited_for_aloud_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schedule, "SILENT", -1.0)
    monkeypatch.setattr(schedule, "READY", 0.7)
    api = "http://127.0.0.1:9/api"
    with pytest.raises(ServiceError, match=f"Prefect's server at {api} did not answer within 1 s: connection refused"):
        asyncio.run(schedule._ready(Silent(), api, asyncio.Event()))  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert said.count(f"waiting for Prefect's server at {api} (connection refused)") == 1


def test_a_taken_port_is_passed_over_unless_it_is_to_be_taken_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < schedule.free_port(port) < port + schedule.PORTS
        assert schedule.free_port(port, ours=port) == port


def commands_server(home: Path, api: str) -> subprocess.Popen[bytes]:
    """A process that holds the claim of the commands' server, as that does."""
    with address.claim(home) as file:
        assert file is not None
        process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=[file.fileno()], env=dict(os.environ)
        )
        address.write(file, Address(api, process.pid))
    return process


def test_the_commands_server_at_the_services_address_ends_for_it(tmp_path: Path) -> None:
    api = "http://127.0.0.1:9/api"
    with commands_server(tmp_path, api) as process:
        schedule._take_over(tmp_path, api)
        assert address.running(tmp_path, address.SHARED) is None
        assert process.wait(60) == -signal.SIGTERM


def test_elsewhere_it_goes_on_and_is_waited_for_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr(schedule, "healthy", lambda api: next(answers))
    with commands_server(tmp_path, "http://127.0.0.1:9/api") as process:
        schedule._take_over(tmp_path, "http://127.0.0.1:4200/api")
        assert next(answers, "asked three times") == "asked three times"
        assert process.poll() is None
        process.kill()
