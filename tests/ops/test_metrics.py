"""The metrics endpoint, over a store that stands still."""

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from flows.metrics import LedgerCollector, served
from pipeline.store import RunInfo, SourceStatus

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(number: int, found: int) -> RunInfo:
    at = BEGAN + timedelta(hours=number)
    return RunInfo(
        id=f"r{number}",
        source="sample",
        kind="ingest",
        state="done",
        started_at=at,
        ended_at=at + timedelta(seconds=90),
        counts={"found": found, "new": 2},
    )


class StillStore:
    """A store of one source whose last run found nothing."""

    closed = 0

    def status(self) -> list[SourceStatus]:
        return [
            SourceStatus(
                source="sample", pages=12, captures=15, pending=1, records=11, gone=0, refused=2, dead_letters=3,
                last_run=run(8, 0), held_by=None, next_due=None,
            )
        ]  # fmt: skip

    def runs(self, source: str, *, limit: int) -> list[RunInfo]:
        return [run(8, 0), *(run(number, 40) for number in range(7, -1, -1))][:limit]

    def close(self) -> None:
        StillStore.closed += 1


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def test_what_a_scrape_sees() -> None:
    collector = LedgerCollector(StillStore, lambda: {"worker": 2})  # type: ignore[arg-type]
    with served(collector, 0) as port:
        lines = get(port, "/metrics").splitlines()
        assert get(port, "/health") == "ok\n"
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            get(port, "/")
        caught.value.close()
    assert 'unscrape_pages{source="sample"} 12.0' in lines
    assert 'unscrape_dead_letters{source="sample"} 3.0' in lines
    assert 'unscrape_last_run_success{source="sample"} 1.0' in lines
    assert 'unscrape_last_run_duration_seconds{source="sample"} 90.0' in lines
    assert 'unscrape_last_run_pages{outcome="new",source="sample"} 2.0' in lines
    assert 'unscrape_unusual{measure="found",source="sample"} 1.0' in lines
    assert 'unscrape_unusual{measure="yield",source="sample"} 0.0' in lines
    assert 'unscrape_restarts_total{part="worker"} 2.0' in lines
    assert StillStore.closed >= 1


def test_a_taken_port_is_an_error() -> None:
    collector = LedgerCollector(StillStore)  # type: ignore[arg-type]
    with served(collector, 0) as port, pytest.raises(OSError, match="in use"), served(collector, port):
        pass
