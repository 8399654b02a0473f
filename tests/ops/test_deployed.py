"""The files an operator copies really work: run here as what they name, without containers or an init system."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ops.services import ROOT, Postgres, clean_environment, free_port, process, wait_for

pytestmark = pytest.mark.slow
START, RUN = 300.0, 300.0  # seconds: for a server on a fresh database, for a run of the sample site
HEAD = "#     "  # begins a line to be copied from the head of a file


def copied(path: Path) -> str:
    """The commands in the comment at the head of a file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line.removeprefix(HEAD) for line in lines if line.startswith(HEAD))


def healthy(api: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def asked(api: str, path: str, **body: Any) -> Any:
    """What Prefect's API answers to a POST."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{api}/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def states(api: str) -> dict[str, str]:
    """The state of each flow run, by its id."""
    return {run["id"]: run["state"]["name"] for run in asked(api, "flow_runs/filter")}


@dataclass(frozen=True)
class Operator:
    """Somebody with a Prefect server of their own."""

    api: str
    home: Path
    log: Path
    env: dict[str, str]

    def does(self, *command: str) -> str:
        """A command that ends well; what it prints."""
        done = subprocess.run(
            command, env=self.env, cwd=self.home, capture_output=True, text=True, check=False, timeout=RUN
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr, self.log.read_text()[-3000:])
        return done.stdout


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """A server, with the deployments of flows/prefect.yaml and a worker, made by the commands in that file's head."""
    home = tmp_path_factory.mktemp("home")
    port, log = free_port(), home / "server.log"
    api = f"http://127.0.0.1:{port}/api"
    env = clean_environment(PREFECT_HOME=str(home / ".prefect"), PREFECT_API_URL=api, UNSCRAPE_HOME=str(home))
    made = Operator(api, home, log, env)
    with ExitStack() as stack:
        command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(process(command, log, env=env, cwd=home))
        wait_for(lambda: healthy(api), START, log.read_text)
        *once, worker = copied(ROOT / "flows" / "prefect.yaml").splitlines()
        for line in once:
            made.does("sh", "-c", line)
        stack.enter_context(process(shlex.split(worker), home / "worker.log", env=env, cwd=home))
        yield made


def test_prefect_yaml_deploys_and_its_deployments_run(operator: Operator) -> None:
    found = asked(operator.api, "deployments/filter")
    assert sorted(one["name"] for one in found) == ["sample", "sample", "sample-scheduled"]
    scheduled = next(one for one in found if one["schedules"])
    assert scheduled["name"] == "sample-scheduled"
    assert scheduled["schedules"][0]["schedule"]["cron"] == "15 */2 * * *"
    assert scheduled["global_concurrency_limit"]["limit"] == 1
    assert scheduled["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    for name in ("ingest/sample", "replay/sample"):
        said = operator.does("prefect", "deployment", "run", name, "--watch")
        assert "Completed" in said
    with (operator.home / "raw" / "ledger.sqlite").open("rb") as ledger:
        assert ledger.read(6) == b"SQLite"
    assert len(list(operator.home.glob("clean/v1/source=sample/*/*.jsonl"))) >= 1


def test_the_automation_tells_a_webhook_of_a_run_that_failed(operator: Operator) -> None:
    told: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    template = ROOT / "docs" / "alert-automation.yaml"
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        block, create = copied(template).rsplit("PY\n", 1)
        block += "PY\n"
        block = block.replace("https://hooks.example.org/…", f"http://127.0.0.1:{hook.server_port}/")
        (id,) = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", operator.does("sh", "-c", block))
        (operator.home / "docs").mkdir()
        text = template.read_text(encoding="utf-8").replace("00000000-0000-0000-0000-000000000000", id)
        (operator.home / "docs" / template.name).write_text(text, encoding="utf-8")
        operator.does("sh", "-c", create)
        (automation,) = asked(operator.api, "automations/filter")
        assert (automation["name"], automation["enabled"]) == ("unscrape-run-failed", True)
        # A source that nobody knows makes the run fail.
        operator.does("prefect", "deployment", "run", "ingest/sample", "-p", 'sources=["nowhere"]')
        wait_for(lambda: told, RUN, lambda: (states(operator.api), operator.log.read_text()[-3000:]))
        hook.shutdown()
    assert re.search(r"^ingest run ingest \['nowhere'\]: Failed: .*nowhere", told[0]["text"])


def substituted(text: str, values: dict[str, str]) -> str:
    """`text` with ${NAME} and ${NAME:?why} replaced, as compose does it."""
    return re.sub(r"\$\{(\w+)(?::\?[^}]*)?\}", lambda found: values[found[1]], text)


@contextmanager
def site(folder: Path) -> Iterator[int]:
    """The port of a site of two pages."""
    folder.mkdir()
    for name in ("harbour", "market"):
        text = "".join(
            f"<p>The {name} was opened again in week {n}, and everybody came to see it.</p>" for n in range(9)
        )
        (folder / f"{name}.html").write_text(f"<html><body><article><h1>The {name}</h1>{text}</article></body></html>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def describe(home: Path, port: int) -> None:
    """A source of that site, due each minute."""
    (home / "sources").mkdir()
    urls = [f"http://127.0.0.1:{port}/{name}.html" for name in ("harbour", "market")]
    (home / "sources" / "town.toml").write_text(
        f'[discover]\nurls = {urls}\n[fetch]\nrobots = false\nallow_hosts = ["127.0.0.1:{port}"]\n'
        '[schedule]\ncron = "* * * * *"\n',
        encoding="utf-8",
    )


def test_the_services_of_compose_yaml(postgres: Postgres, tmp_path: Path) -> None:
    """Each service's command with its own environment, hosts and paths of the containers replaced by loopback and a folder."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    values = {"POSTGRES_PASSWORD": postgres.password, "UNSCRAPE_CONTACT": "test@example.org"}
    described = yaml.safe_load(substituted((ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8"), values))
    services = described["services"]
    database = services["postgres"]
    assert (database["environment"]["POSTGRES_USER"], database["environment"]["POSTGRES_PASSWORD"]) == (
        "unscrape",
        postgres.password,
    )
    postgres.rows("postgres", f"create database {database['environment']['POSTGRES_DB']}")
    postgres.rows("postgres", described["configs"]["second-database"]["content"])
    ready = [*database["healthcheck"]["test"][1:], "-h", "127.0.0.1", "-p", str(postgres.port)]
    subprocess.run([str(postgres.programs / ready[0]), *ready[1:]], check=True, capture_output=True)

    def here(text: str) -> str:
        text = text.replace("@postgres/", f"@127.0.0.1:{postgres.port}/").replace("/home/unscrape", str(tmp_path))
        return text.replace("http://prefect:4200", f"http://127.0.0.1:{port}").replace(
            "127.0.0.1:4200", f"127.0.0.1:{port}"
        )

    def environment(name: str) -> dict[str, str]:
        return clean_environment(**{key: here(str(value)) for key, value in services[name]["environment"].items()})

    stack = ExitStack()
    describe(tmp_path, stack.enter_context(site(tmp_path / "www")))
    server, service = (shlex.split(services[name]["command"]) for name in ("prefect", "service"))
    assert server[-2:] == ["--host", "0.0.0.0"]
    server = [*server[:-1], "127.0.0.1", "--port", str(port)]
    logs = tmp_path / "server.log", tmp_path / "service.log"
    prefect = environment("prefect") | {"PREFECT_HOME": str(tmp_path / "p")}
    with stack, process(server, logs[0], env=prefect, cwd=tmp_path):
        wait_for(lambda: healthy(api), START, logs[0].read_text)
        check = [sys.executable, *map(here, services["prefect"]["healthcheck"]["test"][2:])]
        subprocess.run(check, check=True, env=environment("prefect"))
        unscrape = [sys.executable, "-m", "flows.cli", *service[1:]]
        with process(unscrape, logs[1], env=environment("service"), cwd=tmp_path) as running:
            done = "select count(*) from flow_run where state_name = 'Completed'"
            wait_for(lambda: postgres.rows("prefect", done) != [(0,)], RUN, lambda: logs[1].read_text()[-5000:])
            running.terminate()
            assert running.wait(90) == 0, logs[1].read_text()
    assert postgres.rows("ledger", "select count(*) from records")[0][0] == 2
    said = [line for line in logs[1].read_text().splitlines() if '"source"' in line]
    assert all(json.loads(line)["message"] for line in said)
    assert not (tmp_path / "raw" / "ledger.sqlite").exists()


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: apt-get install systemd")
    unit = (ROOT / "docs" / "unscrape.service").read_text(encoding="utf-8")
    there = unit.replace("/opt/unscrape/bin/unscrape", sys.executable)

    def verified(text: str) -> str:
        (tmp_path / "unscrape.service").write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", str(tmp_path / "unscrape.service")],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stderr + "!" * done.returncode

    assert verified(there) == ""
    assert "ninety" in verified(there.replace("TimeoutStopSec=90", "TimeoutStopSec=ninety"))
    assert "not executable" in verified(unit)
