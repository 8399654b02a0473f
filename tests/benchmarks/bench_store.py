"""The figures of store and reader, in CPU seconds: `python tests/benchmarks/bench_store.py FOLDER [RECORDS]`.

FOLDER is made with RECORDS (default 100,000) records of about 10 kB and may be removed afterwards; a second call uses what lies there.
"""

import hashlib
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipeline.document import Capture
from pipeline.store import Store
from pipeline.store.run import Run
from schemas import Record, lines, read
from schemas.record_v1 import BlockV1, CaptureV1, PipelineV1, QualityV1, RemovalV1, SpliceV1, StepV1

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2010, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=400)
WORDS = "the river ferry council town harbour bridge winter ice market school road plan vote report budget of in to and".split()  # noqa: SIM905 - reads better
BATCH = 250
PARAGRAPHS = 10
REPORTED = 5_000


@contextmanager
def measured(name: str, count: int = 0) -> Iterator[None]:
    """Prints the CPU seconds of a block, children included."""
    start, wall = cpu(), time.monotonic()
    yield
    spent = cpu() - start
    rate = f"{count / spent:>12,.0f} /s" if count and spent else ""
    print(f"{name:<58}{spent:>9.2f} CPU-s{time.monotonic() - wall:>9.1f} s{rate}", flush=True)


def cpu() -> float:
    """CPU seconds of this process and its children so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def body_of(n: int, version: int) -> bytes:
    """A page of about 6 kB."""
    chance = random.Random(n * 7 + version)
    paragraphs = "".join(f"<p>{' '.join(chance.choices(WORDS, k=90))}.</p>\n" for _ in range(PARAGRAPHS))
    return f"<html><title>Page {n}</title><body><nav>Home News</nav>{paragraphs}</body></html>".encode()


def record_of(url: str, body: bytes, at: datetime) -> Record:
    """A record of about 10 kB with steps that revert, as the line would make it."""
    texts = [part.partition("</p>")[0] for part in body.decode().split("<p>")[1:]]
    blocks, steps = [], []
    for n, text in enumerate(texts):
        first = text.index(" ")
        stood = text[:first] + text[first + 1 :]
        digest = hashlib.sha256(stood.encode()).hexdigest()
        blocks.append(BlockV1(kind="paragraph", text=text, path=f"html>body>p[{n + 1}]", before_sha256=digest))
        splices = (SpliceV1(start=first, before="", after=" "),)
        steps.append(StepV1(block=n, rule="spacing.typographer", splices=splices))
    digest = hashlib.sha256(body).hexdigest()
    return Record(
        id=f"url:{hashlib.sha256(url.encode()).hexdigest()[:32]}",
        content_hash=digest,
        source="bench",
        url=url,
        capture=CaptureV1(sha256=digest, fetched_at=at, status=200, encoding="utf-8", encoding_evidence="UTF-8"),
        title="Page",
        title_evidence="title",
        published_evidence="none",
        language="en",
        blocks=tuple(blocks),
        steps=tuple(steps),
        removals=(RemovalV1(path="html>body>nav", reason="navigation", length=9, text="Home News"),),
        quality=QualityV1(confidence=0.9, characters_before=len(body), characters_after=len(body)),
        pipeline=PipelineV1(version="0.1.0", data_hash=digest),
    )


def put(run: Run, pages: list[tuple[int, int]], at: datetime) -> None:
    """Captures and records of these pages (number and version), in batches."""
    for start in range(0, len(pages), BATCH):
        records = []
        for n, version in pages[start : start + BATCH]:
            url, body = f"https://bench.example/{n}", body_of(n, version)
            sha256 = hashlib.sha256(body).hexdigest()
            run.save_capture(url, Capture(body=body, sha256=sha256, url_chain=(url,), status=200, fetched_at=at))
            records.append(record_of(url, body, at))
        run.save_records(records)


def fill(store: Store, count: int) -> None:
    """A month for every 10,000 pages."""
    with store.run("bench") as run:
        for start in range(0, count, 10_000):
            pages = [(n, 0) for n in range(start, min(start + 10_000, count))]
            put(run, pages, START + timedelta(days=31 * (start // 10_000)))


def change(store: Store, pages: list[int], version: int) -> None:
    """These pages changed, so many seconds after `LATER`; the shards that were rewritten."""
    before = {path: path.stat().st_mtime_ns for path in store.clean.rglob("part-*.jsonl")}
    with store.run("bench") as run:
        put(run, [(n, version) for n in pages], LATER + timedelta(seconds=version))
    after = {path: path.stat().st_mtime_ns for path in store.clean.rglob("part-*.jsonl")}
    print(f"    {sum(before.get(path) != written for path, written in after.items())} of {len(after)} shards rewritten")


def read_all(home: Path, count: int) -> None:
    """Raw, typed, and what the parser alone takes."""
    with measured("read all, raw dicts", count):
        assert sum(1 for _ in read.dicts(home / "clean")) == count
    with measured("read all, typed", count):
        assert sum(1 for _ in read.records(home / "clean")) == count
    sample = next(iter(read.files(home / "clean"))).read_bytes().splitlines()
    print(f"    {sum(map(len, sample)) / len(sample):,.0f} bytes a record")
    with measured(f"check and parse {len(sample)} lines in memory", len(sample)):
        for line in sample:
            lines.load(line)


def main(home: Path, count: int) -> None:
    """All figures."""
    store = Store.open(home)
    if not (home / "clean" / "v1").exists():
        with measured(f"store {count:,} captures and records", count):
            fill(store, count)
    read_all(home, count)
    id = f"url:{hashlib.sha256(b'https://bench.example/77').hexdigest()[:32]}"
    code = f"from pathlib import Path; from pipeline.store import Store; print(Store.open(Path({str(home)!r})).get({id!r}).url)"
    with measured("find one by id, process start to end"):
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    version = int(time.time()) - int(LATER.timestamp())  # later than those of a former call
    with measured("one changed record"):
        change(store, [count // 2], version)
    with measured("1,000 changed records of one month", 1000):
        change(store, list(range(1000)), version)
    chance = random.Random(1)
    with measured("1,000 changed records anywhere", 1000):
        change(store, sorted(chance.sample(range(count), 1000)), version + 1)
    with measured("verify", count):
        assert store.verify() == []
    store.close()
    report(home / "reported")


def report(home: Path) -> None:
    """The review page on a store of its own."""
    store = Store.open(home)
    if not (home / "clean" / "v1").exists():
        fill(store, REPORTED)
    with measured(f"report on {REPORTED:,} documents", REPORTED):
        store.report()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
