"""robots.txt, by RFC 9309."""

import asyncio
import codecs
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from weakref import WeakValueDictionary

from protego import Protego

from pipeline.fetch.clock import Clock

AGENT = "unscrape"
MAX_BYTES = 500 * 1024  # what RFC 9309 asks a crawler to read at least; the rest is left unread
MAX_DELAY = 60.0  # seconds between two requests that robots.txt may ask for
REFRESH = timedelta(hours=12)
LIFE = timedelta(hours=24)  # of a copy that cannot be refreshed
UNREACHABLE_FOR = timedelta(minutes=10)

_AGENT_LINE = re.compile(r"(?im)^([^\S\n]*user[- ]?agent[^\S\n]*[: ])([^\n]*)$")
_PRODUCT = re.compile(r"[a-z_-]+")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


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


class Rules:
    """What an origin asks of us. `reachable` is False where that is not known for now."""

    def __init__(self, file: RobotsFile) -> None:
        self.reachable = file.state != "unreachable"
        self._rules = Protego.parse(robots_text(file.body)) if file.state == "rules" else None

    def allows(self, url: str) -> bool:
        """Whether we may ask for `url`."""
        return self.reachable and (self._rules is None or bool(self._rules.can_fetch(url, AGENT)))

    @property
    def delay(self) -> float:
        """Seconds between two requests, at least; clamped."""
        if self._rules is None:
            return 0.0
        rate = self._rules.request_rate(AGENT)
        delays = (self._rules.crawl_delay(AGENT) or 0.0, rate.seconds / rate.requests if rate else 0.0)
        return min(max(delays), MAX_DELAY)


def robots_text(body: bytes) -> str:
    """The file as its parser can bear it: no byte order mark, no NUL, no page of markup, and of the robots it names only us.

    The parser merges every group into every agent of it, so 20,000 agents with 20,000 rules would take it hours.

    >>> robots_text(b"User-agent: a\\nUser-agent: Unscrape/2\\nDisallow: /x")
    'User-agent: other\\nUser-agent: unscrape\\nDisallow: /x'
    """
    body = body[:MAX_BYTES]
    encoding = next((name for bom, name in _BOMS if body.startswith(bom)), "utf-8")
    text = body.decode(encoding, "replace").replace("\0", "").lstrip("\ufeff")
    if text.lstrip().startswith("<"):
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _AGENT_LINE.sub(lambda m: f"{m[1]} {_agent(m[2])}", text)


def _agent(value: str) -> str:
    """The agent of a group as far as it matters: "*", us, or another."""
    name = value.strip().lower()
    if name.startswith("*"):
        return "*"
    product = _PRODUCT.match(name)
    return AGENT if product and product[0] == AGENT else "other"


@dataclass(frozen=True, slots=True)
class _Known:
    rules: Rules
    until: datetime


class Robots:
    """The rules of origins, each fetched once for all who ask, and again when it is old."""

    def __init__(self, cache: RobotsCache, clock: Clock) -> None:
        self._cache, self._clock = cache, clock
        self._known: dict[str, _Known] = {}
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def rules(self, origin: str, load: Callable[[str], Awaitable[RobotsFile]]) -> Rules:
        """The rules of `origin`; `load` fetches them and may raise, which nobody remembers."""
        known = self._known.get(origin)
        if known and self._clock.now() < known.until:
            return known.rules
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._known.get(origin)
            if not known or self._clock.now() >= known.until:
                known = self._known[origin] = await self._ask(origin, load)
        return known.rules

    async def _ask(self, origin: str, load: Callable[[str], Awaitable[RobotsFile]]) -> _Known:
        stored = await self._cache.get(origin)
        now = self._clock.now()
        age = now - stored.fetched_at if stored else LIFE
        if stored and timedelta(0) <= age < _life(stored):
            return _Known(Rules(stored), stored.fetched_at + _life(stored))
        fresh = await load(origin)
        if fresh.state == "unreachable" and stored and stored.state != "unreachable" and timedelta(0) <= age < LIFE:
            return _Known(Rules(stored), now + UNREACHABLE_FOR)
        await self._cache.put(fresh)
        return _Known(Rules(fresh), now + _life(fresh))


def _life(file: RobotsFile) -> timedelta:
    """How long a copy is used before it is asked for again."""
    return UNREACHABLE_FOR if file.state == "unreachable" else REFRESH
