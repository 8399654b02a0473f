# /// script
# requires-python = ">=3.11"
# dependencies = ["catboost==1.2.10", "torch==2.13.0", "unscrape"]
# ///
"""Trains the weights of the strip scorer: `python pipeline/data/build_strip.py BENCH`, BENCH being a copy of WCXB.

BENCH holds `ground-truth/NNNN.json` and `html/NNNN.html.gz`. Writes `strip.npz` beside this script and prints the scores of
pages whose site was in no training fold (`--weights-only` leaves these out, for a sixth of the time). Deterministic for one
machine and version; takes about fifteen minutes on two cores.

1. Every page is walked as `strip` walks it, and every run gets the share of its words that the reference text holds, matched in
   order: long runs by shingles, short ones only between the long ones around them.
2. Token tables: log-odds of class, id, word and URL tokens, each page one vote, each token on pages of several sites. A page's
   features use tables made without its own fold, so that what is learned meets tokens as it will meet new sites'.
3. Trees: a run by its features, weighted by words within the page so that the loss follows the page's F1. A quarter of the pages
   lose their words, so that pages in other languages than the bench's are judged by the rest.
4. A network over the same features, which also sees the runs before and after, those of the elements above and those that look
   alike. Its log-odds and the trees' are averaged. Trees over what the trees said of the neighbours, which it replaces, were
   worth +.0012 ± .0013.
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
    TAG_NUMBERS,
    Context,
    Floats,
    Layout,
    Tables,
    features,
    mark_tokens,
    page_tokens,
    short_words,
    tag_rows,
    word_rows,
)
from pipeline.strip.html import walk_page
from pipeline.strip.model import WEIGHTS, chance
from pipeline.strip.net import LEVELS, STEPS, Along, Dense, Net, Surroundings, surroundings
from pipeline.strip.scorer import chosen, comment_factors, not_repeated, region_factors
from pipeline.strip.walk import Walked

FOLDS = 5
SEED = 20261122
ROWS = 150_000
"""Rows a training sees: runs of little weight are sampled and weighted up (no loss against all 430,000, a third of the time)."""
WORDLESS = 0.25
TREES = {"iterations": 150, "depth": 6, "learning_rate": 0.08, "l2_leaf_reg": 3, "rsm": 0.25}
"""A quarter of the features is looked at for each level: a third of the time, the same score."""
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
    documents, head = facts.stated(parsed)
    context = facts.context(url, head, documents)
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


def fit(matrices: Sequence[Floats], cases: Sequence[Case]) -> Any:
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
        **TREES,
    )
    return trees.fit(rows, share[chosen], sample_weight=scaled / scaled.mean())


def _sampling(weight: Array) -> Array:
    """The chance each row is taken, in proportion to its weight, about ROWS in all."""
    scale = float(weight.mean())
    for _ in range(30):
        scale *= float(np.minimum(1, weight / scale).sum()) / ROWS
    return np.asarray(np.minimum(1, np.maximum(weight / scale, 0.02)))


def chances(trees: Any, net: Net, case: Case, matrix: Floats) -> Floats:
    """What trees and network say of each run of a page."""
    if not len(matrix):
        return np.zeros(0, dtype=np.float32)
    layout = Layout(case.page)
    odds = np.asarray(trees.predict(matrix, prediction_type="RawFormulaVal"))
    return chance(odds, net.log_odds(np.ascontiguousarray(matrix.T), surroundings(layout)))


def wordless(case: Case) -> bool:
    """Whether the page loses its words in training."""
    return int(hashlib.sha256(case.name.encode()).hexdigest(), 16) % 1000 < 1000 * WORDLESS


def training_matrix(case: Case, tables: Tables) -> Floats:
    """The features of a page in training, words dropped where the lot says so."""
    return seen(case, Tables(tables.marks, {}, tables.page) if wordless(case) else tables)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scorer sees of every page, read with token tables made without the page's fold: `plain` as it will see new
    pages, `training` with the words dropped where the lot says so."""

    plain: list[Floats]
    training: list[Floats]


