"""What a run leaves in Prefect's interface: a table of what it did and how good it was, by source."""

from collections.abc import Sequence
from pathlib import Path

from prefect.artifacts import create_table_artifact

from flows.line import SourceReport
from flows.unusual import MEASURES, figure


def leave_summary(key: str, reports: Sequence[SourceReport], home: Path) -> None:
    """Leave the artifact `key`, whose history the interface shows, in the run this is called from."""
    create_table_artifact(
        [row(report) for report in reports],
        key=key,
        description=f"Records: {home / 'clean'}. Review them page by page: `unscrape report --open` writes it beside them.",
    )


def row(report: SourceReport) -> dict[str, object]:
    """One source: its counts, then its figures (yield and failures as shares, confidence 0–1, repairs a document)."""
    counts = {name: count for name, count in report.counts.items() if name != "confidence_permille"}
    quality = {name: figure(MEASURES[name], report.counts) for name in ("yield", "failures", "confidence", "repairs")}
    if quality["confidence"] is not None:
        quality["confidence"] /= 1000
    rounded = {name: None if value is None else round(value, 3) for name, value in quality.items()}
    return {"source": report.source, "problem": report.busy or report.error, **counts, **rounded}
