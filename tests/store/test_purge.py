"""A purged document is gone from everywhere, and stays out."""

from pathlib import Path
from typing import Any

from pipeline.store import Store
from schemas import read

A, B = "https://paper.example/a", "https://paper.example/b"
SECRET = "Secret"


def holding(folder: Path, word: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_purged_from_everywhere(store: Store, ingest: Any, clock: Any, tmp_path: Path, helpers: Any) -> None:
    ingest({A: f"{SECRET}\nx", B: "Open\ny"})
    clock.advance(days=1)
    ingest({A: f"{SECRET}\nchanged"})
    store.export("jsonl", tmp_path / "lines")
    store.export("json", tmp_path / "each")
    store.export("warc", tmp_path / "warc")
    id = store.find(A)[0].id
    done = store.purge(id)
    assert (done.ids, done.revisions, done.captures, done.bodies, done.exports) == ((id,), 2, 2, 2, 3)
    assert [r.title for r in read.records(store.clean, every_revision=True)] == ["Open"]
    assert holding(tmp_path / "lines", SECRET) == holding(tmp_path / "each", SECRET) == []
    assert len(list(store.raw.rglob("*.zst"))) == 1
    assert holding(store.clean, A) == holding(tmp_path / "each", A) == []
    assert store.verify() == []
    clock.advance(days=60)
    with store.run("paper") as run:
        assert [page.url for page in run.due([A, B])] == [B]


def test_corrections_and_tombstones_go_too(store: Store, ingest: Any, clock: Any) -> None:
    ingest({A: f"{SECRET}\nx", B: "Open\ny"})
    ids = [store.find(url)[0].id for url in (A, B)]
    store.corrections.mkdir()
    for id in ids:
        (store.corrections / f"{id.replace(':', '-')}.toml").write_text(f'id = "{id}"\nreason = "{SECRET}"\n')
    clock.advance(days=1)
    with store.run("paper") as run:
        run.note_gone(A, 404)
    assert store.purge(A).corrections == 1
    assert [path.stem for path in store.corrections.iterdir()] == [ids[1].replace(":", "-")]
    assert holding(store.raw / "paper", A) == []
    assert store.verify() == []


def test_purge_by_url(store: Store, ingest: Any) -> None:
    ingest({A: "T\nx", B: "!"})
    assert store.purge(B).ids == (B,)
    assert list(store.refused()) == []
    assert store.purge(A).revisions == 1
    assert list(read.records(store.clean)) == []
    assert store.verify() == []


def test_a_body_that_others_need_stays(store: Store, ingest: Any) -> None:
    ingest({A: "T\nsame", B: "T\nsame"})
    assert store.purge(A).bodies == 0
    assert store.body_of(store.find(B)[0]) == b"T\nsame"
    assert store.verify() == []


def test_nothing_known(store: Store, ingest: Any) -> None:
    ingest({A: "T\nx"})
    assert store.purge("https://paper.example/none").ids == ()
    assert len(list(read.records(store.clean))) == 1
