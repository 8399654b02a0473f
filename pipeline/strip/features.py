"""What the model sees of a run: its text, its elements, its neighbours, its page. One row a feature, one column a run."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.strip.tags import HEADINGS, REGIONS
from pipeline.strip.walk import HIDDEN, Walked

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_TOKEN = re.compile(r"[a-z]{2,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"\w+")
_LEVELS = 5
_PROSE = 12
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the page besides its runs: the URL, its titles, and the types it gives itself (og:type, JSON-LD)."""

    url: str = ""
    titles: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """Log-odds that what bears a token belongs to the document: tokens of class and id, words of short runs, parts of URLs."""

    marks: Mapping[str, float]
    words: Mapping[str, float]
    page: Mapping[str, float]


def mark_tokens(mark: str) -> list[str]:
    """The words in the value of a class or id.

    >>> mark_tokens("entryContent post-body")
    ['entry', 'content', 'post', 'body']
    """
    return _TOKEN.findall(_CAMEL.sub(" ", mark).lower())


def short_words(text: str) -> list[str]:
    """The first words of a run, in lower case: those by which site phrases are known."""
    return _WORD.findall(text[:160].lower())[:_SHORT]


def page_tokens(context: Context) -> list[str]:
    """The words of a page's path and the types it gives itself."""
    path = context.url.split("//", 1)[-1].partition("/")[2].lower()
    return [*("u:" + token for token in _TOKEN.findall(path)[:20]), *("t:" + kind.lower() for kind in context.types)]


def features(page: Walked, context: Context, tables: Tables) -> Floats:
    """All features of all runs, shape (F, R)."""
    layout = _Layout(page)
    text = _text_features(page)
    rows = [
        *text,
        *_own_features(page, layout),
        *_mark_features(page, layout, tables),
        *_word_features(page, tables),
        *_ancestor_features(page, layout),
        *_cluster_features(page, layout),
        *_position_features(page, layout, context),
        *_page_features(page, layout, context, tables),
    ]
    return np.array([np.broadcast_to(row, len(page.texts)) for row in rows], dtype=np.float32)


