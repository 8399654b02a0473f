"""Prometheus metrics of a home: where each source stands, its last run, what is unusual. Read from the ledger when asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from flows.unusual import HISTORY, MEASURES, unusual
from pipeline.store import RunInfo, SourceStatus, Store

# Gauges by source: name → (what it is, the field of SourceStatus).
STANDING: Mapping[str, tuple[str, str]] = {
    "unscrape_pages": ("Pages known.", "pages"),
    "unscrape_captures": ("Captures stored in raw/.", "captures"),
    "unscrape_pending_captures": ("Captures not cleaned yet.", "pending"),
    "unscrape_records": ("Documents with a record.", "records"),
    "unscrape_gone": ("Documents whose page is gone.", "gone"),
    "unscrape_refused": ("Documents in clean/rejected/.", "refused"),
    "unscrape_dead_letters": ("Failures nothing has resolved.", "dead_letters"),
}


class LedgerCollector(Collector):
    """Asks the store anew at every scrape. `restarts` gives how often each child of the service was started again."""

    def __init__(self, open_store: Callable[[], Store], restarts: Callable[[], Mapping[str, int]] = dict) -> None:
        self._open = open_store
        self._restarts = restarts

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        store = self._open()
        try:
            status = store.status()
            runs = {one.source: store.runs(one.source, limit=2 * HISTORY) for one in status}
        finally:
            store.close()
        yield from standing(status)
        yield from last_runs(status)
        yield flags(runs)
        restarts = CounterMetricFamily(
            "unscrape_restarts", "Times a part of the service was started again.", labels=["part"]
        )
        for part, count in self._restarts().items():
            restarts.add_metric([part], count)
        yield restarts


def standing(status: list[SourceStatus]) -> Iterator[Metric]:
    """How much of everything each source has."""
    for name, (what, field) in STANDING.items():
        gauge = GaugeMetricFamily(name, what, labels=["source"])
        for one in status:
            gauge.add_metric([one.source], getattr(one, field))
        yield gauge
    held = GaugeMetricFamily("unscrape_running", "1 while a run holds the source.", labels=["source"])
    for one in status:
        held.add_metric([one.source], float(one.held_by is not None))
    yield held


def last_runs(status: list[SourceStatus]) -> Iterator[Metric]:
    """When each source last ran, how long, how it ended, and its counts."""
    labels = ["source"]
    began = GaugeMetricFamily("unscrape_last_run_timestamp_seconds", "When the last run began.", labels=labels)
    took = GaugeMetricFamily("unscrape_last_run_duration_seconds", "How long the last run took.", labels=labels)
    good = GaugeMetricFamily("unscrape_last_run_success", "1 where the last run ended well.", labels=labels)
    counts = GaugeMetricFamily(
        "unscrape_last_run_pages", "Pages in the last run, by what became of them.", labels=["source", "outcome"]
    )
    for one in status:
        run = one.last_run
        if run is None:
            continue
        began.add_metric([one.source], run.started_at.timestamp())
        good.add_metric([one.source], float(run.state == "done"))
        if run.ended_at is not None:
            took.add_metric([one.source], (run.ended_at - run.started_at).total_seconds())
        for outcome, count in sorted(run.counts.items()):
            counts.add_metric([one.source, outcome], count)
    yield from (began, took, good, counts)


def flags(runs: Mapping[str, list[RunInfo]]) -> Metric:
    """1 for each measure of each source that was unusual in its last run, else 0."""
    gauge = GaugeMetricFamily(
        "unscrape_unusual", "1 where the last run differs from the source's own history.", labels=["source", "measure"]
    )
    for source, history in runs.items():
        found = {flag.measure for flag in unusual(history)}
        for measure in MEASURES:
            gauge.add_metric([source, measure], float(measure in found))
    return gauge


@contextmanager
def served(collector: Collector, port: int) -> Iterator[int]:
    """Serve /metrics and /health on 127.0.0.1; the port (the one given, or a free one for 0). Raises OSError where it is taken."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path == "/health":
                self._answer(200, "text/plain", b"ok\n")
            else:
                self._answer(404, "text/plain", b"/metrics or /health\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not news."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
