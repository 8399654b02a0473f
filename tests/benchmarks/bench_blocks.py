"""Paragraph breaks against the hand-checked pages of WCXB: which of the blank lines in their main content are found.

    uv run python tests/benchmarks/bench_blocks.py ../shared/bench/wcxb-dev [--kind article] [--limit N] [--misses FILE]

The words of both texts are aligned; a break counts where the word before and the word after it stand together in both texts, so
that what extraction left out or let in is not scored here. Where the truth breaks the line without a blank one (items of lists, rows
of tables), a break is neither asked for nor wrong.
"""

import argparse
import difflib
import gzip
import json
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from pipeline import clean
from pipeline.document import Rejected

WORD = re.compile(r"\w+")


def words_and_breaks(text: str) -> tuple[list[str], set[int], set[int]]:
    """The words of a text, the numbers of those that begin a paragraph, and of those that begin another line."""
    words: list[str] = []
    paragraphs, lines = set(), set()
    for paragraph in re.split(r"\n\s*\n", text):
        start = len(words)
        for line in paragraph.split("\n"):
            lines.add(len(words))
            words += WORD.findall(line.casefold())
        if len(words) > start:
            paragraphs.add(start)
    return words, paragraphs, lines - paragraphs


def score(ours: str, truth: str) -> tuple[int, int, int, list[str]]:
    """(breaks found, breaks of ours, breaks of the truth, the places where they differ) over the places both texts share."""
    a, a_breaks, _ = words_and_breaks(ours)
    b, b_breaks, b_lines = words_and_breaks(truth)
    shared = ours_count = truth_count = 0
    differ = []
    for i, j, size in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        for step in range(1, size):
            mine, theirs = i + step in a_breaks, j + step in b_breaks
            if j + step in b_lines:
                continue
            shared += mine and theirs
            ours_count += mine
            truth_count += theirs
            if mine != theirs:
                place = " ".join(b[j + step - 6 : j + step]) + " ¶ " + " ".join(b[j + step : j + step + 6])
                differ.append(("extra  " if mine else "missing") + " " + place)
    return shared, ours_count, truth_count, differ


def pages(folder: Path, kind: str, limit: int | None) -> Iterator[tuple[str, bytes, str | None, str]]:
    """(name, body, url, main content) of the pages of one kind."""
    count = 0
    for path in sorted((folder / "ground-truth").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        page_type = (case.get("_internal") or {}).get("page_type") or {}
        name = page_type.get("primary", "article") if isinstance(page_type, dict) else page_type
        if name == kind and (limit is None or count < limit):
            count += 1
            body = gzip.decompress((folder / "html" / f"{path.stem}.html.gz").read_bytes())
            yield path.stem, body, case.get("url"), case["ground_truth"].get("main_content") or ""


def run(folder: Path, kind: str, limit: int | None, misses: TextIO | None) -> None:
    totals = [0, 0, 0]
    by_page: list[tuple[float, float]] = []
    for name, body, url, content in pages(folder, kind, limit):
        result = clean(body, url=url)
        if isinstance(result, Rejected):
            continue
        shared, ours, truth, differ = score(result.text, content)
        totals = [a + b for a, b in zip(totals, (shared, ours, truth), strict=True)]
        by_page.append((shared / ours if ours else 1.0, shared / truth if truth else 1.0))
        if misses:
            misses.writelines(f"{name}\t{line}\n" for line in differ)
    shared, ours, truth = totals
    print(f"{kind}: {len(by_page)} pages, {truth} breaks; precision {shared / ours:.4f}, recall {shared / truth:.4f}")
    print(
        f"mean of pages: precision {statistics.mean(p for p, _ in by_page):.4f}, recall {statistics.mean(r for _, r in by_page):.4f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", default="article")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--misses", type=argparse.FileType("w"))
    args = parser.parse_args()
    run(args.folder, args.kind, args.limit, args.misses)


if __name__ == "__main__":
    main()
