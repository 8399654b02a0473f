"""Ingests pages into a store until it is killed, saying on stdout what it was told is stored.

python worker.py HOME PAGES ROUND
"""

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from conftest import clean_of

from pipeline.document import Capture
from pipeline.store import Store
from pipeline.store.run import Run

BATCH = 20


def body_of(n: int, version: int) -> bytes:
    """Every seventh page is rejected; every third changes with each round."""
    if n % 7 == 0:
        return b"!%d" % n
    return b"Title %d\nText of page %d, version %d." % (n, n, version if n % 3 == 0 else 0)


def captured(n: int, version: int) -> Capture:
    """The page as it would be fetched in that round."""
    data = body_of(n, version)
    return Capture(
        body=data,
        sha256=hashlib.sha256(data).hexdigest(),
        url_chain=(f"https://paper.example/{n}",),
        status=200,
        content_type="text/html",
        fetched_at=datetime.now(UTC),
    )


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def ingest(run: Run, pages: range, version: int) -> Iterator[None]:
    for start in range(pages.start, pages.stop, BATCH):
        batch = []
        for n in range(start, min(start + BATCH, pages.stop)):
            ref = run.save_capture(f"https://paper.example/{n}", captured(n, version))
            say("captured", ref.event)
            batch.append(ref)
        outcomes = [clean_of(run.load(ref)) for ref in batch]
        run.save_records(outcomes)
        for ref in batch:
            say("saved", ref.url, ref.sha256)
        yield


def main(home: str, count: str, version: str) -> None:
    """One run over all pages, after finishing what is pending."""
    store = Store.open(Path(home))
    with store.run("paper") as run:
        say("began")
        run.save_records([clean_of(run.load(ref)) for ref in run.pending()])
        for _ in ingest(run, range(int(count)), int(version)):
            pass
    store.close()
    say("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
