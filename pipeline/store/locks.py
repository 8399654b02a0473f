"""One run holds a source at a time, through the ledger; a holder that died is taken over from."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Row, delete, select, update

from pipeline.errors import SourceBusy
from pipeline.store.ledger import Ledger, insert_new, upsert
from pipeline.store.tables import locks

HEARTBEAT_SECONDS = 10.0
STALE_SECONDS = 180.0
"""A holder on another machine that was silent so long is dead; eighteen beats, as a paused laptop is not."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told from any other on any machine. `machine` names the kernel's boot and the process namespace."""

    machine: str
    host: str
    pid: int
    started: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    def alive(self) -> bool:
        """Whether it still runs; only for a process of this machine."""
        return _started(self.pid) == self.started


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    return Process(_machine(), socket.gethostname(), pid, _started(pid) or "")


def take(connection: Connection, name: str, run_id: str, now: datetime) -> str | None:
    """Take the lock `name` for `run_id`; the id of the dead run it was taken over from, if any. Raises SourceBusy."""
    us = this_process()
    ours = {
        "name": name,
        "run_id": run_id,
        "machine": us.machine,
        "host": us.host,
        "pid": us.pid,
        "process_started": us.started,
        "taken_at": now,
        "heartbeat_at": now,
    }
    # Made first, so that two who come at once meet at the row; on PostgreSQL the second waits here for the first to commit.
    if insert_new(connection, locks, ours):
        return None
    row = connection.execute(select(locks).where(locks.c.name == name).with_for_update()).one()
    if _held(row, now):
        raise SourceBusy(
            f"source {name!r} is held by run {row.run_id} ({_holder(row)}) since {row.taken_at:%Y-%m-%d %H:%M:%S} UTC; "
            "wait for it to end, or end it"
        )
    upsert(connection, locks, [ours])
    return str(row.run_id)


@contextmanager
def held(ledger: Ledger, source: str, purpose: str, now: datetime) -> Iterator[None]:
    """Hold a source without entering a run: what a dead run left stays for the next run to put right. Raises SourceBusy."""
    name = f"{purpose}-{secrets.token_hex(4)}"
    with ledger.write() as connection:
        take(connection, source, name, now)
    try:
        yield
    finally:
        with ledger.write() as connection:
            release(connection, source, name)


def beat(connection: Connection, name: str, run_id: str, now: datetime) -> bool:
    """Say that `run_id` lives; False where it no longer holds `name`."""
    mine = (locks.c.name == name) & (locks.c.run_id == run_id)
    return connection.execute(update(locks).where(mine).values(heartbeat_at=now)).rowcount == 1


def release(connection: Connection, name: str, run_id: str) -> None:
    """Let go of `name`, where `run_id` still holds it."""
    connection.execute(delete(locks).where((locks.c.name == name) & (locks.c.run_id == run_id)))


def holder(connection: Connection, name: str, now: datetime) -> str | None:
    """Who holds `name`, in words, or None."""
    row = connection.execute(select(locks).where(locks.c.name == name)).first()
    return f"run {row.run_id} ({_holder(row)})" if row is not None and _held(row, now) else None


def _held(row: Row[tuple[object, ...]], now: datetime) -> bool:
    process = _holder(row)
    if process.machine == _machine():
        return process.alive()
    return bool(now - row.heartbeat_at < timedelta(seconds=STALE_SECONDS))


def _holder(row: Row[tuple[object, ...]]) -> Process:
    return Process(row.machine, row.host, row.pid, row.process_started)


def _machine() -> str:
    """The boot and the process namespace: inside one, a process id means one process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str | None:
    """When `pid` started, in the kernel's ticks; None where no such process lives (a zombie lives no more)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else _signalled(pid)
    except ProcessLookupError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _signalled(pid: int) -> str | None:
    """For systems without /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""
