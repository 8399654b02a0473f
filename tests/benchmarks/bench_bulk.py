"""Bulk cleaning of pages of our own: what the workers cost over a plain loop, how it scales, what a kill loses.

    python tests/benchmarks/bench_bulk.py make pages/ --pages 10000             synthetic site variations, as WARC files
    python tests/benchmarks/bench_bulk.py run pages/ --how loop                 one process, one shard after the other
    python tests/benchmarks/bench_bulk.py run pages/ --how processes --workers 2
    python tests/benchmarks/bench_bulk.py run pages/ --how dask --workers 2     needs the extra [dask]
    python tests/benchmarks/bench_bulk.py run pages/ --how processes --workers 2 --kill 5    kills a worker that often on the way
    python tests/benchmarks/bench_bulk.py check OUT --pages 10000               every page once, whatever was killed

bench_bulk_all.py runs these one after the other and compares them.
`run` prints the CPU seconds of all processes it has started, by what they are, wall time, and the memory of the largest worker for
the first and the last tenth of the shards. Wall time means something only on a machine that does nothing else.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows import shards, workers
from flows.shards import Done, Job, Plan
from schemas import read

FILE_PAGES = 2500  # pages in one WARC file
SHARD_PAGES = 250
LOOK = 0.5  # seconds between two looks at the processes
TICKS = os.sysconf("SC_CLK_TCK")

WORDS = """
harbour council bridge market river library station garden engine valley teacher window letter village journey
opened closed visited painted counted described repaired left found changed followed measured
the a of in at for with near after before every old new small great northern quiet early last first
"""
NOUNS, VERBS, REST = (line.split() for line in WORDS.strip().splitlines())
LANGUAGES = (("utf-8", "utf-8"), ("windows-1252", "windows-1252"), ("utf-8", "windows-1252"))  # written, declared


def page(number: int) -> bytes:
    """One page of one of four sites: about 5 to 60 kB, some with lost blanks, some declared in a wrong encoding."""
    chance = random.Random(number)
    paragraphs = [paragraph(chance) for _ in range(int(chance.lognormvariate(2.7, 0.6)) + 2)]
    if number % 10 == 0:  # a typographer's damage: blanks lost after short words
        paragraphs = [text.replace(" the ", " the\u00a0").replace(" of ", " of") for text in paragraphs]
    title = " ".join(chance.choices(NOUNS, k=4)).capitalize()
    written, declared = LANGUAGES[number % 7 % 3]
    return SITES[number % len(SITES)](title, paragraphs, declared, chance).encode(written, "replace")


def paragraph(chance: random.Random) -> str:
    """A few sentences."""
    return " ".join(sentence(chance) for _ in range(chance.randint(2, 6)))


def sentence(chance: random.Random) -> str:
    """Words in no order that means anything, but with a sentence's rhythm, and quotation marks now and then."""
    words = [chance.choice((NOUNS, VERBS, REST, REST)[n % 4]) for n in range(chance.randint(7, 22))]
    text = " ".join(words).capitalize() + "."
    return f"\u201c{text}\u201d" if chance.random() < 0.1 else text


def chrome(chance: random.Random, links: int) -> str:
    """A list of links, as sites have around their pages."""
    items = (f'<li><a href="/{word}/{n}">{word} {n}</a></li>' for n, word in enumerate(chance.choices(NOUNS, k=links)))
    return f"<ul>{''.join(items)}</ul>"


def news(title: str, texts: list[str], charset: str, chance: random.Random) -> str:
    """A news site."""
    body = "".join(f'<p class="text">{text}</p>\n' for text in texts)
    return (
        f'<html lang="en"><head><meta charset="{charset}"><title>{title} | The Daily</title></head><body><nav>{chrome(chance, 30)}'
        f'</nav><main><article><h1>{title}</h1><time datetime="2026-02-{chance.randint(10, 28)}T08:00:00Z">February</time>{body}'
        f"</article><aside>{chrome(chance, 20)}</aside></main><footer>{chrome(chance, 15)}</footer></body></html>"
    )


