"""What goes wrong around Unscrape (rights, disk, database, Prefect's server), said in one line with what to do about it."""

import errno
import sys

RIGHTS = "run as the owner of that folder, or set UNSCRAPE_HOME to one you may write to"
ROOM = "make room; what was stored stays, the next run goes on from there"
DISK = {
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: RIGHTS,
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EMFILE: "allow more open files (`ulimit -n 4096`)",
    errno.EIO: "the disk fails: see the system's log, and restore from a backup",
}
SQLITE = {  # by what its messages begin with
    "attempt to write a readonly database": RIGHTS,
    "unable to open database file": RIGHTS,
    "database or disk is full": ROOM,
    "database is locked": "another program holds it: end that one, or wait",
}
DAMAGED = "`unscrape verify` says whether it is damaged, `unscrape verify --repair` makes it again from raw/"
AWAY = "is the database up, and is UNSCRAPE_LEDGER right?"


def explained(error: BaseException) -> str | None:
    """One line on what is wrong and what to do; None for what nobody but a programmer can mend."""
    if isinstance(error, OSError):
        advice = DISK.get(error.errno or 0)
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}: {advice}" if advice else None
    return _of_database(error) or _of_server(error)


def _of_database(error: BaseException) -> str | None:
    known = sys.modules.get("sqlalchemy.exc")
    if known is None or not isinstance(error, known.DatabaseError) or error.orig is None:
        return None
    said = str(error.orig).strip().splitlines()[0]
    if type(error.orig).__module__.partition(".")[0] == "sqlite3":
        advice = next((todo for begin, todo in SQLITE.items() if said.startswith(begin)), DAMAGED)
        return f"the ledger, raw/ledger.sqlite: {said}: {advice}"
    return f"the ledger: {said}: {AWAY}" if isinstance(error, known.OperationalError) else None


def _of_server(error: BaseException) -> str | None:
    known = sys.modules.get("httpx")
    if known is None or not isinstance(error, known.HTTPError):
        return None
    return (
        f"Prefect's server does not answer any more ({error}): its log says why; what was stored stays, run this again"
    )
