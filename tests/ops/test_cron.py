"""When a source runs next, and whether it missed a time."""

from datetime import UTC, datetime, timedelta

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
