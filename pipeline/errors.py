"""Every error Unscrape raises on purpose.

    UnscrapeError
    ├── Transient            trying again later may work (a timeout, a short body, a 503)
    │   └── SourceBusy       another run holds the source
    └── Terminal             trying again changes nothing until somebody changes something
        ├── EditError        a Step does not fit the text it is applied to
        ├── SourceError      a source's TOML is wrong; says which file, which key, what to write
        └── StoreError       what lies on disk is not what was written

A document that does not pass is no error: it is a `pipeline.document.Rejected`.
"""


class UnscrapeError(Exception):
    """Base of all errors raised on purpose; its text says what was wrong, where, and what to do."""


class Transient(UnscrapeError):
    """Trying again later may work; `retry_after` is in seconds where the other side named a time."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Terminal(UnscrapeError):
    """Trying again changes nothing until somebody changes something."""


class SourceBusy(Transient):
    """Another run holds the source's lock."""


class EditError(Terminal):
    """A Step does not fit the text it is applied to."""


class SourceError(Terminal):
    """A source's description is wrong."""


class StoreError(Terminal):
    """What lies on disk is not what was written there."""