def read_features(cases: Sequence[Case]) -> Seen:
    """The features of every page."""
    ballots = [votes(case) for case in cases]
    tables = {
        fold: tables_of((case, vote) for case, vote in zip(cases, ballots, strict=True) if case.fold != fold)
        for fold in range(FOLDS)
    }
    plain = [seen(case, tables[case.fold]) for case in cases]
    training = [
        training_matrix(case, tables[case.fold]) if wordless(case) else matrix
        for case, matrix in zip(cases, plain, strict=True)
    ]
    return Seen(plain, training)


def train(cases: Sequence[Case], read: Seen, held: int | None) -> tuple[Any, Net]:
    """Trees and network trained without fold `held` (None: on everything)."""
    used = [number for number, case in enumerate(cases) if case.fold != held and len(case.share)]
    pages = [cases[number] for number in used]
    return fit([read.training[number] for number in used], pages), fit_net(
        [read.plain[number] for number in used], pages
    )


def out_of_fold(cases: Sequence[Case], read: Seen) -> dict[str, Floats]:
    """The chances of every page's runs by trees and network that saw no page of its fold."""
    found: dict[str, Floats] = {}
    for fold in range(FOLDS):
        trees, net = train(cases, read, fold)
        for case, matrix in zip(cases, read.plain, strict=True):
            if case.fold == fold:
                found[case.name] = chances(trees, net, case, matrix)
    return found


# The net


EPOCHS, BATCH, RATE, DECAY = 9, 12, 3e-3, 0.03
WIDTH, DROPPED, FEATURES_DROPPED = 32, 0.1, 0.15
UNREAD, HALF_READ = 0.35, 0.15
"""How often the net meets a page without its words, and with those of half the runs: in another language, in two."""

SOFT_F1 = 0.3
"""What a page's lost F1, with chances in place of choices, weighs beside the loss of its words."""

_LEAST_SPREAD = 0.2
"""A feature that hardly ever differs is not blown up more than this allows."""


class Learnable(NamedTuple):
    """What the net's training sees of one page: squashed and standardized features, tag numbers, surroundings, shares, weights."""

    matrix: Floats
    tags: npt.NDArray[np.int64]
    near: Surroundings
    share: Floats
    weight: Floats


