"""When a source is due by its cron, in its own time zone, and whether a time was missed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from schemas.source_v1 import ScheduleV1


def next_time(schedule: ScheduleV1, now: datetime) -> datetime | None:
    """The first time after `now` (both aware; the result in UTC); None without a cron.

    >>> next_time(ScheduleV1(cron="0 6 * * *", timezone="Europe/Moscow"), datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
    '2026-01-01T03:00:00+00:00'
    """
    return _step(schedule, now, reverse=False)


def last_time(schedule: ScheduleV1, now: datetime) -> datetime | None:
    """The last time before `now`; None without a cron."""
    return _step(schedule, now, reverse=True)


def _step(schedule: ScheduleV1, now: datetime, *, reverse: bool) -> datetime | None:
    if schedule.cron is None:
        return None
    local = now.astimezone(ZoneInfo(schedule.timezone))
    return next(CronSim(schedule.cron, local, reverse=reverse)).astimezone(UTC)


def missed(schedule: ScheduleV1, now: datetime, began: datetime | None, *, ended_well: bool = True) -> bool:
    """Whether a source that was last begun at `began` should run now instead of waiting for its next time.

    So it is when a time passed since then, however many, and when the last run was broken off. A source that never ran waits.
    """
    last = last_time(schedule, now)
    if last is None or began is None:
        return False
    return began < last or not ended_well
