"""The reader: newest revisions, filters, and never a wrong record."""

import random
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from schemas import lines, read


def test_newest_revisions(shard: Any, make: Any, tmp_path: Path) -> None:
    shard([make(1), make(1, 2), make(2)])
    shard([make(3, source="other")], source="other")
    assert [(r.id[-1], r.revision) for r in read.records(tmp_path / "clean")] == [("3", 1), ("1", 2), ("2", 1)]
    assert len(list(read.dicts(tmp_path / "clean", every_revision=True))) == 4
    assert [d["title"] for d in read.dicts(tmp_path / "clean", read.Where(sources={"other"}))] == ["Rain 3"]


def test_typed_and_raw_agree(shard: Any, make: Any, tmp_path: Path) -> None:
    made = make(1)
    path = shard([made])
    (raw,), (typed,) = read.dicts(path), read.records(path)
    assert typed.model_dump(exclude={"checksum"}) == made.model_dump(exclude={"checksum"})
    assert raw["blocks"][0]["text"] == typed.text


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (read.Where(since=date(2026, 2, 3)), [2, 3]),
        (read.Where(until=date(2026, 2, 3)), [1, 2]),
        (read.Where(since=date(2026, 2, 3), until=date(2026, 2, 3)), [2]),
        (read.Where(languages={"ru"}), [3]),
        (read.Where(languages={"ru", "en"}), [1, 2, 3]),
        (read.Where(fetched_since=datetime(2026, 3, 1, 12, tzinfo=UTC)), [1, 2, 3]),
        (read.Where(fetched_since=datetime(2026, 3, 1, 12, 1, tzinfo=UTC)), []),
        (read.Where(gone=True), [1, 2, 3, 4]),
    ],
)
def test_filters(shard: Any, make: Any, where: read.Where, expected: list[int]) -> None:
    gone = make(4, gone_at="2026-03-02T00:00:00Z", published_date=None)
    path = shard([make(1), make(2), make(3, language="ru"), gone])
    assert [int(data["title"][5:]) for data in read.dicts(path, where)] == expected


def test_a_filter_is_of_the_newest_revision(shard: Any, make: Any) -> None:
    path = shard([make(1, language="ru"), make(1, 2)])
    assert list(read.dicts(path, read.Where(languages={"ru"}))) == []


def test_find(shard: Any, make: Any, tmp_path: Path) -> None:
    shard([make(n, r) for n in range(0, 200, 2) for r in (1, 2)])
    shard([make(1000)], month="2026-04")
    for n in range(0, 200, 2):
        assert [r.revision for r in read.find(tmp_path / "clean", f"url:{n:032x}")] == [1, 2]
        assert read.find(tmp_path / "clean", f"url:{n + 1:032x}") == []
    assert len(read.find(tmp_path / "clean", f"url:{1000:032x}")) == 1
    assert read.find(tmp_path / "clean", "a") == read.find(tmp_path / "clean", "z") == []


def test_compressed(shard: Any, make: Any, tmp_path: Path) -> None:
    path = shard([make(1), make(2)])
    packed = tmp_path / "latest.jsonl.zst"
    packed.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    assert list(read.dicts(packed)) == list(read.dicts(path))
    assert len(read.find(packed, f"url:{2:032x}")) == 1


def test_damage_names_file_and_line(shard: Any, make: Any) -> None:
    path = shard([make(1), make(2), make(3)])
    path.write_bytes(path.read_bytes().replace(b"for 2 days", b"for 9 days"))
    with pytest.raises(
        read.DamagedRecord, match=rf"{path.name}:2: its checksum is not that of its bytes; .unscrape verify"
    ):
        list(read.records(path))
    damages: list[read.Damage] = []
    assert [r.title for r in read.records(path, on_damage=damages.append)] == ["Rain 1", "Rain 3"]
    assert [(d.path, d.number) for d in damages] == [(path, 2)]


def test_newer_versions_say_what_to_do(shard: Any, make: Any) -> None:
    path = shard([make(1)])
    body = path.read_bytes()[:-1].replace(b'"schema_version":1', b'"schema_version":7')
    path.write_bytes(lines.sealed(body[: body.rindex(b',"checksum"')] + b"}") + b"\n")
    with pytest.raises(read.NewerVersion, match=r":1: the record has schema version 7, .* upgrade Unscrape"):
        list(read.dicts(path))


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no records there"):
        list(read.dicts(tmp_path / "none"))
    assert list(read.dicts(tmp_path)) == []


@pytest.mark.parametrize("seed", range(60))
def test_mutated_lines_are_never_records(shard: Any, make: Any, seed: int) -> None:
    chance = random.Random(seed)
    path = shard([make(n) for n in range(5)])
    truth = list(read.dicts(path))
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    match seed % 4:
        case 0:
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at : at + chance.randrange(1, 2000)]
        case 3:
            data[at:at] = data[: chance.randrange(1, 2000)]
    path.write_bytes(data)
    damages: list[read.Damage] = []
    found = list(read.dicts(path, on_damage=damages.append))
    assert all(record in truth for record in found)
    assert len(found) == len({record["id"] for record in found})
    assert damages or len(found) < len(truth)


def test_the_reader_needs_no_pipeline() -> None:
    code = "import sys; from schemas import read; print([m for m in sys.modules if m.split('.')[0] in ('pipeline', 'prefect')])"
    root = Path(__file__).parents[2]
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
