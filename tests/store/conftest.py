"""A store in a temporary folder, a clock to move, and captures and records of our own making."""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.document import Capture, Rejected
from pipeline.store import Store
from schemas import Record
from schemas.record_v1 import BlockV1, CaptureV1, PipelineV1, QualityV1, content_hash

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DATA = hashlib.sha256(b"data").hexdigest()


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def capture_of(url: str, body: str, at: datetime = START, **fields: Any) -> Capture:
    data = body.encode()
    headers = fields.pop("headers", (("content-type", "text/html"), ("etag", f'"{len(body)}"')))
    return Capture(
        body=data,
        sha256=hashlib.sha256(data).hexdigest(),
        url_chain=(url,),
        status=200,
        headers=headers,
        content_type="text/html",
        fetched_at=at,
        **fields,
    )


def record_of(capture: Capture, **fields: Any) -> Record:
    """What a line would make of a capture whose body is "TITLE\\nparagraph\\nparagraph…"."""
    title, *texts = capture.body.decode().split("\n")
    blocks = tuple(
        BlockV1(kind="paragraph", text=text, path=f"p[{n}]", before_sha256=hashlib.sha256(text.encode()).hexdigest())
        for n, text in enumerate(texts, 1)
    )
    assert capture.url is not None
    values: dict[str, Any] = {
        "id": "url:" + hashlib.sha256(capture.url.encode()).hexdigest()[:32],
        "content_hash": content_hash(title, None, None, blocks),
        "source": "paper",
        "url": capture.url,
        "capture": CaptureV1(
            sha256=capture.sha256,
            fetched_at=capture.fetched_at,
            status=200,
            encoding="utf-8",
            encoding_evidence="label",
        ),
        "title": title,
        "title_evidence": "h1",
        "published_evidence": "no date found",
        "language": "en",
        "blocks": blocks,
        "quality": QualityV1(confidence=0.9, characters_before=100, characters_after=50),
        "pipeline": PipelineV1(version="0.1.0", data_hash=DATA),
    }
    return Record(**(values | fields))


def clean_of(capture: Capture) -> Record | Rejected:
    """A stand-in for the line: bodies that begin with "!" are rejected, with "?" quarantined."""
    text = capture.body.decode()
    if text.startswith("!"):
        return Rejected(stage="strip", reason="empty", detail="nothing in it", url=capture.url, sha256=capture.sha256)
    if text.startswith("?"):
        quality = QualityV1(confidence=0.1, characters_before=9, characters_after=9, quarantined="confidence 0.1")
        return record_of(capture, quality=quality)
    return record_of(capture)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Debian's PostgreSQL on loopback, for the session: a URL to which a database's name is added."""
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("Debian's postgresql is not installed")
    folder = Path(tempfile.mkdtemp(prefix="unscrape-postgres-"))  # pytest closes its own folders to other users
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
    program = [*user, str(found[-1])]
    subprocess.run(
        [*program, "-D", folder / "data", "-A", "trust", "-U", "postgres"], check=True, capture_output=True, cwd=folder
    )
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    control = [*user, str(found[-1].with_name("pg_ctl")), "-D", str(folder / "data"), "-w"]
    log = ["-l", str(folder / "log")]
    silent: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    subprocess.run([*control, *log, "-o", options, "start"], check=True, cwd=folder, **silent)
    yield f"postgresql://postgres@127.0.0.1:{port}/"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=folder, **silent)
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def ledger_url(request: pytest.FixtureRequest) -> str | None:
    """The ledger on each engine, empty."""
    if request.param == "sqlite":
        return None
    import psycopg

    server = request.getfixturevalue("postgres")
    name = f"ledger_{secrets.token_hex(6)}"
    with psycopg.connect(f"{server}postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}{name}"


@pytest.fixture
def store(home: Path, clock: Clock, ledger_url: str | None) -> Iterator[Store]:
    opened = Store.open(home, ledger_url, clock=clock)
    yield opened
    opened.close()


Ingest = Callable[..., Any]


@pytest.fixture
def ingest(store: Store, clock: Clock) -> Ingest:
    """ingest({url: body}): fetch, clean and store these pages in one run; the write summary."""

    def do(pages: dict[str, str], source: str = "paper", **fields: Any) -> Any:
        with store.run(source) as run:
            refs = [run.save_capture(url, capture_of(url, body, clock())) for url, body in pages.items()]
            outcomes = [clean_of(store.load(ref)) for ref in refs]
            return run.save_records([o if isinstance(o, Rejected) else o.model_copy(update=fields) for o in outcomes])

    return do


@pytest.fixture(scope="session")
def helpers() -> Any:
    """The functions above, as test files cannot import from here."""

    class Helpers:
        capture_of = staticmethod(capture_of)
        record_of = staticmethod(record_of)
        clean_of = staticmethod(clean_of)
        START = START

    return Helpers
