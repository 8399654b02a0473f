"""A thousand ways to damage a store: verify finds what matters, the reader tells or is right, repair brings back what raw/ holds.

Each mutation is drawn from its number alone. Whether it matters is decided here, by plain reading of the files (zstandard, json,
sqlite3), not by the code under test.
"""

import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy.exc import DatabaseError

from pipeline.document import Capture
from pipeline.errors import StoreError
from pipeline.store import Failure, Store, shards
from schemas import lines, read, sums
from schemas.record_v1 import RecordV1, content_hash

FAST, ALL = 40, 1000
ONCE_MISSED = (374, 468, 504, 906)
VISITS = (range(8), (0, 1, 4, 6), (0, 2, 4, 7), (0, 1, 2))
"""The pages of each source that are fetched, day by day."""
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROVEN = {
    "captures": "source, event, page_key, page_url, url, url_key, sha256, fetched_at, status,"
    "coalesce(outcome, 'record') IN ('record', 'rejected', 'quarantined', 'missing')",
    "records": "*",
    "refusals": "*",
    "shards": "*",
    "purged": "hash",
    "pages": "source, key, url, sha256",
}
"""What raw/ and clean/ can prove of the ledger. The rest (when pages are due, failures, attempts, runs) stands nowhere else."""
RAW = {"capture.body", "capture.missing", "record.capture", "capture.sidecar"}
"""What repair may leave: bytes that lie nowhere else."""


@dataclass(frozen=True)
class Truth:
    """A sound store, and all that it says."""

    home: Path
    older_ledger: bytes
    files: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    records: dict[tuple[str, str, int], Any] = field(default_factory=dict)
    newest: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)


def url_of(source: str, n: int) -> str:
    return f"https://{source}.example/{n}"


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory, helpers: Any) -> Truth:
    """Two sources with revisions, a history, several parts, refusals, tombstones, a page that came back and a purged one."""
    return built(tmp_path_factory.mktemp("truth") / "home", helpers)


