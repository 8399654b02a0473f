"""`unscrape bulk`: what is input, what it adds up to, and the whole command with a real Prefect."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from flows import bulk, remote, shards
from flows.bulk import Summary
from flows.console import UsageError
from flows.shards import Done, Job, Plan, Shard
from schemas import read
from tests.ops.crawl import warc
from tests.ops.services import wait_for
from tests.ops.watching import processes

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = 40


@pytest.mark.parametrize("name", ["crawl", "crawl [1] of Ж", "what?"])
def test_inputs_are_files_globs_folders_and_homes(tmp_path: Path, name: str) -> None:
    crawl = tmp_path / name
    (crawl / "deep").mkdir(parents=True)
    one, two = crawl / "one.warc.gz", crawl / "deep" / "two.warc"
    for path in (one, two):
        path.write_bytes(b"")
    (crawl / "notes.txt").write_text("no input")
    assert bulk.found(str(one)) == [str(one)]
    assert bulk.found(str(crawl)) == [str(two), str(one)]
    assert bulk.found(f"{tmp_path}/*/*.warc.gz") == [str(one)]
    home = tmp_path / f"home {name}"
    for source in ("harbour", "market"):
        (home / "raw" / source / "ab").mkdir(parents=True)
    folders = [str(home / "raw" / source) for source in ("harbour", "market")]
    assert bulk.found(str(home)) == folders
    assert bulk.found(str(home / "raw")) == folders
    assert bulk.found(folders[0]) == folders[:1]


@pytest.mark.parametrize("given", ["nothing", "nothing/*.warc.gz", "."])
def test_no_input_is_wrong_usage(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError, match="no WARC file"):
        bulk.found(f"{tmp_path}/{given}")


def test_a_url_stays_a_url() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/bucket/one.warc.gz", b"")
    try:
        assert bulk.found("memory://bucket") == ["memory:///bucket/one.warc.gz"]
    finally:
        memory.rm("/bucket", recursive=True)
    assert bulk.absolute("s3://bucket/x") == "s3://bucket/x"
    assert bulk.absolute("x") == os.path.abspath("x")


def test_what_shards_add_up_to() -> None:
    shard = Shard(path="a.warc.gz", version="1")
    one = Done(shard=shard, key="k", pipeline="p", records=3, rejected=1, bytes_in=10, cpu_seconds=2.0, peak_bytes=7)
    other = Done(
        shard=shard, key="k", pipeline="p", records=2, quarantined=1, cpu_seconds=1.0, reasons={"gate: empty": 4}
    )
    summary = bulk.total([one, other], [], skipped=5, seconds=6.0)
    assert summary.counts["records"] == 5
    assert (summary.cpu_seconds, summary.peak_bytes, summary.shards, summary.skipped) == (3.0, 7, 2, 5)
    assert not summary.broken
    assert dict(bulk.rows(summary))["pages a CPU second"] == "2.3"
    assert dict(bulk.rows(summary))["  gate: empty"] == "4"


def test_what_makes_a_run_fail() -> None:
    assert bulk.total([], [("a", "b")], skipped=0, seconds=0).broken
    assert bulk.total(
        [Done(shard=Shard(path="a", version=""), key="k", pipeline="p", crashed=1)], [], skipped=0, seconds=0
    ).broken
    assert dict(bulk.rows(Summary()))["pages a second"] == "-"


def test_shards_on_a_remote_disk(tmp_path: Path) -> None:
    """Memory stands for any store that has no local paths."""
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/crawl/one.warc.gz", warc(range(7), sentences=SENTENCES))
    try:
        assert clean_all("memory://crawl/one.warc.gz", "memory://records") == 7
        assert clean_all("memory://crawl/one.warc.gz", "memory://records") == 0
        (tmp_path / "v1").mkdir()
        for path in memory.ls("/records/v1", detail=False):
            memory.get_file(path, str(tmp_path / "v1" / path.rpartition("/")[2]))
        assert len(list(read.records(tmp_path / "v1"))) == 7
    finally:
        memory.rm("/crawl", recursive=True)
        memory.rm("/records", recursive=True)


def clean_all(path: str, out: str) -> int:
    """Pages cleaned by all jobs that are left."""
    dealt = shards.plan_shards(Plan(path=path, out=out, pages=3, split=0))
    version = shards.pipeline_version()
    jobs = [Job(shard=shard, out=out, key=shards.key(shard, None), pipeline=version) for shard in dealt]
    return sum(shards.clean_shard(job).records for job in shards.left(jobs, out))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on a real S3 server of this machine."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {"endpoint_url": f"http://{host}:{port}", "key": "test", "secret": "test"}
    monkeypatch.setitem(fsspec.config.conf, "s3", options)
    fsspec.filesystem("s3").mkdir("crawl")
    yield "s3://crawl"
    fsspec.filesystem("s3").clear_instance_cache()
    server.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of botocore and aiohttp
def test_shards_on_s3(bucket: str, tmp_path: Path) -> None:
    store = fsspec.filesystem("s3")
    store.pipe_file(f"{bucket}/in/one.warc.gz", warc(range(20), sentences=SENTENCES))
    assert bulk.found(bucket + "/in") == [f"{bucket}/in/one.warc.gz"]
    assert clean_all(f"{bucket}/in/one.warc.gz", f"{bucket}/out") == 20
    assert clean_all(f"{bucket}/in/one.warc.gz", f"{bucket}/out") == 0
    store.pipe_file(f"{bucket}/in/one.warc.gz", warc(range(4), sentences=SENTENCES))
    assert clean_all(f"{bucket}/in/one.warc.gz", f"{bucket}/out") == 4
    store.get(f"{bucket}/out/v1", str(tmp_path / "v1"), recursive=True)
    assert {record.url for record in read.records(tmp_path / "v1")} == {f"http://a.example/{n}" for n in range(4)}
    assert len(remote.listing(f"{bucket}/out/done")) == 2


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "UNSCRAPE_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "bulk", *arguments],
        env=env | {"UNSCRAPE_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def table(text: str) -> dict[str, str]:
    """The figures of the printed summary."""
    rows = (line.rsplit("  ", 1) for line in text.splitlines()[2:] if "  " in line)
    return {row[0].strip(): row[-1].strip() for row in rows}


@pytest.mark.slow
def test_the_command_killed_and_run_again_by_other_numbers_of_workers(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02d}.warc.gz").write_bytes(
            warc(range(number * 40, number * 40 + 40), sentences=SENTENCES)
        )
    arguments = (str(tmp_path), "--out", str(tmp_path / "out"), "--workers")
    first = start(tmp_path, *arguments, "2")
    done = tmp_path / "out" / "done"
    until = time.monotonic() + 300
    while not (done.is_dir() and len(list(done.glob("*.json"))) >= 3):
        assert first.poll() is None, first.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    wait_for(lambda: not processes(f"UNSCRAPE_HOME={tmp_path}"), 60, lambda: "its workers or its server live on")
    second = start(tmp_path, *arguments, "3")
    said, complained = second.communicate(timeout=300)
    assert second.returncode == 0, complained
    figures = table(said)
    assert int(figures["shards done"]) + int(figures["shards done before"]) == 20
    assert int(figures["shards done before"]) >= 3
    urls = [record.url for record in read.records(tmp_path / "out" / "v1")]
    assert sorted(urls) == sorted(f"http://a.example/{n}" for n in range(800))
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name.endswith(".tmp")]
    third = start(tmp_path, *arguments, "1")
    said, complained = third.communicate(timeout=300)
    assert third.returncode == 0, complained
    assert (table(said)["shards done"], table(said)["shards done before"]) == ("0", "20")
