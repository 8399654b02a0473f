"""When pages are due again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import Visit, next_due
from schemas.source_v1 import FetchV1

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RULES = FetchV1(min_interval=3600, max_interval=30 * 86400)


def visits(results: str, apart: timedelta = DAY) -> list[Visit]:
    """c changed, u unchanged, g gone, f failed; one every `apart`."""
    names = {"c": "changed", "u": "unchanged", "g": "gone", "f": "failed"}
    return [Visit(at=START + n * apart, result=names[r]) for n, r in enumerate(results)]  # type: ignore[arg-type]


def interval(results: str, apart: timedelta = DAY) -> timedelta:
    history = visits(results, apart)
    return next_due(history, RULES, START) - history[-1].at


def test_never_seen_is_due_now() -> None:
    assert next_due([], RULES, START) == START


def test_never_before_now() -> None:
    assert next_due(visits("c"), RULES, START + 99 * DAY) == START + 99 * DAY


def test_a_new_page_is_looked_at_soon() -> None:
    assert interval("c") == HOUR


def test_intervals_double_while_nothing_changes() -> None:
    assert interval("cu") == 2 * DAY
    assert interval("cuuuuu") == 2 * DAY
    history = visits("c")
    gaps = []
    for _ in range(14):
        due = next_due(history, RULES, history[-1].at)
        gaps.append(due - history[-1].at)
        history.append(Visit(at=due, result="unchanged"))
    assert gaps[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert gaps[-1] == 30 * DAY


def test_a_page_that_changes_is_seen_more_often() -> None:
    assert interval("cccccc") < DAY
    assert interval("cuuuuc") > interval("cucucc") > interval("cccccc")


def test_a_page_that_changes_half_the_time_is_seen_at_about_that_pace() -> None:
    assert 0.7 * DAY < interval("cucucucucuc") < 1.4 * DAY


def test_gone_is_looked_at_last() -> None:
    assert interval("cg") == 30 * DAY


def test_failures_back_off() -> None:
    assert [interval("c" + "f" * n) for n in (1, 2, 3, 4)] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert interval("c" + "f" * 60) == 30 * DAY


def test_old_habits_are_forgotten() -> None:
    assert interval("c" * 50 + "u" * 25) == 2 * DAY


@given(
    st.lists(st.tuples(st.integers(-5, 10**7), st.sampled_from("cugf")), max_size=40),
    st.integers(1, 10**6),
    st.integers(1, 10**8),
)
def test_always_within_bounds(steps: list[tuple[int, str]], least: int, more: int) -> None:
    rules = FetchV1(min_interval=least, max_interval=least + more)
    names = {"c": "changed", "u": "unchanged", "g": "gone", "f": "failed"}
    at, history = START, []
    for seconds, result in steps:
        at += timedelta(seconds=seconds)
        history.append(Visit(at=at, result=names[result]))  # type: ignore[arg-type]
    due = next_due(history, rules, START)
    assert due >= START
    if history and due > START:
        assert timedelta(seconds=least) <= due - history[-1].at <= timedelta(seconds=least + more)
