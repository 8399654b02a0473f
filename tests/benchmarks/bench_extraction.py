"""Prints our extraction beside the libraries people use, word F1 and CPU time measured in one run over the same pages.

    uv run --with trafilatura --with resiliparse --with readability-lxml python tests/benchmarks/bench_extraction.py [--limit N]

Libraries that are not installed are left out. The pages are those of ../shared/bench/wcxb-dev (or --bench); ours were trained on
them, so our F1 here is that of seen pages: `pipeline/data/build_strip.py` prints the score of unseen ones.
"""

import argparse
import gzip
import importlib
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline import clean
from pipeline.document import Decoded, Rejected
from pipeline.strip import strip

Extract = Callable[[bytes, str | None], str]
BENCH = Path(__file__).resolve().parents[2].parent / "shared" / "bench" / "wcxb-dev"


def ours(html: bytes, url: str | None) -> str:
    """The whole line: decode, strip, repair, segment, record."""
    result = clean(html, url=url)
    return "" if isinstance(result, Rejected) else result.text


def ours_strip(html: bytes, url: str | None) -> str:
    """The strip stage alone."""
    result = strip(Decoded(text=html.decode("utf-8", "replace"), encoding="utf-8", evidence=""), url=url)
    return "" if isinstance(result, Rejected) else "\n\n".join(block.text for block in result.blocks)


def trafilatura(html: bytes, url: str | None) -> str:
    """With its comments off, as it does best."""
    return importlib.import_module("trafilatura").extract(html, url=url, include_comments=False) or ""


def resiliparse(html: bytes, _: str | None) -> str:
    """Main content only."""
    extract = importlib.import_module("resiliparse.extract.html2text")
    return str(extract.extract_plain_text(html.decode("utf-8", "replace"), main_content=True))


def readability(html: bytes, _: str | None) -> str:
    """readability-lxml's summary as plain text."""
    summary = importlib.import_module("readability").Document(html.decode("utf-8", "replace")).summary()
    return str(importlib.import_module("lxml.html").fromstring(summary).text_content())


SYSTEMS: dict[str, Extract] = {
    "unscrape": ours,
    "unscrape strip": ours_strip,
    "trafilatura": trafilatura,
    "resiliparse": resiliparse,
    "readability-lxml": readability,
}


def pages(bench: Path, limit: int) -> Iterator[tuple[bytes, str | None, str]]:
    """(body, URL, reference text)."""
    truths = sorted((bench / "ground-truth").glob("*.json"))
    for path in truths[:: max(1, len(truths) // limit)] if limit else truths:
        described = json.loads(path.read_text(encoding="utf-8"))
        body = gzip.decompress((bench / "html" / f"{path.stem}.html.gz").read_bytes())
        yield body, described.get("url"), described["ground_truth"].get("main_content") or ""


def word_f1(text: str, truth: str) -> float:
    """F1 over the bag of words."""
    said, wanted = re.findall(r"\w+", text.lower()), re.findall(r"\w+", truth.lower())
    if not said or not wanted:
        return float(said == wanted)
    return 2 * sum((Counter(said) & Counter(wanted)).values()) / (len(said) + len(wanted))


def runnable() -> dict[str, Extract]:
    """The systems that are installed, each called once so that nothing is loaded while measuring."""
    found = {}
    for name, extract in SYSTEMS.items():
        try:
            extract(b"<html><body><p>One paragraph of text to begin with.</p></body></html>", None)
        except ImportError:
            continue
        found[name] = extract
    return found


def main() -> None:
    """Run all systems page by page, so that a busy machine is busy for all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=150)
    parser.add_argument("--bench", type=Path, default=BENCH)
    options = parser.parse_args()
    systems = runnable()
    scores: dict[str, list[float]] = {name: [] for name in systems}
    spent = dict.fromkeys(systems, 0.0)
    for body, url, truth in pages(options.bench, options.limit):
        for name, extract in systems.items():
            begun = time.process_time()
            text = extract(body, url)
            spent[name] += time.process_time() - begun
            scores[name].append(word_f1(text, truth))
    base = spent.get("trafilatura")
    for name, found in sorted(scores.items(), key=lambda item: -statistics.mean(item[1])):
        ratio = f"{base / spent[name]:6.2f} × trafilatura" if base else ""
        print(f"{name:18} F1 {statistics.mean(found):.4f}  {1000 * spent[name] / len(found):7.2f} ms/page {ratio}")


if __name__ == "__main__":
    main()