def fit_net(matrices: Sequence[Floats], cases: Sequence[Case], seed: int = SEED) -> Net:
    """A network trained on all runs of `cases`, `matrices` (runs × features) being what it sees of each."""
    import torch  # type: ignore[import-not-found]  # needed for training only

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    half, mean, spread = _scales(matrices)
    rows = tag_rows(cases[0].page, Layout(cases[0].page))
    pages = [_learnable(case, matrix, rows, half, mean, spread) for case, matrix in zip(cases, matrices, strict=True)]
    weights = _starting_weights(torch, len(mean))
    steps = EPOCHS * math.ceil(len(pages) / BATCH)
    optimizer = torch.optim.AdamW(weights.values(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    lots = np.random.default_rng(seed)
    words = np.array(word_rows(cases[0].page, Layout(cases[0].page)))
    unknown = -mean[words] / spread[words]
    for _ in range(EPOCHS):
        order = lots.permutation(len(pages))
        for start in range(0, len(order), BATCH):
            drawn = [_unread(pages[number], words, unknown, lots) for number in order[start : start + BATCH]]
            loss = _loss(torch, weights, drawn)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights.values(), 1.0)
            optimizer.step()
            schedule.step()
    return _net({name: weight.detach().numpy() for name, weight in weights.items()}, half, mean, spread, rows)


def _scales(matrices: Sequence[Floats]) -> tuple[Floats, Floats, Floats]:
    """Per feature the mean size where it is not 0, and mean and spread of x / (|x| + that)."""
    every = np.concatenate(matrices)
    size = np.abs(every)
    half = np.maximum(size.sum(axis=0, dtype=np.float64) / np.maximum((size > 0).sum(axis=0), 1), 1e-3)
    half = half.astype(np.float32)
    every /= size + half
    mean = every.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = np.maximum(every.std(axis=0, dtype=np.float64), _LEAST_SPREAD).astype(np.float32)
    return half, mean, spread


def _learnable(
    case: Case, matrix: Floats, rows: Sequence[int], half: Floats, mean: Floats, spread: Floats
) -> Learnable:
    return Learnable(
        matrix=np.asarray((matrix / (np.abs(matrix) + half) - mean) / spread, dtype=np.float32),
        tags=matrix[:, rows].astype(np.int64) % TAG_NUMBERS,
        near=surroundings(Layout(case.page)),
        share=np.clip(case.share, 0, 1).astype(np.float32),
        weight=weights_of(case).astype(np.float32),
    )


def _unread(page: Learnable, words: npt.NDArray[np.int64], unknown: Floats, lots: np.random.Generator) -> Learnable:
    """The page as drawn: read, or with the words of all or half of its runs unknown."""
    lot = lots.random()
    if lot >= UNREAD + HALF_READ:
        return page
    runs = lots.random(len(page.matrix)) < (1.0 if lot < UNREAD else 0.5)
    matrix = page.matrix.copy()
    matrix[np.ix_(runs, words)] = unknown
    return page._replace(matrix=matrix)


def _starting_weights(torch: Any, inputs: int) -> dict[str, Any]:
    """Weights by name, drawn evenly from ± 1/√inputs of their layer."""
    groups = len(LEVELS) + 2
    shapes = {"entry": (inputs, WIDTH), "around": (groups * WIDTH, WIDTH), "again": (groups * WIDTH, WIDTH)}
    shapes |= {f"along{number}": (3 * WIDTH, WIDTH) for number in range(len(STEPS))}
    shapes |= {"alone": (WIDTH, WIDTH), "exit": (WIDTH, 1)}
    weights: dict[str, Any] = {"tags": torch.zeros((2, TAG_NUMBERS, WIDTH))}
    for name, (above, below) in shapes.items():
        reach = above**-0.5
        weights[name] = torch.empty((above, below)).uniform_(-reach, reach)
        weights[f"{name}_bias"] = torch.empty(below).uniform_(-reach, reach)
    return {name: weight.requires_grad_() for name, weight in weights.items()}


def _loss(torch: Any, weights: dict[str, Any], pages: Sequence[Learnable]) -> Any:
    """Cross-entropy of the pages' words and what is lost of their F1, each page counting the same."""
    odds = _log_odds(torch, weights, pages)
    share, weight = (torch.from_numpy(np.concatenate([page[at] for page in pages])) for at in (3, 4))
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(odds, share, reduction="none")
    page_of = torch.from_numpy(np.repeat(np.arange(len(pages)), [len(page.share) for page in pages]))
    chance = torch.sigmoid(odds)

    def of_pages(values: Any) -> Any:
        return torch.zeros(len(pages)).index_add(0, page_of, values * weight)

    f1 = 2 * of_pages(chance * share) / (of_pages(chance + share) + 1e-3)
    return (of_pages(entropy) + SOFT_F1 * (1 - f1)).mean()


def _log_odds(torch: Any, weights: dict[str, Any], pages: Sequence[Learnable]) -> Any:
    """`Net.log_odds` of several pages at once, features and hidden values dropped at random."""
    lengths = [len(page.share) for page in pages]
    first = np.cumsum([0, *lengths[:-1]])
    page_of = np.repeat(np.arange(len(pages)), lengths)
    clusters = np.cumsum([0, *(page.near.cluster.max() + 1 for page in pages)])
    starts, ends, cluster, weight, tags = (
        torch.from_numpy(np.concatenate(parts, axis=-1))
        for parts in (
            [page.near.starts.T + at for page, at in zip(pages, first, strict=True)],
            [page.near.ends.T + at for page, at in zip(pages, first, strict=True)],
            [page.near.cluster + at for page, at in zip(pages, clusters, strict=False)],
            [page.near.weight for page in pages],
            [page.tags.T for page in pages],
        )
    )
    total = torch.cat([torch.zeros(1), weight.cumsum(0)])
    sizes = torch.zeros(int(clusters[-1])).index_add(0, cluster, weight)

    def dense(name: str, values: Any) -> Any:
        return torch.relu(values @ weights[name] + weights[f"{name}_bias"])

    def means(values: Any) -> Any:
        weighted = values * weight[:, None]
        sums = torch.cat([torch.zeros(1, WIDTH), weighted.cumsum(0)])
        found = [(sums[e] - sums[s]) / (total[e] - total[s])[:, None] for s, e in zip(starts, ends, strict=True)]
        held = torch.zeros(len(sizes), WIDTH).index_add(0, cluster, weighted)
        return torch.cat([*found, (held / sizes[:, None])[cluster]], 1)

    def beside(values: Any, step: int) -> Any:
        same = torch.from_numpy((page_of[step:] == page_of[:-step]).astype(np.float32))[:, None]
        none = torch.zeros(min(step, len(values)), WIDTH)
        before, after = values[: len(same)] * same, values[step:] * same
        return torch.cat([torch.cat([none, before]), values, torch.cat([after, none])], 1)

    matrix = torch.from_numpy(np.concatenate([page.matrix for page in pages]))
    left = (torch.rand(matrix.shape[1]) >= FEATURES_DROPPED).float() / (1 - FEATURES_DROPPED)
    hidden = (matrix * left) @ weights["entry"] + weights["entry_bias"]
    for table, numbers in zip(weights["tags"], tags, strict=True):
        hidden = hidden + table[numbers]
    hidden = torch.relu(hidden)
    hidden = hidden + dense("around", means(hidden))
    for number, step in enumerate(STEPS):
        hidden = hidden + dense(f"along{number}", beside(hidden, step))
    hidden = hidden + dense("again", means(hidden))
    hidden = torch.nn.functional.dropout(hidden + dense("alone", hidden), DROPPED)
    return (hidden @ weights["exit"] + weights["exit_bias"])[:, 0]


def _net(weights: dict[str, Floats], half: Floats, mean: Floats, spread: Floats, rows: Sequence[int]) -> Net:
    """The network with standardization made part of its first layer."""

    def dense(name: str) -> Dense:
        return Dense(weights[name], weights[f"{name}_bias"])

    def along(name: str) -> Along:
        return Along(np.concatenate(np.split(weights[name], 3), axis=1), weights[f"{name}_bias"])

    entry = weights["entry"] / spread[:, None]
    return Net(
        half=half[:, None],
        tag_rows=np.array(rows),
        tags=weights["tags"],
        entry=Dense(entry, weights["entry_bias"] - mean @ entry),
        around=dense("around"),
        along=tuple(along(f"along{number}") for number in range(len(STEPS))),
        again=dense("again"),
        alone=dense("alone"),
        exit=dense("exit"),
    )


# Scores


def kept_runs(case: Case, chance: Floats) -> npt.NDArray[np.bool_]:
    """What `strip` would keep, without its rules for tables and hidden text."""
    layout = Layout(case.page)
    words = layout.spaces + 1
    left = chance.astype(np.float64)
    left *= comment_factors(layout, case.context, left, words, None)
    left *= region_factors(layout, left, words)
    return chosen(case.context, np.where(not_repeated(layout, left), left, 0.0), words)


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


def packed_net(net: Net) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the network, under the names `model.unpack` reads."""
    layers: dict[str, Dense | Along] = {"entry": net.entry, "around": net.around, "again": net.again}
    layers |= {"alone": net.alone, "exit": net.exit}
    layers |= {f"along{number}": layer for number, layer in enumerate(net.along)}
    arrays: dict[str, npt.NDArray[Any]] = {"net_half": net.half, "net_tag_rows": net.tag_rows.astype(np.int16)}
    arrays["net_tags"] = net.tags.astype(np.float16)
    for name, layer in layers.items():
        arrays[f"net_{name}"] = layer.weight.astype(np.float16)
        arrays[f"net_{name}_bias"] = layer.bias.astype(np.float32)
    return arrays


def main() -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--weights-only", action="store_true", help="train once, on everything, and report no scores")
    arguments = parser.parse_args()
    folder = Path(__file__).parent
    cases = read_cases(arguments.bench)
    read = read_features(cases)
    if not arguments.weights_only:
        report("out of fold", cases, out_of_fold(cases, read))
    trees, net = train(cases, read, None)
    tables = tables_of((case, votes(case)) for case in cases)
    arrays = packed(trees, "trees", folder) | packed_net(net) | packed_tables(tables)
    np.savez_compressed(folder / WEIGHTS, allow_pickle=False, **arrays)
    print(hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
