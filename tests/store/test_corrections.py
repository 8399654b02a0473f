"""Hand corrections: applied as Steps, again after every cleaning."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from pipeline import edits
from pipeline.corrections import Correction, correct, file_of, load
from pipeline.errors import SourceError
from pipeline.replay import blocks_of
from pipeline.store import Store
from pipeline.store.verify import inconsistencies
from schemas import Record
from schemas.record_v1 import RemovalV1, SpliceV1, StepV1

URL = "https://paper.example/a"


@pytest.fixture
def record(helpers: Any) -> Record:
    made: Record = helpers.record_of(
        helpers.capture_of(URL, "Rain\nIt rained in the valley.\nSubscribe now.\nThe end.")
    )
    before = "It rained inthe valley."
    block = made.blocks[0].model_copy(update={"before_sha256": hashlib.sha256(before.encode()).hexdigest()})
    step = StepV1(block=0, rule="spacing.typographer", splices=(SpliceV1(start=12, before="", after=" "),))
    other = StepV1(block=2, rule="segment.trim", splices=(SpliceV1(start=8, before="  ", after=""),))
    end = made.blocks[2].model_copy(update={"before_sha256": hashlib.sha256(b"The end.  ").hexdigest()})
    removal = RemovalV1(path="p[9]", reason="navigation", length=13, text="A lost remark")
    return made.model_copy(
        update={"blocks": (block, made.blocks[1], end), "steps": (step, other), "removals": (removal,)}
    )


def correction(record: Record, **fields: Any) -> Correction:
    return Correction.model_validate({"id": record.id, "reason": "seen by a person", **fields})


def texts(record: Record) -> list[str]:
    return [block.text for block in record.blocks]


def test_facts(record: Record) -> None:
    done = correct(record, correction(record, title="Rain in the valley", published_at="2026-03-01T10:00:00+03:00"))
    assert (done.title, done.title_evidence) == ("Rain in the valley", "correction: seen by a person")
    assert done.published_at is not None
    assert (done.published_at.isoformat(), str(done.published_date), done.published_zone) == (
        "2026-03-01T07:00:00+00:00",
        "2026-03-01",
        "+03:00",
    )
    assert [step for step in done.steps if step.fact] == [
        StepV1(fact="title", rule="correction", splices=(SpliceV1(start=4, before="", after=" in the valley"),))
    ]
    assert list(inconsistencies(done)) == []


def test_a_block_dropped(record: Record) -> None:
    done = correct(record, correction(record, drop=[{"begins": "Subscribe"}]))
    assert texts(done) == ["It rained in the valley.", "The end."]
    assert done.removals[-1].model_dump()["text"] == "Subscribe now."
    assert [edits.before(block) for block in blocks_of(done)] == ["It rained inthe valley.", "The end.  "]
    assert list(inconsistencies(done)) == []


def test_a_removal_kept(record: Record) -> None:
    done = correct(record, correction(record, keep=[{"path": "p[9]", "text": "A lost remark", "after": "Subscribe"}]))
    assert texts(done) == ["It rained in the valley.", "Subscribe now.", "A lost remark", "The end."]
    assert done.removals == ()
    assert list(inconsistencies(done)) == []


def test_a_repair_refused(record: Record) -> None:
    done = correct(record, correction(record, refuse=[{"rule": "spacing.typographer", "text": "in the valley"}]))
    assert texts(done)[0] == "It rained inthe valley."
    assert [step.rule for step in done.steps] == ["spacing.typographer", "segment.trim", "correction.refused"]
    assert list(inconsistencies(done)) == []


def test_all_at_once_and_again(record: Record) -> None:
    wanted = correction(
        record,
        byline="A. Writer, B. Writer",
        refuse=[{"rule": "spacing.typographer", "text": "in the"}],
        drop=[{"path": "p[2]"}],
        keep=[{"path": "p[9]", "text": "A lost remark"}],
    )
    done = correct(record, wanted)
    assert texts(done) == ["A lost remark", "It rained inthe valley.", "The end."]
    assert done.authors == ("A. Writer", "B. Writer")
    assert list(inconsistencies(done)) == []
    assert correct(done, wanted) is done


@pytest.mark.parametrize(
    "wish",
    [
        {"drop": [{"begins": "No such block"}]},
        {"keep": [{"path": "p[9]", "text": "Something else"}]},
        {"keep": [{"path": "p[9]", "text": "A lost remark", "after": "No such block"}]},
        {"refuse": [{"rule": "spacing.typographer", "text": "The end."}]},
    ],
)
def test_what_no_longer_fits_is_noted(record: Record, wish: dict[str, Any]) -> None:
    done = correct(record, correction(record, **wish))
    assert texts(done) == texts(record)
    assert done.quality.notes[-1].startswith("a hand correction no longer fits: ")


def test_corrections_survive_replay(store: Store, ingest: Any, helpers: Any) -> None:
    ingest({URL: "Rian\nIt rained."})
    id = store.find(URL)[0].id
    store.corrections.mkdir()
    file_of(id, store.corrections).write_text(
        f'id = "{id}"\nreason = "a typing error"\ntitle = "Rain"\n', encoding="utf-8"
    )
    for expected in ({"revised": 1}, {"unchanged": 1}):
        with store.run("paper", kind="replay") as run:
            summary = run.save_records([helpers.clean_of(store.load(ref)) for ref in store.latest_captures("paper")])
        assert {name: getattr(summary, name) for name in expected} == expected
    newest = store.history(id)[-1]
    assert (newest.title, newest.change, newest.revision) == ("Rain", "correction", 2)


@pytest.mark.parametrize(
    "text", ["id = 3", "title = ", 'id = "url:x"\nreason = "r"\ncolour = "red"', 'id = "y"\nreason = "r"']
)
def test_a_wrong_file_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "url-x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"url-x\.toml"):
        load(path)