def tables(title: str, texts: list[str], charset: str, chance: random.Random) -> str:
    """A site of twenty years ago, laid out in tables."""
    body = "<br><br>".join(texts)
    return (
        f"<HTML><HEAD><meta http-equiv=Content-Type content='text/html; charset={charset}'><TITLE>{title}</TITLE></HEAD><BODY><table>"
        f"<tr><td>{chrome(chance, 25)}</td><td><h2>{title}</h2>12.02.2026<br>{body}<br><a href=#>Print</a></td></tr></table></BODY>"
    )


def forum(title: str, texts: list[str], charset: str, chance: random.Random) -> str:
    """A thread."""
    posts = "".join(
        f"<div class=post><b>{chance.choice(NOUNS)}</b><div class=body><p>{text}</p></div></div>" for text in texts
    )
    head = f"<html><head><meta charset={charset}><title>{title}</title></head>"
    return f"{head}<body>{chrome(chance, 10)}<h1>{title}</h1>{posts}</body></html>"


def manual(title: str, texts: list[str], charset: str, chance: random.Random) -> str:
    """Documentation."""
    parts = "".join(f"<h3>{chance.choice(NOUNS)}</h3><p>{text}</p><pre>{text[:60]}</pre>" for text in texts)
    return (
        f"<html><head><meta charset={charset}><title>{title}</title></head><body><div id=toc>{chrome(chance, 40)}</div>"
        f"<div id=content><h1>{title}</h1>{parts}</div></body></html>"
    )


SITES: tuple[Callable[[str, list[str], str, random.Random], str], ...] = (news, tables, forum, manual)


def make(folder: Path, pages: int) -> None:
    """Write `pages` pages as WARC files."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, pages, FILE_PAGES):
        with (folder / f"part-{start:07d}.warc.gz").open("wb") as file:
            for number in range(start, min(start + FILE_PAGES, pages)):
                file.write(gzip.compress(warc_record(number), compresslevel=6, mtime=0))
    print(f"{pages} pages, {sum(path.stat().st_size for path in folder.iterdir()):,} bytes zipped")


def warc_record(number: int) -> bytes:
    """One page as a response record."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(number)
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-02-20T10:00:00Z\r\n"
        f"WARC-Target-URI: https://site{number % 40}.example/{number}\r\nWARC-Record-ID: <urn:page:{number}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


