"""Broken encoding: everything the damage table names comes back exactly, and nothing else moves."""

import tomllib
import zipfile
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import edits
from pipeline.document import Stray
from pipeline.repair.encoding import repair_encoding
from pipeline.repair.encoding.finding import differences
from pipeline.repair.encoding.lexicon import LANGUAGES, alphabet, knows, lexicon
from pipeline.repair.encoding.pairs import SIGNS
from pipeline.repair.encoding.residue import has_one_sign, tuned
from pipeline.repair.options import RepairOptions
from pipeline.repair.outcome import Outcome

HERE = Path(__file__).parent
TEXTS = tomllib.loads((HERE / "texts.toml").read_text(encoding="utf-8"))
CASES = tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))

# How UTF-8 is misread; `twice` once more upon that.
UTF_8_AS = ("cp1252", "latin-1", "cp1250", "cp1251", "mac_roman", "cp437", "cp850", "cp852", "cp866", "koi8_r")
# Right encoding, wrong reading, languages.
SINGLE_BYTE = (
    ("cp1251", "cp852", "ru uk"),
    ("cp1251", "mac_roman", "ru uk"),
    ("cp1251", "latin-1", "ru uk"),
    ("cp1251", "cp1252", "ru uk"),
    ("cp1251", "cp866", "ru uk"),
    ("cp1251", "koi8_r", "ru uk"),
    ("koi8_r", "cp1251", "ru"),
    ("koi8_u", "cp1251", "uk"),
    ("koi8_r", "cp1252", "ru"),
    ("cp866", "cp1251", "ru"),
    ("iso8859_5", "cp1251", "ru uk"),
    ("cp1250", "cp1252", "pl cs hu"),
    ("cp1250", "latin-1", "pl cs hu"),
    ("iso8859_2", "cp1252", "pl cs hu"),
    ("cp852", "cp1250", "pl cs hu"),
    ("cp1252", "cp1250", "fr"),
    ("cp1252", "cp1251", "de fr es"),
    ("cp1252", "mac_roman", "en de fr es"),
    ("cp1252", "cp437", "de fr es"),
    ("cp1252", "cp850", "en de fr es"),
    ("cp1252", "cp852", "en de fr es"),
    ("mac_roman", "cp1252", "de fr es"),
    ("cp437", "cp1252", "de fr"),
)


def misread(text: str, right: str, wrong: str) -> tuple[str, str]:
    """The characters of `text` that `right` has, and what `wrong` makes of their bytes; C1 controls where it has nothing."""
    clean = text.encode(right, "ignore").decode(right)
    signs = [bytes([byte]).decode(wrong, "ignore") or chr(byte) for byte in range(256)]
    return clean, "".join(signs[byte] for byte in clean.encode(right))


def repaired(text: str, language: str | None = None) -> tuple[str, Outcome]:
    outcome = repair_encoding([text], language=language, options=RepairOptions())
    after = edits.replay(text, outcome.steps[0])
    assert edits.revert_all(after, outcome.steps[0]) == text
    return after, outcome


def kinds(outcome: Outcome) -> list[str]:
    return [damage.kind for damage in outcome.damages]


@pytest.mark.parametrize("language", TEXTS["damaged"])
@pytest.mark.parametrize("wrong", UTF_8_AS)
def test_utf_8_misread(language: str, wrong: str) -> None:
    clean, damaged = misread(TEXTS["damaged"][language], "utf-8", wrong)
    assert repaired(damaged)[0] == clean


@pytest.mark.parametrize("language", [*TEXTS["damaged"], "el", "he", "zh", "ja", "vi"])
@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_utf_8_misread_twice(language: str, wrong: str) -> None:
    clean = (TEXTS["damaged"] | TEXTS["untouched"])[language]
    _, once = misread(clean, "utf-8", wrong)
    _, twice = misread(once, "utf-8", wrong)
    after, outcome = repaired(twice)
    assert after == clean
    assert kinds(outcome) == ["mojibake.utf-8-as-cp1252"] * 2


