"""The service with everything on PostgreSQL: Prefect's server and the ledger."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_postgres(*command: str) -> None:
    """PostgreSQL refuses to run as root."""
    user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    subprocess.run([*user, *command], check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of our own on loopback, with the databases `ledger` and `prefect`."""
    pytest.importorskip("psycopg")
    pytest.importorskip("asyncpg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    programs, port = found[-1].parent, free_port()
    folder = Path("/tmp") / f"unscrape-postgres-{os.getpid()}"  # pytest's own folders are closed to the user postgres
    as_postgres(str(programs / "initdb"), "-D", str(folder), "-U", "unscrape", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=200"
    as_postgres(str(programs / "pg_ctl"), "-D", str(folder), "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        for name in ("ledger", "prefect"):
            as_postgres(str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "unscrape", name)
        yield f"unscrape@127.0.0.1:{port}"
    finally:
        as_postgres(str(programs / "pg_ctl"), "-D", str(folder), "-m", "fast", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def rows(address: str, database: str, query: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(f"postgresql://{address}/{database}") as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def test_the_service_on_postgresql(postgres: str, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "market.toml").write_text('[schedule]\ncron = "* * * * *"\n', encoding="utf-8")
    log = tmp_path / "log"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
    settings = {
        "UNSCRAPE_HOME": str(tmp_path),
        "UNSCRAPE_CONTACT": "test@example.org",
        "UNSCRAPE_LEDGER": f"postgresql://{postgres}/ledger",
        "PREFECT_API_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{postgres}/prefect",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "schedule"],
            cwd=tmp_path,
            env=env | settings,
            stdout=output,
            stderr=output,
        )
    try:
        until = time.monotonic() + 420
        query = "select count(*) from flow_run where state_name = 'Completed'"
        while "started!" not in log.read_text() or rows(postgres, "prefect", query)[0][0] < 2:  # type: ignore[operator]
            assert service.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.5)
        service.send_signal(signal.SIGTERM)
        assert service.wait(90) == 0, log.read_text()
    finally:
        service.kill()
        service.wait()
    assert len(rows(postgres, "ledger", "select id from runs where state = 'done'")) >= 2
    left = "select state_name from flow_run where state_type not in ('COMPLETED', 'CANCELLED', 'FAILED', 'CRASHED')"
    assert rows(postgres, "prefect", left) == []
    assert not (tmp_path / "raw" / "ledger.sqlite").exists()
    assert not (tmp_path / ".prefect" / "prefect.db").exists()
