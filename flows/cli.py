"""The command line. Commands are loaded when they are called: `unscrape clean` pays for no Prefect and no database."""

import os
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from types import FrameType
from typing import NoReturn

from cyclopts import App, CycloptsError, Group, UnknownCommandError

from flows import help
from flows.console import BUSY, FAILED, USAGE, Terminated, UsageError, complain

INTERRUPTED, TERMINATED = 130, 143  # what a shell reports for Ctrl-C and for SIGTERM

HELP = """Turn scraped web pages back into the documents they were.

- `unscrape ingest sample` fetches, cleans and stores a small site that comes along.
- `unscrape clean page.html --format text` cleans one document; nothing is stored.
- `unscrape sources new https://example.org/news/1` proposes a new source from a page of its site.
- `unscrape show URL --format markdown` prints what is stored of a page, `unscrape explain URL` what was done to it.

Pages lie in raw/, records in clean/, under the folder UNSCRAPE_HOME (default: the current one).

Exit codes: 0 done, 1 something failed (the rest is stored), 2 wrong usage, 3 another run holds the source, 130 Ctrl-C, 143 SIGTERM.
"""

LINE, STORE, SITES = (
    Group("Run", sort_key=1),
    Group("Look and keep", sort_key=3),
    Group("Sources", sort_key=2),
)

# name → where it is, and its group; what --help says of it is in flows/help.py
COMMANDS: dict[str, tuple[str, Group]] = {
    "ingest": ("flows.commands.run:ingest", LINE),
    "replay": ("flows.commands.run:replay", LINE),
    "retry": ("flows.commands.run:retry", LINE),
    "clean": ("flows.commands.clean:clean", LINE),
    "schedule": ("flows.commands.schedule:schedule", LINE),
    "bulk": ("flows.commands.bulk:bulk", LINE),
    "sources": ("flows.commands.sources:app", SITES),
    "status": ("flows.commands.look:status", STORE),
    "show": ("flows.commands.look:show", STORE),
    "explain": ("flows.commands.look:explain", STORE),
    "history": ("flows.commands.look:history", STORE),
    "diff": ("flows.commands.look:diff", STORE),
    "report": ("flows.commands.keep:report", STORE),
    "export": ("flows.commands.keep:export", STORE),
    "schema": ("flows.commands.keep:schema", STORE),
    "verify": ("flows.commands.keep:verify", STORE),
    "purge": ("flows.commands.keep:purge", STORE),
}


def build() -> App:
    """The application with its commands, none of them loaded."""
    app = App("unscrape", help=HELP, help_format="markdown", version=_version)
    for name, (place, group) in COMMANDS.items():
        app.command(place, name=name, group=group, help=help.COMMANDS[name])
    return app


def run(tokens: Sequence[str]) -> int:
    """Run one command line; returns its exit code. What goes wrong on purpose is one line on stderr, never a traceback."""
    app = build()
    try:
        command, bound, _ = app.parse_args(list(tokens), exit_on_error=False, print_error=False)
    except UnknownCommandError as error:
        complain(_unknown(error.unused_tokens or ["?"]))
        return USAGE
    except CycloptsError as error:
        complain(f"{' '.join(str(error).split())} (try `unscrape --help`)")
        return USAGE
    from pipeline.errors import SourceBusy, SourceError, UnscrapeError

    try:
        code = command(*bound.args, **bound.kwargs)
    except (UsageError, SourceError) as error:
        complain(str(error))
        return USAGE
    except SourceBusy as error:
        complain(str(error))
        return BUSY
    except UnscrapeError as error:
        complain(str(error))
        return FAILED
    except Exception as error:
        from flows.trouble import explained

        if (said := explained(error)) is None:
            raise
        complain(said)
        return FAILED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point of the `unscrape` script."""
    # Starting OpenBLAS's threads costs numpy's import 0.1 CPU-seconds; no array here is large enough for two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt as signalled:
        complain("interrupted; what was stored stays, the next run goes on from there")
        code = TERMINATED if isinstance(signalled, Terminated) else INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nothing more can be said to it, not even at exit.
        sys.stdout = None
        code = FAILED
    sys.exit(code)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def _unknown(tokens: Sequence[str]) -> str:
    near = get_close_matches(tokens[0], COMMANDS, 1)
    return f"there is no command {tokens[0]!r}" + (
        f": did you mean {near[0]!r}?" if near else " (try `unscrape --help`)"
    )


def _version() -> str:
    from importlib.metadata import version

    return version("unscrape")


if __name__ == "__main__":
    main()