@pytest.mark.parametrize(
    ("right", "wrong", "language"), [(r, w, x) for r, w, each in SINGLE_BYTE for x in each.split()]
)
def test_single_byte_misread(right: str, wrong: str, language: str) -> None:
    clean, damaged = misread(TEXTS["damaged"][language], right, wrong)
    assert damaged != clean
    after, outcome = repaired(damaged)
    assert after == clean
    assert any(kind.startswith("mojibake.") for kind in kinds(outcome))
    assert all(0.5 < damage.confidence < 1 for damage in outcome.damages)


@pytest.mark.parametrize(
    ("right", "language"),
    [("gb18030", "zh"), ("shift_jis", "ja"), ("cp1253", "el"), ("cp1255", "he"), ("cp1256", "fa")],
)
def test_other_scripts_misread(right: str, language: str) -> None:
    clean, damaged = misread(TEXTS["untouched"][language], right, "cp1252")
    assert repaired(damaged)[0] == clean


def test_utf_8_read_as_gbk() -> None:
    clean = "Ein gültiges Kürzel für Größe und Höhe"
    assert repaired(clean.encode().decode("gbk"))[0] == clean


@pytest.mark.parametrize("language", [*TEXTS["damaged"], *TEXTS["untouched"]])
def test_undamaged_languages_stay(language: str) -> None:
    text = (TEXTS["damaged"] | TEXTS["untouched"])[language]
    after, outcome = repaired(text)
    assert after == text
    assert outcome.damages == ()


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["name"])
def test_case(case: dict[str, object]) -> None:
    after, outcome = repaired(str(case["damaged"]))
    assert after == case["repaired"]
    assert kinds(outcome) == case["kinds"]
    assert repaired(after)[1].steps == ((),)


@pytest.mark.parametrize("case", CASES["untouched"], ids=lambda case: case["name"])
def test_untouched(case: dict[str, str]) -> None:
    after, outcome = repaired(case["text"])
    assert after == case["text"]
    assert outcome.damages == ()


def test_a_language_without_words_is_not_guessed_at() -> None:
    _, damaged = misread(TEXTS["damaged"]["pl"], "cp1250", "cp1252")
    assert repaired(damaged, language="is")[0] == damaged


def test_evidence_is_a_sentence_with_numbers() -> None:
    _, damaged = misread(TEXTS["damaged"]["ru"], "cp1251", "cp852")
    evidence = repaired(damaged)[1].damages[0].evidence
    assert evidence.startswith("Of ")
    assert "are known (ru) if windows-1251 was read as ibm852" in evidence


def test_diagnosed_over_all_texts_and_edited_in_each() -> None:
    clean, damaged = misread(TEXTS["damaged"]["de"], "cp1252", "mac_roman")
    texts = [*damaged.split("\n"), "plain", ""]
    outcome = repair_encoding(texts, language=None, options=RepairOptions())
    after = [edits.replay(text, steps) for text, steps in zip(texts, outcome.steps, strict=True)]
    assert after == [*clean.split("\n"), "plain", ""]
    assert outcome.steps[-2:] == ((), ())


def test_splices_are_short() -> None:
    _, damaged = misread(TEXTS["damaged"]["fr"], "utf-8", "cp1252")
    (step,) = repaired(damaged)[1].steps[0]
    assert len(step.splices) > 10
    assert max(len(splice.after) for splice in step.splices) <= 2


def test_switched_off() -> None:
    outcome = repair_encoding(["cafÃ©"], language=None, options=RepairOptions(encoding=False))
    assert outcome == Outcome.unchanged(1)


@pytest.mark.parametrize(("form", "expected"), [("NFC", "é ﬁ"), ("NFKC", "é fi"), (None, "e\u0301 ﬁ")])
def test_normalisation_only_on_request(form: str | None, expected: str) -> None:
    text = "e\u0301 ﬁ"
    outcome = repair_encoding([text], language=None, options=RepairOptions(normalization=form))  # type: ignore[arg-type]
    assert edits.replay(text, outcome.steps[0]) == expected
    assert outcome.damages == ()


