"""What is unusual for a source, and what is not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.unusual import ENOUGH, MEASURES, figure, unusual
from pipeline.store import RunInfo

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def run(number: int, *, state: str = "done", kind: str = "ingest", **counts: int) -> RunInfo:
    at = BEGAN + timedelta(hours=number)
    return RunInfo(id=f"r{number}", source="s", kind=kind, state=state, started_at=at, counts=counts)  # type: ignore[arg-type]


def history(*runs: dict[str, int], **kind: str) -> list[RunInfo]:
    """Newest first, from counts given oldest first."""
    return [run(number, **counts, **kind) for number, counts in enumerate(runs)][::-1]  # type: ignore[arg-type]


STEADY = {
    "found": 40, "fetched": 10, "failed": 0, "not_modified": 30, "new": 9, "rejected": 1,
    "confidence_permille": 9500, "documents": 10, "repairs": 20,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ({"found": 0}, "found"),
        ({"new": 2, "rejected": 8}, "yield"),
        ({"failed": 30, "not_modified": 5}, "failures"),
        ({"confidence_permille": 7000}, "confidence"),
        ({"repairs": 300}, "repairs"),
    ],
)
def test_each_measure_flags_its_own_jump(change: dict[str, int], measure: str) -> None:
    flags = unusual(history(*[STEADY] * 8, STEADY | change))
    assert [flag.measure for flag in flags] == [measure]
    assert flags[0].source == "s"
    assert flags[0].run == "r8"
    assert measure in str(flags[0])


def test_a_steady_source_is_never_flagged() -> None:
    assert unusual(history(*[STEADY] * 9)) == []


def test_a_short_history_says_nothing() -> None:
    assert unusual(history(*[STEADY] * (ENOUGH - 1), STEADY | {"found": 0})) == []
    assert unusual([]) == []


def test_a_source_that_always_varies_may_vary() -> None:
    noisy = [STEADY | {"found": found} for found in (5, 80, 20, 60, 10, 70, 30)]
    assert unusual(history(*noisy, STEADY | {"found": 90})) == []


def test_a_run_with_few_pages_has_no_share() -> None:
    few = {"found": 40, "fetched": 1, "new": 0, "rejected": 1, "not_modified": 39}
    assert unusual(history(*[STEADY] * 8, few)) == []


def test_broken_off_runs_and_other_kinds_do_not_count() -> None:
    runs = [run(9, state="running", found=0), run(8, state="lost", found=0), *history(*[STEADY] * 8)]
    assert unusual(runs) == []
    assert unusual([*history(*[STEADY] * 1, kind="ingest"), *history(*[{"found": 0}] * 8, kind="replay")]) == []


@given(st.lists(st.dictionaries(st.sampled_from(sorted(STEADY)), st.integers(0, 10_000)), max_size=30))
def test_any_history_is_answered(counts: list[dict[str, int]]) -> None:
    for flag in unusual(history(*counts)):
        assert flag.value != flag.usual
        assert figure(MEASURES[flag.measure], counts[-1]) == flag.value
