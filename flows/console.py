"""What a person sees: tables and progress on a terminal, plain lines elsewhere. Results go to stdout, all else to stderr."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

DONE, FAILED, USAGE, BUSY = 0, 1, 2, 3  # the exit codes
PLAIN_INTERVAL = 5.0  # seconds between two plain lines of progress

Row = Sequence[object]


class UsageError(Exception):
    """The command was called wrongly; its text says what, and what to write instead."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is under way ends as for Ctrl-C."""


def say(text: str) -> None:
    """One line for the person who waits."""
    print(text, file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """What went wrong, one line a problem."""
    for line in text.splitlines():
        say(f"unscrape: {line}")


def emit(text: str) -> None:
    """A result, on stdout, whatever its locale: what that cannot hold is escaped, never an error."""
    data = text if text.endswith("\n") else text + "\n"
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(data.encode(encoding, "backslashreplace").decode(encoding))


def table(title: str, headers: Sequence[str], rows: Sequence[Row]) -> None:
    """A table on stdout: drawn on a terminal, aligned by blanks elsewhere."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(title, headers, cells)
        return
    emit("\n".join([*([title] if title else []), *_aligned([list(headers), *cells])]))


def _draw(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=title or None, title_justify="left")
    for header in headers:
        drawn.add_column(header, overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    Console().print(drawn)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


@dataclass(slots=True)
class Progress:
    """How far something is: `advance` it; `show` is told (done, total, label)."""

    label: str
    total: int | None
    show: Callable[[int, int | None, str], None]
    done: int = field(default=0)

    def advance(self, count: int = 1) -> None:
        """`count` more are done."""
        self.done += count
        self.show(self.done, self.total, self.label)


@contextmanager
def progress(label: str, total: int | None = None, *, stream: TextIO | None = None) -> Iterator[Progress]:
    """Progress on stderr: a bar with the time left on a terminal, a line now and then elsewhere."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield Progress(label, total, _plain(stream))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield Progress(label, total, lambda done, _total, _label: bar.update(task, completed=done))


def _plain(stream: TextIO) -> Callable[[int, int | None, str], None]:
    begun = last = time.monotonic()

    def show(done: int, total: int | None, label: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PLAIN_INTERVAL:
            return
        last = now
        left = f", {(now - begun) / done * (total - done):.0f} s left" if total and done else ""
        print(f"{label}: {done}{f' of {total}' if total else ''}{left}", file=stream, flush=True)

    return show