def built(home: Path, helpers: Any) -> Truth:
    now = [START]
    store = Store.open(home, clock=lambda: now[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "MAX_BYTES", 6000)
        for day in range(len(VISITS)):
            for source in ("paper", "gazette"):
                with store.run(source) as run:
                    for n in VISITS[day]:
                        body = f"Title {n} of {source}\nText {n}, as on day {day // (1 + n % 3)}. " + f"word{n} " * 40
                        body = {4: "! nothing" if day == 1 else body, 6: f"! nothing {day}", 7: "? odd\nx"}.get(n, body)
                        capture = helpers.capture_of(url_of(source, n), body, now[0])
                        ref = run.save_capture(capture.url, capture)
                        run.save_records([cleaned(helpers, source, store.load(ref))])
                    run.note_failed(
                        Failure(source=source, url=url_of(source, 9), stage="fetch", reason="r", detail="d")
                    )
            if day == 1:
                store.close()
                older = (home / "raw" / "ledger.sqlite").read_bytes()
            now[0] += timedelta(days=1)
            with store.run("paper") as run:
                run.note_gone(url_of("paper", 2 if day == 1 else 3), 404) if day in (1, 3) else None
            now[0] += timedelta(days=1)
    store.purge(url_of("paper", 5))
    assert store.verify() == []
    store.close()
    return spoken(Truth(home, older))


def cleaned(helpers: Any, source: str, capture: Capture) -> Any:
    made = helpers.clean_of(capture)
    return made.model_copy(update={"source": source}) if isinstance(made, RecordV1) else made


def spoken(truth: Truth) -> Truth:
    """All that lies in the store, read plainly."""
    home = truth.home
    truth.files.update(contents(home))
    truth.rows.update(ledger_rows(home) or {})
    for line in record_lines(home):
        truth.records[line["source"], line["id"], line["revision"]] = line
    last = {key[:2]: line for key, line in sorted(truth.records.items())}
    truth.newest.extend(sorted((line for line in last.values()), key=place))
    truth.refused.extend(refusals(home))
    assert len(truth.newest) >= 9
    assert any("history" in name for name in truth.files)
    assert len(truth.refused) >= 2
    return truth


def place(line: Any) -> tuple[str, str, int]:
    return line["source"], line["id"], line["revision"]


def bare(line: Any) -> Any:
    return {key: value for key, value in line.items() if key != "checksum"}


def record_lines(home: Path) -> Iterator[Any]:
    for path in sorted((home / "clean" / "v1").rglob("*-*.jsonl")):
        yield from (bare(json.loads(line)) for line in path.read_bytes().splitlines())


def refusals(home: Path) -> list[Any]:
    paths = sorted((home / "clean" / "rejected").rglob("part-*.jsonl"))
    return sorted((bare(json.loads(line)) for path in paths for line in path.read_bytes().splitlines()), key=str)


def contents(home: Path) -> dict[str, Any]:
    """What each file says: of a body its bytes unpacked, of all others their bytes; None where that cannot be told."""
    found: dict[str, Any] = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if not path.is_file() or "ledger.sqlite" in name or ".locks" in name or ".damaged" in name:
            continue
        found[name] = unpacked(path) if path.suffix == ".zst" else path.read_bytes()
        if path.suffix == sums.SUFFIX:
            found[name] = newest_sums(path)
    return found


def unpacked(path: Path) -> bytes | None:
    try:
        return zstandard.ZstdDecompressor().decompress(
            path.read_bytes(), max_output_size=1 << 20, allow_extra_data=False
        )
    except zstandard.ZstdError:
        return None


def newest_sums(path: Path) -> Any:
    """Of a shard's sums what a reader needs; what was put down of the version before it is not missed."""
    try:
        lines.check(path.read_bytes().removesuffix(b"\n"))
        size = sums.shard_of(path).stat().st_size
        return next(v["lines"] for v in json.loads(path.read_bytes())["versions"] if v["size"] == size)
    except (lines.DamagedLine, ValueError, StopIteration, FileNotFoundError):
        return None


def ledger_rows(home: Path) -> dict[str, Any] | None:
    """The rows that can be proven; None where the database cannot be read."""
    path = home / "raw" / "ledger.sqlite"
    if not path.exists():
        return None
    connection = sqlite3.connect(path)
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        return {
            name: sorted(connection.execute(f"SELECT {columns} FROM {name}"), key=repr)
            for name, columns in PROVEN.items()
        }
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # the latter where the message itself quotes damage
        return None
    finally:
        connection.close()


# --- mutations: each takes the store's folder, what chance draws and the truth


Mutation = Callable[[Path, random.Random, Truth], object]
MUTATIONS: dict[str, Mutation] = {}


def mutation(act: Mutation) -> Mutation:
    MUTATIONS[act.__name__.replace("_", " ")] = act
    return act


def drawn(home: Path, chance: random.Random, pattern: str) -> Path:
    return chance.choice(sorted(path for path in home.glob(pattern) if path.is_file() and path.stat().st_size))


SHARD, RECORDS = "clean/*/*/*/*.jsonl", "clean/v1/*/*/*.jsonl"
BODY, SIDECAR, SUMS = "raw/[a-z]*/??/*.zst", "raw/[a-z]*/??/*.json", "clean/*/*/*/.*.sums"


def flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 1, 5))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def garble(path: Path, chance: random.Random) -> None:
    """Cut, cut out, put in, or blanked."""
    data = bytearray(path.read_bytes())
    at, length = chance.randrange(len(data)), chance.randrange(1, 60)
    match chance.randrange(4):
        case 0:
            del data[at:]
        case 1:
            del data[at : at + length]
        case 2:
            data[at:at] = chance.randbytes(length)
        case 3:
            data[at : at + length] = bytes(len(data[at : at + length]))
    path.write_bytes(data)


def rewritten(path: Path, change: Callable[[list[bytes]], object]) -> None:
    content = path.read_bytes().splitlines(keepends=True)
    change(content)
    path.write_bytes(b"".join(content))


@mutation
def bits_of_a_shard(home: Path, chance: random.Random, _: Truth) -> None:
    flip(drawn(home, chance, SHARD), chance)


