"""What the model sees of a run: its text, its elements, its neighbours, its page. One row a feature, one column a run."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

import numpy as np
import numpy.typing as npt

from pipeline.strip.lookup import Lookup, hashes, hashes_of
from pipeline.strip.tags import HEADINGS, REGIONS
from pipeline.strip.walk import HIDDEN, Walked

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Rows = Sequence[Doubles | float]
"""Features in order: of several runs at once (F × R), of one (R), or one number for all runs."""

_LETTERS_OF_PATH = re.compile("[a-z]+")
_LEVELS = 5
_SPARSE = 1000  # numbers so far apart are sorted, not marked in an array
_PROSE = 12
_SHORT, _FIRST = 16, 160
_OPENING, _LOOKED_AT, _TITLE_WORDS = 40, 1000, 100


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
    known_marks: "Known" = field(init=False, repr=False, compare=False)
    known_words: "Known" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known_marks", Known({**dict.fromkeys(_HINTS, np.nan), **self.marks}))
        object.__setattr__(self, "known_words", Known(self.words))


class Known:
    """What is known of words, found by their hashes: log-odds (NaN where there are none) and, of the tokens of marks, hints."""

    def __init__(self, odds: Mapping[str, float]) -> None:
        self.number_of = Lookup([*map(_folded, odds)])
        self.odds = np.array([*odds.values(), np.nan])
        self.hints = np.array([*(1 << _HINTS[word] if word in _HINTS else 0 for word in odds), 0])


_SMALL, _CAPITAL = 1, 2
_CASES = bytes(_SMALL * (97 <= code <= 122) + _CAPITAL * (65 <= code <= 90) for code in range(256))
_LETTERS = bytes(range(256)).lower()


def mark_tokens(mark: str) -> list[str]:
    """The words in the value of a class or id: runs of small letters, with the capital before them, and of capitals, two at least.

    >>> mark_tokens("entryContent post-body")
    ['entry', 'content', 'post', 'body']
    """
    starts, ends = _token_ranges(mark.encode("ascii", "replace"))
    return [mark[start:end].lower() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _token_ranges(mark: bytes) -> tuple[Ints, Ints]:
    """Where the tokens of `mark_tokens` start and end."""
    case = np.frombuffer(b"\0%b\0" % mark.translate(_CASES), dtype=np.uint8)
    small, capital = case == _SMALL, case == _CAPITAL
    small_here, small_next = small[1:-1], small[2:]
    first, last = small_here & ~small[:-2], small_here & ~small_next
    if capital.any():
        before, here, following = capital[:-2], capital[1:-1], capital[2:]
        first &= ~before
        first[1:] |= small_here[1:] & before[1:] & before[:-1]  # after two capitals or more
        first |= here & ~before & (small_next | following)
        last |= here & before & ~following
    return first.nonzero()[0], last.nonzero()[0] + 1


def _folded(word: str) -> str:
    """A word in small letters as `_Words` reads it, which knows no letter by its neighbours."""
    return word.replace("ς", "σ").replace("i̇", "İ")


def short_words(text: str) -> list[str]:
    """The first words of a run, in lower case: those by which site phrases are known."""
    return text[:_FIRST].lower().split(None, _SHORT)[:_SHORT]


def page_tokens(context: Context) -> list[str]:
    """The words of a page's path and the types it gives itself."""
    path = context.url.split("//", 1)[-1].partition("/")[2].lower()
    return [
        *("u:" + word for word in _LETTERS_OF_PATH.findall(path)[:20]),
        *("t:" + kind.lower() for kind in context.types),
    ]


