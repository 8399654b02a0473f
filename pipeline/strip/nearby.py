"""Runs near the title that may state the author or the date in plain words: candidates for the facts, not decisions."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

from pipeline.document import Fact
from pipeline.strip.assemble import Paths
from pipeline.strip.walk import Walked

BEFORE, AFTER = 5, 16  # runs around the title; of the authors seen on ../shared/bench/wcxb-dev, nine in ten stand there
LONGEST, SHORT, PROSE, MOST = 200, 60, 250, 24

_BYLINE = re.compile(
    r"(?:^|\b(?:written|posted|published|authored|reported|updated|reviewed|words|text|story|article|started|asked|created)\s+|"
    r"[|·•–—]\s*)by\b[:\s]|^\s*(?:author|authors|writer|contributor|автор|авторы|текст|autor|autora|auteur|autorzy|von|par|por)\b\s*[:\s]"
    r"|\b\d{4},?\s+by\s",
    re.I,
)
_AUTHOR_MARK = re.compile(
    r"author|byline|by-line|autor|contributor|writer|user-?name|poster-?name|member-?name|nickname", re.I
)
_NOT_AUTHOR_MARK = re.compile(r"author(?:ity|iz)|bio\b|avatar|title|role|date|time|follow|share", re.I)
_DATED = re.compile(r"(?:19|20)\d\d|\d[./]\d\d?[./]\d\d\b")
_MODIFIED = re.compile(
    r"^\W*(?:last\s+)?(?:updated|modified|revised|edited|reviewed|обновлено|изменено|aktualisiert|geändert|mis à jour|modifié|"
    r"actualizado|aktualizacja|zaktualizowano|жаңартылды)\b",
    re.I,
)
_PUBLISHED = re.compile(
    r"^\W*(?:(?:first\s+|originally\s+)?(?:published|posted|publication date|release date|released|created)|опубликовано|"
    r"дата публикации|veröffentlicht|erschienen|publié|publicado|opublikowano|жарияланды)\b",
    re.I,
)
_DATE_MARK = re.compile(r"(?<!up)(?<!to)date(?!d?-?picker)|publish|posted|pub-?time|timestamp", re.I)


def nearby_facts(page: Walked, paths: Paths) -> Iterator[Fact]:
    """The runs around each <h1> (or the first heading) that name an author or a day, and short ones anywhere that a class or
    a word such as "Published" marks as such."""
    seen: set[int] = set()
    for title in _titles(page):
        for run in _window(page, title):
            if run not in seen:
                seen.add(run)
                yield from _facts(page, run, paths)
    elsewhere = (
        run
        for run, text in enumerate(page.texts)
        if len(text) <= SHORT and run not in seen and (_is_dated(text) or _is_author_mark(page, run))
    )
    yield from islice(chain.from_iterable(_marked(page, run, paths) for run in elsewhere), MOST)


def _titles(page: Walked) -> list[int]:
    """The first runs of the first <h1> elements that hold text; of the first heading of any level where there is none."""
    for names in (("h1",), ("h2", "h3")):
        found = [
            page.starts[element]
            for element, name in enumerate(page.tags)
            if name in names and page.ends[element] > page.starts[element]
        ]
        if found:
            return found[: 2 if names == ("h1",) else 1]
    return []


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
    if len(text) > LONGEST:
        return
    path = paths.of(page.owners[run])
    if _BYLINE.search(text):
        yield Fact(name="byline", text=text, place="near-title", path=path)
    elif len(text) <= 100 and _is_author_mark(page, run):
        yield Fact(name="byline", text=text, place="near-title:author-class", path=path)
    if _is_dated(text):
        name = "modified" if _MODIFIED.match(text) else "published"
        yield Fact(name=name, text=text, place="near-title", path=path)


def _marked(page: Walked, run: int, paths: Paths) -> Iterator[Fact]:
    """What a short run far from the title states by its class or by its first word."""
    text = page.texts[run]
    if _is_author_mark(page, run):
        yield Fact(name="byline", text=text, place="author-class", path=paths.of(page.owners[run]))
    if _is_dated(text):
        if _MODIFIED.match(text):
            yield Fact(name="modified", text=text, place="labelled", path=paths.of(page.owners[run]))
        elif _PUBLISHED.match(text):
            yield Fact(name="published", text=text, place="labelled", path=paths.of(page.owners[run]))
        elif _DATE_MARK.search(f"{page.marks[page.owners[run]]} {page.inner[run]}"):
            yield Fact(name="published", text=text, place="date-class", path=paths.of(page.owners[run]))


def _is_dated(text: str) -> bool:
    """Whether a year or a day written in digits stands in `text`; the pattern is slow to say no."""
    maybe = "20" in text or "19" in text or "." in text or "/" in text
    return maybe and _DATED.search(text) is not None


def _is_author_mark(page: Walked, run: int) -> bool:
    """Whether a class or id of the run's element, or of what stands in it, speaks of an author."""
    marks = f"{page.marks[page.owners[run]]} {page.inner[run]}"
    return _speaks_of_author(marks)


@lru_cache(maxsize=4096)  # few classes serve all runs of a page, and all pages of a site
def _speaks_of_author(marks: str) -> bool:
    return _AUTHOR_MARK.search(marks) is not None and _NOT_AUTHOR_MARK.search(marks) is None
