"""Learns the weights of `pipeline/facts/title.py` and writes title_weights.json.

    uv run python pipeline/data/build_title.py ../shared/bench/wcxb-dev

For each page of WCXB (CC-BY-4.0) the offers are ranked by a linear score; the weights maximise the likelihood of the title its
annotators wrote (softmax over the offers of a page, L2). Deterministic. Prints the share found on folds left out, five ways.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.decode import decode_bytes
from pipeline.document import Rejected
from pipeline.facts.title import features, offered, site_names
from pipeline.segment.blanks import plain_fact
from pipeline.strip import strip

RARE, L2, ROUNDS, RATE, FOLDS = 15, 6.0, 400, 0.1, 5
Page = tuple[list[str], list[dict[str, float]], str]


def fold(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def pages(folder: Path) -> Iterator[Page]:
    """(folded offers, their features, folded truth) of each page."""
    for path in sorted((folder / "ground-truth").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        url = case.get("url")
        decoded = decode_bytes(gzip.decompress((folder / "html" / f"{path.stem}.html.gz").read_bytes()), None, url)
        stripped = strip(decoded, url=url)
        if isinstance(stripped, Rejected):
            continue
        facts = [plain_fact(fact) for fact in stripped.facts]
        site = next((fact.text for fact in facts if fact.name == "site" and len(fact.text) <= 200), None)
        names = site_names(site, url)
        offers = offered([fact for fact in facts if fact.name == "title" and fact.text], names)
        found = features(offers, names, url)
        yield [fold(key) for key in found], list(found.values()), fold(case["ground_truth"]["title"])


def learn(examples: Sequence[Page], names: Sequence[str]) -> NDArray[np.float64]:
    index = {name: number for number, name in enumerate(names)}
    tables = [(table(found, index), keys.index(truth)) for keys, found, truth in examples if truth in keys]
    weights, mean, square = (np.zeros(len(names)) for _ in range(3))
    for turn in range(1, ROUNDS + 1):
        gradient = -L2 * weights
        for rows, right in tables:
            scores = np.exp(rows @ weights - np.max(rows @ weights))
            gradient += rows[right] - (scores / scores.sum()) @ rows
        gradient /= len(tables)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights += RATE * (mean / (1 - 0.9**turn)) / (np.sqrt(square / (1 - 0.99**turn)) + 1e-8)
    return weights


def table(found: Sequence[dict[str, float]], index: dict[str, int]) -> NDArray[np.float64]:
    rows = np.zeros((len(found), len(index)))
    for row, values in zip(rows, found, strict=True):
        for name, value in values.items():
            if name in index:
                row[index[name]] = value
    return rows


def right(examples: Sequence[Page], names: Sequence[str], weights: NDArray[np.float64]) -> int:
    index = {name: number for number, name in enumerate(names)}
    return sum(
        bool(keys) and keys[int(np.argmax(table(found, index) @ weights))] == truth for keys, found, truth in examples
    )


def main(folder: Path) -> None:
    examples = list(pages(folder))
    counts = Counter(name for _, found, _ in examples for values in found for name in values)
    names = sorted(name for name, count in counts.items() if count >= RARE)
    held = 0
    for number in range(FOLDS):
        weights = learn([page for at, page in enumerate(examples) if at % FOLDS != number], names)
        held += right(examples[number::FOLDS], names, weights)
    print(f"{len(examples)} pages, {len(names)} features; {held / len(examples):.4f} right on folds left out")
    weights = learn(examples, names)
    print(f"{right(examples, names, weights) / len(examples):.4f} right on all")
    written = {
        name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True) if abs(weight) >= 0.01
    }
    target = Path(__file__).parent / "title_weights.json"
    target.write_text(json.dumps(written, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
