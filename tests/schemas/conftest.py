"""Records of our own making, written as the store writes them."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import Record, lines
from schemas.record_v1 import BlockV1, CaptureV1, PipelineV1, QualityV1, SpliceV1, StepV1, content_hash

Shard = Callable[..., Path]


def record(n: int, revision: int = 1, **fields: Any) -> Record:
    text = f"It rained for {n} days, said the mayor (revision {revision})."
    digest = hashlib.sha256(text.encode()).hexdigest()
    block = BlockV1(kind="paragraph", text=text, path="html>body>p", before_sha256=digest)
    values: dict[str, Any] = {
        "id": f"url:{n:032x}",
        "revision": revision,
        "content_hash": content_hash(f"Rain {n}", None, None, (block,)),
        "source": "paper",
        "url": f"https://paper.example/{n}",
        "capture": CaptureV1(sha256=digest, encoding_evidence="UTF-8", fetched_at="2026-03-01T12:00:00Z"),
        "title": f"Rain {n}",
        "title_evidence": "h1",
        "published_date": f"2026-02-{n % 28 + 1:02d}",
        "published_evidence": "time",
        "language": "en",
        "blocks": (block,),
        "steps": (StepV1(fact="title", rule="segment.trim", splices=(SpliceV1(start=4, before=" ", after=""),)),),
        "quality": QualityV1(confidence=0.9, characters_before=99, characters_after=len(text)),
        "pipeline": PipelineV1(version="0.1.0", data_hash=digest),
    }
    return Record.model_validate(values | fields)


@pytest.fixture
def shard(tmp_path: Path) -> Shard:
    """shard(records, source="paper", month="2026-03", part=1): writes them as a shard below clean/."""

    def write(records: list[Record], source: str = "paper", month: str = "2026-03", part: int = 1) -> Path:
        path = tmp_path / f"clean/v1/source={source}/month={month}/part-{part:04d}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        ordered = sorted(records, key=lambda r: (r.id, r.revision))
        path.write_bytes(b"".join(lines.dump(r) + b"\n" for r in ordered))
        return path

    return write


@pytest.fixture
def make() -> Callable[..., Record]:
    return record
