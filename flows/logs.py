"""Logs as JSON lines: what was said, and of which run, source and page."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

CONFIG = Path(__file__).with_name("logging.yml")  # Prefect's logging, with this formatter
FIELDS = ("run", "source", "url")
_PREFECT = {"flow_run_id": "flow_run", "flow_run_name": "flow_run_name", "flow_name": "flow", "task_run_name": "task"}

_bound: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("_bound", default=())


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """All that is logged inside, in this thread or task, carries these fields (run, source, url).

    >>> with bound(source="sample"), bound(url="http://a.example/"):
    ...     _bound.get()
    (('source', 'sample'), ('url', 'http://a.example/'))
    """
    token = _bound.set((*_bound.get(), *fields.items()))
    try:
        yield
    finally:
        _bound.reset(token)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, logger, message; run, source and url where known; the traceback as text."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, in ASCII, so that no terminal or collector can stumble over it."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **dict(_bound.get()),
        }
        for name in FIELDS:
            if getattr(record, name, None):
                line[name] = str(getattr(record, name))
        for attribute, name in _PREFECT.items():
            if getattr(record, attribute, None):
                line[name] = str(getattr(record, attribute))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def environment(json_lines: bool) -> dict[str, str]:
    """What Prefect's processes need in their environment to log as JSON lines."""
    return {"PREFECT_LOGGING_SETTINGS_PATH": str(CONFIG)} if json_lines else {}


def to_json(stream: TextIO = sys.stderr, level: int = logging.INFO) -> logging.Handler:
    """Send what this program logs to `stream` as JSON lines; the handler, to be removed again."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger("unscrape")
    root.addHandler(handler)
    root.setLevel(level)
    root.propagate = False
    return handler