class _Layout:
    """The arrays every group of features is made of: per run `size` (characters), `words`, `linked`, `prose` (words of long
    runs with few links); per element the range of its runs; per run its ancestors, owner first."""

    def __init__(self, page: Walked) -> None:
        self.count = len(page.texts)
        self.size = np.array([len(text) for text in page.texts], dtype=np.float64)
        self.words = np.array([text.count(" ") + text.count("\n") + 1 for text in page.texts], dtype=np.float64)
        # Scripts without blanks: two characters to the word.
        self.words = np.where(self.size > 15 * self.words, self.size / 5, self.words)
        self.linked = np.array(page.linked, dtype=np.float64)
        self.density = self.linked / self.size
        self.prose = np.where((self.words >= _PROSE) & (self.density < 0.4), self.words * (1 - self.density), 0.0)
        self.owners = np.array(page.owners, dtype=np.int64)
        self.parents = np.array([*page.parents, -1], dtype=np.int64)
        self.starts = np.array([*page.starts, 0], dtype=np.int64)
        self.ends = np.array([*page.ends, self.count], dtype=np.int64)
        self.ends[self.ends < 0] = self.count
        self.anchors = np.array(page.anchors, dtype=np.float64)
        self.levels = [self.owners]
        for _ in range(_LEVELS):
            self.levels.append(self.parents[self.levels[-1]])

    def prefix(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Running sums with a leading 0, so that a range's sum is a difference of two."""
        return np.concatenate([[0.0], np.cumsum(values)])

    def inside(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The sum of a run's value over each element."""
        sums = self.prefix(values)
        return np.asarray(sums[self.ends] - sums[self.starts])


_CLASSES = (".!?…。！？", ",;，；、", "0123456789", ":：", "|•·»›/→", "$€£¥₽%", "\"“”«»'‘’", "()[]", "©®™@#")


def _character_classes() -> npt.NDArray[np.uint8]:
    table = np.zeros(0x3100, dtype=np.uint8)
    for number, characters in enumerate(_CLASSES, 1):
        for character in characters:
            if ord(character) < len(table):
                table[ord(character)] = number
    for code in range(128, len(table)):
        if not table[code] and chr(code).isalpha():
            table[code] = len(_CLASSES) + 2
    for code in range(65, 91):
        table[code] = len(_CLASSES) + 1
    return table


_TABLE = _character_classes()
_KINDS = len(_CLASSES) + 3


def _text_features(page: Walked) -> list[npt.NDArray[np.float64]]:
    """Counts of kinds of characters, and how the text begins and ends."""
    joined = "\n".join(page.texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = np.where(codes < len(_TABLE), _TABLE[np.minimum(codes, len(_TABLE) - 1)], 0).astype(np.int64)
    sizes = np.array([len(text) for text in page.texts], dtype=np.int64)
    run_of = np.repeat(np.arange(len(sizes)), sizes + 1)[: len(codes)]
    counts = (
        np.bincount(run_of * _KINDS + kinds, minlength=len(sizes) * _KINDS).reshape(-1, _KINDS).T.astype(np.float64)
    )
    words = np.array([text.count(" ") + text.count("\n") + 1 for text in page.texts], dtype=np.float64)
    strong = np.array(page.strong, dtype=np.float64)
    last = _TABLE[np.minimum([ord(text[-1]) for text in page.texts], len(_TABLE) - 1)]
    first = np.array([_opening(text[0]) for text in page.texts], dtype=np.float64)
    return [
        np.minimum(sizes, 3000),
        np.minimum(words, 500),
        sizes / words,
        strong / sizes,
        *(counts[1:] / sizes),
        np.minimum(counts[1], 50),
        np.minimum(counts[2], 50),
        last.astype(np.float64),
        first,
        np.array([text.count("\n") for text in page.texts], dtype=np.float64),
    ]


def _opening(character: str) -> float:
    if character.islower():
        return 0.0
    return 1.0 if character.isupper() else 2.0 if character.isdigit() else 3.0


_OWN = (
    "p",
    "li",
    "td",
    "th",
    "div",
    "span",
    "dd",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "figcaption",
    "section",
    "article",
    "a",
)
_NUMBER = {name: number for number, name in enumerate(_OWN)}
_BITS = tuple(dict.fromkeys(REGIONS.values()))


def _own_features(page: Walked, layout: _Layout) -> list[npt.NDArray[np.float64]]:
    """Tags of the run's element and its parents, the regions it lies in, its links."""
    regions = np.array([*page.regions, 0], dtype=np.int64)[layout.owners]
    tags = np.array([*(_NUMBER.get(name, len(_OWN)) for name in page.tags), -1], dtype=np.float64)
    depth = _depths(page)[layout.owners]
    return [
        layout.density,
        np.minimum(layout.anchors, 30),
        layout.anchors / layout.words,
        depth,
        (regions & HIDDEN > 0).astype(np.float64),
        *((regions & bit > 0).astype(np.float64) for bit in _BITS),
        *(tags[layout.levels[level]] for level in range(3)),
    ]


def _depths(page: Walked) -> npt.NDArray[np.float64]:
    depths = [0] * (len(page.tags) + 1)
    for element, parent in enumerate(page.parents):
        depths[element] = depths[parent] + 1 if parent >= 0 else 1
    return np.array(depths, dtype=np.float64)


def _mark_features(page: Walked, layout: _Layout, tables: Tables) -> list[npt.NDArray[np.float64]]:
    """Log-odds of the class and id tokens: of the nearest elements, and the sum, least and greatest of all above."""
    odds = tables.marks
    known: dict[str, tuple[float, float, float]] = {"": (0.0, 0.0, 0.0)}
    size = len(page.tags) + 1
    own, low, high, total, lowest, highest = (np.zeros(size) for _ in range(6))
    sums, least, most = [0.0] * size, [0.0] * size, [0.0] * size
    lows, highs, means = [0.0] * size, [0.0] * size, [0.0] * size
    for element, (mark, parent) in enumerate(zip(page.marks, page.parents, strict=True)):
        values = known.get(mark)
        if values is None:
            values = known[mark] = _odds_of(mark_tokens(mark), odds)
        mean, small, large = values
        means[element], lows[element], highs[element] = values
        sums[element] = sums[parent] + mean
        least[element] = small if small < least[parent] else least[parent]
        most[element] = large if large > most[parent] else most[parent]
    own, low, high = np.array(means), np.array(lows), np.array(highs)
    total, lowest, highest = np.array(sums), np.array(least), np.array(most)
    at = layout.levels
    inner_known: dict[str, tuple[float, float, float]] = {"": (0.0, 0.0, 0.0)}
    inner = []
    for mark in page.inner:
        if mark not in inner_known:
            inner_known[mark] = _odds_of(mark_tokens(mark[:300]), odds)
        inner.append(inner_known[mark])
    within = np.array(inner).T
    return [
        *(own[at[level]] for level in range(5)),
        *(low[at[level]] for level in range(3)),
        *(high[at[level]] for level in range(3)),
        total[at[0]],
        lowest[at[0]],
        highest[at[0]],
        lowest[at[3]],
        highest[at[3]],
        within[0],
        within[1],
        within[2],
    ]


def _odds_of(tokens: Sequence[str], odds: Mapping[str, float]) -> tuple[float, float, float]:
    """(mean, least, greatest) of the log-odds of the tokens that are known, zeros where none is."""
    found = [odds[token] for token in tokens if token in odds]
    return (sum(found) / len(found), min(found), max(found)) if found else (0.0, 0.0, 0.0)


def _word_features(page: Walked, tables: Tables) -> list[npt.NDArray[np.float64]]:
    """Log-odds of the first words, and how many are known."""
    odds = tables.words
    rows = []
    for text in page.texts:
        found = [odds[word] for word in short_words(text) if word in odds]
        rows.append((sum(found), sum(found) / len(found), min(found), max(found), found[0]) if found else (0.0,) * 5)
    return list(np.array(rows, dtype=np.float64).T)


def _ancestor_features(page: Walked, layout: _Layout) -> list[npt.NDArray[np.float64]]:
    """How much text, how many runs and links the elements above hold; where most of the page's running text lies."""
    words, linked, size = layout.inside(layout.words), layout.inside(layout.linked), layout.inside(layout.size)
    prose, runs = layout.inside(layout.prose), (layout.ends - layout.starts).astype(np.float64)
    all_words, all_prose = max(1.0, layout.words.sum()), max(1.0, layout.prose.sum())
    rows: list[npt.NDArray[np.float64]] = []
    for level in layout.levels:
        rows += [
            words[level] / all_words,
            np.minimum(words[level], 3000),
            np.minimum(runs[level], 300),
            linked[level] / np.maximum(size[level], 1),
            prose[level] / np.maximum(words[level], 1),
            prose[level] / all_prose,
        ]
    for share in (0.5, 0.8):
        start, end = _holder(layout, prose, share * all_prose)
        index = np.arange(layout.count)
        rows += [
            np.where(index < start, index - start, np.where(index >= end, index - end + 1, 0)).astype(np.float64),
            ((index >= start) & (index < end)).astype(np.float64),
            (index - start) / max(1, end - start),
        ]
    return rows


def _holder(layout: _Layout, prose: npt.NDArray[np.float64], least: float) -> tuple[int, int]:
    """The runs of the smallest element that holds running text enough."""
    able = np.flatnonzero(prose[:-1] >= least)
    if not len(able):
        return 0, layout.count
    spans = layout.ends[able] - layout.starts[able]
    best = able[len(able) - 1 - int(np.argmin(spans[::-1]))]
    return int(layout.starts[best]), int(layout.ends[best])


def _cluster_features(page: Walked, layout: _Layout) -> list[npt.NDArray[np.float64]]:
    """Runs whose elements look alike (tag and class, with and without the parent's): how many, how long, how linked."""
    rows: list[npt.NDArray[np.float64]] = []
    tags, marks, parents = page.tags, page.marks, page.parents
    near = [(tags[owner], marks[owner]) for owner in page.owners]
    wide = [
        (key, tags[parents[owner]], marks[parents[owner]]) if parents[owner] >= 0 else (key,)
        for key, owner in zip(near, page.owners, strict=True)
    ]
    for keys in (near, wide):
        numbers: dict[object, int] = {}
        cluster = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
        many = np.bincount(cluster).astype(np.float64)
        words = np.bincount(cluster, layout.words)
        rows += [
            many[cluster],
            (words / many)[cluster],
            (np.bincount(cluster, layout.linked) / np.bincount(cluster, layout.size))[cluster],
            (words / layout.words.sum())[cluster],
            (np.bincount(cluster, layout.prose) / words)[cluster],
        ]
    repeats = Counter(page.texts)
    rows.append(np.array([repeats[text] for text in page.texts], dtype=np.float64))
    return rows


def _position_features(page: Walked, layout: _Layout, context: Context) -> list[npt.NDArray[np.float64]]:
    """Where the run stands on the page, after the title, and among its neighbours."""
    count = layout.count
    index = np.arange(count, dtype=np.float64)
    words, linked, size = layout.prefix(layout.words), layout.prefix(layout.linked), layout.prefix(layout.size)
    prose = layout.prefix(layout.prose)
    title = _title_run(page, context)
    heading = np.array([page.tags[owner] in HEADINGS for owner in page.owners], dtype=np.float64)
    last_heading = np.maximum.accumulate(np.where(heading > 0, index, -1))
    rows = [
        index,
        index / count,
        words[:-1] / max(1.0, words[-1]),
        prose[:-1] / max(1.0, prose[-1]),
        (prose[-1] - prose[1:]) / max(1.0, prose[-1]),
        np.full(count, -1.0) if title is None else index - title,
        np.minimum(index - last_heading, 50),
    ]
    level = layout.levels[1]
    for shift in (-2, -1, 1, 2):
        near = np.clip(np.arange(count) + shift, 0, count - 1)
        rows += [np.minimum(layout.words[near], 500), layout.density[near], heading[near]]
        rows.append((level[near] == level).astype(np.float64))
    for reach in (3, 8, 20):
        left, right = np.maximum(np.arange(count) - reach, 0), np.minimum(np.arange(count) + reach + 1, count)
        rows += [
            (words[right] - words[left]) / (right - left),
            (linked[right] - linked[left]) / (size[right] - size[left]),
            (prose[right] - prose[left]) / (words[right] - words[left]),
        ]
    return rows


def _title_run(page: Walked, context: Context) -> int | None:
    """The run that is the page's title: the last <h1> that the titles contain, else the first run they contain."""
    titles = [" ".join(title.lower().split()) for title in context.titles]
    found = None
    for run, text in enumerate(page.texts):
        if 8 <= len(text) <= 300 and any(text.lower() in title for title in titles):
            if page.tags[page.owners[run]] == "h1":
                return run
            found = run if found is None else found
    if found is not None:
        return found
    return next((run for run, owner in enumerate(page.owners) if page.tags[owner] == "h1"), None)


def _page_features(
    page: Walked, layout: _Layout, context: Context, tables: Tables
) -> list[npt.NDArray[np.float64] | float]:
    """What is the same for all runs: size and make-up of the page, its URL and types."""
    total = max(1.0, layout.words.sum())
    found = [tables.page[token] for token in page_tokens(context) if token in tables.page]
    path = context.url.split("//", 1)[-1].partition("/")[2]
    return [
        float(layout.count),
        total,
        layout.linked.sum() / layout.size.sum(),
        layout.prose.sum() / total,
        float(layout.words.max()),
        float((layout.words >= 40).sum()),
        float(sum(name == "article" for name in page.tags)),
        float(sum(name == "p" for name in page.tags)) / len(page.tags),
        float(sum(name == "li" for name in page.tags)) / len(page.tags),
        float(sum(name in ("h2", "h3") for name in page.tags)),
        sum(found),
        min(found, default=0.0),
        max(found, default=0.0),
        float(path.count("/")),
        float(len(path)),
        float(sum(character.isdigit() for character in path)),
    ]
