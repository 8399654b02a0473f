"""What the model sees of a run: its text, its elements, its neighbours, its page. One row a feature, one column a run."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from pipeline.strip.tags import HEADINGS, REGIONS
from pipeline.strip.walk import HIDDEN, Walked

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_TOKEN = re.compile(r"[a-z]++|[A-Z](?:[a-z]++|[A-Z]++)")
_TOKEN_OR_END = re.compile(_TOKEN.pattern + r"|\0")
_LONGEST_NAME = 60
_LEVELS = 5
_PROSE = 12
_SHORT, _FIRST = 16, 160
_OPENING = 40


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the page besides its runs: the URL, its titles, the types it gives itself (og:type, JSON-LD), what it
    says of itself in a sentence or two, and its whole text where JSON-LD carries it."""

    url: str = ""
    titles: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    body: str = ""


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
    tokens: list[str] = []
    for name in mark.split():
        tokens += _kept_tokens(name) if len(name) <= _LONGEST_NAME else _name_tokens(name)
    return tokens


def _name_tokens(name: str) -> tuple[str, ...]:
    return tuple(" ".join(_TOKEN.findall(name)).lower().split())


_kept_tokens = lru_cache(maxsize=16384)(_name_tokens)  # sites and frameworks use the same names on all their pages


def short_words(text: str) -> list[str]:
    """The first words of a run, in lower case: those by which site phrases are known."""
    return text[:_FIRST].lower().split(None, _SHORT)[:_SHORT]


def page_tokens(context: Context) -> list[str]:
    """The words of a page's path and the types it gives itself."""
    path = context.url.split("//", 1)[-1].partition("/")[2].lower()
    return [*("u:" + token for token in mark_tokens(path)[:20]), *("t:" + kind.lower() for kind in context.types)]


