"""What looks damaged and cannot be decided is listed, not changed."""

import pytest

from pipeline.document import Suspect
from pipeline.repair.options import RepairOptions
from pipeline.repair.spacing import repair_spacing

PROSE = (
    "The ferry leaves the island at six in the morning and comes back with the mail at noon. In winter it runs twice a week, "
    "and when there is ice on the sound it does not run at all. Most of the people who live here keep a boat of their own. "
)


def suspects(text: str) -> list[Suspect]:
    outcome = repair_spacing([text], language=None, options=RepairOptions())
    assert outcome.steps == ((),)
    return list(outcome.suspects[0])


@pytest.mark.parametrize(
    ("sentence", "text", "candidate"),
    [
        ("The shop is at the end ofthe pier.", "ofthe", "of the"),
        ("The captain doesnt like fog.", "doesnt", "doesn't"),
        ("It was late.The lamps were lit.", "late.The", "late. The"),
    ],
)
def test_listed_with_position_and_candidate(sentence: str, text: str, candidate: str) -> None:
    (found,) = suspects(PROSE + sentence)
    assert (found.text, found.candidate) == (text, candidate)
    assert (PROSE + sentence)[found.start : found.start + found.length] == text
    assert found.reason


@pytest.mark.parametrize(
    ("word", "candidate"),
    [
        ("oncept", "concept"),
        ("ompliance", "compliance"),
        ("requrements", "requirements"),
        ("comfotable", "comfortable"),
    ],
)
def test_dropped_letters_beside_other_damage(word: str, candidate: str) -> None:
    said = f"The captain doesnt ask for {word} on board."
    assert (word, candidate) in [(found.text, found.candidate) for found in suspects(PROSE + said)]


@pytest.mark.parametrize("word", ["earcup", "zyrvox", "Compliane", "requrements.example.org", "#comfotable", "thr"])
def test_words_that_lost_no_letter(word: str) -> None:
    found = suspects(f"{PROSE}The captain doesnt ask for {word} on board.")
    assert [suspect.text for suspect in found] == ["doesnt"]


def test_a_word_met_twice_lost_no_letter() -> None:
    said = "The captain doesnt ask for ompliance on board, nor for ompliance on shore."
    assert [found.text for found in suspects(PROSE + said)] == ["doesnt"]


def test_undamaged_prose_has_none() -> None:
    assert suspects(PROSE) == []


def test_possessives_in_a_document_that_dropped_its_apostrophes() -> None:
    text = (
        "Members ofthe council met inMoscow onMonday. Thestate ofthe roads, thehealth ofthe forests andthe price ofbread were onthe "
        "agenda. According tothe mayor ofMoscow, work onthe ring road will go on untilthe end ofthe year. Moscows roads are inneed "
        "ofrepair, he said, and the money forthe work is tocome fromthe state budget. Moscow has asked foran advance."
    )
    outcome = repair_spacing([text], language=None, options=RepairOptions())
    assert outcome.steps != ((),)
    assert ("Moscows", "Moscow's") in [(found.text, found.candidate) for found in outcome.suspects[0]]
