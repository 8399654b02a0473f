"""Runs near the title that may state the author or the date in plain words: candidates for the facts, not decisions."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from pipeline.document import Fact
from pipeline.strip.assemble import Paths
from pipeline.strip.walk import Walked

BEFORE, AFTER = 5, 16  # runs around the title; of the authors seen on ../shared/bench/wcxb-dev, nine in ten stand there
LONGEST, SHORT, PROSE, MOST, LABEL, LEAD = 200, 60, 250, 24, 30, 120
TITLE = 16  # characters that a run needs to be known for the title
SAYS, COVERS = 0.7, 0.4  # of a heading's words, and of the title's, that they share where the heading says the title
_WORDS = re.compile(r"\w+")

_BYLINE = re.compile(
    r"(?:^|\b(?:written|posted|published|authored|reported|updated|reviewed|words|text|story|article|started|asked|created)\s+|"
    r"[|·•–—]\s*)by\b[:\s]|^\s*(?:author|authors|writer|contributor|автор|авторы|текст|autor|autora|auteur|autorzy|von|par|por)\b\s*[:\s]"
    r"|\b\d{4},?\s+by\s",
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
_DATED = re.compile(r"(?:19|20)\d\d|\d[./]\d\d?[./]\d\d\b")
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
_AUTHOR_LABEL = re.compile(
    r"\W*(?:(?:(?:written|words|article|story|text|posted|published|authored|created|contributed)\s+)?by|authors?|written|"
    r"автор(?:ы)?|текст|autor(?:in|zy|ka|a)?|auteur|von|par|por)\W*",
    re.I,
)
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
    elsewhere = (run for run, text in enumerate(page.texts) if run not in seen and _may_state(page, run, text))
    yield from islice(chain.from_iterable(_marked(page, run, paths) for run in elsewhere), MOST)


def _titles(page: Walked, titles: Sequence[str]) -> list[int]:
    """The first runs of the first <h1> elements that hold text; before them, where none of them says a title, the lesser heading
    or the run that does; of the first heading of any level where there is nothing of all that."""
    first, lesser = _headings(page, ("h1",))[:2], _headings(page, ("h2", "h3"))
    told = [frozenset(_WORDS.findall(title.casefold())) for title in titles]
    if not told or any(_says(page.texts[run], told) for run in first):
        return first or lesser[:1]
    named = next((run for run in lesser if _says(page.texts[run], told)), None)
    if named is None and not first:
        line = "\n".join(titles)
        named = next(
            (run for run, text in enumerate(page.texts) if TITLE <= len(text) <= LONGEST and text in line), None
        )
    return first or lesser[:1] if named is None else [named, *first]


def _headings(page: Walked, names: Collection[str]) -> list[int]:
    """The first runs of the elements of these names that hold text."""
    return [
        page.starts[element]
        for element, name in enumerate(page.tags)
        if name in names and page.ends[element] > page.starts[element]
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
    text, path = page.texts[run], paths.of(page.owners[run])
    if line := _DATELINE.match(text[:LEAD]):
        yield Fact(name="published", text=line[0], place="dateline", path=path)
        return
    if len(text) > LONGEST:
        return
    if _BYLINE.search(text):
        yield Fact(name="byline", text=text, place="near-title", path=path)
    elif len(text) <= 100 and _is_author_mark(page, run):
        yield Fact(name="byline", text=text, place="near-title:author-class", path=path)
    elif _is_labelled_author(page, run):
        yield Fact(name="byline", text=text, place="near-title:labelled", path=path)
    if _is_dated(text):
        kind = _kind_of_day(page, run)
        if kind == "modified":
            yield Fact(name="modified", text=text, place="near-title", path=path)
        elif kind != "other":
            place = "near-title:labelled" if kind == "published" else "near-title"
            yield Fact(name="published", text=text, place=place, path=path)


def _may_state(page: Walked, run: int, text: str) -> bool:
    """Whether a run far from the title is worth a look."""
    if len(text) <= SHORT:
        return _is_dated(text) or _is_author_mark(page, run) or _is_labelled_author(page, run)
    if len(text) > PROSE:
        return False
    return (text[0].isdigit() and _is_date_mark(page, run)) or (
        "ublished" in text and _ORIGINAL.search(text) is not None
    )


def _marked(page: Walked, run: int, paths: Paths) -> Iterator[Fact]:
    """What a run far from the title states by its class, by its first word or by what stands before it."""
    text, path = page.texts[run], paths.of(page.owners[run])
    if len(text) <= SHORT and _is_author_mark(page, run):
        yield Fact(name="byline", text=text, place="author-class", path=path)
    elif _is_labelled_author(page, run):
        yield Fact(name="byline", text=text, place="labelled", path=path)
    if original := _ORIGINAL.search(text):
        yield Fact(name="published", text=text[original.start() :], place="original", path=path)
    elif _is_dated(text):
        kind = _kind_of_day(page, run)
        if kind in ("modified", "published"):
            yield Fact(name=kind, text=text, place="labelled", path=path)
        elif kind is None and _is_date_mark(page, run):
            yield Fact(name="published", text=text, place="date-class", path=path)
        elif kind is None and run and _WRITTEN.match(page.texts[run - 1]):
            yield Fact(name="published", text=text, place="near-byline", path=path)


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


def _is_dated(text: str) -> bool:
    """Whether a year or a day written in digits stands in `text`; the pattern is slow to say no."""
    maybe = "20" in text or "19" in text or "." in text or "/" in text
    return maybe and _DATED.search(text) is not None


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
