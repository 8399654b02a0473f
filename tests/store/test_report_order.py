"""Blocks and removals stand in the report as they stood in the page."""

from pipeline.store.report.entries import _rows
from schemas import Record
from schemas.record_v1 import BlockV1, CaptureV1, PipelineV1, QualityV1, RemovalV1

PAGE = (
    "<p>Menu <b>Ho</b>me News</p><h1>The ferry runs</h1><p>It was a long win<i>ter</i>.</p><p>Share this</p>"
    "<p>The ice is gone.</p><p>Home of the town</p>"
)


def record(blocks: list[str], removals: list[tuple[str, str]]) -> Record:
    return Record(
        id="url:1",
        content_hash="0" * 64,
        capture=CaptureV1(sha256="0" * 64, encoding_evidence="none"),
        title_evidence="none",
        published_evidence="none",
        blocks=tuple(BlockV1(kind="paragraph", text=text, path="p", before_sha256="0" * 64) for text in blocks),
        removals=tuple(RemovalV1(path="p", reason=reason, length=len(text), text=text) for reason, text in removals),
        quality=QualityV1(confidence=0.9, characters_before=9, characters_after=9),
        pipeline=PipelineV1(version="0.1.0", data_hash="0" * 64),
    )


def order(blocks: list[str], removals: list[tuple[str, str]]) -> list[str]:
    rows = _rows(record(blocks, removals), PAGE)
    return [row["x"] if isinstance(row["x"], str) else "".join(piece[-1] for piece in row["x"]) for row in rows]


def test_order_is_that_of_the_page() -> None:
    blocks = ["It was a long winter.", "The ice is gone."]
    removals = [
        ("navigation", "Menu Home News"),
        ("share", "Share this"),
        ("footer", "Home of the town"),
        ("title", "The ferry runs"),
    ]
    assert order(blocks, removals) == [
        "Menu Home News",
        "The ferry runs",
        "It was a long winter.",
        "Share this",
        "The ice is gone.",
        "Home of the town",
    ]


def test_what_is_not_found_keeps_its_turn() -> None:
    removals = [("navigation", "Menu Home News"), ("form", "not there"), ("share", "Share this"), ("aside", "Home")]
    assert order(["The ice is gone."], removals) == [
        "Menu Home News",
        "not there",
        "Share this",
        "The ice is gone.",
        "Home",
    ]
