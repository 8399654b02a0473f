"""When a source runs next, and whether it missed a time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.cron import last_time, missed, next_time
from schemas.source_v1 import ScheduleV1

HOURLY = ScheduleV1(cron="0 * * * *")
NOON = datetime(2026, 3, 29, 12, 0, 30, tzinfo=UTC)


def test_next_and_last_are_in_utc() -> None:
    moscow = ScheduleV1(cron="30 6 * * *", timezone="Europe/Moscow")
    assert next_time(moscow, NOON) == datetime(2026, 3, 30, 3, 30, tzinfo=UTC)
    assert last_time(moscow, NOON) == datetime(2026, 3, 29, 3, 30, tzinfo=UTC)


def test_the_clocks_go_forward() -> None:
    """In Berlin 02:30 does not exist on this day; the day before and after are 24 h minus one hour apart in UTC."""
    berlin = ScheduleV1(cron="30 5 * * *", timezone="Europe/Berlin")
    before = next_time(berlin, datetime(2026, 3, 28, tzinfo=UTC))
    after = next_time(berlin, datetime(2026, 3, 29, tzinfo=UTC))
    assert before is not None
    assert after is not None
    assert after - before == timedelta(hours=23)


@pytest.mark.parametrize(
    ("began", "ended_well", "expected"),
    [
        (NOON - timedelta(minutes=70), True, True),
        (NOON - timedelta(days=30), True, True),
        (NOON - timedelta(seconds=20), True, False),
        (NOON - timedelta(seconds=20), False, True),
        (None, True, False),
    ],
)
def test_missed(began: datetime | None, ended_well: bool, expected: bool) -> None:
    assert missed(HOURLY, NOON, began, ended_well=ended_well) is expected


def test_without_a_cron_nothing_is_due() -> None:
    none = ScheduleV1()
    assert next_time(none, NOON) is None
    assert last_time(none, NOON) is None
    assert not missed(none, NOON, NOON - timedelta(days=9), ended_well=False)


CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 28, 20, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 20, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 20, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 3, tzinfo=UTC)),  # by half an hour
]


def times(schedule: ScheduleV1, start: datetime, end: datetime) -> list[datetime]:
    """All times after `start` until `end`."""
    found: list[datetime] = []
    while (at := next_time(schedule, found[-1] if found else start)) is not None and at <= end:
        found.append(at)
    return found


@pytest.mark.parametrize(("zone", "start"), CHANGES)
@pytest.mark.parametrize("clock", ["30 2 * * *", "0 1 * * *", "0 12 * * *"])
def test_once_a_day_is_once_a_day_when_the_clocks_change(zone: str, start: datetime, clock: str) -> None:
    """Also at a time that does not exist on that day, or comes twice."""
    daily = ScheduleV1(cron=clock, timezone=zone)
    found = times(daily, start, start + timedelta(days=3))
    local = [at.astimezone(ZoneInfo(zone)) for at in found]
    assert [at.date() for at in local] == [local[0].date() + timedelta(days=n) for n in range(3)]


@pytest.mark.parametrize(("zone", "start"), CHANGES[:3])
def test_hourly_is_each_hour_when_the_clocks_change(zone: str, start: datetime) -> None:
    hourly = ScheduleV1(cron="0 * * * *", timezone=zone)
    found = times(hourly, start, start + timedelta(hours=30))
    assert found == [start + timedelta(hours=n) for n in range(1, 31)]


@pytest.mark.parametrize(("zone", "start"), CHANGES)
@pytest.mark.parametrize("cron", ["30 2 * * *", "*/30 1-3 * * *", "0 * * * *"])
def test_what_came_is_what_was_to_come(zone: str, start: datetime, cron: str) -> None:
    """Or a restart would catch up a time that never was."""
    schedule = ScheduleV1(cron=cron, timezone=zone)
    found = times(schedule, start, start + timedelta(hours=30))
    for at in found:
        assert last_time(schedule, at + timedelta(seconds=1)) == at
        assert not missed(schedule, at + timedelta(seconds=20), at + timedelta(seconds=5))


def test_a_run_begun_by_a_clock_that_was_ahead_is_not_missed_again_and_again() -> None:
    assert not missed(HOURLY, NOON, NOON + timedelta(days=400))
