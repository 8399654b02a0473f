"""`unscrape sources list | show | new | check`."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from cyclopts import App, Parameter

from flows import catalog
from flows.console import DONE, FAILED, UsageError, complain, emit, say, table
from flows.settings import Settings, load_settings
from pipeline.errors import SourceError
from schemas import SourceV1

if TYPE_CHECKING:
    from pipeline.document import Capture

app = App("sources", help_format="markdown")

STORED = 50  # the newest stored pages on which a source's selectors are tried
ENOUGH = 10  # pages; on fewer, a selector of `drop` may well find nothing to drop


@app.default
@app.command(name="list", help="The sources there are.")
def list_() -> int:
    """The sources there are, one a row. Exit code 1 where a file is wrong."""
    settings = load_settings()
    rows, wrong = [], []
    for name, path in sorted(catalog.paths(settings.own_sources).items()):
        try:
            source = catalog.load(path)
        except SourceError as error:
            wrong.append(str(error))
            continue
        rows.append((name, "yes" if source.enabled else "no", source.schedule.cron or "-", source.description, path))
    table("", ("name", "enabled", "cron", "description", "file"), rows)
    for problem in wrong:
        complain(problem)
    return FAILED if wrong else DONE


@app.command(help="A source with all its settings, defaults included, as JSON.")
def show(name: Annotated[str, Parameter(help="A source's name, or the path of its file.")], /) -> int:
    """Print one source as it is understood."""
    entry = catalog.find(name, load_settings().own_sources)
    say(f"from {entry.path}")
    emit(entry.source.model_dump_json(indent=2))
    return DONE


@app.command(
    help="Read a source's file, find its pages, clean the first few, and try its selectors; nothing is stored. "
    "The selectors are tried on the newest stored pages, or on those fetched where none are stored; the exit code is 1 "
    "where one matches nothing, as after a change of layout."
)
def check(
    name: Annotated[str, Parameter(help="A source's name, or the path of its file.")],
    /,
    *,
    pages: Annotated[int, Parameter(help="How many pages to fetch and clean; 0 fetches nothing.")] = 3,
) -> int:
    """Whether a source works: its file, its pages, what becomes of them, its selectors."""
    settings = load_settings()
    entry = catalog.find(name, settings.own_sources)
    say(f"{entry.path}: well-formed")
    captures, code = _stored(entry.source, settings), DONE
    if pages > 0:
        from flows.try_source import try_source

        code, fetched = try_source(entry, settings, pages)
        captures = captures or fetched
    return max(code, _selectors(entry.source, captures))


def _stored(source: SourceV1, settings: Settings) -> "list[Capture]":
    """The newest captures stored of a source; none where nothing was ever stored."""
    if not settings.ledger and not (settings.root / "raw" / "ledger.sqlite").exists():
        return []
    from heapq import nlargest

    from flows.commands.look import opened

    with opened() as store:
        newest = nlargest(STORED, store.latest_captures(source.name), key=lambda ref: (ref.fetched_at, ref.event))
        return [store.load(ref) for ref in newest]


def _selectors(source: SourceV1, captures: "Sequence[Capture]") -> int:
    """Say on how many pages each selector matches, and complain of those that match nothing. Returns the exit code."""
    from pipeline.decode import decode_bytes
    from pipeline.fetch.gate import gate
    from pipeline.strip.propose import check as tried

    decoded = {
        item.sha256: decode_bytes(item.body, item.content_type, item.url, encoding_override=source.encoding)
        for item in captures
        if gate(item) is None
    }
    # Selectors of listings have no business on documents: where they fail, no page is found, which is said.
    matches = [match for match in tried(source, decoded) if not match.key.startswith("discover.")]
    if not decoded or not matches:
        return DONE
    rows = [(match.key, match.selector, f"{match.matched} of {match.pages}") for match in matches]
    table("", ("rule", "selector", "pages"), rows)
    lost = [match for match in matches if not match.matched and (match.key != "drop" or match.pages >= ENOUGH)]
    for match in lost:
        complain(
            f"ALARM: strip.{match.key}: {match.selector!r} matches nothing on {match.pages} pages of {source.name}: "
            "the layout has changed; mend the selector"
        )
    return FAILED if lost else DONE


@app.command(
    help="Learn from the stored pages what is the site's own text; takes effect with the next ingest or replay."
)
def learn(
    name: Annotated[str, Parameter(help="A source's name.")],
    /,
    *,
    pages: Annotated[int, Parameter(help="How many of the newest pages to learn from.")] = 100,
) -> int:
    """Write the snapshot of a source's chrome beside your own sources."""
    from itertools import islice

    from flows.commands.look import opened
    from pipeline.decode import decode_bytes
    from pipeline.strip.chrome import learn as learned

    settings = load_settings()
    source = catalog.find(name, settings.own_sources).source
    with opened() as store:
        captures = [store.load(ref) for ref in islice(store.latest_captures(source.name), pages)]
    decoded = {item.sha256: decode_bytes(item.body, item.content_type, item.url) for item in captures}
    chrome = learned(decoded, version=source.chrome.version + 1 if source.chrome else 1)
    if not chrome.texts:
        raise UsageError(f"{len(decoded)} pages of {source.name} are stored, too few or too different to learn from")
    path = catalog.chrome_path(source.name, settings.own_sources)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, chrome.model_dump_json(indent=1))
    emit(str(path))
    say(f"{len(chrome.texts)} texts repeat on {len(chrome.learned_from)} pages; now: unscrape replay {source.name}")
    return DONE


