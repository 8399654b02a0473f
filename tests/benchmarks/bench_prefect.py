"""What a page costs to keep, and what Prefect adds to a run, on pages of our own.

    python tests/benchmarks/bench_prefect.py [--pages 2000]

First the store: CPU time and bytes a page for capture, ledger and record. Then the stages of `replay` over all pages, once in a plain
loop and once as the flow with a server of its own: CPU time of this process for both, of the server, and what its start and the
import of Prefect took, apart.
"""

import argparse
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench_bulk import page

from flows import line
from flows.catalog import find
from flows.settings import load_settings, prefect_home, prepare_prefect
from pipeline.document import Capture
from pipeline.store import Store

NAME = "bench"
BATCH = 100
TICKS = os.sysconf("SC_CLK_TCK")


def capture(number: int) -> Capture:
    """A synthetic page as if it was fetched."""
    body = page(number)
    headers = (("content-type", "text/html"), ("etag", f'"{number}"'), ("server", "bench"))
    return Capture(
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        url_chain=(f"https://bench.example/{number}",),
        status=200,
        headers=headers,
        content_type="text/html",
        fetched_at=datetime.now(UTC),
    )


@contextmanager
def clock(name: str, pages: int) -> Iterator[None]:
    """Print the CPU time of what is inside."""
    began = time.process_time()
    yield
    print(f"{name:28} {1000 * (time.process_time() - began) / pages:7.2f} ms CPU a page")


def keep(home: Path, pages: int) -> None:
    """Store `pages` captures and their records, and print what that costs."""
    source, store = find(NAME, home / "sources").source, Store.open(home)
    given = [capture(number) for number in range(pages)]
    try:
        with store.run(source) as run:
            run.due([one.url_chain[0] for one in given])
            with clock("capture (body, event, ledger)", pages):
                for one in given:
                    run.save_capture(one.url_chain[0], one)
            with clock("clean", pages):
                results = [line.clean_one(one, source) for one in given]
            with clock("store records", pages):
                for start in range(0, pages, BATCH):
                    run.save_records(results[start : start + BATCH])
    finally:
        store.close()
    sizes = {
        "page": sum(len(one.body) for one in given),
        "raw/ body": size(home / "raw", "*.zst"),
        "raw/ event": size(home / "raw", "*.json"),
        "ledger": (home / "raw" / "ledger.sqlite").stat().st_size,
        "clean/ (JSONL)": size(home / "clean", "*.jsonl"),
    }
    print("bytes a page: " + ", ".join(f"{name} {whole / pages:,.0f}" for name, whole in sizes.items()))


def size(folder: Path, pattern: str) -> int:
    """Bytes of the files that match."""
    return sum(path.stat().st_size for path in folder.rglob(pattern))


def plain(home: Path) -> None:
    """The stages of `replay` in a loop."""
    source, store = find(NAME, home / "sources").source, Store.open(home)
    try:
        with store.run(source, kind="replay") as run:
            for batch in line.batches(store.latest_captures(NAME), BATCH):
                run.save_records([line.clean_one(run.load(ref), source) for ref in batch])
    finally:
        store.close()


def spent(function: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    began = time.process_time()
    function()
    return time.process_time() - began


def of_process(pid: int) -> float:
    """CPU seconds of another."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def compare(home: Path, pages: int) -> None:
    """Print the plain loop, the flow, and what stands beside it."""
    loop = spent(lambda: plain(home))
    print(f"{'plain loop':28} {loop:7.2f} CPU-s")
    prepare_prefect(load_settings())
    from flows.server import temporary_server

    with temporary_server(prefect_home()) as server:
        server.start()
        began = time.process_time()
        from prefect.settings import PREFECT_API_URL, temporary_settings

        from flows.replay import replay

        server.wait()
        imported = time.process_time() - began
        pid = server._process.pid
        started = of_process(pid)
        with temporary_settings({PREFECT_API_URL: server.url}):
            flow = spent(lambda: replay([NAME], return_state=True))
        print(f"{'flow':28} {flow:7.2f} CPU-s, {100 * (flow / loop - 1):+.1f} %")
        print(
            f"{'server meanwhile':28} {of_process(pid) - started:7.2f} CPU-s; its start {started:.2f}, Prefect's import {imported:.2f}"
        )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory(prefix="bench-prefect-") as folder:
        home = Path(folder)
        os.environ["UNSCRAPE_HOME"] = folder
        (home / "sources").mkdir()
        (home / "sources" / f"{NAME}.toml").write_text("")
        keep(home, pages)
        compare(home, pages)


if __name__ == "__main__":
    main()
