"""Where Prefect servers on the database of a home are: two on one database collide, so commands by hand use what is there.

`service.json` names the server of a running service, `server.json` the one that commands by hand share where no service runs. Each
is locked for as long as its process lives, and the kernel drops the lock with the process, however that ends. So what a killed one
wrote is known to be stale at once, whatever process has its number by now.

Every command by hand holds a shared lock on `server.users`; their server, which waits for the lock alone, ends with the last.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.errors import Terminal

NAME = "service.json"
SHARED = "server.json"
USERS = "server.users"
LOOKS = 10
GRACE = 15.0  # seconds the commands' server has to end; it ends itself after 10


@dataclass(frozen=True, slots=True)
class Address:
    """The API of a server, and the process of its service or its own."""

    api: str
    pid: int


@contextmanager
def announced(home: Path, api: str) -> Iterator[None]:
    """Say in `home` (PREFECT_HOME) that this process's server is at `api`, for as long as the block lasts.

    Raises Terminal where another service has its server there, OSError where the file cannot be written.
    """
    with (home / NAME).open("a+", encoding="utf-8") as file:
        if not _taken(file.fileno()):
            raise Terminal(
                f"another service has its Prefect server on the database in {home}: set PREFECT_API_URL to it"
            )
        write(file, Address(api, os.getpid()))
        try:
            yield
        finally:
            file.truncate(0)


def running(home: Path, name: str = NAME) -> Address | None:
    """The server of the service that lives, if one does and keeps its database in `home`; it may not answer yet.

    With `SHARED` the one that commands by hand share.
    """
    try:
        with (home / name).open(encoding="utf-8") as file:
            return Address(**json.loads(file.read())) if _locked(file.fileno()) else None
    except (OSError, ValueError):  # none was ever there, or it ended between the two looks
        return None


def write(file: IO[str], address: Address) -> None:
    """Put `address` down in a file whose lock is held."""
    file.truncate(0)
    file.write(json.dumps({"api": address.api, "pid": address.pid}))
    file.flush()


@contextmanager
def claim(home: Path) -> Iterator[IO[str] | None]:
    """The file of the commands' server, locked; None where such a server lives. Who inherits the open file holds the lock on."""
    with (home / SHARED).open("a+", encoding="utf-8") as file:
        yield file if _taken(file.fileno()) else None


@contextmanager
def using(home: Path) -> Iterator[None]:
    """Count as a command by hand for as long as the block lasts. The last to leave waits until the commands' server has ended."""
    with (home / USERS).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # one that ends holds the lock until it has ended
        try:
            yield
        finally:
            last = _try(file.fileno(), fcntl.LOCK_EX) or not _try(file.fileno(), fcntl.LOCK_SH)
    if last:
        wait_for_end(home)


def wait_for_users(home: Path) -> None:
    """Return once no command by hand is left. None can begin from then on for as long as this process lives."""
    descriptor = os.open(home / USERS, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def wait_for_end(home: Path) -> bool:
    """Whether the commands' server has ended, which is waited for."""
    until = time.monotonic() + GRACE
    while running(home, SHARED) and time.monotonic() < until:
        time.sleep(0.05)
    return running(home, SHARED) is None


def _taken(descriptor: int) -> bool:
    """Whether the lock is ours now; those who only look hold it for a moment."""
    for _ in range(LOOKS):
        if _try(descriptor, fcntl.LOCK_EX):
            return True
        time.sleep(0.1)
    return False


def _locked(descriptor: int) -> bool:
    """Whether another process holds the lock."""
    return not _try(descriptor, fcntl.LOCK_SH)


def _try(descriptor: int, kind: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return True
    return False