@mutation
def bytes_of_a_shard(home: Path, chance: random.Random, _: Truth) -> None:
    garble(drawn(home, chance, SHARD), chance)


@mutation
def last_lines_removed(home: Path, chance: random.Random, _: Truth) -> None:
    rewritten(
        drawn(home, chance, SHARD), lambda content: content.__delitem__(slice(chance.randrange(len(content)), None))
    )


@mutation
def a_line_removed(home: Path, chance: random.Random, _: Truth) -> None:
    rewritten(drawn(home, chance, SHARD), lambda content: content.pop(chance.randrange(len(content))))


@mutation
def a_line_twice(home: Path, chance: random.Random, _: Truth) -> None:
    rewritten(
        drawn(home, chance, SHARD),
        lambda content: content.insert(chance.randrange(len(content) + 1), chance.choice(content)),
    )


@mutation
def lines_reordered(home: Path, chance: random.Random, _: Truth) -> None:
    rewritten(drawn(home, chance, SHARD), chance.shuffle)


@mutation
def a_line_of_another_shard(home: Path, chance: random.Random, _: Truth) -> None:
    other = chance.choice(drawn(home, chance, SHARD).read_bytes().splitlines(keepends=True))

    def put(content: list[bytes]) -> None:
        content.append(other)
        content.sort()

    rewritten(drawn(home, chance, SHARD), put)


@mutation
def shards_swapped(home: Path, chance: random.Random, _: Truth) -> None:
    one, other = drawn(home, chance, SHARD), drawn(home, chance, SHARD)
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


@mutation
def a_shard_removed(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, SHARD).unlink()


@mutation
def a_shard_emptied(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, SHARD).write_bytes(b"")


@mutation
def a_shard_copied(home: Path, chance: random.Random, _: Truth) -> None:
    """Under another number, month or source."""
    path, other = drawn(home, chance, RECORDS), drawn(home, chance, RECORDS)
    folder = chance.choice((other.parent, other.parent.with_name("month=2020-01")))
    folder.mkdir(exist_ok=True)
    shutil.copy2(path, folder / f"part-{chance.randrange(90, 99):04d}.jsonl")


def edited(line: bytes, chance: random.Random, *, seal: bool, hash_too: bool) -> bytes:
    """Another value in a record's line; `seal`: with a new checksum; `hash_too`: with a new content_hash, too."""
    data = json.loads(line)
    name = chance.choice(("title", "text", "fetched_at", "url", "revision", "language", "confidence"))
    match name:
        case "text":
            data["blocks"][0]["text"] += " and so on"
        case "fetched_at":
            data["capture"]["fetched_at"] = "2025-01-01T00:00:00Z"
        case "revision":
            data["revision"] += chance.choice((1, 5))
        case "confidence":
            data["quality"]["confidence"] = chance.choice((0.5, 7, "high"))
        case _:
            data[name] = chance.choice(("Another", "x" * 300, 5, None))
    if hash_too and (data["title"] is None or isinstance(data["title"], str)):
        record = RecordV1.model_construct(**data)
        blocks = tuple(type("Piece", (), block) for block in data["blocks"])
        data["content_hash"] = content_hash(record.title, record.byline, None, blocks)
    if not seal:
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return lines.sealed(json.dumps(bare(data), separators=(",", ":"), ensure_ascii=False).encode()) + b"\n"


def edit_a_line(home: Path, chance: random.Random, *, seal: bool, hash_too: bool) -> Path:
    path = drawn(home, chance, RECORDS)

    def change(content: list[bytes]) -> None:
        at = chance.randrange(len(content))
        content[at] = edited(content[at], chance, seal=seal, hash_too=hash_too)

    rewritten(path, change)
    return path


@mutation
def a_value_edited(home: Path, chance: random.Random, _: Truth) -> None:
    edit_a_line(home, chance, seal=False, hash_too=False)


@mutation
def a_value_edited_and_sealed(home: Path, chance: random.Random, _: Truth) -> None:
    edit_a_line(home, chance, seal=True, hash_too=chance.random() < 0.5)


