"""The service with everything on PostgreSQL: Prefect's server and the ledger."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ops.services import Postgres, clean_environment

pytestmark = pytest.mark.slow


def test_the_service_on_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    for name in ("ledger", "prefect"):
        postgres.rows("postgres", f"create database {name}")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "market.toml").write_text('[schedule]\ncron = "* * * * *"\n', encoding="utf-8")
    log = tmp_path / "log"
    env = clean_environment(
        UNSCRAPE_HOME=str(tmp_path),
        UNSCRAPE_CONTACT="test@example.org",
        UNSCRAPE_LEDGER=f"postgresql://{postgres.address}/ledger",
        PREFECT_API_DATABASE_CONNECTION_URL=f"postgresql+asyncpg://{postgres.address}/prefect",
    )
    with log.open("wb") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "schedule"],
            cwd=tmp_path,
            env=env,
            stdout=output,
            stderr=output,
        )
    try:
        until = time.monotonic() + 420
        query = "select count(*) from flow_run where state_name = 'Completed'"
        while "started!" not in log.read_text() or postgres.rows("prefect", query)[0][0] < 2:  # type: ignore[operator]
            assert service.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.5)
        service.send_signal(signal.SIGTERM)
        assert service.wait(90) == 0, log.read_text()
    finally:
        service.kill()
        service.wait()
    assert len(postgres.rows("ledger", "select id from runs where state = 'done'")) >= 2
    left = "select state_name from flow_run where state_type not in ('COMPLETED', 'CANCELLED', 'FAILED', 'CRASHED')"
    assert postgres.rows("prefect", left) == []
    assert not (tmp_path / "raw" / "ledger.sqlite").exists()
    assert not (tmp_path / ".prefect" / "prefect.db").exists()
