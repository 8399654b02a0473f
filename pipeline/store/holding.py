"""How a run begins, shows that it lives, and ends."""

import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, true, update

from pipeline.errors import SourceBusy, StoreError
from pipeline.store import links, locks, reconcile, tables
from pipeline.store.ledger import Ledger, insert_new
from pipeline.store.records import Records
from pipeline.store.run import Run, beat


def begin(ledger: Ledger, source: str, run_id: str, kind: str, now: datetime) -> datetime | None:
    """Take `source` for a run and enter it; since when a run had it that never ended, or failed with no good one after it, if one
    did. Raises SourceBusy."""
    runs = tables.runs
    with ledger.write() as connection:
        locks.take(connection, source, run_id, now)
        done = select(func.max(runs.c.started_at)).where((runs.c.source == source) & (runs.c.state == "done"))
        good = connection.execute(done).scalar()
        # A full disk may refuse the ledger's row of an event and still take the note that the run failed.
        broken = (runs.c.state == "failed") & (runs.c.started_at >= good if good else true())
        dead = (runs.c.source == source) & ((runs.c.state == "running") | broken)
        since = connection.execute(select(runs.c.started_at).where(dead).order_by(runs.c.started_at)).scalars().first()
        insert_new(connection, tables.sources, {"name": source, "first_seen": now})
        insert_new(
            connection,
            runs,
            {
                "id": run_id,
                "source": source,
                "kind": kind,
                "state": "running",
                "started_at": now,
                "holder": str(locks.this_process()),
                "counts": {},
            },
        )
    return since


def put_right(run: Run, clean: Path, dead_since: datetime | None) -> None:
    """Finish what a dead run left, and follow shards that were changed behind the ledger's back."""
    captures, ledger, runs = run.parts.captures, run.parts.ledger, tables.runs
    if dead_since is not None:
        reconcile.after_death(captures, clean, ledger, run.source, dead_since)
        reconcile.settle(clean, reconcile.changed_shards(clean, ledger, run.source)[0])
    reconcile.follow_shards(clean, ledger, run.source)
    run.parts.records.settle(run.source, run.check)
    # Only now: where putting right fails, the next run has to know of the dead one, too.
    dead = (runs.c.source == run.source) & (runs.c.state == "running") & (runs.c.id != run.id)
    with ledger.write() as connection:
        connection.execute(update(runs).where(dead).values(state="lost", ended_at=run.parts.clock()))


def settle_others(clean: Path, ledger: Ledger, records: Records, now: datetime) -> None:
    """Write the links that are due in any source that nobody holds and of which nothing is to be put right first.

    Where that is not so the source's next run does it.
    """
    with ledger.read() as connection:
        waiting = links.waiting(connection)
    for source in waiting:
        with suppress(SourceBusy, StoreError), locks.held(ledger, source, "links", now):
            if not reconcile.changed_shards(clean, ledger, source)[0]:
                records.settle(source, lambda: None)


def keep_beating(run: Run, stop: threading.Event) -> None:
    """Show that the run lives until it ends or has lost its source; the run's own writes then say so."""
    while not stop.wait(locks.HEARTBEAT_SECONDS):
        if not beat(run):
            return


def end(run: Run, error: BaseException | None) -> None:
    """Enter how the run ended and let go of its source."""
    runs = tables.runs
    values = {
        "state": "done" if error is None else "failed",
        "ended_at": run.parts.clock(),
        "counts": run.figures(),
        "error": None if error is None else f"{type(error).__name__}: {error}",
    }
    with run.parts.ledger.write() as connection:
        connection.execute(update(runs).where((runs.c.id == run.id) & (runs.c.state == "running")).values(values))
        locks.release(connection, run.source, run.id)


def source_of_run(ledger: Ledger, run_id: str) -> str:
    """The source a running run holds. Raises StoreError where it is not running."""
    rows = ledger.rows(
        select(tables.runs.c.source).where((tables.runs.c.id == run_id) & (tables.runs.c.state == "running"))
    )
    if not rows:
        raise StoreError(f"run {run_id} is not running")
    return str(rows[0].source)