def test_stray_bytes_are_restored_in_their_order() -> None:
    texts = ["L’\ufffdt\ufffd est l\ufffd", "« oui\ufffd»"]
    strays = (Stray(2, 0xE9), Stray(4, 0xE9), Stray(11, 0xE0), Stray(20, 0xA0))
    outcome = repair_encoding(texts, language="fr", options=RepairOptions(), strays=strays)
    after = [edits.replay(text, steps) for text, steps in zip(texts, outcome.steps, strict=True)]
    assert after == ["L’été est là", "« oui\u00a0»"]
    assert kinds(outcome) == ["stray-bytes"]


def test_strays_that_do_not_match_are_suspects() -> None:
    outcome = repair_encoding(
        ["caf\ufffd, \ufffd\ufffd"], language="fr", options=RepairOptions(), strays=(Stray(3, 0xE9), Stray(9, 0xE0))
    )
    assert outcome.steps == ((),)
    assert kinds(outcome) == ["replacement-characters"]
    assert [(s.start, s.length) for s in outcome.suspects[0]] == [(3, 1), (6, 2)]


def test_one_stray_byte_repeated_is_certain_however_many_are_left() -> None:
    outcome = repair_encoding(
        ["SCO\ufffds"], language="en", options=RepairOptions(), strays=(Stray(3, 0x92), Stray(90, 0x92))
    )
    assert edits.replay("SCO\ufffds", outcome.steps[0]) == "SCO’s"


def test_surrogates_are_joined_or_replaced() -> None:
    after, outcome = repaired("a\ud83d\ude00b\ud800c\udfff")
    assert after == "a😀b\ufffdc\ufffd"
    assert kinds(outcome) == ["surrogates", "replacement-characters"]


MESS = st.text(
    st.one_of(
        st.characters(codec=None, exclude_categories=()),
        st.sampled_from("Ã©â€™Р°\u0335 \xa0\xad\u200b&;#821\ufffd\x00\ud800\udc00abc–’\n"),
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MESS, max_size=4))
def test_any_text_is_repaired_without_error_and_reverted_exactly(texts: list[str]) -> None:
    outcome = repair_encoding(texts, language=None, options=RepairOptions())
    for text, steps, suspects in zip(texts, outcome.steps, outcome.suspects, strict=True):
        after = edits.replay(text, steps)
        assert edits.revert_all(after, steps) == text
        assert all(step.splices for step in steps)
        assert all(after[s.start : s.start + s.length] == s.text for s in suspects)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_categories=("Cc",), exclude_characters="&"), max_size=200))
def test_plain_ascii_stays(text: str) -> None:
    assert repaired(text)[1].steps == ((),)


@given(st.text(max_size=30), st.text(max_size=30))
def test_differences_apply(before: str, after: str) -> None:
    step = edits.Step("rule", tuple(differences(0, before, after)))
    assert edits.apply(before, step) == after


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_lexicon_are_found_and_have_no_letter_beyond_its_alphabet(language: str) -> None:
    with zipfile.ZipFile(str(files("pipeline.data") / "encoding-words.zip")) as archive:
        lines = archive.read(f"{language}.txt").decode("utf-8").split("\n")
    words = [line.split(" ")[0] + rest for line in lines for rest in line.split(" ")[1:]]
    assert len(words) > 30_000
    assert all(word in lexicon(language) for word in words)
    assert alphabet(language).issuperset("".join(words))


def test_what_no_lexicon_holds_is_not_known() -> None:
    assert knows("en", ["the", "a", "of", "harbour"])
    for word in ("harb", "bour", "h", "the harbour", "", "Harbour", "xqzt", "гавань"):
        assert not knows("en", [word]), word


def test_words_with_one_sign_are_none_that_ftfy_mends() -> None:
    for sign in SIGNS:
        for characters in product(("\xa0", sign, "a", "A", "1"), repeat=4):
            word = "".join(characters)
            assert has_one_sign(word)
            assert tuned()(word) == word
