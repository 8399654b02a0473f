"""Runs near the title that may state the author or the date in plain words: candidates for the facts, not decisions."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, islice

from pipeline.document import Fact
from pipeline.strip.assemble import Paths
from pipeline.strip.walk import Walked

BEFORE, AFTER = 5, 16  # runs around the title; of the authors seen on ../shared/bench/wcxb-dev, nine in ten stand there
LONGEST, SHORT, PROSE, MOST, LABEL, LEAD = 200, 60, 250, 24, 30, 120
TITLE = 16  # characters that a run needs to be known for the title
SAYS, COVERS = 0.7, 0.4  # of a heading's words, and of the title's, that they share where the heading says the title
_WORDS = re.compile(r"\w+")

_BY = re.compile(
    r"(?:^|\b(?:written|posted|published|authored|reported|updated|reviewed|words|text|story|article|started|asked|created)\s+|"
    r"[|·•–—]\s*)by\b[:\s]|\b\d{4},?\s+by\s",
    re.I,
)
_AUTHOR_FIRST = re.compile(
    r"\s*(?:author|authors|writer|contributor|автор|авторы|текст|autor|autora|auteur|autorzy|von|par|por)\b\s*[:\s]",
    re.I,
)
_AUTHOR_MARK = re.compile(
    r"author|byline|by-line|autor|contributor|writer|user-?name|poster-?name|member-?name|nickname", re.I
)
_AUTHOR_WORDS = (
    "author",
    "autor",
    "byline",
    "by-line",
    "contributor",
    "writer",
    "user",
    "poster",
    "member",
    "nickname",
)  # one is in each
_NOT_AUTHOR_MARK = re.compile(r"author(?:ity|iz)|bio\b|avatar|title|role|date|time|follow|share", re.I)
_DATED = re.compile(r"\d(?:(?<=1)9\d\d|(?<=2)0\d\d|[./]\d\d?[./]\d\d\b)")  # begins with a digit, which is found fast
_MODIFIED = re.compile(
    r"^\W*(?:page\s+)?(?:last\s+|latest\s+)?(?:updated?|modified|revised|edited|reviewed|"
    r"обновлено|изменено|aktualisiert|geändert|mis à jour|modifié|"
    r"actualizado|aktualizacja|zaktualizowano|жаңартылды)\b",
    re.I,
)
_PUBLISHED = re.compile(
    r"^\W*(?:(?:first\s+|originally\s+)?(?:published|posted|publication date|release date|released|created|started|asked)|опубликовано|"
    r"дата публикации|veröffentlicht|erschienen|publié|publicado|opublikowano|жарияланды)\b",
    re.I,
)
_LABELS = (
    r"(?:(?:(?:written|words|article|story|text|posted|published|authored|created|contributed)\s+)?by|authors?|written|"
    r"автор(?:ы)?|текст|autor(?:in|zy|ka|a)?|auteur|von|par|por)"
)
_AUTHOR_LABEL = re.compile(rf"\W*{_LABELS}\W*", re.I)
_LABEL_LINE = re.compile(
    rf"\n[^\w\n]*{_LABELS}[^\w\n]*(?=\n)"
)  # in lower case, for a pattern that ignores case is slow
_WRITTEN = re.compile(r"^\W*(?:written|words|text|article)\s+by\b", re.I)
_ORIGINAL = re.compile(r"\b(?:originally|first)\s+(?:published|posted|appeared)\b(?=.{0,60}\d{4})", re.I | re.S)
_OF_OTHER = re.compile(
    r"^\W*(?:join(?:ed|\s+date)|founded|registered|registration|member\s+since|user\s+since|last\s+(?:visit|seen|active|activity|post)|"
    r"born|birthday|expires|valid\s+(?:until|through)|deadline|ends?|регистрация|на\s+сайте\s+с|registriert|mitglied\s+seit|inscrit)\b",
    re.I,
)
_DATELINE = re.compile(
    r"^[A-ZÀ-ÞА-Я]{2}[^\d\n(]{0,60}?[,\s]\s*(?:[^\W\d_]{3,9}\.?\s+\d\d?,\s+\d{4}|\d\d?\s+[^\W\d_]{3,9}\s+\d{4})(?=\s*,?\s*[(/–—-])"
)
_DATE_MARK = re.compile(r"(?<!up)(?<!to)date(?!d?-?picker)|publish|posted|pub-?time|timestamp", re.I)


def nearby_facts(page: Walked, paths: Paths, titles: Sequence[str] = ()) -> Iterator[Fact]:
    """The runs around each <h1> (or the heading that says one of `titles`, the <title> and the like, or the first heading) that
    name an author or a day, and short ones anywhere that a class or a word such as "Published" marks as such."""
    seen: set[int] = set()
    for title in _titles(page, titles):
        for run in _window(page, title):
            if run not in seen:
                seen.add(run)
                yield from _facts(page, run, paths)
    elsewhere = (run for run in _worth_a_look(page) if run not in seen)
    yield from islice(chain.from_iterable(_marked(page, run, paths) for run in elsewhere), MOST)


def _titles(page: Walked, titles: Sequence[str]) -> list[int]:
    """The first runs of the first <h1> elements that hold text; before them, where none of them says a title, the lesser heading
    or the run that does; of the first heading of any level where there is nothing of all that."""
    first = _headings(page, "h1")[:2]
    told = [frozenset(_WORDS.findall(title.casefold())) for title in titles]
    if first and (not told or any(_says(page.texts[run], told) for run in first)):
        return first
    lesser = sorted([*_headings(page, "h2"), *_headings(page, "h3")])
    named = next((run for run in lesser if _says(page.texts[run], told)), None)
    if named is None and not first:
        line = "\n".join(titles)
        named = next(
            (run for run, text in enumerate(page.texts) if TITLE <= len(text) <= LONGEST and text in line), None
        )
    return first or lesser[:1] if named is None else [named, *first]


def _headings(page: Walked, name: str) -> list[int]:
    """The first runs of the elements of this name that hold text."""
    return [
        page.starts[element]
        for element, tag in enumerate(page.tags)
        if tag == name and page.ends[element] > page.starts[element]
    ]


def _says(text: str, told: Sequence[frozenset[str]]) -> bool:
    """Whether most words of a heading are words of a title, and more of it than the site's name would be."""
    words = _WORDS.findall(text.casefold())
    return len(words) > 1 and any(
        len(words) >= COVERS * len(title) and sum(word in title for word in words) >= SAYS * len(words)
        for title in told
    )


