"""The files an operator copies are what they say."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml

from flows.deployments import SCHEDULED, deployments_of
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
