"""`unscrape status | show | explain | history | diff`: looking at what is stored."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.console import DONE, UsageError, emit, say, table
from flows.render import as_markdown, as_text, explanation
from flows.settings import load_settings
from pipeline.errors import StoreError
from pipeline.store import SourceStatus, Store
from schemas import Record
from schemas.read import DamagedRecord

MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}  # of the pieces of a diff

Key = Annotated[str, Parameter(help="A record's id, or a page's URL.")]


@contextmanager
def opened() -> Iterator[Store]:
    """The store of the settings. Raises UsageError where nothing was ever stored, StoreError where a line met is damaged."""
    settings = load_settings()
    if not settings.ledger and not (settings.root / "raw" / "ledger.sqlite").exists():
        raise UsageError(
            f"nothing is stored in {settings.root}: begin with `unscrape ingest sample`, or set UNSCRAPE_HOME"
        )
    store = Store.open(settings.root, settings.ledger)
    try:
        yield store
    except DamagedRecord as error:
        raise StoreError(str(error)) from error
    finally:
        store.close()


def look_up(store: Store, key: str) -> Record:
    """The one record that `key`, an id or URL, leads to. Raises UsageError where there is none or more."""
    if key.startswith(("http://", "https://")):
        found = store.find(key)
    else:
        record = store.get(key)
        found = [record] if record else []
    if not found:
        raise UsageError(f"no record is known as {key!r}: give its URL or id (`unscrape status` says what there is)")
    if len(found) > 1:
        listed = ", ".join(f"{record.id} ({record.source})" for record in found)
        raise UsageError(f"{key} leads to {len(found)} records: name one of {listed}")
    return found[0]


def show(
    key: Key,
    /,
    *,
    format: Literal["json", "text", "markdown"] = "json",
    raw: Annotated[bool, Parameter(negative="", help="The page as it was fetched, byte for byte.")] = False,
) -> int:
    """Print a stored record."""
    with opened() as store:
        record = look_up(store, key)
        if raw:
            return _show_raw(store, record)
    if format == "json":
        emit(record.model_dump_json(indent=2))
    else:
        emit(as_text(record) if format == "text" else as_markdown(record))
    return DONE


def _show_raw(store: Store, record: Record) -> int:
    sys.stdout.buffer.write(store.body_of(record))
    return DONE


def explain(key: Key, /) -> int:
    """What was done to a document, and why."""
    with opened() as store:
        emit(explanation(look_up(store, key)))
    return DONE


def history(key: Key, /) -> int:
    """The revisions of a document."""
    with opened() as store:
        record = look_up(store, key)
        revisions = store.history(record.id, source=record.source)
    rows = [
        (item.revision, _when(item.fetched_at), item.change or "first", item.content_hash[:12], item.title or "-")
        for item in revisions
    ]
    table(record.id, ["revision", "fetched", "because of", "content", "title"], rows)
    return DONE


def diff(
    key: Key,
    old: Annotated[int | None, Parameter(help="The older revision; default: the last but one.")] = None,
    new: Annotated[int | None, Parameter(help="The newer revision; default: the last.")] = None,
    /,
) -> int:
    """What changed between two revisions, word by word."""
    with opened() as store:
        record = look_up(store, key)
        revisions = {item.revision: item for item in store.history(record.id, source=record.source)}
    last = new if new is not None else max(revisions)
    first = old if old is not None else last - 1
    for number in (first, last):
        if number not in revisions:
            raise UsageError(f"there is no revision {number}: there are {', '.join(map(str, sorted(revisions)))}")
    emit("\n\n".join(_differences(revisions[first], revisions[last])))
    return DONE


def _differences(old: Record, new: Record) -> Iterator[str]:
    from pipeline.store.diff import diff as changes_of

    yield f"revision {old.revision} → {new.revision}" + (f" (because of: {new.change})" if new.change else "")
    found = changes_of(old, new)
    for change in found:
        yield f"{change.where}: " + "".join(MARKS[piece.kind].format(piece.text) for piece in change.pieces)
    if not found:
        yield "a reader of the two sees the same"


def _last_run(item: SourceStatus) -> str:
    """The last run, and as what it ended; one whose process is dead runs no more, whatever it could not say any more."""
    run = item.last_run
    if run is None:
        return "-"
    state = "lost" if run.state == "running" and item.held_by is None else run.state
    return f"{run.kind} {state} {_when(run.started_at)}"


def status(*, failures: Annotated[bool, Parameter(negative="", help="Each page that failed, and why.")] = False) -> int:
    """Where each source stands, and what failed."""
    with opened() as store:
        if failures:
            return _failures(store)
        standing = store.status()
        rows = [
            (
                item.source,
                item.pages,
                item.captures,
                item.records,
                item.gone,
                item.refused,
                item.dead_letters,
                item.pending,
                _last_run(item),
                _when(item.next_due),
            )
            for item in standing
        ]
        heads = (
            "source",
            "pages",
            "captures",
            "records",
            "gone",
            "refused",
            "failed",
            "pending",
            "last run",
            "next due",
        )
        table(str(store.home), heads, rows)
        for item in standing:
            if item.held_by:
                say(f"{item.source} is held by {item.held_by}")
    return DONE


def _failures(store: Store) -> int:
    letters = store.dead_letters()
    rows = [(item.source, _when(item.at), item.stage, item.reason, item.url, item.detail) for item in letters]
    if not rows:
        say("nothing has failed that was not mended since")
        return DONE
    table("", ("source", "at", "stage", "reason", "url", "detail"), rows)
    say("`unscrape retry` tries them again")
    return DONE


def _when(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ") if moment else "-"