def _window(page: Walked, title: int) -> Iterator[int]:
    yield from range(max(title - BEFORE, 0), title)
    prose = False
    for run in range(title + 1, min(title + AFTER, len(page.texts))):
        prose = prose or len(page.texts[run]) > PROSE
        if not prose or len(page.texts[run]) <= SHORT:
            yield run


def _facts(page: Walked, run: int, paths: Paths) -> Iterator[Fact]:
    """What a run near the title may state."""
    text = page.texts[run]
    if line := _DATELINE.match(text[:LEAD]):
        yield _fact(page, run, paths, "published", "dateline", line[0])
        return
    if len(text) > LONGEST:
        return
    if _is_byline(text):
        yield _fact(page, run, paths, "byline", "near-title", text)
    elif len(text) <= 100 and _is_author_mark(page, run):
        yield _fact(page, run, paths, "byline", "near-title:author-class", text)
    elif _is_labelled_author(page, run):
        yield _fact(page, run, paths, "byline", "near-title:labelled", text)
    if _is_dated(text):
        kind = _kind_of_day(page, run)
        if kind == "modified":
            yield _fact(page, run, paths, "modified", "near-title", text)
        elif kind != "other":
            place = "near-title:labelled" if kind == "published" else "near-title"
            yield _fact(page, run, paths, "published", place, text)


def _is_byline(text: str) -> bool:
    """Whether a run says by whom something is, or begins with a word for its author."""
    return ("by" in text.lower() and _BY.search(text) is not None) or _AUTHOR_FIRST.match(text) is not None


def _fact(page: Walked, run: int, paths: Paths, name: str, place: str, text: str) -> Fact:
    return Fact(name=name, text=text, place=place, path=paths.of(page.owners[run]))


def _worth_a_look(page: Walked) -> list[int]:
    """The runs that may state something however far from the title: short ones with a day, with an author's mark or after an
    author's label; longer ones that begin with a day and are marked so, or tell when they were first published."""
    texts = page.texts
    short = [run for run, text in enumerate(texts) if len(text) <= SHORT]
    lines = "\n".join([texts[run] for run in short])
    longer = (
        run
        for run, text in enumerate(texts)
        if SHORT < len(text) <= PROSE
        and ((text[0].isdigit() and _is_date_mark(page, run)) or ("ublished" in text and _original(text)))
    )
    labelled = _LABEL_LINE.search(f"\n{lines.lower()}\n") is not None
    after_label = (run for run in short if _is_labelled_author(page, run)) if labelled else ()
    return sorted({*_dated(texts, short, lines), *_author_marked(page, short), *after_label, *longer})


