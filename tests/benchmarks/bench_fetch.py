"""What fetching costs beside the bare transport: CPU and memory for many pages from a server on loopback.

    python tests/benchmarks/bench_fetch.py [--pages 10000] [--size 100000] [--concurrency 16] [--rounds 1]

httpx's client, streaming, and the Fetcher get the same bodies to disk, each in a process of its own, at the same concurrency, once
as they are and once as gzip. Prints the CPU seconds of the client process, its memory, and the ratio, which is to stay below 1.5.
"""

import argparse
import asyncio
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from pipeline.fetch import Fetched, Fetcher, FetchSettings, MemoryBudget, Request, SystemClock
from schemas.source_v1 import FetchV1

WAYS = ("httpx", "fetcher", "httpx-gzip", "fetcher-gzip")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--way", choices=(*WAYS, "server"))
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    if options.way == "server":
        asyncio.run(serve(options.size))
    elif options.way:
        measure(options)
    else:
        compare(options)


def compare(options: argparse.Namespace) -> None:
    """Run the ways in turn against one server."""
    sized = ["--pages", str(options.pages), "--size", str(options.size), "--concurrency", str(options.concurrency)]
    me = [sys.executable, __file__, *sized]
    with subprocess.Popen([*me, "--way", "server"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        for _ in range(options.rounds):
            spent = {way: run([*me, "--way", way, "--port", port]) for way in WAYS}
            for plain in ("", "-gzip"):
                print(f"fetcher{plain} / httpx{plain}: {spent[f'fetcher{plain}'] / spent[f'httpx{plain}']:.2f}")
        server.terminate()


def run(command: list[str]) -> float:
    line = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    print(line, end="", flush=True)
    return float(line.split()[1])


def measure(options: argparse.Namespace) -> None:
    """Get the pages one way; print the way, CPU seconds, wall seconds and memory."""
    gzipped = options.way.endswith("-gzip")
    get = with_httpx if options.way.startswith("httpx") else with_fetcher
    urls = [f"http://127.0.0.1:{options.port}/{'gzip/' if gzipped else ''}{n}" for n in range(options.pages)]
    with tempfile.TemporaryDirectory() as folder:
        rss, cpu, wall = rss_mb(), time.process_time(), time.perf_counter()
        asyncio.run(get(urls, Path(folder), options))
        spent, took = time.process_time() - cpu, time.perf_counter() - wall
        files = list(Path(folder).iterdir())
        assert len(files) == options.pages
        assert all(file.stat().st_size == options.size for file in files)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.way:13} {spent:6.2f} s CPU  {took:6.2f} s  memory {rss:.0f} MB, at its peak {peak:.0f} MB")


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


async def with_httpx(urls: list[str], folder: Path, options: argparse.Namespace) -> None:
    """The least one can write: a client, so many workers, each body streamed to its file."""
    queue = iter(list(enumerate(urls)))
    limits = httpx.Limits(max_connections=options.concurrency)
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:

        async def work() -> None:
            for number, url in queue:
                async with client.stream("GET", url) as response:
                    response.raise_for_status()
                    with (folder / str(number)).open("wb") as file:
                        async for chunk in response.aiter_bytes():
                            file.write(chunk)

        await asyncio.gather(*(work() for _ in range(options.concurrency)))


async def with_fetcher(urls: list[str], folder: Path, options: argparse.Namespace) -> None:
    """The same with robots, turns, redirects, bounds, and a capture of each page."""
    queue = iter(list(enumerate(urls)))
    rules = FetchV1(rate=1e6, concurrency=options.concurrency, allow_hosts=(f"127.0.0.1:{options.port}",))
    clock = SystemClock()
    async with Fetcher(FetchSettings(contact="bench"), budget=MemoryBudget(clock), clock=clock) as fetcher:

        async def work() -> None:
            for number, url in queue:
                outcome = await fetcher.fetch(Request(url=url), rules)
                assert isinstance(outcome, Fetched), outcome
                (folder / str(number)).write_bytes(outcome.capture.body)

        await asyncio.gather(*(work() for _ in range(options.concurrency)))


async def serve(size: int) -> None:
    """Answers every path with the same page, as fast as it is read."""
    words = b"<p>A line of text, which is much like any other line of text.</p>\n"
    page = (words * (size // len(words) + 1))[:size]
    head = b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "1"\r\nContent-Length: %d\r\n'
    plain = head % size + b"\r\n" + page
    packed_page = gzip.compress(page, 6)
    packed = head % len(packed_page) + b"Content-Encoding: gzip\r\n\r\n" + packed_page
    absent = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                path = request.split(b" ", 2)[1]
                writer.write(absent if path == b"/robots.txt" else packed if path.startswith(b"/gzip") else plain)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
