# /// script
# requires-python = ">=3.11"
# dependencies = ["catboost==1.2.10", "unscrape"]
# ///
"""Trains the weights of the strip scorer: `python pipeline/data/build_strip.py BENCH`, BENCH being a copy of WCXB.

BENCH holds `ground-truth/NNNN.json` and `html/NNNN.html.gz`. Writes `strip.npz` beside this script and prints the scores of
pages whose site was in no training fold. Deterministic for one machine and version; takes about fifteen minutes on two cores.

1. Every page is walked as `strip` walks it, and every run gets the share of its words that the reference text holds, matched in
   order: long runs by shingles, short ones only between the long ones around them.
2. Token tables: log-odds of class, id, word and URL tokens, each page one vote, each token on pages of several sites. A page's
   features use tables made without its own fold, so that the trees meet tokens as they will meet new sites'.
3. First trees: a run by itself and its surroundings, weighted by words within the page so that the loss follows the page's F1.
   A quarter of the pages lose their words, so that pages in other languages than the bench's are judged by the rest.
4. Second trees: what the first said of the neighbours, on out-of-fold first chances, with none of the page's own features —
   these made it worse (.8607 against .8595 on one fold).
"""

import argparse
import gzip
import hashlib
import json
import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from pipeline.strip import facts
from pipeline.strip.features import (
    Context,
    Floats,
    Tables,
    context_features,
    features,
    mark_tokens,
    page_tokens,
    short_words,
)
from pipeline.strip.html import walk_page
from pipeline.strip.model import WEIGHTS
from pipeline.strip.scorer import likeliest, not_repeated
from pipeline.strip.walk import Walked

FOLDS = 5
SEED = 20261122
ROWS = 150_000
"""Rows a training sees: runs of little weight are sampled and weighted up (no loss against all 430,000, a third of the time)."""
WORDLESS = 0.25
FIRST = {"iterations": 300, "depth": 6, "learning_rate": 0.08, "l2_leaf_reg": 3}
SECOND = {"iterations": 150, "depth": 5, "learning_rate": 0.08, "l2_leaf_reg": 5}
LEAST_SITES = {"marks": 6, "words": 8, "page": 6}
SMOOTHING = 4.0

_WORD = re.compile(r"\w+")
_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gob", "gov", "net", "ne", "or", "org"])
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One page: its runs, what is known of it, the share of each run that is content, words of each run, words of the truth."""

    name: str
    kind: str
    site: str
    fold: int
    page: Walked
    context: Context
    share: Array
    words: Array
    truth: list[str]


def read_cases(bench: Path) -> list[Case]:
    """The bench's pages, walked and labelled."""
    return [read_case(bench, path) for path in sorted((bench / "ground-truth").glob("*.json"))]


def read_case(bench: Path, path: Path) -> Case:
    """One page of the bench."""
    described = json.loads(path.read_text(encoding="utf-8"))
    body = gzip.decompress((bench / "html" / f"{path.stem}.html.gz").read_bytes())
    url, truth = described.get("url") or "", described["ground_truth"].get("main_content") or ""
    parsed = LexborHTMLParser(body.decode("utf-8", "replace"))
    page = walk_page(parsed, None)
    context = facts.context(url, facts.head_facts(parsed), facts.json_ld(parsed))
    page.candidates.clear()
    site = registered_domain(url) or path.stem
    return Case(
        name=path.stem,
        kind=_kind(described),
        site=site,
        fold=int(hashlib.sha256(site.encode()).hexdigest(), 16) % FOLDS,
        page=page,
        context=context,
        share=np.array(aligned(page.texts, truth), dtype=np.float64),
        words=np.array([len(words_of(text)) for text in page.texts], dtype=np.float64),
        truth=words_of(truth),
    )


def _kind(described: dict[str, Any]) -> str:
    kind = (described.get("_internal") or {}).get("page_type") or "article"
    kind = kind.get("primary", "article") if isinstance(kind, dict) else kind
    return "collection" if kind == "category" else str(kind)


def registered_domain(url: str) -> str:
    """The domain a site's owner registered, near enough to keep one owner's pages in one fold.

    >>> registered_domain("https://shop.example.co.uk/a")
    'example.co.uk'
    """
    labels = (urlsplit(url).hostname or "").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if short else labels[-2:])


def words_of(text: str) -> list[str]:
    """The words the bench's score counts."""
    return _WORD.findall(text.lower())


# Labels


_SHINGLE, _LONG = 5, 8