def _dated(texts: Sequence[str], short: Sequence[int], lines: str) -> Iterator[int]:
    """The runs of `short`, whose texts are `lines`, in which a day stands."""
    ends = list(accumulate(len(texts[run]) + 1 for run in short))
    return (short[bisect_right(ends, match.start())] for match in _DATED.finditer(lines))


def _author_marked(page: Walked, short: Sequence[int]) -> list[int]:
    """The runs of `short` that bear an author's mark; what is no mark of any is told for the whole page at once."""
    marks = list({page.marks[page.owners[run]] for run in short}.union(page.inner))
    lines = "\0".join(marks).lower()
    words = [word for word in _AUTHOR_WORDS if word in lines]
    if not words:
        return []
    lower = lines.split("\0")
    maybe = {mark for word in words for mark, line in zip(marks, lower, strict=True) if word in line}
    return [
        run
        for run in short
        if (page.marks[page.owners[run]] in maybe or page.inner[run] in maybe) and _is_author_mark(page, run)
    ]


def _marked(page: Walked, run: int, paths: Paths) -> Iterator[Fact]:
    """What a run far from the title states by its class, by its first word or by what stands before it."""
    text = page.texts[run]
    if len(text) <= SHORT and _is_author_mark(page, run):
        yield _fact(page, run, paths, "byline", "author-class", text)
    elif _is_labelled_author(page, run):
        yield _fact(page, run, paths, "byline", "labelled", text)
    if original := _original(text):
        yield _fact(page, run, paths, "published", "original", text[original.start() :])
    elif _is_dated(text):
        kind = _kind_of_day(page, run)
        if kind in ("modified", "published"):
            yield _fact(page, run, paths, kind, "labelled", text)
        elif kind is None and _is_date_mark(page, run):
            yield _fact(page, run, paths, "published", "date-class", text)
        elif kind is None and run and _WRITTEN.match(page.texts[run - 1]):
            yield _fact(page, run, paths, "published", "near-byline", text)


def _kind_of_day(page: Walked, run: int) -> str | None:
    """Of what the day in a run is, by the run's first words or the label before it: "modified", "published", "other" (when its
    author joined, say), or None where nothing tells."""
    text, label = page.texts[run], page.texts[run - 1] if run else ""
    for kind, pattern in (("other", _OF_OTHER), ("modified", _MODIFIED), ("published", _PUBLISHED)):
        if pattern.match(text):
            return kind
    if len(label) <= LABEL:
        for kind, pattern in (("other", _OF_OTHER), ("modified", _MODIFIED), ("published", _PUBLISHED)):
            if (found := pattern.match(label)) and len(label) - found.end() <= len(" on:"):
                return kind
    return None


def _is_date_mark(page: Walked, run: int) -> bool:
    return _DATE_MARK.search(f"{page.marks[page.owners[run]]} {page.inner[run]}") is not None


def _original(text: str) -> re.Match[str] | None:
    """Where a run tells when it was first published; the pattern is slow to say no."""
    lower = text.lower()
    return _ORIGINAL.search(text) if "first" in lower or "originally" in lower else None


def _is_dated(text: str) -> bool:
    """Whether a year or a day written in digits stands in `text`."""
    return _DATED.search(text) is not None


def _is_author_mark(page: Walked, run: int) -> bool:
    """Whether a class or id of the run's element, or of what stands in it, speaks of an author."""
    marks = f"{page.marks[page.owners[run]]} {page.inner[run]}"
    return _speaks_of_author(marks)


def _is_labelled_author(page: Walked, run: int) -> bool:
    """Whether a short run stands after one that only says "By", "Author" and the like."""
    return run > 0 and len(page.texts[run]) <= SHORT and _is_author_label(page.texts[run - 1])


def _is_author_label(text: str) -> bool:
    return len(text) <= LABEL and _AUTHOR_LABEL.fullmatch(text) is not None


@lru_cache(maxsize=4096)  # few classes serve all runs of a page, and all pages of a site
def _speaks_of_author(marks: str) -> bool:
    lower = marks.lower()
    if not any(word in lower for word in _AUTHOR_WORDS):
        return False
    return _AUTHOR_MARK.search(marks) is not None and _NOT_AUTHOR_MARK.search(marks) is None
