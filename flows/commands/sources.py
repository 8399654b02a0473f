"""`unscrape sources list | show | new | check`."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import App, Parameter

from flows import catalog
from flows.console import DONE, FAILED, UsageError, complain, emit, say, table
from flows.settings import Settings, load_settings
from pipeline.errors import SourceError

app = App("sources", help_format="markdown")

TEMPLATE = """\
# {url}
# All keys: `unscrape schema --name source`. Try it: `unscrape sources check {name}`, then `unscrape ingest {name}`.
name = "{name}"
enabled = true
homepage = "{root}"

[discover]
# feeds = ["{root}feed.xml"]
# sitemaps = ["{root}sitemap.xml"]
include = ['//{host}/']   # regular expressions: a page's URL must match one

[[discover.listings]]
url = "{url}"
links = "a[href]"         # CSS selector of the links to pages

[fetch]
rate = 0.5                # requests a second
concurrency = 1

[strip]
# keep = ["article"]      # CSS selectors, only where the document is not found by itself
# drop = [".newsletter"]

[dates]
# timezone = "Europe/Moscow"   # without it, dates that bear no zone stay local

[schedule]
cron = "{minute} */6 * * *"
"""


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


@app.command(help="Read a source's file, find its pages, and clean the first few; nothing is stored.")
def check(
    name: Annotated[str, Parameter(help="A source's name, or the path of its file.")],
    /,
    *,
    pages: Annotated[int, Parameter(help="How many pages to fetch and clean; 0 only reads the file.")] = 3,
) -> int:
    """Whether a source works: its file, its pages, what becomes of them."""
    settings = load_settings()
    entry = catalog.find(name, settings.own_sources)
    say(f"{entry.path}: well-formed")
    if pages <= 0:
        return DONE
    from flows.try_source import try_source

    return try_source(entry, settings, pages)


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


@app.command(help="Write the description of a new source, to be completed by hand.")
def new(
    url: Annotated[str, Parameter(help="The page that lists the site's documents.")],
    /,
    *,
    name: Annotated[str | None, Parameter(help="Its name; default: from the host.")] = None,
) -> int:
    """Write a source's file into the folder of your own sources."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no URL: write it whole, e.g. https://example.org/news/")
    name = name or _name(parts.hostname)
    settings = load_settings()
    path = _free(settings, name)
    root = f"{parts.scheme}://{parts.netloc}/"
    text = TEMPLATE.format(url=url, name=name, root=root, host=re.escape(parts.netloc), minute=sum(map(ord, name)) % 60)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    catalog.load(path)
    emit(str(path))
    say(f"complete it, then: unscrape sources check {name}")
    return DONE


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
