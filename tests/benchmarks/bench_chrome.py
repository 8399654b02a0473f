"""Prints what a site's other pages add to extraction: word F1 with and without what was learned from them.

    python tests/benchmarks/bench_chrome.py                     the sample site, and the sites of ../shared/bench/wcxb-dev
    uv run --group bench python tests/benchmarks/bench_chrome.py --train     by trees that saw no page of these sites: ten minutes

Sites are registered domains with three pages or more. "all": learned from all pages of the site, the scored one among them, as
`unscrape sources learn` does; "others": without the scored one; "three": from it and the two next to it. The shipped trees were trained
on all pages, so that without --train they need the others less than on sites of your own. The sample site's truth is what its own
description keeps; it is scored without that.
"""

import argparse
import gzip
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from flows import catalog
from pipeline.document import Decoded, Rejected
from pipeline.strip import scorer, strip
from pipeline.strip.chrome import learn
from schemas import SourceV1
from schemas.source_v1 import ChromeV1

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench" / "wcxb-dev"
sys.path += [str(Path(__file__).parent), str(ROOT / "pipeline" / "data")]
LEAST = 3

Chances = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """A page, its site, the text it should give."""

    name: str
    site: str
    url: str
    decoded: Decoded
    truth: str


def bench_pages(bench: Path) -> list[Page]:
    """The pages of sites with enough of them."""
    from build_strip import registered_domain

    found: dict[str, list[Page]] = defaultdict(list)
    for path in sorted((bench / "ground-truth").glob("*.json")):
        described = json.loads(path.read_text(encoding="utf-8"))
        url = described.get("url") or ""
        body = gzip.decompress((bench / "html" / f"{path.stem}.html.gz").read_bytes())
        decoded = Decoded(text=body.decode("utf-8", "replace"), encoding="utf-8", evidence="")
        site = registered_domain(url) or path.stem
        found[site].append(Page(path.stem, site, url, decoded, described["ground_truth"].get("main_content") or ""))
    return [page for pages in found.values() if len(pages) >= LEAST for page in pages]


def sample_pages() -> list[Page]:
    """The pages of the sample site that are documents."""
    source = catalog.find("sample", ROOT / "none").source
    pages = []
    for path in sorted((ROOT / "flows" / "sources" / "sample" / "pages").glob("*.html")):
        decoded = Decoded(text=path.read_bytes().decode("utf-8", "replace"), encoding="utf-8", evidence="")
        result = strip(decoded, source=source)
        if not isinstance(result, Rejected):
            truth = " ".join(block.text for block in result.blocks)
            pages.append(Page(path.stem, "sample", f"http://laketowns.example/{path.stem}", decoded, truth))
    return pages


def f1(page: Page, chrome: ChromeV1 | None, chances: Chances | None) -> float:
    """The score of a page, with what was learned or without."""
    from bench_extraction import word_f1

    source = SourceV1(name="site", chrome=chrome) if chrome else None
    given: Callable[..., Any] = scorer.chances_of
    if chances is not None:
        given = lambda walked, *_: np.asarray(chances[page.name], dtype=np.float64)  # noqa: E731
    with mock.patch.object(scorer, "chances_of", given):
        result = strip(page.decoded, source=source, url=page.url)
    return word_f1("" if isinstance(result, Rejected) else " ".join(block.text for block in result.blocks), page.truth)


def learned(pages: Sequence[Page]) -> ChromeV1:
    """What repeats on these pages."""
    return learn({f"{page.name:0>64}": page.decoded for page in pages})


CHOICES: dict[str, Callable[[Sequence[Page], int], Sequence[Page]]] = {
    "all": lambda pages, _: pages,
    "others": lambda pages, at: [*pages[:at], *pages[at + 1 :]],
    "three": lambda pages, at: [pages[(at + step) % len(pages)] for step in range(LEAST)],
}


def report(title: str, pages: Sequence[Page], chances: Chances | None = None) -> None:
    """Print the gain by how much was learned from."""
    sites: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        sites[page.site].append(page)
    before = {page.name: f1(page, None, chances) for page in pages}
    print(f"{title}: {len(pages)} pages of {len(sites)} sites, F1 {statistics.mean(before.values()):.4f} without")
    for name, choose in CHOICES.items():
        gains: dict[str, list[float]] = defaultdict(list)
        for site, group in sites.items():
            for at, page in enumerate(group):
                chrome = learned(choose(group, at))
                gains[site].append(
                    (f1(page, chrome, chances) if chrome.texts else before[page.name]) - before[page.name]
                )
        print(f"  {name:7} {line(gains)}", flush=True)


def line(gains: Mapping[str, Sequence[float]]) -> str:
    """Mean gain over the pages, and over the sites but the best one with its standard error; pages better and worse."""
    every = [gain for some in gains.values() for gain in some]
    means = sorted(statistics.mean(some) for some in gains.values())
    text = f"gain {statistics.mean(every):+.4f}; {sum(g > 0.005 for g in every)} pages better, {sum(g < -0.005 for g in every)} worse"
    if len(means) > 2:
        rest = means[:-1]
        error = statistics.stdev(rest) / len(rest) ** 0.5
        text += (
            f"; by site {statistics.mean(means):+.4f}, without the best {statistics.mean(rest):+.4f} (se {error:.4f})"
        )
        text += f", worst {means[0]:+.4f}"
    return text


def trained(bench: Path, pages: Sequence[Page]) -> Chances:
    """The chances of the runs of `pages` by trees that were trained without their sites."""
    import build_strip as build

    sites = {page.site for page in pages}
    cases = build.read_cases(bench)
    kept = [case for case in cases if case.site not in sites]
    trees, tables = build.first_stage(kept, [build.votes(case) for case in kept], None)
    return {case.name: build.chances(trees, build.seen(case, tables)) for case in cases if case.site in sites}


def main() -> None:
    """Score both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH)
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    report("sample site", sample_pages())
    if options.bench.is_dir():
        pages = bench_pages(options.bench)
        chances = trained(options.bench, pages) if options.train else None
        report("sites of the bench" + (", unseen" if options.train else ", seen in training"), pages, chances)


if __name__ == "__main__":
    main()
