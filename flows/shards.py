"""Captures in bulk, dealt into shards, and the plain functions that plan and clean them.

    input ── plan_shards(Plan) ──> Shard … ── clean_shard(Job) ──> OUT/v1/…, OUT/rejected/…, OUT/done/…

An input is a WARC file or the folder of one source under raw/. Its plan is kept in OUT/plan: a later run deals the same shards
again, and the outputs of shards that are no more are dropped. A shard is done when its marker lies in OUT/done; the marker's
name ends in the key of all that the output depends on, so that one listing tells what is left.

Nothing here imports Prefect: workers import this module, and they are many.
"""

import hashlib
import re
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import fsspec
import orjson

from flows import raw, remote, warc
from flows.line import CRASH, clean_one
from pipeline.document import Capture, Rejected
from pipeline.errors import StoreError
from pipeline.store.files import storable
from pipeline.store.tables import url_digest
from schemas import Record, SourceV1, lines

MAX_BODY = 10_000_000  # bytes of one page, as the fetcher's default
WARC_ENDINGS = (".warc", ".warc.gz")
READ_AHEAD = 1 << 20  # bytes asked of a remote file at a time
OUTPUTS = ("v1", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Captures that are cleaned together: those of the WARC file `path` that begin in bytes [start, stop), or all of the folder
    `path`. `version` tells this state of the input from any other."""

    path: str
    version: str
    start: int = 0
    stop: int | None = None

    @property
    def name(self) -> str:
        """A file name: how the path ends, a hash of the whole, where it starts."""
        words = [word for word in self.path.split("/") if word][-2:]
        stem = re.sub(r"[^A-Za-z0-9_-]", "", "-".join(word.split(".")[0] for word in words))[-60:]
        return f"{stem}-{hashlib.sha256(self.path.encode()).hexdigest()[:10]}-{self.start:012d}"

    @property
    def source(self) -> str | None:
        """The source whose captures these are, where the folder tells."""
        return None if self.path.endswith(WARC_ENDINGS) else self.path.split("/")[-2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One input to deal into shards: WARC files over `split` bytes into shards of `pages` captures."""

    path: str
    out: str
    pages: int = 500
    split: int = 8_000_000

    @property
    def name(self) -> str:
        """The input's path."""
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One shard to clean into `out` under a source's description, by the pipeline of that version. `key` names all that the
    output depends on; `stale` are the shard's markers under other keys, which go first."""

    shard: Shard
    out: str
    key: str
    pipeline: str
    source: SourceV1 | None = None
    stale: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The shard's name."""
        return self.shard.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a shard, and its marker: counts of captures by what they gave, bytes read (bodies) and written, seconds of CPU,
    peak memory of the worker in bytes, `captures` the digest of all captures' digests, `reasons` how often each refusal."""

    shard: Shard
    key: str
    pipeline: str
    records: int = 0
    unchanged: int = 0
    rejected: int = 0
    quarantined: int = 0
    crashed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    captures: str = ""
    reasons: dict[str, int] = field(default_factory=dict)


def plan_shards(plan: Plan) -> tuple[Shard, ...]:
    """Deal one input into shards: the same ones for as long as the input stays the same.

    Raises OSError where it cannot be read.
    """
    kept = f"{plan.out}/plan/{Shard(path=plan.path, version='').name}.json"
    known = remote.read_json(kept) or {"version": None, "shards": []}
    before = tuple(Shard(**shard) for shard in known["shards"])
    is_warc = plan.path.endswith(WARC_ENDINGS)
    state = _file_version(plan.path) if is_warc else None
    if state and state == known["version"]:
        return before
    shards = _warc_shards(plan, state) if state else _raw_shards(plan)
    for stale in {shard.name for shard in before} - {shard.name for shard in shards}:
        drop(plan.out, stale)
    remote.write_json(kept, {"path": plan.path, "version": state, "shards": [asdict(shard) for shard in shards]})
    return shards


def _file_version(path: str) -> str:
    """What tells this state of a file from another without reading it: its size, and its ETag or the time it was changed."""
    fs, path = fsspec.url_to_fs(path)
    info = fs.info(path)
    stamp = next((str(info[key]) for key in ("ETag", "etag", "mtime", "LastModified") if info.get(key)), "")
    return f"{info['size']}-{stamp.strip(chr(34))}"


def _warc_shards(plan: Plan, state: str) -> tuple[Shard, ...]:
    """The whole of a WARC file, or every `plan.pages` captures of a large one."""
    fs, path = fsspec.url_to_fs(plan.path)
    starts = [0]
    if fs.size(path) > plan.split:
        with fs.open(path, "rb", block_size=READ_AHEAD) as stream:
            starts += islice(warc.offsets(stream), plan.pages, None, plan.pages)
    stops = [*starts[1:], None]
    return tuple(Shard(path=plan.path, version=state, start=a, stop=b) for a, b in zip(starts, stops, strict=True))


def _raw_shards(plan: Plan) -> tuple[Shard, ...]:
    return tuple(Shard(path=folder, version=digest) for folder, digest in raw.folders(plan.path))


def clean_shard(job: Job) -> Done:
    """Clean the captures of one shard and publish what they gave; the same job twice writes the same bytes.

    Raises OSError where the input cannot be read or the output not be written, StoreError where this worker's pipeline is not
    the job's: then no marker is left, and the shard is to be done again.
    """
    began = time.process_time()
    if job.pipeline != pipeline_version():
        raise StoreError(
            f"this worker has pipeline {pipeline_version()}, the run {job.pipeline}: install the same everywhere"
        )
    for name in job.stale:
        remote.remove(f"{job.out}/done/{name}")
    output, tally = _Output(job.source), _Tally()
    for given in captures(job.shard):
        result = given if isinstance(given, Rejected) else clean_one(given, job.source)
        tally.note(given, output.add(given, result))
    done = Done(
        shard=job.shard,
        key=job.key,
        pipeline=job.pipeline,
        bytes_out=output.publish(job),
        cpu_seconds=round(time.process_time() - began, 3),
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        reasons=dict(sorted(output.reasons.items())),
        **tally.figures(),
    )
    remote.write_json(marker(job), asdict(done))
    return done


def captures(shard: Shard) -> Iterator[Capture | Rejected]:
    """The captures of a shard, in the order they lie; what holds none is a Rejected."""
    if not shard.path.endswith(WARC_ENDINGS):
        yield from raw.captures(shard.path)
        return
    fs, path = fsspec.url_to_fs(shard.path)
    with fs.open(path, "rb", block_size=READ_AHEAD) as stream:
        yield from warc.captures(stream, start=shard.start, stop=shard.stop, limit=MAX_BODY)


class _Output:
    """What a shard gives, until its last capture is read: readers want records sorted by id and revision."""

    def __init__(self, source: SourceV1 | None) -> None:
        self._source = source.name if source else None
        self._newest: dict[str, Record] = {}
        self._kept: list[tuple[str, int, bytes]] = []
        self._refused: list[tuple[str, bytes]] = []
        self.reasons: Counter[str] = Counter()

    def add(self, given: Capture | Rejected, result: Record | Rejected) -> str:
        """Take what became of a capture; returns in a word what that is."""
        if isinstance(result, Rejected):
            self._refuse(result, given, None)
            return "crashed" if result.reason == CRASH else "rejected"
        if result.quality.quarantined is not None:
            why = Rejected(stage="quality", reason="quarantined", detail=result.quality.quarantined, url=result.url)
            self._refuse(why, given, result)
            return "quarantined"
        return self._keep(result)

    def _keep(self, record: Record) -> str:
        """A second capture of a document in the same shard gives its next revision, or nothing where it says the same."""
        before = self._newest.get(record.id)
        if before is not None and before.content_hash == record.content_hash:
            return "unchanged"
        if before is not None:
            update = {"revision": before.revision + 1, "supersedes": before.content_hash, "change": "page"}
            record = record.model_copy(update=update)
        self._kept.append((record.id, record.revision, lines.dump(record)))
        self._newest[record.id] = record.model_copy(update={"blocks": (), "steps": (), "removals": ()})
        return "records"

    def _refuse(self, why: Rejected, given: Capture | Rejected, record: Record | None) -> None:
        """A line in the shape of those in clean/rejected/."""
        self.reasons[f"{why.stage}: {why.reason}"] += 1
        key = url_digest(why.url or f"sha256:{given.sha256}")
        line = {
            "key": key,
            "source": self._source,
            "stage": why.stage,
            "reason": why.reason,
            "detail": storable(why.detail),
            "url": why.url and storable(why.url),
            "sha256": given.sha256,
            "fetched_at": given.fetched_at if isinstance(given, Capture) else None,
            "record": record and record.model_dump(mode="json", exclude={"checksum"}),
        }
        self._refused.append((key, lines.sealed(orjson.dumps(line))))

    def publish(self, job: Job) -> int:
        """Write both files; returns their bytes."""
        written = 0
        for folder, content in (("v1", sorted(self._kept)), ("rejected", sorted(self._refused))):
            with remote.lines(f"{job.out}/{folder}/part-{job.name}.jsonl.zst") as file:
                for *_, line in content:
                    file.write(line)
            written += file.size
        return written


def key(shard: Shard, source: SourceV1 | None) -> str:
    """Twelve hexadecimal digits that change when anything does that the output of `shard` depends on."""
    described = source.model_dump_json() if source else ""
    return hashlib.sha256("\0".join([shard.version, pipeline_version(), described]).encode()).hexdigest()[:12]


@cache
def pipeline_version() -> str:
    """The version of the pipeline and a digest of its code and data, which equal on machines that clean alike."""
    digest = hashlib.sha256()
    for package in ("pipeline", "schemas"):
        root = Path(str(files(package)))
        for path in sorted(path for path in root.rglob("*") if path.suffix not in {".pyc", ""}):
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"{version('unscrape')}+{digest.hexdigest()[:12]}"


def left(jobs: Iterable[Job], out: str) -> list[Job]:
    """Those of `jobs` that are not done in `out`, each told its stale markers: one listing, however many they are."""
    there: dict[str, set[str]] = {}
    for name in remote.listing(f"{out}/done"):
        there.setdefault(name.partition(".")[0], set()).add(name)
    marks = [(job, there.get(job.name, set())) for job in jobs]
    return [replace(job, stale=tuple(sorted(old))) for job, old in marks if _mark(job) not in old]


def marker(job: Job) -> str:
    """Where the marker of a job lies once it is done."""
    return f"{job.out}/done/{_mark(job)}"


def _mark(job: Job) -> str:
    return f"{job.name}.{job.key}.json"


def drop(out: str, name: str) -> None:
    """Take what a shard gave out of `out`, its marker first."""
    for mark in remote.listing(f"{out}/done"):
        if mark.startswith(f"{name}."):
            remote.remove(f"{out}/done/{mark}")
    for folder in OUTPUTS:
        remote.remove(f"{out}/{folder}/part-{name}.jsonl.zst")


class _Tally:
    """Counts what went in and came out of a shard."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._bytes = 0
        self._digest = hashlib.sha256()

    def note(self, given: Capture | Rejected, outcome: str) -> None:
        """Count one."""
        self._outcomes[outcome] += 1
        if isinstance(given, Capture):
            self._bytes += len(given.body)
            self._digest.update(bytes.fromhex(given.sha256))

    def figures(self) -> dict[str, Any]:
        """The counts, as the fields of Done."""
        return {**self._outcomes, "bytes_in": self._bytes, "captures": self._digest.hexdigest()}
