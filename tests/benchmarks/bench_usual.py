"""Prints how often an undamaged page would be quarantined for being unusual, and how often a failed extraction is.

    python tests/benchmarks/bench_usual.py

Each page of the sites of ../shared/bench/wcxb-dev with enough pages, and of the sample site, is judged by the other pages of its
site: far fewer than the 20 records asked for in use, so that false alarms are more than there. Faults are made of the same page:
a teaser of 200 characters or a tenth of the text kept and the rest removed; the whole page kept.
"""

import argparse
import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from unittest import mock

from flows import catalog, usual
from flows.usual import Figures, Usual
from pipeline import clean
from schemas import Record

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench" / "wcxb-dev"
sys.path.append(str(ROOT / "pipeline" / "data"))

Sites = Mapping[str, Sequence[Figures]]


def bench_sites(bench: Path) -> Sites:
    """The figures of the pages of every site with five pages or more."""
    from build_strip import registered_domain

    files: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted((bench / "ground-truth").glob("*.json")):
        url = json.loads(path.read_text(encoding="utf-8")).get("url") or ""
        files[registered_domain(url) or path.stem].append((path.stem, url))
    found: dict[str, list[Figures]] = {}
    for site, pages in files.items():
        if len(pages) >= 5:
            bodies = ((gzip.decompress((bench / "html" / f"{stem}.html.gz").read_bytes()), url) for stem, url in pages)
            found[site] = [
                figures(result) for body, url in bodies if isinstance(result := clean(body, url=url), Record)
            ]
    return found


def sample_site() -> Sites:
    """The figures of the sample site's documents, read without and with its description."""
    source = catalog.find("sample", ROOT / "none").source
    bodies = [path.read_bytes() for path in sorted((ROOT / "flows" / "sources" / "sample" / "pages").glob("*.html"))]
    return {
        title: [figures(result) for body in bodies if isinstance(result := clean(body, source=given), Record)]
        for title, given in (("undescribed", None), ("described", source))
    }


def figures(record: Record) -> Figures:
    """What is compared of a record."""
    removed = sum(removal.length for removal in record.removals)
    return Figures(record.quality.characters_after, removed, record.quality.confidence)


def faults(page: Figures) -> Iterator[tuple[str, Figures]]:
    """The page, extracted wrongly."""
    total = page.kept + page.removed
    for name, kept in (("teaser", min(200, total)), ("a tenth", page.kept // 10), ("whole page", total)):
        yield name, Figures(kept, total - kept, page.confidence)


def report(title: str, sites: Sites, enough: int) -> None:
    """Count alarms on pages that have at least `enough` others to be judged by."""
    pages, alarms, found = 0, 0, Counter[str]()
    for group in sites.values():
        for at, page in enumerate(group):
            usually = Usual.of([*group[:at], *group[at + 1 :]])
            if usually is None:
                continue
            pages += 1
            alarms += usually.far(page) is not None
            found.update(name for name, fault in faults(page) if usually.far(fault) is not None)
    shares = ", ".join(f"{name} {found[name] / max(1, pages):.0%}" for name, _ in faults(Figures(1, 1, 1.0)))
    print(f"{title}, {enough} others or more: {alarms} false alarms on {pages} pages; faults found: {shares}")


def main() -> None:
    """Judge both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH)
    sites = {"sample site": sample_site()}
    if (bench := parser.parse_args().bench).is_dir():
        sites["sites of the bench"] = bench_sites(bench)
    for title, found in sites.items():
        for enough in (4, 7, 9):
            with mock.patch.object(usual, "ENOUGH", enough):
                report(title, found, enough)


if __name__ == "__main__":
    main()
