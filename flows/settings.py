"""The settings, and the only place that reads the environment."""

import os
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows import logs
from pipeline.errors import Terminal

PREFIX = "UNSCRAPE_"


class Settings(BaseModel):
    """What an operator may set, each as the environment variable UNSCRAPE_ and the field's name in capitals."""

    # Not pydantic-settings: importing it costs 0.3 CPU-seconds, a third of what a small command takes in all.
    model_config = ConfigDict(frozen=True)

    home: Path = Field(default=Path(), description="Folder that holds raw/ and clean/; default: the current folder.")
    ledger: str | None = Field(
        default=None, description="SQLAlchemy URL of the ledger; default: SQLite in raw/ledger.sqlite."
    )
    sources: Path | None = Field(
        default=None, description="Your own folder of source files; default: sources/ under the home."
    )
    contact: str | None = Field(
        default=None,
        description="Mail address or URL that sites see in the User-Agent; asked for before live sites are fetched.",
    )
    batch: int = Field(default=100, ge=1, le=1000, description="Pages in one task.")
    log_json: bool = Field(default=False, description="Logs as JSON lines.")
    webhook: str | None = Field(default=None, description="URL that is told, by POST, when a scheduled run fails.")
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port on 127.0.0.1 for Prometheus metrics of `schedule`; default: none.",
    )

    @cached_property
    def root(self) -> Path:
        """The home, absolute."""
        return _expanded("UNSCRAPE_HOME", self.home)

    @property
    def own_sources(self) -> Path:
        """The user's folder of sources; it need not exist."""
        return _expanded("UNSCRAPE_SOURCES", self.sources) if self.sources else self.root / "sources"


def _expanded(name: str, path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (RuntimeError, OSError) as error:  # ~ of nobody, or of somebody without a home; a loop of links
        raise Terminal(f"environment variable {name}: {path}: {error} Write the whole path") from error


def load_settings() -> Settings:
    """The settings of this process; empty variables count as not set. Raises Terminal, naming the variable, where one is wrong."""
    given = {name: os.environ.get(PREFIX + name.upper()) for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise Terminal(f"environment variable {name}: {first['msg']} (it is {first['input']!r})") from error


def secret(name: str) -> str:
    """The environment variable `name`, which a source's header asks for. Raises Terminal where it is not set."""
    try:
        return os.environ[name]
    except KeyError:
        raise Terminal(
            f"a source asks for the environment variable {name}, which is not set: export {name}=…"
        ) from None


# What a run with Prefect's temporary server needs, and what it can do without: nobody schedules, triggers, vacuums or watches a
# server that lives as long as one run. Variables set by the operator win.
PREFECT_ALWAYS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}
PREFECT_ONE_RUN = {
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # what goes wrong is told by the command itself
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
    "PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED": "false",
    **{
        f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
        for service in (
            "CANCELLATION_CLEANUP",
            "DB_VACUUM",
            "EVENT_LOGGER",
            "EVENT_PERSISTER",
            "FOREMAN",
            "LATE_RUNS",
            "PAUSE_EXPIRATIONS",
            "REPOSSESSOR",
            "SCHEDULER",
            "TRIGGERS",
        )
    },
}


class Readiness(NamedTuple):
    """Whether a run by hand needs a server of its own, and whether that has its database still to build."""

    needs_server: bool
    builds_database: bool


def prepare_prefect(settings: Settings, *, one_run: bool = True) -> Readiness:
    """Set the environment that Prefect reads when it is imported.

    `one_run` is for a flow run by hand with a temporary server. Where PREFECT_API_URL names a server, that one is used.
    """
    os.environ.setdefault("PREFECT_HOME", str(settings.root / ".prefect"))
    for name, value in (
        PREFECT_ALWAYS | (PREFECT_ONE_RUN if one_run else {}) | logs.environment(settings.log_json)
    ).items():
        os.environ.setdefault(name, value)
    make_folder(prefect_home())
    needs_server = "PREFECT_API_URL" not in os.environ
    if needs_server and "?" in str(prefect_home()) and "PREFECT_API_DATABASE_CONNECTION_URL" not in os.environ:
        raise Terminal(
            f'{prefect_home()}: Prefect\'s database cannot lie under a "?": set PREFECT_HOME to another folder'
        )
    return Readiness(needs_server, needs_server and not (prefect_home() / "prefect.db").exists())


def prefect_home() -> Path:
    """Where Prefect keeps its database, once `prepare_prefect` was called."""
    return Path(os.environ["PREFECT_HOME"])


def make_folder(path: Path) -> None:
    """Make a folder, with those above it. Raises Terminal, naming it, where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Terminal(f"{path}: {error.strerror}: set UNSCRAPE_HOME to a folder you may write to") from error
