"""robots.txt, by RFC 9309."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """What an origin said at `fetched_at`: its rules (`body`), that it has none, or nothing that could be understood."""

    origin: str
    state: Literal["rules", "none", "unreachable"]
    fetched_at: datetime
    body: bytes = b""


class RobotsCache(Protocol):
    """Keeps robots.txt between requests, and, where it is stored, between runs."""

    async def get(self, origin: str) -> RobotsFile | None:
        """The copy last put, of any age, or None."""
        ...

    async def put(self, file: RobotsFile) -> None:
        """Keep this copy."""
        ...


@dataclass(slots=True)
class MemoryRobots:
    """The cache of one process."""

    _files: dict[str, RobotsFile] = field(default_factory=dict)

    async def get(self, origin: str) -> RobotsFile | None:
        """See RobotsCache."""
        return self._files.get(origin)

    async def put(self, file: RobotsFile) -> None:
        """See RobotsCache."""
        self._files[file.origin] = file