class Watch(threading.Thread):
    """Adds up the CPU time of all processes of this session, as long as they live."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.spent: dict[int, float] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        while not self.ended.wait(LOOK):
            self.look()

    def look(self) -> None:
        """Note what every process has used by now."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == os.getsid(0):
                self.spent[int(folder.name)] = (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def crew(how: str, count: int) -> Iterator[Callable[[Callable[[Any], Any], list[Any]], Iterator[Any]]]:
    """What runs the jobs."""
    if how == "loop":
        yield lambda function, jobs: (workers.Outcome(job, function(job)) for job in jobs)
    elif how == "processes":
        yield lambda function, jobs: workers.on_processes(function, jobs, count)
    else:
        workers.quiet_dask()
        from distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            client.run(
                shards.pipeline_version
            )  # workers import the line, as `processes` have done before the first job
            yield lambda function, jobs: workers.on_dask(function, jobs, client)


def run(folder: Path, out: Path, how: str, count: int, kills: int) -> dict[str, float]:
    """Clean everything and print what it cost; the figures."""
    os.setsid() if os.getsid(0) != os.getpid() else None
    watch = Watch()
    watch.start()
    paths = sorted(folder.glob("*.warc.gz"))
    began = time.monotonic()
    with crew(how, count) as start:
        planned = start(
            shards.plan_shards, [Plan(path=str(p), out=str(out), pages=SHARD_PAGES, split=0) for p in paths]
        )
        todo = shards.left([job for outcome in planned for job in jobs_of(outcome.result, out)], str(out))
        ready = time.monotonic()
        watch.look()
        before = dict(watch.spent)
        done: list[Done] = []
        failed = 0
        moments = {len(todo) * (n + 1) // (kills + 1) for n in range(kills)}
        for number, outcome in enumerate(start(shards.clean_shard, todo), 1):
            failed += outcome.error is not None
            done += [outcome.result] if outcome.result else []
            if number in moments:
                kill_one(how)
        seconds = time.monotonic() - ready
        watch.look()
    watch.ended.set()
    return report(done, failed, watch.spent, before, seconds, ready - began)


def jobs_of(found: tuple[shards.Shard, ...], out: Path) -> list[Job]:
    """The jobs of a file's shards."""
    version = shards.pipeline_version()
    return [Job(shard=shard, out=str(out), key=shards.key(shard, None), pipeline=version) for shard in found]


def kill_one(how: str) -> None:
    """SIGKILL one worker of this session."""
    words = "forkserver" if how == "processes" else "spawn_main"
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if int(fields[3]) == os.getsid(0) and words in command:
            found.append((int(fields[11]), int(folder.name)))
    if found:
        os.kill(
            max(found)[1], signal.SIGKILL
        )  # the one that worked most is a worker, not the server it was forked from
        print(f"killed {max(found)[1]}")


def report(
    done: list[Done], failed: int, spent: dict[int, float], before: dict[int, float], seconds: float, start: float
) -> dict[str, float]:
    """Print the figures, and return them."""
    if not done:
        print("nothing was left to do")
        return {"pages": 0, "failed": failed}
    outcomes = Counter(
        {name: sum(getattr(one, name) for one in done) for name in ("records", "rejected", "quarantined", "crashed")}
    )
    pages, cpu = sum(outcomes.values()), sum(spent.values()) - sum(before.values())
    inside = sum(one.cpu_seconds for one in done)
    tenth = max(1, len(done) // 10)
    print(f"shards {len(done)}, failed {failed}; " + ", ".join(f"{name} {count}" for name, count in outcomes.items()))
    print(f"start-up and plan: {sum(before.values()):.1f} CPU-s, {start:.1f} s")
    print(f"cleaning: {cpu:.1f} CPU-s in all processes, {inside:.1f} of them in shards; {seconds:.1f} s")
    print(
        f"a page: {1000 * cpu / max(pages, 1):.2f} ms CPU; {pages / cpu:.1f} pages/CPU-s; {pages / seconds:.1f} pages/s"
    )
    print(
        f"bytes a page: in {sum(one.bytes_in for one in done) / pages:,.0f}, out {sum(one.bytes_out for one in done) / pages:,.0f}"
    )
    first, last = (max(one.peak_bytes for one in part) / 1e6 for part in (done[:tenth], done[-tenth:]))
    print(f"largest worker: {first:.0f} MB in the first tenth, {last:.0f} MB in the last")
    return {
        "pages": pages,
        "failed": failed,
        "crashed": outcomes["crashed"],
        "cpu": cpu,
        "inside": inside,
        "seconds": seconds,
        "start_cpu": sum(before.values()),
        "start_seconds": start,
        "first_mb": first,
        "last_mb": last,
    }


def check(out: Path, pages: int) -> None:
    """Every page gave one line, in v1/ or in rejected/."""
    seen = Counter(str(record["url"]) for record in read.dicts(out / "v1"))
    assert set(seen.values()) <= {1}, [url for url, count in seen.items() if count > 1][:5]
    marked = sum(
        sum(int(shards.remote.read_json(str(path))[name]) for name in ("rejected", "quarantined", "crashed"))
        for path in (out / "done").iterdir()
    )
    assert len(seen) + marked == pages, (len(seen), marked, pages)
    print(f"{len(seen)} records, {marked} refused: every one of {pages} pages once")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("make", "run", "check"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--how", choices=("loop", "processes", "dask"), default="loop")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("--out", type=Path, help="kept; default: a temporary folder")
    parser.add_argument("--figures", type=Path, help="a file for the figures, as JSON")
    given = parser.parse_args()
    if given.what == "make":
        make(given.folder, given.pages)
    elif given.what == "check":
        check(given.folder, given.pages)
    else:
        out = given.out or Path(tempfile.mkdtemp(prefix="bench-bulk-"))
        try:
            figures = run(given.folder, out, given.how, given.workers, given.kill)
            if given.figures:
                given.figures.write_text(json.dumps(figures), encoding="utf-8")
        finally:
            if given.out is None:
                shutil.rmtree(out)


if __name__ == "__main__":
    main()
