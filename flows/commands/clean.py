"""`unscrape clean`: one document to stdout. Loads neither Prefect nor the store."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from flows.console import DONE, FAILED, UsageError, complain, emit
from pipeline import clean as clean_body
from pipeline.document import Rejected
from schemas import Record

if TYPE_CHECKING:
    from flows.catalog import Entry

MAX_INPUT = 256_000_000  # bytes; beyond it a "document" is a mistake, and memory is somebody's

PROSE = ("paragraph", "quote", "list_item")  # kinds of blocks that are made of sentences

Format = Literal["json", "text", "markdown"]


def clean(
    what: Annotated[str, Parameter(help="A file, a URL, or - for stdin.", allow_leading_hyphen=True)],
    /,
    *,
    format: Annotated[Format, Parameter(help="json is the whole record, with every change and removal.")] = "json",
    url: Annotated[
        str | None, Parameter(help="Where the document came from; its links and its id depend on it.")
    ] = None,
    content_type: Annotated[
        str | None, Parameter(help='The header it came with, e.g. "text/html; charset=koi8-r".')
    ] = None,
    source: Annotated[str | None, Parameter(help="A source's name, or the path of a source's TOML.")] = None,
    sentences: Annotated[
        bool,
        Parameter(
            negative="",
            help='Print {"record": …, "sentences": [[block, start, end], …]}: for each sentence of paragraphs, quotations and '
            "list items, the index of its block in the record and its offsets in that block's text, in code points.",
        ),
    ] = False,
) -> int:
    """Clean one document and print it.

    Nothing is stored. A document that does not pass is printed with its reason, and the exit code is 1.
    """
    if sentences and format != "json":
        raise UsageError(f"--sentences are offsets, printed as JSON only: leave out --format {format}")
    entry = _entry(source)
    if what.startswith(("http://", "https://")):
        outcome = _fetched(what, entry)
    else:
        site = entry.source if entry else None
        outcome = clean_body(read_input(what), url=url, content_type=content_type, source=site)
    if sentences and not isinstance(outcome, Rejected):
        emit(_with_sentences(outcome))
        return DONE
    return show(outcome, format)


def show(outcome: Record | Rejected, format: Format) -> int:
    """Print a record, or why there is none; returns the exit code."""
    if isinstance(outcome, Rejected):
        return _show_rejected(outcome, format)
    if format == "json":
        emit(outcome.model_dump_json(indent=2))
        return DONE
    from flows.render import as_markdown, as_text

    emit(as_text(outcome) if format == "text" else as_markdown(outcome))
    return DONE


def _with_sentences(record: Record) -> str:
    """The record beside the sentences of its prose, as JSON. The record itself stays as its published schema has it."""
    import json

    from pipeline.segment.sentences import sentences

    found = [
        (index, start, end)
        for index, block in enumerate(record.blocks)
        if block.kind in PROSE
        for start, end in sentences(block.text, record.language)
    ]
    return f'{{"record": {record.model_dump_json(indent=2)},\n"sentences": {json.dumps(found)}}}'


def _show_rejected(rejected: Rejected, format: Format) -> int:
    if format == "json":
        import json
        from dataclasses import asdict

        emit(json.dumps({"rejected": asdict(rejected)}, indent=2, ensure_ascii=True))
    complain(f"rejected by {rejected.stage}: {rejected.reason}: {rejected.detail}")
    return FAILED


def _entry(name: str | None) -> "Entry | None":
    if name is None:
        return None
    from flows.catalog import find
    from flows.settings import load_settings

    return find(name, load_settings().own_sources)


def _fetched(url: str, entry: "Entry | None") -> Record | Rejected:
    from flows.one import fetch_one

    return fetch_one(url, entry)


def read_input(what: str) -> bytes:
    """The bytes of a file, or of stdin for "-". Raises UsageError."""
    if what == "-":
        return _bounded(sys.stdin.buffer.read(MAX_INPUT + 1), "stdin")
    path = Path(what)
    if path.is_dir():
        raise UsageError(f"{what} is a folder: name a file in it")
    try:
        with path.open("rb") as file:
            return _bounded(file.read(MAX_INPUT + 1), what)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{what}: {getattr(error, 'strerror', None) or error}: name a file, a URL, or - for stdin"
        ) from None


def _bounded(body: bytes, name: str) -> bytes:
    if len(body) > MAX_INPUT:
        raise UsageError(f"{name} is larger than {MAX_INPUT // 1_000_000} MB: that is no document")
    return body
