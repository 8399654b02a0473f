"""pipeline.record: what the stages found, as a record that can be read, replayed and compared."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from pipeline import edits, replay
from pipeline.document import Block, Capture, Damage, Decoded, Fact, Rejected, Removal, Segmented, Splice, Step, Suspect
from pipeline.record import RecordOptions, record
from schemas import Record, SourceV1
from schemas.source_v1 import DatesV1

BODY = b"the page"
CAPTURE = Capture(
    body=BODY,
    sha256=hashlib.sha256(BODY).hexdigest(),
    url_chain=("http://www.ferry.example/print.php?idn=7",),
    content_type="Text/HTML; charset=utf-8",
    status=200,
    fetched_at=datetime(2020, 12, 1, tzinfo=UTC),
)
DECODED = Decoded(text="the page", encoding="utf-8", evidence="it is valid UTF-8")
ENGLISH = "The harbour council met on Monday evening to decide whether the old ferry should run through the winter."
GERMAN = "Der Hafenrat hat sich am Montagabend getroffen, um über die Fähre zu beschließen, die im Winter nicht fährt."
FACTS = (
    Fact(name="title", text="The ferry sails - Harbour Gazette", place="title"),
    Fact(name="title", text="The ferry sails", place="h1"),
    Fact(name="byline", text="By Ina Holt and Per Lund", place="near-title"),
    Fact(name="published", text="2020-11-18T14:18:00Z", place="json-ld:datePublished"),
    Fact(name="site", text="Harbour Gazette", place="meta:og:site_name"),
    Fact(name="canonical", text="/?idn=7", place="link:canonical"),
    Fact(name="tag", text="ferry, winter", place="meta:keywords"),
)


def segmented(*texts: str, **given: object) -> Segmented:
    blocks = tuple(Block(kind="paragraph", text=text, path=f"html>body>p[{n}]") for n, text in enumerate(texts, 1))
    made = Segmented(blocks=blocks, facts=FACTS, removals=(), mode="html", confidence=0.9)
    return replace(made, **given)


def made(document: Segmented, capture: Capture = CAPTURE, source: SourceV1 | None = None) -> Record:
    result = record(document, capture, DECODED, source=source)
    assert isinstance(result, Record)
    return result


def test_facts_and_identity() -> None:
    found = made(segmented(ENGLISH))
    assert (found.title, found.byline, found.authors) == (
        "The ferry sails",
        "Ina Holt, Per Lund",
        ("Ina Holt", "Per Lund"),
    )
    assert found.published_at == datetime(2020, 11, 18, 14, 18, tzinfo=UTC)
    assert (found.site, found.tags, found.language) == ("Harbour Gazette", ("ferry", "winter"), "en")
    assert found.canonical_url == "http://www.ferry.example/?idn=7"
    assert found.capture.media_type == "text/html"
    other = made(segmented(ENGLISH, facts=()), replace(CAPTURE, url_chain=("https://ferry.example/?idn=7",)))
    assert other.id == found.id
    assert made(segmented(ENGLISH, facts=()), replace(CAPTURE, url_chain=())).id == f"sha256:{CAPTURE.sha256}"


def test_steps_of_facts_lead_back_to_the_page() -> None:
    found = made(segmented(ENGLISH))
    for index, name in enumerate(found.authors):
        steps = replay.steps_of(found, fact=f"authors[{index}]")
        assert edits.revert_all(name, steps) == "By Ina Holt and Per Lund"


def test_blocks_carry_their_log_and_the_hash_of_what_stood() -> None:
    block = Block(kind="paragraph", text="by sea", path="p", steps=(Step("rule", (Splice(2, "\x00\ud800", " "),)),))
    found = made(segmented(blocks=(block,)))
    assert (
        found.blocks[0].before_sha256 == hashlib.sha256("by\x00\ud800sea".encode("utf-8", "surrogatepass")).hexdigest()
    )
    assert found.steps[0].splices[0].escaped
    assert edits.before(replay.blocks_of(found)[0]) == "by\x00\ud800sea"
    assert Record.model_validate_json(found.model_dump_json()) == found


def test_blocks_in_another_language_say_so() -> None:
    assert [block.language for block in made(segmented(ENGLISH, GERMAN, ENGLISH)).blocks] == [None, "de", None]


def test_the_page_may_declare_the_language_of_little_text() -> None:
    declared = (Fact(name="language", text="fi-FI", place="html:lang"),)
    assert made(segmented("Lautta 7", facts=declared)).language == "fi"
    assert made(segmented("Lautta 7", facts=())).language is None


def test_removals_damages_and_suspects() -> None:
    suspect = Suspect(start=0, length=3, text="Th\x00", candidate=None, reason="looks odd")
    document = segmented(
        blocks=(Block(kind="paragraph", text=ENGLISH, path="p", suspects=(suspect,)),),
        removals=(Removal(path="nav", reason="navigation", length=4, text="a\x00bc"),),
        damages=(Damage(kind="mojibake", evidence="because", confidence=0.5, repaired=2, detail={"share": 0.1}),),
        notes=("short",),
    )
    found = made(document)
    assert found.quality.suspects[0].block == 0
    assert replay.removals_of(found) == document.removals
    assert (found.quality.damages[0].kind, found.quality.notes) == ("mojibake", ("short",))
    assert (found.quality.characters_before, found.quality.characters_after) == (len(DECODED.text), len(found.text))


def test_low_confidence_is_quarantined_not_rejected() -> None:
    low = segmented(ENGLISH, confidence=0.2)
    assert made(low).quality.quarantined
    assert made(segmented(ENGLISH, confidence=0.4)).quality.quarantined is None
    assert made(low, source=SourceV1(name="ferry", min_confidence=0.1)).quality.quarantined is None
    strict = record(segmented(ENGLISH), CAPTURE, DECODED, options=RecordOptions(min_confidence=0.95))
    assert isinstance(strict, Record)
    assert strict.quality.quarantined


def test_the_pipeline_is_named() -> None:
    bare, sourced = made(segmented(ENGLISH)), made(segmented(ENGLISH), source=SourceV1(name="ferry"))
    assert bare.pipeline.source_hash is None
    assert sourced.pipeline.source_hash
    assert sourced.source == "ferry"
    assert bare.pipeline.data_hash == sourced.pipeline.data_hash


def test_the_source_gives_zone_site_and_language() -> None:
    source = SourceV1(name="ferry", site="The Gazette", language="de", dates=DatesV1(timezone="Europe/Moscow"))
    dated = (Fact(name="published", text="18.11.2020 17:18", place="near-title"),)
    found = made(segmented(ENGLISH, facts=dated), source=source)
    assert found.published_at == datetime(2020, 11, 18, 14, 18, tzinfo=UTC)
    assert (found.published_zone, found.site, found.language) == ("Europe/Moscow", "The Gazette", "de")


def test_the_same_content_has_the_same_hash() -> None:
    assert made(segmented(ENGLISH)).content_hash == made(segmented(ENGLISH, confidence=0.5)).content_hash
    assert made(segmented(ENGLISH)).content_hash != made(segmented(ENGLISH + " ")).content_hash


def test_nothing_to_record() -> None:
    empty = segmented(blocks=(Block(kind="separator", text="* * *", path="hr"),))
    result = record(empty, CAPTURE, DECODED)
    assert isinstance(result, Rejected)
    assert (result.stage, result.reason, result.url) == ("record", "empty", CAPTURE.url)
