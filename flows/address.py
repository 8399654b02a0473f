"""Where the Prefect server of a running service is, for commands by hand beside it: two servers on one database collide.

The service holds a lock on the file for as long as it lives, and the kernel drops the lock with the process, however that ends. So
what a killed service wrote is known to be stale at once, whatever process has its number by now.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Terminal

NAME = "service.json"
LOOKS = 10


@dataclass(frozen=True, slots=True)
class Address:
    """The API of a service's server, and the service's process."""

    api: str
    pid: int


@contextmanager
def announced(home: Path, api: str) -> Iterator[None]:
    """Say in `home` (PREFECT_HOME) that this process's server is at `api`, for as long as the block lasts.

    Raises Terminal where another service has its server there, OSError where the file cannot be written.
    """
    path = home / NAME
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file.fileno()):
            raise Terminal(
                f"another service has its Prefect server on the database in {home}: set PREFECT_API_URL to it"
            )
        file.truncate(0)
        json.dump({"api": api, "pid": os.getpid()}, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def running(home: Path) -> Address | None:
    """The server of the service that lives, if one does and keeps its database in `home`; it may not answer yet."""
    try:
        with (home / NAME).open(encoding="utf-8") as file:
            return Address(**json.loads(file.read())) if _locked(file.fileno()) else None
    except (OSError, ValueError):  # none was ever there, or it ended between the two looks
        return None


def _taken(descriptor: int) -> bool:
    """Whether the lock is ours now; those who only look hold it for a moment."""
    for _ in range(LOOKS):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.1)
    return False


def _locked(descriptor: int) -> bool:
    """Whether another process holds the lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