class Layout:
    """The arrays every group of features is made of, of E elements and R runs. −1 among elements is one that holds nothing.

    Per run: `size` (characters), `kinds` (characters of each kind, kinds × R), `words`, `linked`, `prose` (words of long runs
    with few links), `regions`, `said` (the number of what it says), `same` (how many runs say the same) and `twins` (how many of
    them before it), `headings` (the last heading at or before it, −1 for none), `looks` (which runs look alike), `levels` (its
    element and those above, levels × R), `inner`; `sums` of words, linked, size and prose before each run and at the end,
    4 × (R + 1).
    Per element, with −1 last: its range of runs `starts`/`ends`, its `parents`, `names` and `marks`, and what it holds of words,
    linked, size and prose (`held`, 4 × (E + 1)); `depths`; `doublings`, the elements 1, 2, 4, 8 … above, until the highest has none.
    `names`, `marks` and `inner` number what `name_of` and `mark_of` list.
    """

    def __init__(self, page: Walked) -> None:
        self.count = len(page.texts)
        self._count_characters(page.texts)
        self.linked = _floats(page.linked)
        self.anchors = _floats(page.anchors)
        self.density = self.linked / self.size
        self.said = _numbered(page.texts)
        self.same, self.twins = _repeated(self.said)
        running = (self.words >= _PROSE) & (self.density < 0.4) & (self.twins == 0)
        self.prose = np.where(running, self.words * (1 - self.density), 0.0)
        self._number_elements(page)
        self.headings = _last_heading(self.ranks[self.names[self.levels[0]]])
        self.looks = self._looks()
        self.sums = np.zeros((4, self.count + 1))
        for sums, values in zip(self.sums, (self.words, self.linked, self.size, self.prose), strict=True):
            values.cumsum(out=sums[1:])
        self.held = self.sums.take(self.ends, axis=1) - self.sums.take(self.starts, axis=1)

    def _count_characters(self, texts: Sequence[str]) -> None:
        self.size = np.fromiter(map(len, texts), np.float64, self.count)
        lengths = self.size.astype(np.int64) + 1
        joined = "\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
        # Tables are asked by these integers in half the time.
        self.codes = np.frombuffer(joined, dtype=np.uint32).astype(np.int64)
        self.after = lengths.cumsum()
        self.before = self.after - lengths
        cells = np.repeat(np.arange(0, self.count * _KINDS, _KINDS), lengths)
        cells += _KINDS_OF.take(self.codes, mode="clip")
        counts = np.bincount(cells, minlength=self.count * _KINDS).reshape(-1, _KINDS).T
        self.kinds = counts.astype(np.float64)
        self.breaks = self.kinds[_BREAK] - 1  # the one that ends it is not its own
        self.spaces = self.kinds[_SPACE]
        self.blanks = self.spaces + self.breaks + 1
        # Scripts without blanks have no words to count.
        self.words = np.where(self.size > 15 * self.blanks, self.size / 5, self.blanks)

    def _number_elements(self, page: Walked) -> None:
        elements = len(page.tags)
        numbers = dict(zip(dict.fromkeys(page.tags), count(), strict=False))
        self.name_of = list(numbers)
        self.names = _ints(map(numbers.__getitem__, page.tags), elements, len(numbers))
        self.ranks = np.array([*(HEADINGS.get(name, 0) for name in numbers), 0])
        within = {mark: mark[:_LONGEST_INNER] for mark in dict.fromkeys(page.inner)}
        numbers = dict(zip(dict.fromkeys(chain(page.marks, within.values())), count(), strict=False))
        self.mark_of = list(numbers)
        self.marks = _ints(map(numbers.__getitem__, page.marks), elements, len(numbers))
        within_numbers = {mark: numbers[cut] for mark, cut in within.items()}
        self.inner = np.fromiter(map(within_numbers.__getitem__, page.inner), np.int64, self.count)
        self.parents = _ints(page.parents, elements, -1)
        self.starts, self.ends = _ints(page.starts, elements, 0), _ints(page.ends, elements, self.count)
        self.ends[self.ends < 0] = self.count
        self.levels = np.empty((_LEVELS + 1, self.count), dtype=np.int64)
        self.levels[0] = page.owners
        self.regions = _ints(page.regions, elements, 0)[self.levels[0]]
        for level in range(_LEVELS):
            self.levels[level + 1] = self.parents[self.levels[level]]
        self.doublings = [self.parents]
        while (upper := self.doublings[-1]).max() >= 0:
            self.doublings.append(upper[upper])
        self.depths = np.ones(elements + 1)
        self.depths[-1] = 0
        for upper in self.doublings:
            self.depths += self.depths[upper]

    def _looks(self) -> tuple[Ints, Ints]:
        """For each run the number of what its element looks like: tag and class, without and with the parent's."""
        look = self.names * (len(self.mark_of) + 1) + self.marks
        near, above = _renumbered(look[self.levels[0]]), _renumbered(look[self.levels[1]])
        return near, _renumbered(near * (above.max() + 1) + above)


