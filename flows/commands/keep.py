"""`unscrape report | export | schema | verify | purge`: keeping what is stored, and giving it to others."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from flows import catalog
from flows.commands.look import opened
from flows.console import DONE, FAILED, UsageError, complain, emit, say
from flows.line import clean_one
from flows.settings import load_settings
from pipeline.document import Capture, Rejected
from pipeline.store import Store
from schemas import Record


def report(
    *names: Annotated[str, Parameter(help="Only these sources.")],
    to: Annotated[Path | None, Parameter(help="A folder of its own; default: report/ beside clean/.")] = None,
    open: Annotated[bool, Parameter(negative="", help="Open it in the browser.")] = False,
) -> int:
    """Write the report page."""
    from pipeline.store.report import build

    with opened() as store:
        _check_known(store, names)
        page = build(store, (to or store.home / "report").absolute(), names)
    emit(str(page))
    if open:
        import webbrowser

        webbrowser.open(page.as_uri())
    return DONE


Format = Literal["parquet", "jsonl", "jsonl.zst", "json", "markdown", "text", "warc"]


def export(
    format: Annotated[Format, Parameter(help="warc is of the pages as fetched, all others of the newest records.")],
    /,
    *,
    to: Annotated[Path, Parameter(help="A folder; what is in it already and unchanged is kept.")],
    source: Annotated[tuple[str, ...], Parameter(help="Only this source; may be given again.")] = (),
    since: Annotated[date | None, Parameter(help="Only what was fetched on or after this day (UTC).")] = None,
) -> int:
    """Write records as Parquet, JSON, Markdown, text or WARC."""
    from flows.render import as_markdown, as_text

    render = {"markdown": as_markdown, "text": as_text}.get(format)
    day = datetime.combine(since, time(), UTC) if since else None
    with opened() as store:
        _check_known(store, source)
        made = store.export(format, to, since=day, sources=source, render=render)
    say(f"{made.records} {'captures' if format == 'warc' else 'records'} in {made.files} files, {made.written} written")
    emit(str(to))
    return DONE


def _check_known(store: Store, names: tuple[str, ...]) -> None:
    stored = store.sources()
    for name in names:
        if name not in stored:
            raise UsageError(f"nothing is stored of {name!r}: there are {', '.join(stored)}")


def schema(*, name: Annotated[Literal["record", "source"], Parameter(help="Of what.")] = "record") -> int:
    """Print the JSON Schema of records or sources."""
    from schemas.export import rendered

    emit(rendered(f"{name}-v1"))
    return DONE


def verify(
    *,
    repair: Annotated[bool, Parameter(negative="", help="Put right what can be, from raw/.")] = False,
) -> int:
    """Prove that raw/, the ledger and clean/ agree."""
    with opened() as store:
        problems = store.verify(repair=repair, clean=_clean)
    for problem in problems:
        done = f" (repaired: {problem.repaired})" if problem.repaired else ""
        complain(f"{problem.kind}: {problem.where}: {problem.what}{done}")
    left = [problem for problem in problems if not problem.repaired]
    if not left:
        say("raw/, the ledger and clean/ agree")
        return DONE
    say(f"{len(left)} problems" + ("" if repair else "; `unscrape verify --repair` puts right what can be, from raw/"))
    return FAILED


def purge(
    key: Annotated[str, Parameter(help="A record's id, or a page's URL.")],
    /,
    *,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
) -> int:
    """Take a document out of everything, for good."""
    if not yes and not _confirmed(f"take {key} out of raw/, clean/, the ledger and the exports, for good?"):
        raise UsageError("nothing was purged; with --yes it is not asked")
    with opened() as store:
        gone = store.purge(key)
    if not gone.ids:
        raise UsageError(f"nothing is known as {key!r}: give a record's id or a page's URL")
    say(
        f"purged {', '.join(gone.ids)}: {gone.revisions} revisions, {gone.captures} captures, {gone.bodies} bodies, "
        f"{gone.exports} exports, {gone.corrections} corrections"
    )
    return DONE


def _confirmed(question: str) -> bool:
    import sys

    if not sys.stdin.isatty():
        return False
    say(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _clean(name: str, capture: Capture) -> Record | Rejected:
    """A capture cleaned by its source's description, as ingest does."""
    return clean_one(capture, catalog.find(name, load_settings().own_sources).source)
