"""Title, author and date against the facts the annotators of WCXB wrote down, ours beside others'.

    uv run python tests/benchmarks/bench_metadata.py ../shared/bench/wcxb-dev [--every N] [--misses FILE]

Equal means: equal when case and punctuation are folded; a date equal to the day. trafilatura and newspaper4k are measured where
they are installed (`uv run --with trafilatura --with newspaper4k …`). The truth is noisy: in places it holds what no longer stands
on the page, or stands in no part of it.
"""

import argparse
import gzip
import importlib.util
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from pipeline import clean
from pipeline.document import Rejected

FIELDS = {"title": "title", "author": "author", "date": "publish_date"}
Reader = Callable[[bytes, str | None], dict[str, Any]]


class Page(NamedTuple):
    """A page and what its annotators say of it."""

    name: str
    body: bytes
    url: str | None
    truth: dict[str, Any]


def ours(body: bytes, url: str | None) -> dict[str, Any]:
    result = clean(body, url=url)
    if isinstance(result, Rejected):
        return {}
    return {"title": result.title, "author": result.byline, "date": result.published_date or result.modified_date}


def by_trafilatura(body: bytes, url: str | None) -> dict[str, Any]:
    import trafilatura

    found = trafilatura.bare_extraction(body, url=url, with_metadata=True)
    return {"title": found.title, "author": found.author, "date": found.date} if found else {}


def by_newspaper(body: bytes, url: str | None) -> dict[str, Any]:
    import newspaper

    article = newspaper.Article(url or "https://example.org/", fetch_images=False)
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    date = article.publish_date
    return {"title": article.title, "author": ", ".join(article.authors), "date": date and str(date)}


READERS: dict[str, tuple[str, Reader]] = {
    "unscrape": ("pipeline", ours),
    "trafilatura": ("trafilatura", by_trafilatura),
    "newspaper4k": ("newspaper", by_newspaper),
}


def pages(folder: Path, every: int) -> Iterator[Page]:
    for path in sorted((folder / "ground-truth").glob("*.json"))[::every]:
        case = json.loads(path.read_text(encoding="utf-8"))
        body = gzip.decompress((folder / "html" / f"{path.stem}.html.gz").read_bytes())
        yield Page(path.stem, body, case.get("url"), case["ground_truth"])


def is_equal(name: str, found: object, truth: str) -> bool:
    if name == "date":
        return str(found or "")[:10] == truth[:10]
    return fold(found) == fold(truth)


def fold(value: object) -> str:
    return re.sub(r"\W+", " ", str(value or "").casefold()).strip()


def measure(name: str, reader: Reader, folder: Path, every: int, misses: TextIO | None) -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    spent, count = 0.0, 0
    for page in pages(folder, every):
        start = time.process_time()
        try:
            found = reader(page.body, page.url)
        except Exception as error:  # noqa: BLE001 -- other people's code: what fails is counted as not found
            found = {}
            print(f"{name} failed on {page.name}: {error!r:.100}")
        spent, count = spent + time.process_time() - start, count + 1
        for field, key in FIELDS.items():
            if truth := page.truth.get(key):
                total[field] += 1
                right[field] += is_equal(field, found.get(field), truth)
                if misses and name == "unscrape" and not is_equal(field, found.get(field), truth):
                    misses.write(f"{page.name}\t{field}\t{found.get(field)!s}\t{truth}\n")
    shares = "  ".join(f"{field} {right[field] / total[field]:.4f} of {total[field]}" for field in FIELDS)
    print(f"{name:12} {shares}  {1000 * spent / count:.1f} ms a page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--misses", type=argparse.FileType("w"))
    args = parser.parse_args()
    for name, (module, reader) in READERS.items():
        if importlib.util.find_spec(module):
            measure(name, reader, args.folder, args.every, args.misses)
        else:
            print(f"{name:12} not installed")


if __name__ == "__main__":
    main()