def _renumbered(values: Ints) -> Ints:
    """`values`, none below 0, numbered from 0 without gaps."""
    if values.max() > _SPARSE * len(values):
        return np.asarray(np.unique(values, return_inverse=True)[1])
    held = np.zeros(values.max() + 1, dtype=np.bool_)
    held[values] = True
    used = held.nonzero()[0]
    numbers = np.empty(len(held), dtype=np.int64)
    numbers[used] = np.arange(len(used))
    return np.asarray(numbers[values])


def _floats(values: Sequence[int]) -> Doubles:
    return np.fromiter(values, np.float64, len(values))


def _ints(values: Iterable[int], length: int, last: int) -> Ints:
    """`values`, `length` of them, and `last`."""
    return np.fromiter(chain(values, (last,)), np.int64, length + 1)


def features(page: Walked, context: Context, tables: Tables, layout: Layout | None = None) -> Floats:
    """All features of all runs, shape (F, R); `layout` where that of the page is known already."""
    layout = layout or Layout(page)
    words = _Words(layout)
    rows = [
        *_text_features(page, layout),
        *_own_features(page, layout),
        *_mark_features(layout, tables),
        *_word_features(words, layout, tables),
        *_ancestor_features(layout),
        *_cluster_features(layout),
        *_position_features(page, layout, context),
        *_agreement_features(page, words, context),
        *_page_features(layout, context, tables),
    ]
    return _stacked(rows, layout.count)


def _stacked(rows: Rows, runs: int) -> Floats:
    """`rows` as one matrix."""
    matrix = np.empty((_height(rows), runs), dtype=np.float32)
    at = 0
    for row in rows:
        if isinstance(row, np.ndarray) and row.ndim == 2:
            matrix[at : at + len(row)] = row
            at += len(row)
        else:
            matrix[at] = row
            at += 1
    return matrix


def _height(rows: Rows) -> int:
    """How many features they are."""
    return sum([len(row) if isinstance(row, np.ndarray) and row.ndim == 2 else 1 for row in rows])


def _numbered(texts: Sequence[str]) -> Ints:
    """For each of `texts` a number, the same for the same text, without gaps."""
    numbers = dict(zip(dict.fromkeys(texts), count(), strict=False))
    return np.fromiter(map(numbers.__getitem__, texts), np.int64, len(texts))


def _repeated(said: Ints) -> tuple[Doubles, Doubles]:
    """For each run how many runs say the same, and how many of them before it."""
    counts, index = np.bincount(said), np.arange(len(said))
    order = said.argsort(kind="stable")
    twins = np.empty(len(said))
    twins[order] = index - (counts.cumsum() - counts).repeat(counts)
    return counts[said].astype(np.float64), twins


_CLASSES = (".!?…。！？", ",;，；、", "0123456789", ":：", "|•·»›/→", "$€£¥₽%", "\"“”«»'‘’", "()[]", "©®™@#")


_CAPITAL_LETTER, _OTHER_LETTER = len(_CLASSES) + 1, len(_CLASSES) + 2
_SPACE, _BREAK = len(_CLASSES) + 3, len(_CLASSES) + 4
_KINDS = len(_CLASSES) + 5
_KNOWN_CODES = 0x3100  # beyond are Han, Hangul and the like, which have neither capitals nor blanks


def _opening(character: str) -> int:
    return 0 if character.islower() else 1 if character.isupper() else 2 if character.isdigit() else 3


