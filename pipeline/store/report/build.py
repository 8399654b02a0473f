"""Writes the review page: index.html, list.js, and a file a document.

Texts of documents never enter the HTML: they lie in JSON that a script, named by its hash in the policy, puts on the page as text.
"""

import base64
import hashlib
import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from pipeline.store.report import charts
from pipeline.store.report.entries import entries, page_of, row_of
from pipeline.store.types import RunInfo

if TYPE_CHECKING:
    from pipeline.store.store import Store

RUNS = 60
COUNTED = ("new", "revised", "unchanged", "rejected", "quarantined", "failed")


def build(store: "Store", target: Path, sources: Sequence[str] = ()) -> Path:
    """Write the report on `sources` (default: all) to the folder `target`, replacing a former one; its index.html."""
    making = target.with_name(f".{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    (making / "doc").mkdir(parents=True)
    rows = _write_documents(store, making, list(sources) or store.sources())
    _write_data(making / "list.js", "list", rows)
    (making / "index.html").write_text(_index(store, rows, store.clock()), encoding="utf-8")
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    making.replace(target)
    shutil.rmtree(old, ignore_errors=True)
    return target / "index.html"


def _write_documents(store: "Store", folder: Path, sources: Sequence[str]) -> list[dict[str, Any]]:
    """A file a document, numbered as they come; their rows, newest first, each with its number."""
    rows = []
    for number, entry in enumerate(entries(store, sources)):
        _write_data(folder / "doc" / f"{number}.js", "doc", page_of(store, entry))
        rows.append({"n": number, **row_of(entry)})
    return sorted(rows, key=lambda row: (row["f"] or "", row["n"]), reverse=True)


def _write_data(path: Path, name: str, data: object) -> None:
    # "<" cannot end the script, whoever reads it; U+2028 and U+2029 end lines for old readers of JavaScript.
    text = (
        orjson.dumps(data)
        .replace(b"<", b"\\u003c")
        .replace("\u2028".encode(), b"\\u2028")
        .replace("\u2029".encode(), b"\\u2029")
    )
    path.write_bytes(b"unscrape.%b(%b);\n" % (name.encode(), text))


def _index(store: "Store", rows: list[dict[str, Any]], now: datetime) -> str:
    here = resources.files("pipeline.store.report")
    style, script, frame = (
        (here / name).read_text(encoding="utf-8") for name in ("report.css", "report.js", "frame.css")
    )
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["when"] = _when
    template = environment.from_string((here / "index.html.j2").read_text(encoding="utf-8"))
    return template.render(
        style=Markup(style),  # ours, and hashed as it stands
        script=Markup(script),
        frame=Markup(frame),
        style_hash=_hash(style),
        frame_hash=_hash(frame),
        script_hash=_hash(script),
        now=now,
        figures=_figures(rows),
        sources=_sources(store, rows),
        runs=[_run(run) for run in store.runs(limit=RUNS)],
        counted=COUNTED,
        damages=charts.rows(Counter(kind for row in rows for kind in row.get("dm", ()))),
        confidence=charts.histogram([row["c"] for row in rows if "c" in row]),
        confidence_over_time=charts.line(_monthly(rows, _confidence)),
        damage_over_time=charts.line(_monthly(rows, _damaged)),
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _figures(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """The headline figures: value, name, and the filter they open."""
    states = Counter(row["st"] for row in rows)
    repaired = sum(row.get("rp", 0) for row in rows)
    damaged = sum(bool(row.get("dm")) for row in rows)
    return [
        (f"{len(rows):,}", "documents", ""),
        (f"{damaged:,}", "damaged", "damaged"),
        (f"{repaired:,}", "places repaired", "damaged"),
        (f"{sum(row.get('rm', 0) for row in rows):,}", "pieces of site removed", ""),
        (f"{sum(row.get('sp', 0) for row in rows):,}", "suspects left alone", "suspect"),
        (f"{states['quarantined']:,}", "quarantined", "quarantined"),
        (f"{states['rejected']:,}", "rejected", "rejected"),
        (f"{states['gone']:,}", "gone", "gone"),
    ]


def _sources(store: "Store", rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["s"]].append(row)
    status = {item.source: item for item in store.status()}
    return [
        {
            "name": name,
            "documents": len(found),
            "states": Counter(row["st"] for row in found),
            "confidence": _confidence([row for row in found if "c" in row]),
            "damaged": sum(bool(row.get("dm")) for row in found),
            "repaired": sum(row.get("rp", 0) for row in found),
            "status": status.get(name),
            "line": charts.line(_monthly(found, _confidence)),
        }
        for name, found in sorted(grouped.items())
    ]


def _run(run: RunInfo) -> dict[str, Any]:
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
    return {"info": run, "seconds": seconds, "counts": [run.counts.get(name, 0) for name in COUNTED]}


def _monthly(rows: list[dict[str, Any]], measure: Any) -> list[tuple[str, float]]:
    """A measure of the documents fetched on each day, or month where the days are many."""
    for length in (10, 7):
        grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if row["f"] and "c" in row:
                grouped[row["f"][:length]].append(row)
        if len(grouped) <= 90:
            break
    return [(day, measure(found)) for day, found in sorted(grouped.items())]


def _confidence(rows: list[dict[str, Any]]) -> float:
    return sum(row["c"] for row in rows) / len(rows) if rows else 0.0


def _damaged(rows: list[dict[str, Any]]) -> float:
    return sum(bool(row["dm"]) for row in rows) / len(rows) if rows else 0.0


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"