@mutation
def a_value_forged(home: Path, chance: random.Random, _: Truth) -> None:
    """Edited, sealed, and put down in the sums: only the ledger can tell."""
    path = edit_a_line(home, chance, seal=True, hash_too=True)
    content = path.read_bytes().splitlines()
    digits = b"".join(sums.of_line(line) for line in content)
    sums.path_of(path).write_bytes(sums.dump([sums.Sums(path.stat().st_size, digits)]))


@mutation
def bits_of_sums(home: Path, chance: random.Random, _: Truth) -> None:
    chance.choice((flip, garble))(drawn(home, chance, SUMS), chance)


@mutation
def sums_removed(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, SUMS).unlink()


@mutation
def sums_of_another_shard(home: Path, chance: random.Random, _: Truth) -> None:
    shutil.copy2(drawn(home, chance, SUMS), drawn(home, chance, SUMS).with_suffix(".other"))
    copy = next(home.glob("clean/*/*/*/.*.other"))
    copy.replace(drawn(home, chance, SUMS))


@mutation
def bits_of_a_body(home: Path, chance: random.Random, _: Truth) -> None:
    flip(drawn(home, chance, BODY), chance)


@mutation
def a_frame_cut(home: Path, chance: random.Random, _: Truth) -> None:
    garble(drawn(home, chance, BODY), chance)


@mutation
def frames_joined(home: Path, chance: random.Random, _: Truth) -> None:
    path, other = drawn(home, chance, BODY), drawn(home, chance, BODY)
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
    more = chance.choice((path.read_bytes(), other.read_bytes(), skippable))
    path.write_bytes(chance.choice((path.read_bytes() + more, more + path.read_bytes())))


@mutation
def a_body_packed_otherwise(home: Path, chance: random.Random, _: Truth) -> None:
    path = drawn(home, chance, BODY)
    path.write_bytes(zstandard.ZstdCompressor(level=chance.randrange(1, 20)).compress(unpacked(path) or b""))


@mutation
def a_body_of_another_capture(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, BODY).write_bytes(drawn(home, chance, BODY).read_bytes())


@mutation
def a_body_removed(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, BODY).unlink()


@mutation
def bits_of_a_sidecar(home: Path, chance: random.Random, _: Truth) -> None:
    chance.choice((flip, garble))(drawn(home, chance, SIDECAR), chance)


@mutation
def a_sidecar_removed(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, SIDECAR).unlink()


@mutation
def sidecars_swapped(home: Path, chance: random.Random, truth: Truth) -> None:
    one, other = drawn(home, chance, SIDECAR), drawn(home, chance, SIDECAR)
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


def edit_a_sidecar(home: Path, chance: random.Random) -> tuple[Path, bytes]:
    path = drawn(home, chance, SIDECAR)
    event = json.loads(path.read_bytes())
    changes = ({"status": 204}, {"url_chain": ["https://other.example/"]}, {"fetched_at": event["fetched_at"][:3]})
    data = json.dumps(event | chance.choice(changes), indent=2).encode()
    path.write_bytes(data)
    return path, data


@mutation
def a_sidecar_edited(home: Path, chance: random.Random, _: Truth) -> None:
    edit_a_sidecar(home, chance)


@mutation
def an_event_forged(home: Path, chance: random.Random, _: Truth) -> None:
    """Edited, and named for its new bytes."""
    path, data = edit_a_sidecar(home, chance)
    path.rename(path.with_name(f"{path.name.partition('.')[0]}.{hashlib.sha256(data).hexdigest()[:16]}.json"))


@mutation
def a_capture_in_another_source(home: Path, chance: random.Random, _: Truth) -> None:
    path = drawn(home, chance, SIDECAR)
    here, there = ("paper", "gazette") if "/paper/" in path.as_posix() else ("gazette", "paper")
    for file in path.parent.glob(f"{path.name.partition('.')[0]}*"):
        target = Path(str(file).replace(f"/{here}/", f"/{there}/"))
        target.parent.mkdir(exist_ok=True)
        shutil.copy2(file, target)