@app.command(
    help="Propose a new source from pages of its site: write its file, and show what would be kept and dropped."
)
def new(
    *pages: Annotated[str, Parameter(help="URLs or HTML files of documents of one site; three or more tell most.")],
    name: Annotated[str | None, Parameter(help="Its name; default: from the host.")] = None,
    blank: Annotated[
        bool, Parameter(negative="", help="Fetch nothing: write a file to be completed, for the site of the URL given.")
    ] = False,
) -> int:
    """Write a source's file into the folder of your own sources. What is there already is never overwritten."""
    if not pages:
        raise UsageError("name pages of the site: URLs, e.g. https://example.org/news/1, or HTML files")
    for page in pages:
        _usable(page, blank)
    settings = load_settings()
    hosted = next((page for page in pages if urlsplit(page).hostname), None)
    name = name or (_name(urlsplit(hosted).hostname or "") if hosted else None)
    if name:
        _free(settings, name)  # before anything is fetched
    from flows.propose_source import as_toml, preview_lines, read_pages
    from pipeline.strip.propose import propose

    read = {} if blank else read_pages(pages, settings)
    url = next((url for url in (*read, *pages) if urlsplit(url).hostname), None)
    if url is None:
        raise UsageError(f"{pages[0]} does not say where it came from: add the URL of a page of its site")
    name = name or _name(urlsplit(url).hostname or "")
    path = _free(settings, name)
    described, previews = propose(read) if read else ({}, ())
    text = as_toml(described, name, url, len(read))
    catalog.parse(tomllib.loads(text), path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
    for preview in previews:
        say("\n".join(preview_lines(preview)))
    emit(str(path))
    say(f"look at it and complete it, then: unscrape sources check {name}")
    return DONE


def _usable(page: str, blank: bool) -> None:
    """Raises UsageError where `page` is neither a URL nor a file, or, with `blank`, no URL."""
    parts = urlsplit(page)
    if parts.scheme in ("http", "https") and parts.hostname:
        return
    if blank or not Path(page).is_file():
        raise UsageError(
            f"{page!r} is no URL{'' if blank else ' and no file'}: write it whole, e.g. https://example.org/news/"
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    making = path.with_name(f".{path.name}.making")
    making.write_text(text, encoding="utf-8")
    making.replace(path)


def _name(host: str) -> str:
    labels = [label for label in host.lower().split(".") if label != "www"]
    return re.sub(r"[^a-z0-9_-]", "-", labels[-2] if len(labels) > 1 else labels[0])


def _free(settings: Settings, name: str) -> Path:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        raise UsageError(f"--name {name!r}: write lower-case letters, digits, - and _ only")
    known = catalog.paths(settings.own_sources).get(name)
    if known:
        raise UsageError(f"there is a source {name!r} already, in {known}: give another name with --name")
    return settings.own_sources / f"{name}.toml"