def _character_tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
    """For each code point below _KNOWN_CODES, and one for all beyond: its kind; whether it is a small letter, a capital or a digit;
    its small form."""
    kinds, openings = np.zeros((2, _KNOWN_CODES + 1), dtype=np.uint8)
    forms = np.arange(_KNOWN_CODES + 1, dtype=np.uint32)
    for code, character in enumerate(map(chr, range(_KNOWN_CODES))):
        if character.isalpha():
            kinds[code] = _OTHER_LETTER if code > 127 else _CAPITAL_LETTER if character.isupper() else 0
        openings[code] = _opening(character)
        if len(small := _folded(character.lower())) == 1:
            forms[code] = ord(small)
    for number, characters in enumerate((*_CLASSES, "", "", " ", "\n"), 1):
        for character in characters:
            if ord(character) < _KNOWN_CODES:
                kinds[ord(character)] = number
    return kinds, openings, forms


_KINDS_OF, _OPENINGS, _SMALL_FORMS = _character_tables()
_BLANKS = np.array([*(chr(code).isspace() for code in range(_KNOWN_CODES)), False])


def _text_features(page: Walked, layout: Layout) -> Rows:
    """Counts of kinds of characters, and how the text begins and ends."""
    size, counts = layout.size, layout.kinds[1 : _OTHER_LETTER + 1]
    return [
        np.minimum(size, 3000),
        np.minimum(layout.blanks, 500),
        size / layout.blanks,
        _floats(page.strong) / size,
        counts / size,
        np.minimum(counts[:2], 50),
        _last_kinds(layout),
        _openings(page.texts, layout),
        layout.breaks,
    ]


def _last_kinds(layout: Layout) -> Doubles:
    """The kind of each run's last character; beyond the table, that of its last."""
    last = layout.codes[layout.after - 2]
    return np.asarray(_KINDS_OF[np.minimum(last, _KNOWN_CODES - 1)], dtype=np.float64)


def _openings(texts: Sequence[str], layout: Layout) -> Doubles:
    """Whether each run begins with a small letter, a capital, a digit or anything else."""
    first = layout.codes[layout.before]
    found = _OPENINGS.take(first, mode="clip").astype(np.float64)
    for run in (first >= _KNOWN_CODES).nonzero()[0].tolist():
        found[run] = _opening(texts[run][0])
    return np.asarray(found)


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
_BITS = [bit.bit_length() - 1 for bit in (HIDDEN, *dict.fromkeys(REGIONS.values()))]


