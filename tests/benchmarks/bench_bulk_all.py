"""All that bulk is measured by, in one command each; on a machine that does nothing else.

    python tests/benchmarks/bench_bulk_all.py compare WORK                a loop, one worker, two workers, two with kills
    python tests/benchmarks/bench_bulk_all.py long WORK                   100,000 pages with kills, gone on with when called again

`compare` cleans 40,000 synthetic pages (some 220 CPU-seconds where a page takes 5.5 ms) seven times: as a plain loop, on one and on two
local processes, on one and two Dask workers, and on two of each with workers killed on the way, after which every page must be
there once. It takes about 25 minutes, and less memory than 1 GB; WORK keeps the pages. Without the extra [dask] its runs are left out.

`long` cleans WORK/pages into WORK/out, 100,000 pages, on two local processes: two workers are killed on the way, and the driver too,
with SIGKILL, when a third and when two thirds are done. About 6 minutes on two quiet cores, and 3 for making the pages.
"""

import argparse
import importlib.util
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BENCH = Path(__file__).with_name("bench_bulk.py")
RUNS = {
    "plain loop": ("loop", 1, 0),
    "1 process": ("processes", 1, 0),
    "2 processes": ("processes", 2, 0),
    "1 Dask worker": ("dask", 1, 0),
    "2 Dask workers": ("dask", 2, 0),
    "2 processes, 3 killed": ("processes", 2, 3),
    "2 Dask workers, 2 killed": ("dask", 2, 2),
}
SHARE = 2  # the driver is killed so often

Figures = dict[str, Any]


def bench(*arguments: object) -> list[str]:
    """The command line of a run of bench_bulk."""
    return [sys.executable, "-W", "ignore", str(BENCH), *map(str, arguments)]


def pages_in(work: Path, count: int) -> Path:
    """The folder of so many pages, made if it is not there."""
    folder = work / f"pages-{count}"
    if not folder.is_dir():
        making = work / "making"
        shutil.rmtree(making, ignore_errors=True)
        subprocess.run(bench("make", making, "--pages", count), check=True)
        making.rename(folder)
    return folder


def compare(work: Path, count: int) -> None:
    """Every way to clean the same pages, and what each costs beside the plain loop."""
    folder = pages_in(work, count)
    found: dict[str, Figures] = {}
    for name, (how, workers, kills) in RUNS.items():
        if how == "dask" and importlib.util.find_spec("distributed") is None:
            continue
        print(f"-- {name}", flush=True)
        found[name] = measured(folder, count, how, workers, kills)
    table(found)


def measured(folder: Path, count: int, how: str, workers: int, kills: int) -> Figures:
    """One run in processes of its own, whose pages must all be there once."""
    with tempfile.TemporaryDirectory(prefix="bench-bulk-") as place:
        out, figures = Path(place) / "out", Path(place) / "figures.json"
        options = ("--how", how, "--workers", workers, "--kill", kills, "--out", out, "--figures", figures)
        subprocess.run(bench("run", folder, *options), check=True, start_new_session=True)
        subprocess.run(bench("check", out, "--pages", count), check=True)
        made: Figures = json.loads(figures.read_text(encoding="utf-8"))
        return made


def table(found: dict[str, Figures]) -> None:
    """CPU over the loop's, throughput over one worker's of the same kind, start-up apart."""
    loop = found["plain loop"]
    heads = (
        "",
        "CPU-s",
        "over loop",
        "wall s",
        "pages/s",
        "× 1 worker",
        "start CPU-s",
        "start s",
        "MB first",
        "MB last",
    )
    print("".join(f"{head:>13}" if n else f"{head:26}" for n, head in enumerate(heads)))
    for name, one in found.items():
        single = found.get(
            name.partition(",")[0].replace("2", "1").replace("processes", "process").replace("workers", "worker")
        )
        gain = f"{single['seconds'] / one['seconds']:.2f}" if single else "-"
        cells = (
            f"{one['cpu']:.1f}",
            f"{100 * (one['cpu'] / loop['cpu'] - 1):+.1f} %",
            f"{one['seconds']:.1f}",
            f"{one['pages'] / one['seconds']:.0f}",
            gain,
            f"{one['start_cpu']:.1f}",
            f"{one['start_seconds']:.1f}",
            f"{one['first_mb']:.0f}",
            f"{one['last_mb']:.0f}",
        )
        print(f"{name:26}" + "".join(f"{cell:>13}" for cell in cells))


def long(work: Path, count: int, workers: int) -> None:
    """Clean all pages whatever is killed; what an earlier call did is not done again."""
    folder, out = pages_in(work, count), work / f"out-{count}"
    began = time.monotonic()
    for part in range(1, SHARE + 2):
        figures = work / f"figures-{part}.json"
        options = ("--how", "processes", "--workers", workers, "--kill", 1, "--out", out, "--figures", figures)
        print(f"-- driver {part}", flush=True)
        with subprocess.Popen(bench("run", folder, *options), start_new_session=True) as driver:
            until = part * count // (SHARE + 1) if part <= SHARE else None
            while driver.poll() is None:
                time.sleep(0.5)
                if until is not None and done(out)["pages"] >= until:
                    driver.send_signal(signal.SIGKILL)
                    print(f"killed the driver after {done(out)['pages']:,} pages", flush=True)
                    until = None
        if driver.returncode not in (0, -signal.SIGKILL):
            sys.exit(f"driver {part} failed with {driver.returncode}")
    seconds = time.monotonic() - began
    subprocess.run(bench("check", out, "--pages", count), check=True)
    found = done(out)
    print(f"{found['pages']:,} pages in shards, {1000 * found['cpu'] / found['pages']:.2f} ms CPU a page in the shards")
    print(f"this call: {seconds:.0f} s; largest worker {found['mb']:.0f} MB; files left over: {leftovers(out)}")


def done(out: Path) -> Figures:
    """What the markers add up to."""
    marks = [json.loads(path.read_text(encoding="utf-8")) for path in (out / "done").glob("*.json")]
    counted = ("records", "unchanged", "quarantined", "rejected", "crashed")
    return {
        "pages": sum(mark[name] for mark in marks for name in counted),
        "cpu": sum(mark["cpu_seconds"] for mark in marks),
        "mb": max((mark["peak_bytes"] / 1e6 for mark in marks), default=0.0),
    }


def leftovers(out: Path) -> int:
    """Temporary files that nobody took away."""
    return sum(not path.name.endswith((".jsonl.zst", ".json")) for path in out.rglob("*") if path.is_file())


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("compare", "long"))
    parser.add_argument("work", type=Path)
    parser.add_argument("--pages", type=int, help="default: 40,000 to compare, 100,000 for long")
    parser.add_argument("--workers", type=int, default=2, help="of long")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.what == "compare":
        compare(given.work, given.pages or 40_000)
    else:
        long(given.work, given.pages or 100_000, given.workers)


if __name__ == "__main__":
    main()
