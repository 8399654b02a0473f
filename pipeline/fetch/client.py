"""Request → Outcome: one page, politely, safely, and never for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from pipeline.fetch.address import Resolver
from pipeline.fetch.budget import HostBudget
from pipeline.fetch.clock import Clock
from pipeline.fetch.outcome import Outcome, Request
from pipeline.fetch.robots import RobotsCache
from schemas.source_v1 import FetchV1


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """What the operator decides, for all sources.

    `contact`: an address or URL where site owners reach the operator; it stands in every User-Agent. `secrets`: values for the
    "$NAME" in sources' headers, by name. `patience`: seconds a request may wait for its host before it is Deferred.
    `concurrency`: requests under way at a time, over all hosts. `connect_timeout`, `idle_timeout`: seconds to a connection, and
    between two bytes.
    """

    contact: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    patience: float = 120.0
    concurrency: int = 64
    connect_timeout: float = 15.0
    idle_timeout: float = 30.0
    http2: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The figures so far. `waiting`: requests waiting for leave, by host. `failures`: by Reason."""

    pages: int
    wire_bytes: int
    under_way: int
    waiting: Mapping[str, int]
    failures: Mapping[str, int]


class Fetcher:
    """Fetches pages over shared connections; an async context manager. Safe to use from many tasks of one event loop."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        budget: HostBudget,
        clock: Clock | None = None,
        resolver: Resolver | None = None,
        robots: RobotsCache | None = None,
    ) -> None:
        self.settings = settings

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    async def fetch(self, request: Request, rules: FetchV1) -> Outcome:
        """The page, or what became of it. Robots, politeness, redirects, retries and all limits are seen to here.

        `rules.timeout` bounds each attempt with all its redirects, waiting for leave excepted; retries follow transient failures only.
        Raises nothing for what servers do.
        """
        raise NotImplementedError

    def progress(self) -> Progress:
        """A snapshot for whoever shows progress."""
        raise NotImplementedError