def _own_features(page: Walked, layout: Layout) -> Rows:
    """Tags of the run's element and its parents, the regions it lies in, its links."""
    own = layout.levels[0]
    regions = layout.regions.astype("<i8")
    numbers = np.array([*(_NUMBER.get(name, len(_OWN)) for name in layout.name_of), -1.0])
    return [
        layout.density,
        np.minimum(layout.anchors, 30),
        layout.anchors / layout.words,
        layout.depths[own],
        np.unpackbits(regions.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little").T[_BITS],
        numbers.take(layout.names.take(layout.levels[:3])),
    ]


def tag_rows(page: Walked, layout: Layout) -> list[int]:
    """The features that number the tags of a run's element and its parent (−1 where there is none)."""
    first = _height(_text_features(page, layout)) + _height(_own_features(page, layout)) - 3
    return [first, first + 1]


def word_rows(page: Walked, layout: Layout) -> list[int]:
    """The features made of the words' log-odds."""
    none = Tables({}, {}, {})
    before = tag_rows(page, layout)[0] + 3 + _height(_mark_features(layout, none))
    return list(range(before, before + _height(_word_features(_Words(layout), layout, none))))


TAG_NUMBERS = len(_OWN) + 2
"""How many different numbers those features take."""


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
_LONGEST_INNER = 300


def _mark_features(layout: Layout, tables: Tables) -> Rows:
    """Log-odds of the class and id tokens: of the nearest elements, and the sum, least and greatest of all above; which hints
    stand above; log-odds of the classes of the inline elements."""
    odds, hints = _odds_of(layout.mark_of, tables.known_marks)
    means, lows, highs = odds.take(layout.marks, axis=1)
    at = layout.levels
    least, most = np.minimum(lows, 0), np.maximum(highs, 0)
    sums, above = means, hints[layout.marks]
    for upper in layout.doublings:
        sums, above = sums + sums[upper], above | above[upper]
        least, most = np.minimum(least, least[upper]), np.maximum(most, most[upper])
    bits = np.unpackbits(above[at[0]].astype("<i4").view(np.uint8).reshape(-1, 4), axis=1, bitorder="little")
    return [
        means.take(at[:5]),
        lows.take(at[:3]),
        highs.take(at[:3]),
        sums[at[0]],
        least[at[0]],
        most[at[0]],
        least[at[3]],
        most[at[3]],
        odds.take(layout.inner, axis=1),
        bits.T[:_HINT_BITS],
    ]


def _odds_of(marks: Sequence[str], known: Known) -> tuple[Doubles, Ints]:
    """(mean, least, greatest) of the log-odds of each mark's tokens that are known, zeros where none is, shape (3, M + 1), and the
    hints among its tokens; the last is for no mark."""
    found, mark_of = _token_hashes(marks)
    numbers = known.number_of(found)
    values = known.odds[numbers]
    told = (values == values).nonzero()[0]
    hints = np.zeros(len(marks) + 1, dtype=np.int64)
    hinting = known.hints[numbers].nonzero()[0]
    np.bitwise_or.at(hints, mark_of[hinting], known.hints[numbers[hinting]])
    return _summaries(values[told], mark_of[told], len(marks) + 1)[1:4], hints


def _token_hashes(marks: Sequence[str]) -> tuple[Hashes, Ints]:
    """The hashes of the tokens of all marks, and which mark each stands in."""
    joined = "\n".join([*marks, ""]).encode("ascii", "replace")
    starts, ends = _token_ranges(joined)
    codes = np.frombuffer(joined.translate(_LETTERS), dtype=np.uint8)
    after = (np.fromiter(map(len, marks), np.int64, len(marks)) + 1).cumsum()
    return hashes(codes, starts, ends), after.searchsorted(starts, side="right")


def marks_with(marks: Sequence[str], tokens: Sequence[str]) -> Ints:
    """Which of `marks` hold one of `tokens`, some more than once."""
    found, mark_of = _token_hashes(marks)
    return np.asarray(mark_of[(found == hashes_of(tokens)[:, None]).any(axis=0)])


class _Words:
    """The words of all runs, as hashes of their small letters: of each its run (`run_of`) and how many of the run stand before it
    (`place`)."""

    def __init__(self, layout: Layout) -> None:
        codes = layout.codes
        self._codes = _SMALL_FORMS.take(codes, mode="clip")
        if codes.max() >= _KNOWN_CODES:
            self._codes = np.where(codes < _KNOWN_CODES, self._codes, codes).astype(np.uint32)
        blank = _BLANKS.take(codes, mode="clip")
        edges = (blank[1:] != blank[:-1]).nonzero()[0] + 1
        edges = edges if blank[0] else np.concatenate([[0], edges])
        self._starts, self._ends = edges[::2], edges[1::2]
        first = self._starts.searchsorted(layout.before)
        counts = np.concatenate([first[1:], [len(self._starts)]]) - first
        self.run_of = np.arange(layout.count).repeat(counts)
        self.place = np.arange(len(self.run_of)) - first[self.run_of]
        self._run_starts = layout.before[self.run_of]
        self._early, self._hashes = self.cut(np.arange(len(self.run_of)), _LOOKED_AT)

    def cut(self, words: Ints, characters: int) -> tuple[Ints, Hashes]:
        """Those of `words` that begin within the first so many characters of their run, and their hashes, cut at the last of these."""
        stop = self._run_starts[words] + characters
        inside = self._starts[words] < stop
        words = words[inside]
        return words, hashes(self._codes, self._starts[words], np.minimum(self._ends[words], stop[inside]))

    def having(self, words: Sequence[str]) -> list[Ints]:
        """For each of `words`, in small letters, the runs in whose beginning it stands between blanks, some more than once."""
        return [self.run_of[self._early[self._hashes == sought]] for sought in hashes_of([*map(_folded, words)])]


def _word_features(words: _Words, layout: Layout, tables: Tables) -> Rows:
    """Log-odds of the first words, and how many are known."""
    first, found = words.cut((words.place < _SHORT).nonzero()[0], _FIRST)
    odds = tables.known_words.odds[tables.known_words.number_of(found)]
    known = (odds == odds).nonzero()[0]
    own = _summaries(odds[known], words.run_of[first[known]], layout.count)
    near, above = np.zeros(layout.count + 4), np.zeros((3, layout.count + 1))
    near[2:-2], above[:, :-1] = own[1], own[:3]
    return [own, near[:-4], near[1:-3], near[3:-1], near[4:], above.take(layout.headings, axis=1)]


def _summaries(values: Doubles, group_of: Ints, groups: int) -> Doubles:
    """Sum, mean, least, greatest and first of groups of `values` that follow one another, shape (5, groups); zeros for groups that
    are empty."""
    summaries = np.zeros((5, groups))
    counts = np.bincount(group_of, minlength=groups)
    held = counts.nonzero()[0]
    if len(held):
        starts = (counts.cumsum() - counts)[held]
        totals = np.bincount(group_of, values, minlength=groups)[held]
        least, most = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        for row, values_of in zip(summaries, (totals, totals / counts[held], least, most, values[starts]), strict=True):
            row[held] = values_of
    return summaries


def _last_heading(ranks: Ints) -> Ints:
    """For each run the last heading at or before it, −1 where there is none; `ranks` above 0 are headings."""
    return np.asarray(np.maximum.accumulate(np.where(ranks > 0, np.arange(len(ranks)), -1)))


def _ancestor_features(layout: Layout) -> Rows:
    """How much text, how many runs and links the elements above hold; where most of the page's running text lies."""
    words, linked, size, prose = layout.held.take(layout.levels, axis=1)
    runs = (layout.ends - layout.starts).take(layout.levels)
    all_words, all_prose = max(1.0, layout.words.sum()), max(1.0, layout.prose.sum())
    above = np.empty((len(layout.levels), 6, layout.count))
    above[:, 0] = words / all_words
    above[:, 1] = np.minimum(words, 3000)
    above[:, 2] = np.minimum(runs, 300)
    above[:, 3] = linked / np.maximum(size, 1)
    above[:, 4] = prose / np.maximum(words, 1)
    above[:, 5] = prose / all_prose
    index = np.arange(layout.count)
    rows = [above.reshape(-1, layout.count)]
    for share in (0.5, 0.8):
        start, end = _holder(layout, share * all_prose)
        rows += [
            np.where(index < start, index - start, np.where(index >= end, index - end + 1, 0)).astype(np.float64),
            ((index >= start) & (index < end)).astype(np.float64),
            (index - start) / max(1, end - start),
        ]
    return rows


def _holder(layout: Layout, least: float) -> tuple[int, int]:
    """The runs of the smallest element that holds running text enough."""
    able = (layout.held[3, :-1] >= least).nonzero()[0]
    if not len(able):
        return 0, layout.count
    spans = layout.ends[able] - layout.starts[able]
    best = able[len(able) - 1 - int(spans[::-1].argmin())]
    return int(layout.starts[best]), int(layout.ends[best])


def _cluster_features(layout: Layout) -> Rows:
    """Runs whose elements look alike (tag and class, with and without the parent's): how many, how long, how linked."""
    rows: list[Doubles] = []
    for cluster in layout.looks:
        many = np.bincount(cluster)
        words, linked, size, prose = (
            np.bincount(cluster, values) for values in (layout.words, layout.linked, layout.size, layout.prose)
        )
        told = np.array([many, words / many, linked / size, words / layout.words.sum(), prose / words])
        rows.append(told.take(cluster, axis=1))
    return [*rows, layout.same, layout.twins]


def _position_features(page: Walked, layout: Layout, context: Context) -> Rows:
    """Where the run stands on the page, after the title, and among its neighbours."""
    index = np.arange(layout.count)
    words, prose = layout.sums[0], layout.sums[3]
    title = _title_run(page, context)
    ranks = np.zeros(layout.count + 1, dtype=np.int64)
    ranks[:-1] = layout.ranks[layout.names[layout.levels[0]]]
    return [
        index.astype(np.float64),
        index / layout.count,
        words[:-1] / max(1.0, words[-1]),
        prose[:-1] / max(1.0, prose[-1]),
        (prose[-1] - prose[1:]) / max(1.0, prose[-1]),
        -1.0 if title is None else (index - title).astype(np.float64),
        np.minimum(index - layout.headings, 50).astype(np.float64),
        ranks[layout.headings].astype(np.float64),
        _neighbours(layout, index, ranks[:-1] > 0),
        _around(layout, index),
    ]


def _neighbours(layout: Layout, index: Ints, heading: npt.NDArray[np.bool_]) -> Doubles:
    """Of the two runs before and the two after: words, share in links, whether a heading, whether in the same parent."""
    near = np.minimum(np.maximum(index + np.array([[-2], [-1], [1], [2]]), 0), layout.count - 1)
    level = layout.levels[1]
    told = np.empty((4, 4, layout.count))
    told[:, 0], told[:, 1] = np.minimum(layout.words, 500).take(near), layout.density.take(near)
    told[:, 2], told[:, 3] = heading.take(near), level.take(near) == level
    return told.reshape(-1, layout.count)


def _around(layout: Layout, index: Ints) -> Doubles:
    """Words a run, share in links and share of prose of the 3, 8 and 20 runs to both sides."""
    reach = np.array([[3], [8], [20]])
    left, right = np.maximum(index - reach, 0), np.minimum(index + reach + 1, layout.count)
    words, linked, size, prose = layout.sums.take(right, axis=1) - layout.sums.take(left, axis=1)
    told = np.empty((3, 3, layout.count))
    told[:, 0], told[:, 1], told[:, 2] = words / (right - left), linked / size, prose / words
    return told.reshape(-1, layout.count)


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


def _agreement_features(page: Walked, words: _Words, context: Context) -> Rows:
    """Whether the run says what the page says of itself: its JSON-LD text, its descriptions, the words of its title."""
    body = " ".join(context.body.lower().split())
    told = dict.fromkeys(" ".join(text.lower().split()) for text in context.descriptions if len(text) >= _OPENING)
    told_lines = "\n".join(told)
    said = dict.fromkeys(word for text in context.titles for word in text.lower().split() if len(word) > 3)
    title = [*said][:_TITLE_WORDS]
    in_body, in_description, in_title = np.zeros((3, len(page.texts)))
    for runs in words.having(title):
        in_title[runs] += 1
    long = [run for run, text in enumerate(page.texts) if len(text) >= _OPENING] if body or told else []
    for run in long:
        # a word cut short may have another last letter when small
        opening = page.texts[run][: 2 * _OPENING].lower()[:_OPENING].replace("\n", " ")
        in_body[run] = body != "" and opening in body
        in_description[run] = opening in told_lines
    for text in told:
        in_description[_runs_with(text[:_OPENING], page.texts, words, long)] = 1
    return [in_body, in_description, in_title / max(1, len(title)), float(in_body.sum()), float(min(len(body), 5000))]


def _runs_with(opening: str, texts: Sequence[str], words: _Words, long: Sequence[int]) -> list[int]:
    """Those of the runs `long` that say `opening`, told by a word in the middle of it first."""
    whole = opening.split(" ")[1:-1]
    able = set(words.having(whole[:1])[0].tolist()) if whole else set(long)
    return [run for run in long if run in able and opening in texts[run][:_LOOKED_AT].lower()]


def _page_features(layout: Layout, context: Context, tables: Tables) -> Rows:
    """What is the same for all runs: size and make-up of the page, its URL and types."""
    total = max(1.0, layout.words.sum())
    found = [tables.page[token] for token in page_tokens(context) if token in tables.page]
    path = context.url.split("//", 1)[-1].partition("/")[2]
    elements = len(layout.parents) - 1
    names = Counter(dict(zip(layout.name_of, np.bincount(layout.names).tolist(), strict=False)))
    return [
        float(layout.count),
        total,
        layout.linked.sum() / layout.size.sum(),
        layout.prose.sum() / total,
        float(layout.words.max()),
        float((layout.words >= 40).sum()),
        float(names["article"]),
        names["p"] / elements,
        names["li"] / elements,
        float(names["h2"] + names["h3"]),
        sum(found),
        min(found, default=0.0),
        max(found, default=0.0),
        float(path.count("/")),
        float(len(path)),
        float(sum(map(str.isdigit, path))),
    ]
