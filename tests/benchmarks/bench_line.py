"""The whole line (bytes to record) against trafilatura's extraction followed by ftfy's repair, on the same pages in the same run.

    uv run --with trafilatura python tests/benchmarks/bench_line.py speed ../shared/bench/wcxb-dev [--limit 300]
    uv run python tests/benchmarks/bench_line.py stages ../shared/bench/wcxb-dev [--limit 300]
    uv run python tests/benchmarks/bench_line.py growth

speed    pages per CPU-second of both, and their quotient; each page is cleaned by one and then by the other
stages   the line's CPU time by stage
growth   CPU time a MB for pages of our own from 10 kB to 10 MB; flat where cost grows linearly

All times are CPU time of this process; the tables that few pages ask for are loaded (1.3 CPU-seconds once a process), and both have
seen pages, before the clock runs.
"""

import argparse
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline import clean
from pipeline.language import detect
from pipeline.repair.spacing.lexicon import lexicon

LINE, REPAIR = import_module("pipeline.line"), import_module("pipeline.repair")

WARM_UP = 5  # pages cleaned before the clock runs
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)  # bytes
REPEAT = {10_000: 30, 100_000: 5}  # how often the small ones are cleaned
WORDS = (  # noqa: SIM905 - thirty quotes would read worse
    "harbour council bridge market river library station garden winter morning report season engine valley teacher window "
    "letter village journey member answer picture number summer island doctor chapter minister budget railway"
).split()

Page = tuple[bytes, str]


def pages(folder: Path, limit: int) -> list[Page]:
    """(HTML, URL) of the first `limit` pages of the bench, by name."""
    found = []
    for path in sorted((folder / "html").glob("*.html.gz"))[:limit]:
        truth = json.loads(
            (folder / "ground-truth" / f"{path.name.partition('.')[0]}.json").read_text(encoding="utf-8")
        )
        found.append((gzip.decompress(path.read_bytes()), str(truth["url"])))
    return found


def load_tables() -> None:
    """What one page in some hundred asks for."""
    lexicon("en")
    detect("Lanterns harbours captains anchors bollards tides pilots quays ropes barges ferries lighthouses currents")


def speed(folder: Path, limit: int) -> None:
    """Print the throughput of both and their quotient."""
    import ftfy
    import trafilatura

    def theirs(html: bytes, url: str) -> None:
        document = trafilatura.bare_extraction(html, url=url, with_metadata=True)
        if document is not None:
            ftfy.fix_text(document.text or "")

    both: dict[str, Callable[[bytes, str], Any]] = {
        "unscrape": lambda html, url: clean(html, url=url),
        "trafilatura + ftfy": theirs,
    }
    given = pages(folder, limit)
    load_tables()
    spent = dict.fromkeys(both, 0.0)
    for number, (html, url) in enumerate([*given[:WARM_UP], *given]):
        for name, function in both.items():
            began = time.process_time()
            function(html, url)
            if number >= WARM_UP:
                spent[name] += time.process_time() - began
    for name, seconds in spent.items():
        print(f"{name:20} {len(given) / seconds:8.1f} pages/CPU-s  {1000 * seconds / len(given):7.2f} ms a page")
    print(f"{'quotient':20} {spent['trafilatura + ftfy'] / spent['unscrape']:8.2f}")


class Clock:
    """Adds up the CPU time of functions by name; time spent in another timed function inside is that one's."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._inner = [0.0]

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, with its own time added under `name`."""

        def call(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            self._inner.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                whole, inner = time.process_time() - began, self._inner.pop()
                self._inner[-1] += whole
                self.spent[name] += whole - inner

        return call


PLACES: tuple[tuple[str, Any, str], ...] = (
    ("decode", LINE, "decode_bytes"),
    ("strip", LINE, "strip"),
    ("repair: encoding", REPAIR, "repair_encoding"),
    ("repair: spacing", REPAIR, "repair_spacing"),
    ("repair: log", LINE, "repair"),
    ("segment", LINE, "segment"),
    ("record", LINE, "record"),
)


def stages(folder: Path, limit: int) -> None:
    """Print the line's CPU time by stage."""
    given = pages(folder, limit)
    load_tables()
    for html, url in given[:WARM_UP]:
        clean(html, url=url)
    clock = Clock()
    for name, module, attribute in PLACES:
        setattr(module, attribute, clock.timed(name, getattr(module, attribute)))
    line = clock.timed("hashes and the rest", clean)
    for html, url in given:
        line(html, url=url)
    whole = sum(clock.spent.values())
    for name, seconds in clock.spent.most_common():
        print(f"{name:20} {1000 * seconds / len(given):7.2f} ms a page  {100 * seconds / whole:5.1f} %")
    print(f"{'whole':20} {1000 * whole / len(given):7.2f} ms a page")


def page_of(size: int) -> bytes:
    """An article of about `size` bytes, of our own words, with a site around it."""
    chance = random.Random(size)
    head = "<html lang=en><head><title>The harbour - The Daily</title></head><body><nav><ul>"
    head += (
        "".join(f"<li><a href=/{word}>{word}</a></li>" for word in WORDS) + "</ul></nav><article><h1>The harbour</h1>"
    )
    return "".join(
        [head, *_paragraphs(size - len(head), chance), "</article><footer>All rights kept</footer></body></html>"]
    ).encode()


def _paragraphs(size: int, chance: random.Random) -> Iterator[str]:
    while size > 0:
        sentences = (
            " ".join(chance.choices(WORDS, k=chance.randint(6, 18))).capitalize() for _ in range(chance.randint(2, 6))
        )
        text = f"<p>{'. '.join(sentences)}.</p>\n"
        size -= len(text)
        yield text


def growth() -> None:
    """Print the CPU time a MB by size."""
    clean(page_of(20_000))
    for size in SIZES:
        page = page_of(size)
        times = REPEAT.get(size, 1)
        began = time.process_time()
        for _ in range(times):
            clean(page)
        seconds = (time.process_time() - began) / times
        print(f"{len(page):>12,} bytes  {1000 * seconds:10.1f} ms  {1e9 * seconds / len(page):8.0f} ms a MB")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "stages", "growth"))
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/bench/wcxb-dev"))
    parser.add_argument("--limit", type=int, default=300)
    given = parser.parse_args()
    if given.what == "growth":
        growth()
    else:
        {"speed": speed, "stages": stages}[given.what](given.folder, given.limit)


if __name__ == "__main__":
    main()
