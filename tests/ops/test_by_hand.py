"""Several commands by hand at once, and killed ones: they share a Prefect server, and what it shows of them comes true."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import address
from tests.ops.watching import (
    START,
    Service,
    Site,
    by_hand,
    command,
    describe,
    flow_runs,
    hand_environment,
    ledger,
    prefect,
    processes,
    wait,
)

pytestmark = pytest.mark.slow
SOURCES = {"pier": 12, "quay": 20, "long": 75, "lock": 2}  # and how many pages each has, one a second


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Path]:
    """A home with sources without a cron, and with Prefect's database."""
    folder = tmp_path_factory.mktemp("home")
    for name, pages in SOURCES.items():
        describe(folder, site, pages=pages, rate=1)
        text = (folder / "sources" / "harbour.toml").read_text().partition("[schedule]")[0]
        (folder / "sources" / f"{name}.toml").write_text(text)
    (folder / "sources" / "harbour.toml").unlink()
    done = by_hand(folder, "ingest", "lock")
    assert done.returncode == 0, done.stderr
    yield folder
    for pid in processes(f"UNSCRAPE_HOME={folder}"):
        os.kill(pid, signal.SIGKILL)


def _heed_ctrl_c() -> None:
    """What a shell starts in the background ignores SIGINT, and so does all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Hand:
    """A command by hand, under way."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home, self.log = home, home / f"{'-'.join(arguments)}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.cli", *arguments],
                env=hand_environment(home),
                cwd=home,
                stdout=output,
                stderr=output,
                preexec_fn=_heed_ctrl_c,
            )

    def said(self) -> str:
        return self.log.read_text()

    def has_fetched(self, source: str, pages: int) -> None:
        """Wait until it has fetched so many pages anew."""
        query = f"select count(*) from attempts where source = '{source}'"
        before = ledger(self.home, query)[0][0]
        wait(lambda: ledger(self.home, query)[0][0] >= before + pages or self.process.poll(), START, self.said)
        self.goes_on()

    def goes_on(self) -> None:
        assert self.process.poll() is None, self.said()

    def ends_well(self) -> None:
        assert self.process.wait(START) == 0, self.said()

    def is_killed(self) -> None:
        self.process.kill()
        self.process.wait()


def servers(home: Path) -> list[int]:
    """The processes of servers for commands by hand."""
    return [pid for pid in processes(f"UNSCRAPE_HOME={home}") if "flows.server_process" in command(pid)]


def states(home: Path, source: str) -> list[str]:
    """The states of a source's runs, the newest last."""
    query = "select state_name from flow_run where json_extract(parameters, '$.sources[0]') = ? order by created"
    return [state for (state,) in prefect(home, query, source)]


def nothing_is_left(home: Path) -> None:
    no_process_is_left(home)
    assert ledger(home, "select name from locks") == []


def no_process_is_left(home: Path) -> None:
    assert processes(f"UNSCRAPE_HOME={home}") == []
    assert address.running(home / ".prefect", address.SHARED) is None


def test_a_later_command_uses_the_server_of_the_first_and_outlives_it(home: Path) -> None:
    first = Hand(home, "ingest", "pier")
    first.has_fetched("pier", 1)
    (server,) = servers(home)
    second = Hand(home, "ingest", "quay")
    second.has_fetched("quay", 1)
    assert servers(home) == [server]
    first.ends_well()
    second.goes_on()
    assert servers(home) == [server]
    second.ends_well()
    nothing_is_left(home)
    assert {states(home, name)[-1] for name in ("pier", "quay")} == {"Completed"}
    assert ledger(home, "select count(*) from records where source = 'quay'") == [(20,)]


@pytest.mark.parametrize("how", [("-u", "HOME"), ("HOME=/proc/nobody",)], ids=["unset", "unwritable"])
def test_without_a_home_directory(home: Path, how: tuple[str, ...]) -> None:
    """As under some supervisors, and in containers run as a user that the image does not know."""
    done = subprocess.run(
        ["env", *how, sys.executable, "-m", "flows.cli", "replay", "lock"],
        env=hand_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=START,
    )
    assert done.returncode == 0, done.stderr


def test_a_killed_server_is_stood_in_for(home: Path) -> None:
    first, second = Hand(home, "ingest", "pier", "--force"), Hand(home, "ingest", "quay", "--force")
    first.has_fetched("pier", 1)
    second.has_fetched("quay", 1)
    (server,) = servers(home)
    os.kill(server, signal.SIGKILL)
    first.ends_well()
    second.ends_well()
    nothing_is_left(home)
    assert {states(home, name)[-1] for name in ("pier", "quay")} == {"Completed"}


@pytest.mark.parametrize(
    ("sign", "code", "following", "ends"),
    [(signal.SIGINT, 130, ("replay", "lock"), 0), (signal.SIGTERM, 143, ("ingest", "long"), 3)],
    ids=["SIGINT, another source", "SIGTERM, the same source"],
)
def test_a_killed_run_is_put_down_as_crashed_by_the_next_command(
    home: Path, sign: signal.Signals, code: int, following: tuple[str, ...], ends: int
) -> None:
    living, killed = Hand(home, "ingest", "long"), Hand(home, "ingest", "pier", "--force")
    living.has_fetched("long", 1)
    killed.has_fetched("pier", 1)
    killed.is_killed()
    assert (states(home, "long")[-1], states(home, "pier")[-1]) == ("Running", "Running")
    done = by_hand(home, *following)
    assert done.returncode == ends, done.stderr
    held = rf"source 'long' is held by run .* \(process {living.process.pid} on .*wait for it to end, or end it"
    assert bool(re.search(held, done.stderr)) is (ends == 3)
    living.goes_on()
    assert "Running" in states(home, "long")
    is_crashed(home, "pier", killed)
    living.process.send_signal(sign)
    assert living.process.wait(START) == code, living.said()
    assert "interrupted" in living.said().splitlines()[-1]
    no_process_is_left(home)
    assert "Crashed" in states(home, "long")
    assert "Running" not in states(home, "long")
    assert tasks_under_way(home, "long") == 0


def test_a_service_puts_it_down_too_beside_a_command_that_goes_on(home: Path) -> None:
    living, killed = Hand(home, "ingest", "long", "--force"), Hand(home, "ingest", "pier", "--force")
    living.has_fetched("long", 1)
    killed.has_fetched("pier", 1)
    killed.is_killed()
    service = Service(home)
    is_crashed(home, "pier", killed)
    assert states(home, "long")[-1] in {"Running", "Completed"}
    living.ends_well()
    assert service.stop() == 0, service.said()
    assert "ended (exit code" not in service.said()
    no_process_is_left(home)
    assert states(home, "long")[-1] == "Completed"


def is_crashed(home: Path, source: str, hand: Hand) -> None:
    """Its run and its tasks are, and the run says of whose death."""
    assert states(home, source)[-1] == "Crashed"
    messages = [run.message for run in flow_runs(home) if run.state == "Crashed"]
    assert [said for said in messages if said and f"its process (process {hand.process.pid} on " in said]
    assert tasks_under_way(home, source) == 0


def tasks_under_way(home: Path, source: str) -> int:
    query = (
        "select count(*) from task_run t join flow_run f on f.id = t.flow_run_id "
        f"where json_extract(f.parameters, '$.sources[0]') = '{source}' and t.state_type in ('RUNNING', 'PENDING')"
    )
    ((count,),) = prefect(home, query)
    return int(count)