def aligned(texts: Sequence[str], truth: str) -> list[float]:
    """For each run the share of its words that stand in `truth` where the run would stand."""
    wanted = words_of(truth)
    runs = [words_of(text) for text in texts]
    shares, places = _long_runs(runs, wanted)
    chain = _in_order(places)
    said = {tuple(runs[run]) for run, _ in chain}
    kept = {run for run, _ in chain}
    for run, _ in places:
        if run not in kept and tuple(runs[run]) in said:
            shares[run] = 0.0
    _short_runs(runs, wanted, chain, shares)
    return shares


def _long_runs(runs: Sequence[list[str]], wanted: list[str]) -> tuple[list[float], list[tuple[int, int]]]:
    """(share of each long run found in `wanted`, [(run, where it begins there)] of those mostly found)."""
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for start in range(len(wanted) - _SHINGLE + 1):
        where[tuple(wanted[start : start + _SHINGLE])].append(start)
    shares, places = [0.0] * len(runs), []
    for number, run in enumerate(runs):
        if len(run) < _LONG:
            continue
        covered, begins = bytearray(len(run)), []
        for offset in range(len(run) - _SHINGLE + 1):
            if hits := where.get(tuple(run[offset : offset + _SHINGLE])):
                covered[offset : offset + _SHINGLE] = b"\1" * _SHINGLE
                if len(hits) == 1:
                    begins.append(hits[0] - offset)
        shares[number] = sum(covered) / len(run)
        if shares[number] > 0.5 and begins:
            places.append((number, sorted(begins)[len(begins) // 2]))
    return shares, places


def _in_order(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of `places` whose positions do not fall."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(places)
    for index, (_, place) in enumerate(places):
        at = bisect_right(tails, place)
        tails[at : at + 1], ends[at : at + 1] = [place], [index]
        before[index] = ends[at - 1] if at else -1
    chain, index = [], ends[-1] if ends else -1
    while index >= 0:
        chain.append(places[index])
        index = before[index]
    return chain[::-1]


def _short_runs(
    runs: Sequence[list[str]], wanted: list[str], chain: Sequence[tuple[int, int]], shares: list[float]
) -> None:
    """Label the short runs: content where they stand in `wanted` between the long runs before and after, each place once."""
    text = f" {' '.join(wanted)} "
    starts = [0]
    for word in wanted:
        starts.append(starts[-1] + len(word) + 1)
    used = bytearray(len(wanted))
    for anchor, place in chain:
        first, last = max(place, 0), min(len(wanted), place + len(runs[anchor]))
        used[first:last] = b"\1" * max(0, last - first)
    anchors = [anchor for anchor, _ in chain]
    for number, run in enumerate(runs):
        if not run or len(run) >= _LONG:
            continue
        after = bisect_left(anchors, number)
        low = chain[after - 1][1] + len(runs[anchors[after - 1]]) if after else 0
        high = chain[after][1] if after < len(chain) else len(wanted)
        shares[number] = _take(text, starts, used, run, max(0, min(low, len(wanted))), high)


def _take(text: str, starts: list[int], used: bytearray, run: list[str], low: int, high: int) -> float:
    """1.0, and the place marked as used, where `run` stands unused between `low` and `high`; else 0.0."""
    sought = f" {' '.join(run)} "
    found = text.find(sought, starts[low])
    while found >= 0:
        first = bisect_left(starts, found)
        if first + len(run) > high + 2:
            return 0.0
        if not any(used[first : first + len(run)]):
            used[first : first + len(run)] = b"\1" * len(run)
            return 1.0
        found = text.find(sought, found + 1)
    return 0.0


# Token tables


class Votes(NamedTuple):
    """How much of what bears each token is content, one share a page."""

    marks: dict[str, float]
    words: dict[str, float]
    page: dict[str, float]


def votes(case: Case) -> Votes:
    """What one page says of its tokens."""
    if not len(case.share):
        return Votes({}, {}, {})
    content = case.share > 0.5
    weight = np.minimum(case.words, 60) + 1
    good, all_ = np.concatenate([[0], np.cumsum(weight * content)]), np.concatenate([[0], np.cumsum(weight)])
    page, marks = case.page, _Share()
    for mark, start, end in zip(page.marks, page.starts, page.ends, strict=True):
        if mark and end > start:
            for token in set(mark_tokens(mark)):
                marks.add(token, float(good[end] - good[start]), float(all_[end] - all_[start]))
    for number, mark in enumerate(page.inner):
        for token in set(mark_tokens(mark[:300])):
            marks.add(token, float(weight[number] * content[number]), float(weight[number]))
    words = _Share()
    for text, is_content in zip(page.texts, content.tolist(), strict=True):
        for word in set(short_words(text)):
            words.add(word, float(is_content), 1.0)
    whole = float((weight * content).sum() / weight.sum())
    return Votes(marks.shares(), words.shares(), dict.fromkeys(page_tokens(case.context), whole))


class _Share:
    """Sums of content and of everything, by token."""

    def __init__(self) -> None:
        self.good: defaultdict[str, float] = defaultdict(float)
        self.total: defaultdict[str, float] = defaultdict(float)

    def add(self, token: str, good: float, total: float) -> None:
        self.good[token] += good
        self.total[token] += total

    def shares(self) -> dict[str, float]:
        return {token: self.good[token] / total for token, total in self.total.items()}


def tables_of(cases: Iterable[tuple[Case, Votes]]) -> Tables:
    """Smoothed log-odds of every token that enough sites bear."""
    cases = list(cases)
    found = {}
    for name, least in LEAST_SITES.items():
        good: defaultdict[str, float] = defaultdict(float)
        count: Counter[str] = Counter()
        sites: defaultdict[str, set[str]] = defaultdict(set)
        for case, vote in cases:
            for token, share in getattr(vote, name).items():
                good[token] += share
                count[token] += 1
                sites[token].add(case.site)
        mean = sum(good.values()) / max(1, sum(count.values()))
        base = math.log(mean / (1 - mean))
        found[name] = {
            token: math.log((good[token] + SMOOTHING * mean) / (count[token] - good[token] + SMOOTHING * (1 - mean)))
            - base
            for token in sorted(good)
            if len(sites[token]) >= least
        }
    return Tables(found["marks"], found["words"], found["page"])


# Training


def seen(case: Case, tables: Tables) -> Floats:
    """The features of a page's runs, one row a run."""
    if not case.page.texts:
        return np.zeros((0, 0), dtype=np.float32)
    return features(case.page, case.context, tables).T


def weights_of(case: Case) -> Array:
    """Each run's share of its page's words."""
    return np.asarray(case.words / max(1.0, float(case.words.sum())))


def fit(matrices: Sequence[Floats], cases: Sequence[Case], options: dict[str, Any]) -> Any:
    """CatBoost's symmetric trees on the rows of `matrices`, one matrix a case."""
    from catboost import CatBoostClassifier  # type: ignore[import-not-found]  # needed for training only

    weight = np.concatenate([weights_of(case) for case in cases])
    share = np.clip(np.concatenate([case.share for case in cases]), 0, 1)
    chance = _sampling(weight)
    chosen = np.random.default_rng(SEED).random(len(weight)) < chance
    rows = np.concatenate(matrices)[chosen]
    scaled = (weight / chance)[chosen]
    trees = CatBoostClassifier(
        loss_function="CrossEntropy",
        boosting_type="Plain",
        border_count=64,
        random_seed=SEED,
        thread_count=2,
        verbose=0,
        allow_writing_files=False,
        **options,
    )
    return trees.fit(rows, share[chosen], sample_weight=scaled / scaled.mean())


def _sampling(weight: Array) -> Array:
    """The chance each row is taken, in proportion to its weight, about ROWS in all."""
    scale = float(weight.mean())
    for _ in range(30):
        scale *= float(np.minimum(1, weight / scale).sum()) / ROWS
    return np.asarray(np.minimum(1, np.maximum(weight / scale, 0.02)))


def chances(trees: Any, matrix: Floats) -> Floats:
    """What `trees` say of each row."""
    if not len(matrix):
        return np.zeros(0, dtype=np.float32)
    return np.asarray(trees.predict(matrix, prediction_type="Probability")[:, 1], dtype=np.float32)


def wordless(case: Case) -> bool:
    """Whether the page loses its words in training."""
    return int(hashlib.sha256(case.name.encode()).hexdigest(), 16) % 1000 < 1000 * WORDLESS


def training_matrix(case: Case, tables: Tables) -> Floats:
    """The features of a page in training, words dropped where the lot says so."""
    return seen(case, Tables(tables.marks, {}, tables.page) if wordless(case) else tables)


def first_stage(cases: Sequence[Case], ballots: Sequence[Votes], held: int | None) -> tuple[Any, Tables]:
    """The first trees trained without fold `held` (None: on everything), and the tables new pages are read with."""
    kept = [(case, vote) for case, vote in zip(cases, ballots, strict=True) if case.fold != held]
    without = {
        fold: tables_of((case, vote) for case, vote in kept if case.fold != fold)
        for fold in range(FOLDS)
        if fold != held
    }
    used = [case for case, _ in kept if len(case.share)]
    matrices = [training_matrix(case, without[case.fold]) for case in used]
    return fit(matrices, used, FIRST), tables_of(kept)


def second_stage(cases: Sequence[Case], first: dict[str, Floats], held: int | None) -> Any:
    """The second trees trained without fold `held` on out-of-fold chances of the first."""
    used = [case for case in cases if case.fold != held and len(case.share)]
    return fit([context_features(case.page, first[case.name]).T for case in used], used, SECOND)


# Scores


def kept_runs(case: Case, chance: Floats) -> npt.NDArray[np.bool_]:
    """What `strip` would keep, without its rules for tables and hidden text."""
    allowed = not_repeated(case.page, chance.astype(np.float64))
    words = np.array([max(1, text.count(" ") + 1) for text in case.page.texts], dtype=np.float64)
    return likeliest(np.where(allowed, chance, 0.0), words) & allowed


def score(case: Case, kept: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """Word precision, recall and F1 of the kept runs."""
    said = Counter(word for run in np.flatnonzero(kept) for word in words_of(case.page.texts[run]))
    total, wanted = sum(said.values()), len(case.truth)
    if not total or not wanted:
        return (1.0, 1.0, 1.0) if total == wanted else (0.0, 0.0, 0.0)
    right = sum((said & Counter(case.truth)).values())
    return right / total, right / wanted, 2 * right / (total + wanted)


def report(title: str, cases: Sequence[Case], chance: dict[str, Floats]) -> None:
    """Print mean precision, recall and F1 with its standard error, over all pages and by type."""
    by_kind: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for case in cases:
        kept = kept_runs(case, chance[case.name]) if len(case.share) else np.zeros(0, dtype=bool)
        by_kind[case.kind].append(score(case, kept))
    everything = [scores for group in by_kind.values() for scores in group]
    for name, group in [(title, everything), *sorted(by_kind.items())]:
        p, r, f = np.array(group).mean(axis=0)
        error = np.array(group)[:, 2].std() / math.sqrt(len(group))
        print(f"{name:24}{len(group):6}  F1 {f:.4f}  P {p:.4f}  R {r:.4f}  se {error:.4f}", flush=True)


# The file


def packed(trees: Any, name: str, folder: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of `model.Trees`, each question once."""
    file = folder / "model.json"
    trees.save_model(str(file), format="json")
    described = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    numbers: dict[tuple[int, float], int] = {}
    questions, leaves = [], []
    depth = max(len(tree["splits"]) for tree in described["oblivious_trees"])
    for tree in described["oblivious_trees"]:
        asked = [
            numbers.setdefault((split["float_feature_index"], split["border"]), len(numbers))
            for split in tree["splits"]
        ]
        values = tree["leaf_values"]
        # A shallower tree asks its first question again: only leaves where both answers agree are reached.
        while len(asked) < depth:
            asked, values = [*asked, asked[0]], [*values, *values]
        questions.append(asked)
        leaves.append(values)
    scale, bias = described["scale_and_bias"]
    bias = bias[0] if isinstance(bias, list) else bias
    pairs = list(numbers)
    return {
        f"{name}_feature": np.array([feature for feature, _ in pairs], dtype=np.int16),
        f"{name}_border": np.array([border for _, border in pairs], dtype=np.float32),
        f"{name}_questions": np.array(questions, dtype=np.int16),
        f"{name}_leaves": (np.array(leaves) * scale).astype(np.float16),
        f"{name}_bias": np.array(bias, dtype=np.float64),
    }


def packed_tables(tables: Tables) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the token tables."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name in LEAST_SITES:
        table = getattr(tables, name)
        arrays[f"{name}_tokens"] = np.array("\n".join(table))
        arrays[f"{name}_odds"] = np.array(list(table.values()), dtype=np.float16)
    return arrays


def main() -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    folder = Path(__file__).parent
    cases = read_cases(parser.parse_args().bench)
    ballots = [votes(case) for case in cases]
    first: dict[str, Floats] = {}
    for fold in range(FOLDS):
        trees, tables = first_stage(cases, ballots, fold)
        first |= {case.name: chances(trees, seen(case, tables)) for case in cases if case.fold == fold}
    report("first, out of fold", cases, first)
    second: dict[str, Floats] = {}
    for fold in range(FOLDS):
        trees = second_stage(cases, first, fold)
        for case in cases:
            if case.fold == fold:
                rows = (
                    context_features(case.page, first[case.name]).T
                    if len(case.share)
                    else np.zeros((0, 0), dtype=np.float32)
                )
                second[case.name] = chances(trees, rows)
    report("second, out of fold", cases, second)
    trees, tables = first_stage(cases, ballots, None)
    arrays = packed(trees, "first", folder) | packed(second_stage(cases, first, None), "second", folder)
    np.savez_compressed(folder / WEIGHTS, allow_pickle=False, **(arrays | packed_tables(tables)))
    print(hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