@mutation
def what_tells_of_gone_pages(home: Path, chance: random.Random, _: Truth) -> None:
    path = drawn(home, chance, "raw/*/gone/*.json")
    chance.choice((lambda: flip(path, chance), lambda: garble(path, chance), path.unlink))()


@mutation
def what_tells_of_purged_pages(home: Path, chance: random.Random, _: Truth) -> None:
    drawn(home, chance, "raw/.purged/*").unlink()


def sql(home: Path, statement: str) -> None:
    connection = sqlite3.connect(home / "raw" / "ledger.sqlite")
    with connection:
        connection.execute(statement)
    connection.close()


def a_row(home: Path, chance: random.Random) -> tuple[str, int, list[str]]:
    connection = sqlite3.connect(home / "raw" / "ledger.sqlite")
    table = chance.choice([*PROVEN, "sources", "failures", "runs", "meta"])
    ids = [id for (id,) in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    return table, chance.choice(ids), columns


@mutation
def a_row_deleted(home: Path, chance: random.Random, _: Truth) -> None:
    table, id, _columns = a_row(home, chance)
    sql(home, f"DELETE FROM {table} WHERE rowid = {id}")


@mutation
def a_row_altered(home: Path, chance: random.Random, _: Truth) -> None:
    table, id, columns = a_row(home, chance)
    column = chance.choice(columns)
    value = chance.choice(("'x'", "NULL", "7", "'2020-01-01 00:00:00.000000'", f"(SELECT min({column}) FROM {table})"))
    sql(home, f"UPDATE OR IGNORE {table} SET {column} = coalesce({value}, '') WHERE rowid = {id}")


@mutation
def a_table_emptied(home: Path, chance: random.Random, _: Truth) -> None:
    sql(home, f"DELETE FROM {a_row(home, chance)[0]}")


@mutation
def a_table_dropped(home: Path, chance: random.Random, _: Truth) -> None:
    sql(home, f"DROP TABLE {a_row(home, chance)[0]}")


@mutation
def bytes_of_the_ledger(home: Path, chance: random.Random, _: Truth) -> None:
    """A few bytes, or all of a page."""
    path = home / "raw" / "ledger.sqlite"
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data) // 4096) * 4096
    match chance.randrange(4):
        case 0:
            data[at : at + 4096] = chance.randbytes(4096)
        case 1:
            data[at : at + 4096] = data[:4096]
        case 2:
            del data[at:]
        case 3:
            for _n in range(20):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


@mutation
def the_ledger_gone(home: Path, chance: random.Random, _: Truth) -> None:
    (home / "raw" / "ledger.sqlite").unlink()


@mutation
def an_older_ledger(home: Path, chance: random.Random, truth: Truth) -> None:
    (home / "raw" / "ledger.sqlite").write_bytes(truth.older_ledger)


# --- what has to hold


NAMES = list(MUTATIONS)
FORGED = {"a value forged", "an event forged"}
"""Here only the ledger tells: the files agree among themselves."""


def copied(truth: Truth, target: Path) -> Path:
    shutil.copytree(truth.home, target)
    return target


def judged(truth: Truth, home: Path, number: int, helpers: Any) -> None:
    """One mutation, and all that has to hold after it."""
    name = NAMES[number % len(NAMES)]
    chance = random.Random(number)
    MUTATIONS[name](home, chance, truth)
    said = contents(home)
    same_files = said == truth.files
    same = same_files and ledger_rows(home) == truth.rows
    store = Store.open(home, clock=lambda: START + timedelta(days=30))
    try:
        found = problems_of(store)
        assert same or found, "verify found nothing"
        if name not in {*FORGED, "a shard copied"}:
            reader_tells_or_is_right(store, truth)
        bodies_tell_or_are_right(store, truth)
        if found:
            repaired(
                store, truth, helpers, name, raw_is_whole=raw_of(said) == raw_of(truth.files) and name not in FORGED
            )
    finally:
        store.close()


