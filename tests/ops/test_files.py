"""The files an operator copies are what they say."""

import asyncio
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from flows.deployments import SCHEDULED, deployments_of, register
from schemas import SourceV1
from schemas.source_v1 import ScheduleV1

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = yaml.safe_load((ROOT / "flows" / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYED, ids=lambda deployment: str(deployment["name"]))
def test_prefect_yaml_names_flows_and_their_parameters(deployment: dict[str, object]) -> None:
    module, _, name = str(deployment["entrypoint"]).rpartition(".")
    flow = getattr(import_module(module), name)
    flow.validate_parameters(deployment["parameters"])
    assert flow.name == name


def test_prefect_yaml_is_as_the_service_does_it() -> None:
    scheduled = next(one for one in DEPLOYED if one["name"].endswith(SCHEDULED))
    assert scheduled["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    (schedule,) = scheduled["schedules"]
    source = SourceV1(name="sample", schedule=ScheduleV1(**schedule))
    assert [(one.flow.name, one.name) for one in deployments_of(source)] == [
        ("ingest", "sample"),
        ("replay", "sample"),
        ("ingest", "sample-scheduled"),
    ]
    assert all("schedules" not in one for one in DEPLOYED if one is not scheduled)


def test_a_source_without_a_cron_is_run_by_hand_only() -> None:
    assert {one.cron for one in deployments_of(SourceV1(name="sample"))} == {None}


@pytest.mark.parametrize("name", ["compose.yaml", "alert-automation.yaml"])
def test_yaml_in_docs_can_be_read(name: str) -> None:
    assert yaml.safe_load((ROOT / "docs" / name).read_text(encoding="utf-8"))


def test_compose_listens_on_loopback_only() -> None:
    services = yaml.safe_load((ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_unit_waits_as_long_as_the_service_may_need() -> None:
    from flows.schedule import CANCEL_GRACE, STOP_GRACE

    unit = (ROOT / "docs" / "unscrape.service").read_text(encoding="utf-8")
    seconds = next(int(line.partition("=")[2]) for line in unit.splitlines() if line.startswith("TimeoutStopSec="))
    assert seconds > CANCEL_GRACE + 2 * STOP_GRACE


def test_python_may_lie_on_a_path_with_blanks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker splits the command as a shell would."""
    told: list[dict[str, Any]] = []

    class Client:
        async def create_flow_from_name(self, name: str) -> UUID:
            return UUID(int=1)

        async def create_deployment(self, **given: Any) -> UUID:
            told.append(given)
            return UUID(int=len(told))

        async def read_deployments(self, **_: object) -> list[object]:
            return []

    monkeypatch.setattr("sys.executable", "/my programs/it's/python")
    asyncio.run(register(Client(), [SourceV1(name="sample")], tmp_path, "pool"))  # type: ignore[arg-type]
    for given in told:
        command = shlex.split(given["job_variables"]["command"])
        assert command == ["/my programs/it's/python", "-m", "prefect.engine"]
    assert len(told) == 2
