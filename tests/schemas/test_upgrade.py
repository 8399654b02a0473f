"""Old records read as the newest version, one step at a time, proven with a version 2 that exists only here."""

from typing import Any

import pytest

from schemas.upgrade import NEWEST, STEPS, NewerVersion, upgrade


def to_2(data: dict[str, Any]) -> dict[str, Any]:
    """Version 2 (a draft): `byline` is gone, `authors` are objects."""
    kept = {name: value for name, value in data.items() if name not in ("byline", "authors")}
    return kept | {"authors": [{"name": name} for name in data["authors"]]}


def to_3(data: dict[str, Any]) -> dict[str, Any]:
    """Version 3 (a draft): `licence` is called `license`."""
    kept = {name: value for name, value in data.items() if name != "licence"}
    return kept | {"license": data["licence"]}


OLD = {"schema_version": 1, "id": "url:x", "byline": "A, B", "authors": ["A", "B"], "licence": None}
DRAFT = {1: to_2, 2: to_3}


def test_one_step() -> None:
    assert upgrade(OLD, steps=DRAFT, newest=2) == {
        "schema_version": 2,
        "id": "url:x",
        "authors": [{"name": "A"}, {"name": "B"}],
        "licence": None,
    }


def test_steps_chain_and_leave_their_input_alone() -> None:
    before = dict(OLD)
    assert upgrade(OLD, steps=DRAFT, newest=3) == upgrade(upgrade(OLD, steps=DRAFT, newest=2), steps=DRAFT, newest=3)
    assert before == OLD


def test_the_newest_stays_as_it_is() -> None:
    assert upgrade(OLD) is OLD


def test_newer_versions_say_so() -> None:
    with pytest.raises(NewerVersion, match=f"schema version 9, this Unscrape reads up to {NEWEST}: upgrade Unscrape"):
        upgrade({"schema_version": 9})


@pytest.mark.parametrize("version", [None, "1", True, 0, -1, 1.0])
def test_no_version_is_an_error(version: object) -> None:
    with pytest.raises(ValueError, match="without a schema version"):
        upgrade({"schema_version": version})


def test_there_is_a_step_from_every_version() -> None:
    assert set(STEPS) == set(range(1, NEWEST))