def raw_of(files: dict[str, Any]) -> dict[str, Any]:
    return {
        name: data
        for name, data in files.items()
        if name.startswith("raw/") and "/gone/" not in name and ".purged" not in name
    }


def problems_of(store: Store) -> list[str]:
    try:
        return [problem.kind for problem in store.verify()]
    except StoreError as error:
        return [str(error)]


def reader_tells_or_is_right(store: Store, truth: Truth) -> None:
    """In every way to read: what comes is what was written, or an error says that it is not."""
    everything = read.Where(gone=True)
    damages: list[read.Damage] = []
    try:
        found = list(read.dicts(store.clean, everything, every_revision=True, on_damage=damages.append))
    except read.NewerVersion:
        return
    assert all(bare(line) == truth.records.get(place(line)) for line in found), "a wrong record"
    assert damages or sorted(map(place, found)) == sorted(truth.records), "revisions are missing in silence"
    try:
        newest = sorted(
            (json.loads(r.model_dump_json(exclude={"checksum"})) for r in read.records(store.clean, everything)),
            key=place,
        )
        assert newest == truth.newest, "not the newest revisions"
    except read.DamagedRecord:
        assert damages
    for source, id, revision in {key for key in truth.records if key[2] == 1}:
        try:
            known = sorted(r.revision for r in read.find(store.clean, id) if r.source == source)
            assert known == sorted(n for s, i, n in truth.records if (s, i) == (source, id)), f"find {id}"
        except read.DamagedRecord:
            continue
        assert revision in known
    try:
        assert sorted((r.key, r.reason) for r in store.refused()) == sorted(
            (r["key"], r["reason"]) for r in truth.refused
        )
    except (StoreError, DatabaseError, AssertionError):
        assert problems_of(store)


def bodies_tell_or_are_right(store: Store, truth: Truth) -> None:
    for name, data in truth.files.items():
        if name.startswith("raw/") and name.endswith(".zst"):
            source, digest = name.split("/")[1], Path(name).stem
            try:
                assert store.captures.body(source, digest) == data
            except StoreError:
                continue


def repaired(store: Store, truth: Truth, helpers: Any, name: str, *, raw_is_whole: bool) -> None:
    try:
        left = [
            p
            for p in store.verify(repair=True, clean=lambda source, capture: cleaned(helpers, source, capture))
            if not p.repaired
        ]
    except StoreError:
        assert ledger_rows(store.home) == truth.rows, "only of a newer ledger repair keeps its hands off"
        return
    again = problems_of(store)
    if not left:
        assert again == [], "verify disagrees with what repair said"
    if raw_is_whole:
        assert left == [], "all could have been made again"
    assert {p.kind for p in left} <= RAW
    after = {place(line): line for line in record_lines(store.home)}
    if name not in FORGED:
        assert all(line == truth.records.get(key) for key, line in after.items()), "repair made a wrong record"
    assert after.keys() == truth.records.keys() or not raw_is_whole, "repair lost revisions"
    if raw_is_whole:
        assert refusals(store.home) == truth.refused
        rows = ledger_rows(store.home) or {}
        assert set(rows["purged"]) >= set(truth.rows["purged"])
        assert rows["captures"] == truth.rows["captures"]


@pytest.mark.parametrize("number", [*range(FAST), *ONCE_MISSED])
def test_a_damaged_store(truth: Truth, tmp_path: Path, helpers: Any, number: int) -> None:
    judged(truth, copied(truth, tmp_path / "home"), number, helpers)


@pytest.mark.slow
def test_a_thousand_damaged_stores(truth: Truth, tmp_path: Path, helpers: Any) -> None:
    failures = []
    for number in range(ALL):
        home = copied(truth, tmp_path / "home")
        try:
            judged(truth, home, number, helpers)
        except Exception as error:  # noqa: BLE001 - all of them are to be told, whatever they are
            failures.append(
                f"{number} {NAMES[number % len(NAMES)]}: {type(error).__name__}: {str(error).splitlines()[0][:200]}"
            )
        shutil.rmtree(tmp_path / "home")
    assert not failures, "\n".join(failures)
