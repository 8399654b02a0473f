"""Prints the memory of a process that strips 10,000 pages, those of ../shared/bench/wcxb-dev again and again.

python tests/benchmarks/bench_memory.py [--pages 10000]
"""

import argparse
import gzip
from pathlib import Path

from pipeline.document import Decoded
from pipeline.strip import strip

BENCH = Path(__file__).resolve().parents[2].parent / "shared" / "bench" / "wcxb-dev"
EVERY = 1000


def resident() -> float:
    """Megabytes of this process that are in memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1000


def main() -> None:
    """Strip page after page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--bench", type=Path, default=BENCH)
    options = parser.parse_args()
    paths = sorted((options.bench / "html").glob("*.html.gz"))
    for number in range(options.pages):
        text = gzip.decompress(paths[number % len(paths)].read_bytes()).decode("utf-8", "replace")
        strip(Decoded(text=text, encoding="utf-8", evidence=""))
        if (number + 1) % EVERY == 0:
            print(f"{number + 1:7,} pages  {resident():.1f} MB", flush=True)


if __name__ == "__main__":
    main()