class Layout:
    """The arrays every group of features is made of: per run `size` (characters), `words`, `linked`, `prose` (words of long
    runs with few links), `headings` (the last heading at or before it, −1 for none), `looks` (which runs look alike); per
    element the range of its runs; per run its ancestors, owner first."""

    def __init__(self, page: Walked) -> None:
        self.count = len(page.texts)
        self.size = np.array([len(text) for text in page.texts], dtype=np.float64)
        self.breaks = np.array([text.count("\n") for text in page.texts], dtype=np.float64)
        self.blanks = np.array([text.count(" ") for text in page.texts], dtype=np.float64) + self.breaks + 1
        # Scripts without blanks have no words to count.
        self.words = np.where(self.size > 15 * self.blanks, self.size / 5, self.blanks)
        self.linked = np.array(page.linked, dtype=np.float64)
        self.density = self.linked / self.size
        self.twins = np.array(_earlier_twins(page.texts), dtype=np.float64)
        running = (self.words >= _PROSE) & (self.density < 0.4) & (self.twins == 0)
        self.prose = np.where(running, self.words * (1 - self.density), 0.0)
        self.owners = np.array(page.owners, dtype=np.int64)
        self.parents = np.array([*page.parents, -1], dtype=np.int64)
        self.starts = np.array([*page.starts, 0], dtype=np.int64)
        self.ends = np.array([*page.ends, self.count], dtype=np.int64)
        self.ends[self.ends < 0] = self.count
        self.anchors = np.array(page.anchors, dtype=np.float64)
        self.headings = _last_heading(page)
        self.levels = [self.owners]
        for _ in range(_LEVELS):
            self.levels.append(self.parents[self.levels[-1]])
        self.looks = _looks(page)

    def prefix(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Running sums with a leading 0, so that a range's sum is a difference of two."""
        return np.concatenate([[0.0], np.cumsum(values)])

    def inside(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The sum of a run's value over each element."""
        sums = self.prefix(values)
        return np.asarray(sums[self.ends] - sums[self.starts])


def features(page: Walked, context: Context, tables: Tables, layout: Layout | None = None) -> Floats:
    """All features of all runs, shape (F, R); `layout` where that of the page is known already."""
    layout = layout or Layout(page)
    words = [short_words(text) for text in page.texts]
    rows = [
        *_text_features(page, layout),
        *_own_features(page, layout),
        *_mark_features(page, layout, tables),
        *_word_features(words, layout, tables),
        *_ancestor_features(page, layout),
        *_cluster_features(page, layout),
        *_position_features(page, layout, context),
        *_agreement_features(page, context, words),
        *_page_features(page, layout, context, tables),
    ]
    return _stacked(rows, layout.count)


def _stacked(rows: Sequence[npt.NDArray[np.float64] | float], count: int) -> Floats:
    """`rows` as one matrix; a number stands for all runs."""
    matrix = np.empty((len(rows), count), dtype=np.float32)
    for number, row in enumerate(rows):
        matrix[number] = row
    return matrix


def _earlier_twins(texts: Sequence[str]) -> list[int]:
    """For each run how many runs before it say the same."""
    seen: dict[str, int] = {}
    twins = []
    for text in texts:
        before = seen.get(text, 0)
        twins.append(before)
        seen[text] = before + 1
    return twins


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


def _text_features(page: Walked, layout: Layout) -> list[npt.NDArray[np.float64]]:
    """Counts of kinds of characters, and how the text begins and ends."""
    joined = "\n".join(page.texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = np.where(codes < len(_TABLE), _TABLE[np.minimum(codes, len(_TABLE) - 1)], 0).astype(np.int64)
    sizes = layout.size.astype(np.int64)
    run_of = np.repeat(np.arange(len(sizes)), sizes + 1)[: len(codes)]
    counts = (
        np.bincount(run_of * _KINDS + kinds, minlength=len(sizes) * _KINDS).reshape(-1, _KINDS).T.astype(np.float64)
    )
    words, strong = layout.blanks, np.array(page.strong, dtype=np.float64)
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
        layout.breaks,
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
_BITS = np.array(list(dict.fromkeys(REGIONS.values())))[:, None]


def _own_features(page: Walked, layout: Layout) -> list[npt.NDArray[np.float64]]:
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
        *(regions & _BITS > 0).astype(np.float64),
        *(tags[layout.levels[level]] for level in range(3)),
    ]


def tag_rows(page: Walked, layout: Layout) -> list[int]:
    """The features that number the tags of a run's element and its parent (−1 where there is none)."""
    first = len(_text_features(page, layout)) + len(_own_features(page, layout)) - 3
    return [first, first + 1]


def word_rows(page: Walked, layout: Layout) -> list[int]:
    """The features made of the words' log-odds."""
    none = Tables({}, {}, {})
    before = tag_rows(page, layout)[0] + 3 + len(_mark_features(page, layout, none))
    words = [short_words(text) for text in page.texts]
    return list(range(before, before + len(_word_features(words, layout, none))))


TAG_NUMBERS = len(_OWN) + 2
"""How many different numbers those features take."""


def _depths(page: Walked) -> npt.NDArray[np.float64]:
    depths = [0] * (len(page.tags) + 1)
    for element, parent in enumerate(page.parents):
        depths[element] = depths[parent] + 1 if parent >= 0 else 1
    return np.array(depths, dtype=np.float64)


_HINTS = {
    "comment": 0, "comments": 0, "commentlist": 0, "disqus": 0, "reply": 0, "replies": 0, "respond": 0, "discussion": 0,
    "related": 1, "recommended": 1, "recommendations": 1, "recirc": 1, "similar": 1, "suggested": 1, "popular": 1,
    "trending": 1, "latest": 1, "readmore": 1,
    "share": 2, "sharing": 2, "social": 2, "sharedaddy": 2, "addthis": 2, "follow": 2,
    "sidebar": 3, "widget": 3, "rail": 3, "secondary": 3, "aside": 3, "complementary": 3,
    "nav": 4, "menu": 4, "navigation": 4, "breadcrumb": 4, "breadcrumbs": 4, "navbar": 4, "submenu": 4, "dropdown": 4,
    "footer": 5, "copyright": 5, "legal": 5, "colophon": 5, "bottom": 5,
    "header": 6, "masthead": 6, "topbar": 6, "hero": 6, "banner": 6,
    "author": 7, "bio": 7, "byline": 7, "authors": 7, "profile": 7, "contributor": 7,
    "ad": 8, "ads": 8, "advert": 8, "advertisement": 8, "promo": 8, "sponsor": 8, "sponsored": 8, "cta": 8,
    "newsletter": 9, "subscribe": 9, "signup": 9, "subscription": 9, "optin": 9, "form": 9, "login": 9,
    "article": 10, "entry": 10, "story": 10, "body": 10, "richtext": 10, "prose": 10, "markdown": 10,
    "content": 11, "main": 11, "primary": 11,
    "meta": 12, "date": 12, "tags": 12, "categories": 12, "timestamp": 12, "published": 12, "info": 12,
    "cookie": 13, "consent": 13, "modal": 13, "popup": 13, "overlay": 13, "gdpr": 13, "dialog": 13, "toast": 13,
    "caption": 14, "credit": 14, "gallery": 14, "figure": 14, "slideshow": 14, "carousel": 14, "slider": 14,
    "product": 15, "price": 15, "cart": 15, "sku": 15, "shop": 15, "variant": 15, "description": 16, "details": 16, "specs": 16,
    "thread": 17, "topic": 17, "message": 17, "answer": 17, "question": 17, "posts": 17, "post": 18, "forum": 17, "bbcode": 17,
    "pagination": 19, "pager": 19, "paging": 19, "toc": 20, "contents": 20, "outline": 20,
    "review": 21, "reviews": 21, "rating": 21, "ratings": 21, "testimonial": 21,
    "card": 22, "cards": 22, "teaser": 22, "grid": 22, "item": 22, "items": 22, "tile": 22, "list": 22, "listing": 22, "results": 22,
    "faq": 23, "accordion": 23, "tab": 23, "tabs": 23, "panel": 23, "collapse": 23,
    "title": 24, "headline": 24, "heading": 24, "subtitle": 25, "dek": 25, "summary": 25, "excerpt": 25, "intro": 25,
    "lead": 25, "standfirst": 25,
}  # fmt: skip
"""Tokens of class and id that designers use in one sense, and the bit that marks everything inside."""

_HINT_BITS = 26
_END = -1
_HINTS_AND_END = {**{token: 1 << bit for token, bit in _HINTS.items()}, "\0": _END}
_LONGEST_INNER = 300


def _mark_features(page: Walked, layout: Layout, tables: Tables) -> list[npt.NDArray[np.float64]]:
    """Log-odds of the class and id tokens: of the nearest elements, and the sum, least and greatest of all above; which hints
    stand above; log-odds of the classes of the inline elements."""
    numbers: dict[str, int] = {}
    of_element = np.array([numbers.setdefault(mark, len(numbers)) for mark in page.marks], dtype=np.intp)
    of_run = [numbers.setdefault(mark[:_LONGEST_INNER], len(numbers)) for mark in page.inner]
    odds, hints = _odds_of(list(numbers), tables.marks)
    means, lows, highs = np.concatenate([odds[:, of_element], np.zeros((3, 1))], axis=1)
    sums, least, most, above = means, np.minimum(lows, 0), np.maximum(highs, 0), np.append(hints[of_element], 0)
    upper = layout.parents
    while upper.max() >= 0:  # joined with 1, 2, 4, 8 … elements above, until the highest has none
        sums, above = sums + sums[upper], above | above[upper]
        least, most = np.minimum(least, least[upper]), np.maximum(most, most[upper])
        upper = upper[upper]
    at = layout.levels
    return [
        *(means[at[level]] for level in range(5)),
        *(lows[at[level]] for level in range(3)),
        *(highs[at[level]] for level in range(3)),
        sums[at[0]],
        least[at[0]],
        most[at[0]],
        least[at[3]],
        most[at[3]],
        *odds[:, of_run],
        *(above[at[0]] >> np.arange(_HINT_BITS)[:, None] & 1).astype(np.float64),
    ]


def _odds_of(marks: Sequence[str], odds: Mapping[str, float]) -> tuple[npt.NDArray[np.float64], Ints]:
    """(mean, least, greatest) of the log-odds of each mark's tokens that are known, zeros where none is, shape (3, M), and the
    hints among its tokens. All marks of a page are split at once; the parser leaves no NUL in an attribute."""
    tokens = " ".join(_TOKEN_OR_END.findall("\0".join([*marks, ""]))).lower().split(" ")
    bits = np.fromiter(map(_HINTS_AND_END.get, tokens, repeat(0)), np.int64, len(tokens))
    values = np.fromiter(map(odds.get, tokens, repeat(np.nan)), np.float64, len(tokens))
    ends = bits == _END
    mark_of, known = np.cumsum(ends), ~np.isnan(values)
    summaries = _summaries(values[known], np.bincount(mark_of[known], minlength=len(marks)))
    starts = np.append(0, np.flatnonzero(ends)[:-1] + 1)
    return summaries[1:4], np.bitwise_or.reduceat(np.where(ends, 0, bits), starts)


def _word_features(words: Sequence[Sequence[str]], layout: Layout, tables: Tables) -> list[npt.NDArray[np.float64]]:
    """Log-odds of the first words, and how many are known."""
    odds = list(map(tables.words.get, chain.from_iterable(words), repeat(np.nan)))
    run_of = np.repeat(np.arange(len(words)), [len(first) for first in words])
    values = np.array(odds, dtype=np.float64)
    known = ~np.isnan(values)
    own = _summaries(values[known], np.bincount(run_of[known], minlength=len(words)))
    near = np.pad(own[1], 2)
    last = layout.headings
    above = np.concatenate([own, np.zeros((5, 1))], axis=1)[:, last]
    return [*own, near[:-4], near[1:-3], near[3:-1], near[4:], above[0], above[1], above[2]]


def _summaries(values: npt.NDArray[np.float64], counts: Ints) -> npt.NDArray[np.float64]:
    """Sum, mean, least, greatest and first of groups of `values` that follow one another, `counts` in each, shape (5, R); zeros
    for groups that are empty."""
    summaries = np.zeros((5, len(counts)))
    held = np.flatnonzero(counts)
    if len(held):
        sizes = counts[held]
        starts = np.cumsum(sizes) - sizes
        totals = np.bincount(np.repeat(np.arange(len(held)), sizes), values)
        least, most = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        summaries[:, held] = totals, totals / sizes, least, most, values[starts]
    return summaries


def _last_heading(page: Walked) -> Ints:
    """For each run the last heading at or before it, −1 where there is none."""
    index = np.arange(len(page.owners))
    heading = [page.tags[owner] in HEADINGS for owner in page.owners]
    return np.asarray(np.maximum.accumulate(np.where(heading, index, -1)), dtype=np.int64)


def _ancestor_features(page: Walked, layout: Layout) -> list[npt.NDArray[np.float64]]:
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


def _holder(layout: Layout, prose: npt.NDArray[np.float64], least: float) -> tuple[int, int]:
    """The runs of the smallest element that holds running text enough."""
    able = np.flatnonzero(prose[:-1] >= least)
    if not len(able):
        return 0, layout.count
    spans = layout.ends[able] - layout.starts[able]
    best = able[len(able) - 1 - int(np.argmin(spans[::-1]))]
    return int(layout.starts[best]), int(layout.ends[best])


def _cluster_features(page: Walked, layout: Layout) -> list[npt.NDArray[np.float64]]:
    """Runs whose elements look alike (tag and class, with and without the parent's): how many, how long, how linked."""
    rows: list[npt.NDArray[np.float64]] = []
    for cluster in layout.looks:
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
    rows += [np.array([repeats[text] for text in page.texts], dtype=np.float64), layout.twins]
    return rows


def _looks(page: Walked) -> tuple[Ints, Ints]:
    """For each run the number of what its element looks like: tag and class, without and with the parent's."""
    tags, marks, parents = page.tags, page.marks, page.parents
    numbers: dict[tuple[str, str], int] = {}
    near = [numbers.setdefault((tags[owner], marks[owner]), len(numbers)) for owner in page.owners]
    pairs: dict[tuple[int, str, str], int] = {}
    wide = []
    for look, owner in zip(near, page.owners, strict=True):
        parent = parents[owner]
        key = (look, tags[parent], marks[parent]) if parent >= 0 else (look, "", "")
        wide.append(pairs.setdefault(key, len(pairs)))
    return np.array(near, dtype=np.int64), np.array(wide, dtype=np.int64)


def _position_features(page: Walked, layout: Layout, context: Context) -> list[npt.NDArray[np.float64]]:
    """Where the run stands on the page, after the title, and among its neighbours."""
    count = layout.count
    index = np.arange(count, dtype=np.float64)
    words, linked, size = layout.prefix(layout.words), layout.prefix(layout.linked), layout.prefix(layout.size)
    prose = layout.prefix(layout.prose)
    title = _title_run(page, context)
    heading = np.array([page.tags[owner] in HEADINGS for owner in page.owners], dtype=np.float64)
    last = layout.headings
    ranks = np.array([*(HEADINGS.get(page.tags[owner], 0) for owner in page.owners), 0], dtype=np.float64)
    rows = [
        index,
        index / count,
        words[:-1] / max(1.0, words[-1]),
        prose[:-1] / max(1.0, prose[-1]),
        (prose[-1] - prose[1:]) / max(1.0, prose[-1]),
        np.full(count, -1.0) if title is None else index - title,
        np.minimum(index - last, 50),
        ranks[last],
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
    titles = "\n".join(" ".join(title.lower().split()) for title in context.titles)
    found = None
    for run, text in enumerate(page.texts):
        if 8 <= len(text) <= 300 and text.lower() in titles and "\n" not in text:
            if page.tags[page.owners[run]] == "h1":
                return run
            found = run if found is None else found
    if found is not None:
        return found
    return next((run for run, owner in enumerate(page.owners) if page.tags[owner] == "h1"), None)


def _agreement_features(
    page: Walked, context: Context, words: Sequence[Sequence[str]]
) -> list[npt.NDArray[np.float64] | float]:
    """Whether the run says what the page says of itself: its JSON-LD text, its descriptions, the words of its title."""
    body = " ".join(context.body.lower().split())
    whole = [" ".join(text.lower().split()) for text in context.descriptions if len(text) >= _OPENING]
    told = [(text, text[:_OPENING]) for text in whole]
    title = {word for text in context.titles for word in text.lower().split() if len(word) > 3}
    in_title = [
        # short runs were split already
        len(title.intersection(first if len(text) <= _FIRST and len(first) < _SHORT else text[:1000].lower().split()))
        for text, first in zip(page.texts, words, strict=True)
    ]
    in_body, in_description = np.zeros((2, len(page.texts)))
    long = [run for run, text in enumerate(page.texts) if len(text) >= _OPENING] if body or told else []
    for run in long:
        lower = page.texts[run][:1000].lower()
        opening = lower[:_OPENING].replace("\n", " ")
        in_body[run] = body != "" and opening in body
        in_description[run] = any(opening in part or start in lower for part, start in told)
    return [
        in_body,
        in_description,
        np.array(in_title) / max(1, len(title)),
        float(in_body.sum()),
        float(min(len(body), 5000)),
    ]


def _page_features(
    page: Walked, layout: Layout, context: Context, tables: Tables
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
        float(page.tags.count("article")),
        page.tags.count("p") / len(page.tags),
        page.tags.count("li") / len(page.tags),
        float(page.tags.count("h2") + page.tags.count("h3")),
        sum(found),
        min(found, default=0.0),
        max(found, default=0.0),
        float(path.count("/")),
        float(len(path)),
        float(sum(character.isdigit() for character in path)),
    ]
