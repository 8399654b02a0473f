"""A PostgreSQL on loopback for the slow tests of the service."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.services import Postgres, as_postgres, free_port
from tests.ops.watching import Site, served


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL without databases."""
    pytest.importorskip("psycopg")
    pytest.importorskip("asyncpg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    made = Postgres(found[-1].parent, free_port(), "correct-horse")
    folder = (
        Path("/tmp") / f"unscrape-postgres-{os.getpid()}-{made.port}"
    )  # pytest's folders are closed to the user postgres
    secret = folder.with_suffix(".password")
    secret.write_text(made.password)
    secret.chmod(0o644)
    initdb = [str(made.programs / "initdb"), "-D", str(folder), "-U", "unscrape", "-E", "UTF8", "--no-sync"]
    as_postgres(*initdb, "-A", "scram-sha-256", f"--pwfile={secret}")
    options = f"-c listen_addresses=127.0.0.1 -p {made.port} -k {folder} -c fsync=off -c max_connections=200"
    control = [str(made.programs / "pg_ctl"), "-D", str(folder)]
    as_postgres(*control, "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield made
    finally:
        as_postgres(*control, "-m", "fast", "stop")
        shutil.rmtree(folder, ignore_errors=True)
        secret.unlink()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site on loopback."""
    with served() as known:
        yield known
