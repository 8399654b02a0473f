"""verify over a whole store, and with --repair."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.document import Capture, Rejected
from pipeline.errors import StoreError
from pipeline.store import holding, locks, queries, tables, verify
from pipeline.store.ledger import Ledger, insert_new, is_damage, parsed_url
from pipeline.store.reconcile import changed_shards, settle
from pipeline.store.records import Records
from pipeline.store.repair import rebuilt_ledger, repair, restore_purged
from pipeline.store.shards import RECORDS, REJECTED
from pipeline.store.types import Problem
from schemas import Record

if TYPE_CHECKING:
    from pipeline.store.store import Store

Clean = Callable[[str, Capture], Record | Rejected]
BATCH = 100


def problems(store: "Store") -> list[Problem]:
    """What is wrong, source by source; each is held meanwhile. Raises SourceBusy."""
    broken = _ledger_problem(store)
    if broken is not None:
        return [broken]
    found = [*verify.purged_problems(store.ledger, store.raw), *_unknown_sources(store)]
    for source in _sources(store):
        with locks.held(store.ledger, source, "verify", store.clock()):
            found += verify.compare(store.ledger, verify.survey(store.captures, store.clean, source))
    return found


def mended(store: "Store", clean: Clean | None) -> list[Problem]:
    """What was wrong, and what became of it."""
    before = []
    broken = _ledger_problem(store)
    if broken is not None:
        before.append(replace(broken, repaired="moved aside; a new one was made from raw/ and clean/"))
        _renew_ledger(store)
    before += [*verify.purged_problems(store.ledger, store.raw), *_unknown_sources(store)]
    restore_purged(store.ledger, store.raw, store.clock())
    with store.ledger.write() as connection:
        for source in _sources(store):
            insert_new(connection, tables.sources, {"name": source, "first_seen": store.clock()})
    records = Records(store.clean, store.ledger, store.raw)
    for source in _sources(store):
        with locks.held(store.ledger, source, "verify", store.clock()):
            with suppress(StoreError):  # a damaged shard: its sound lines are kept below
                settle(store.clean, changed_shards(store.clean, store.ledger, source)[0])
            found = verify.survey(store.captures, store.clean, source)
            if wrong := verify.compare(store.ledger, found):
                repair(store.captures, store.clean, store.ledger, found, store.clock())
                records.entomb_again(source, records.graves.keys(source).keys(), lambda: None)
                records.settle(source, lambda: None)
                before += wrong
        if clean is not None:
            _clean_pending(store, source, clean)
    holding.settle_others(store.clean, store.ledger, records, store.clock())
    left = {(problem.kind, problem.where) for problem in problems(store)}
    return [
        problem
        if problem.repaired or (problem.kind, problem.where) in left
        else replace(problem, repaired=_how(problem, clean))
        for problem in before
    ]


def _how(problem: Problem, clean: Clean | None) -> str:
    if problem.kind in ("shard.line", "record.chain", "record.invalid"):
        return "made again from raw/" if clean else "to be made again from raw/ by the next run"
    if problem.kind in ("capture.sidecar", "capture.orphan", "gone.sidecar"):
        return "moved aside"
    if problem.kind in ("shard.sums", "gone.missing"):
        return "written again from the shard"
    return "linked again" if problem.kind == "record.same_as" else "the ledger follows what lies on disk"


def _clean_pending(store: "Store", source: str, clean: Clean) -> None:
    with store.run(source, kind="repair") as run:
        pending = run.pending()
        while batch := list(islice(pending, BATCH)):
            run.save_records([clean(source, run.load(ref)) for ref in batch])


def _unknown_sources(store: "Store") -> list[Problem]:
    """Sources that raw/ or clean/ holds and the ledger does not list."""
    missing = set(_sources(store)) - set(queries.sources(store.ledger))
    return [
        Problem(kind="source.row", where=source, what="raw/ or clean/ holds it; the ledger does not know it")
        for source in sorted(missing)
    ]


def _ledger_problem(store: "Store") -> Problem | None:
    from sqlalchemy.exc import DatabaseError

    try:
        return verify.ledger_problem(store.ledger)
    except DatabaseError as error:
        if not is_damage(error):
            raise
        return Problem(kind="ledger.damaged", where="ledger", what=str(error.orig))


def _renew_ledger(store: "Store") -> None:
    store.close()
    url = parsed_url(store.ledger_url)
    if url.get_backend_name() == "sqlite" and url.database:
        rebuilt_ledger(Path(url.database), store.clock())
    assert isinstance(store.ledger, Ledger)


def _sources(store: "Store") -> list[str]:
    """Every source that the ledger, raw/ or clean/ knows."""
    partitions = [
        path.name.removeprefix("source=")
        for kind in (RECORDS, REJECTED)
        for path in (store.clean / kind).glob("source=*")
    ]
    return sorted({*queries.sources(store.ledger), *store.captures.sources(), *partitions})
