"""CPU-seconds of `unscrape ingest sample` against an empty Prefect flow: `uv run python tests/benchmarks/bench_ingest.py`.

Both run in a home whose database is built; children are counted, the least of three runs is shown.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

EMPTY = "from prefect import flow\n@flow\ndef empty():\n    return 1\nempty()\n"
RUNS = 3


def cpu(command: list[str], env: dict[str, str]) -> float:
    """CPU-seconds of one run of `command` and all it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure both and print the difference."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("UNSCRAPE_", "PREFECT_"))}
    with tempfile.TemporaryDirectory() as home:
        envs = {
            "empty flow": clean
            | {"PREFECT_HOME": f"{home}/.prefect", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180"},
            "ingest sample": clean | {"UNSCRAPE_HOME": home},
        }
        commands = {
            "empty flow": [sys.executable, "-c", EMPTY],
            "ingest sample": [str(Path(sys.executable).with_name("unscrape")), "ingest", "sample"],
        }
        figures = {}
        for name in ("ingest sample", "empty flow"):
            first, *rest = (cpu(commands[name], envs[name]) for _ in range(RUNS + 1))
            figures[name] = min(rest)
            print(f"{name}: first {first:.1f}, then {min(rest):.1f} CPU-s")
        print(f"difference: {figures['ingest sample'] - figures['empty flow']:+.1f} CPU-s")


if __name__ == "__main__":
    main()
