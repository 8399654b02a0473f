"""Lost blanks are restored where the document proves the loss, and nowhere else."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import edits
from pipeline.document import Damage, Step
from pipeline.repair import spacing
from pipeline.repair.options import RepairOptions
from pipeline.repair.spacing import repair_spacing
from pipeline.repair.spacing.screen import HUMP

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "spacing"
AGGRESSIVE = RepairOptions(aggressive=True)


def load(name: str) -> ModuleType:
    """A helper module beside this file (tests are no package)."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"spacing_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


damage = load("damage")


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def repaired(text: str, *, language: str | None = None, options: RepairOptions = RepairOptions()) -> str:
    outcome = repair_spacing([text], language=language, options=options)
    return edits.replay(text, outcome.steps[0])


def steps(text: str) -> tuple[Step, ...]:
    return repair_spacing([text], language=None, options=RepairOptions()).steps[0]


def damages(text: str) -> dict[str, Damage]:
    return {found.kind: found for found in repair_spacing([text], language=None, options=RepairOptions()).damages}


ENGLISH = ["en-harbour", "en-garden"]
RUSSIAN = ["ru-1", "ru-2", "ru-3"]
OTHERS = ["de-hafen", "fr-village", "es-pueblo"]


@pytest.mark.parametrize("name", ENGLISH + RUSSIAN + OTHERS)
def test_undamaged_prose_stays_as_it_is(name: str) -> None:
    outcome = repair_spacing([golden(name)], language=None, options=RepairOptions())
    assert outcome.steps == ((),)
    assert outcome.damages == ()


@pytest.mark.parametrize("name", ENGLISH)
def test_typographer_english(name: str) -> None:
    broken = damage.typographer(golden(name), damage.ENGLISH)
    assert damage.f1(broken, repaired(broken), golden(name)) >= 0.985


@pytest.mark.parametrize("name", ENGLISH)
def test_short_words_english(name: str) -> None:
    broken = damage.short_words(golden(name), 3)
    assert damage.f1(broken, repaired(broken), golden(name)) >= 0.97


@pytest.mark.parametrize(("name", "floor"), [("de-hafen", 0.975), ("fr-village", 0.97), ("es-pueblo", 0.975)])
def test_typographer_of_other_languages(name: str, floor: float) -> None:
    broken = damage.typographer(golden(name), damage.WORDS[name[:2]])
    out = repaired(broken)
    assert damage.f1(broken, out, golden(name)) >= floor
    assert damage.blanks(out) <= damage.blanks(golden(name))


@pytest.mark.parametrize("name", OTHERS)
def test_short_words_and_sentence_ends_of_other_languages(name: str) -> None:
    short, ends = damage.short_words(golden(name), 3), damage.sentence_ends(golden(name), 4)
    assert damage.f1(short, repaired(short), golden(name)) >= 0.97
    assert damage.f1(ends, repaired(ends), golden(name)) >= 0.95


@pytest.mark.parametrize("name", RUSSIAN)
def test_typographer_russian(name: str) -> None:
    broken = damage.typographer(golden(name), damage.RUSSIAN)
    assert damage.f1(broken, repaired(broken), golden(name)) >= 0.96


def test_russian_bench_as_a_whole() -> None:
    texts = [golden(name) for name in RUSSIAN]
    rights = added = lost = 0
    for text in texts:
        for broken in (damage.typographer(text, damage.RUSSIAN), damage.short_words(text, 2)):
            new = damage.blanks(repaired(broken)) - damage.blanks(broken)
            gone = damage.blanks(text) - damage.blanks(broken)
            rights, added, lost = rights + len(new & gone), added + len(new), lost + len(gone)
    assert 2 * rights / (added + lost) >= 0.97


def test_the_diagnosis_says_what_was_lost() -> None:
    found = damages(damage.typographer(golden("en-harbour"), damage.ENGLISH))["spacing.typographer"]
    assert found.repaired > 60
    assert found.confidence > 0.9
    assert '"of"' in found.evidence
    assert found.detail["of"] > 8


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("went onto hold", "went on to hold"),
        ("isasa rule", None),
        ("was setforth init. Itis", None),
        ("inline with the rules", "in line with the rules"),
    ],
)
def test_real_words_are_decided_by_context(broken: str, whole: str | None) -> None:
    text = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    out = repaired(f"{text}\n\nThe clerk said that the work {broken}.")
    assert whole is None or whole in out


@pytest.mark.parametrize(
    "kept",
    [
        "today",
        "online",
        "into the hall",
        "an indirect cost",
        "Forum",
        "formats",
        "ongoing",
        "Tokayev",
        "Issyk-Kul",
        "ChargePoint",
        "v2alpha",
        "5kg",
        "forEach(item)",
        "https://example.org/onthe/inthe?ofthe=tothe",
        "inbox@forthe.example.org",
        "#onthemove",
        "to_string",
        "Boats stop at Silton, Siltby, Fennickby, and the New Pier",
    ],
)
def test_names_code_and_addresses_survive(kept: str) -> None:
    text = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    assert kept in repaired(f"{text}\n\nAt the end of the day, the clerk called it {kept}, and nothing else.")


def test_a_page_about_init_is_no_damage() -> None:
    text = (
        "The init process is the first process of the system. When the kernel has set up the memory, it starts init, and init "
        "starts everything else. In System V, init reads inittab and goes to a runlevel; in the newer systems, init is a link to "
        "systemd. To ask for the version of init, run init --version as root. Most of the scripts of init are in a directory of "
        "their own, and each of them is run by init with the word start or stop. If init dies, the kernel panics."
    )
    assert steps(text) == ()


def test_a_lone_fusion_is_left_alone() -> None:
    text = golden("en-garden").replace("of the hill", "ofthe hill")
    assert steps(text) == ()


@pytest.mark.parametrize("name", [*ENGLISH, "ru-1"])
def test_sentence_joins(name: str) -> None:
    broken = damage.sentence_ends(golden(name), 4)
    outcome = repair_spacing([broken], language=None, options=RepairOptions())
    assert {step.rule for step in outcome.steps[0]} == {"spacing.sentence"}
    assert damage.f1(broken, edits.replay(broken, outcome.steps[0]), golden(name)) >= 0.9


def test_joins_that_are_none() -> None:
    text = golden("en-garden") + (
        "\nSee notes.Plan.md, logging.Handler, U.S.Army, 3.14, www.Example.Com and garden.py, then call plan.Step(3) "
        "or string.Template; Node.js is not needed."
    )
    assert steps(text) == ()


def test_interface_joins() -> None:
    text = (
        "Make this page my homepageContact usAdd to FavoritesHome\nMember towns:\n22:51Abu Dhabi\n01:51Phnom Penh\n\n"
        + golden("en-garden")
    )
    out = repaired(text)
    assert out.startswith("Make this page my homepage Contact us Add to Favorites Home\n")
    assert "22:51 Abu Dhabi\n01:51 Phnom Penh" in out
    assert {step.rule for step in steps(text)} == {"spacing.interface"}


@given(st.text(st.sampled_from("abABжЖ 1")))
def test_humps_share_no_letter(text: str) -> None:
    assert HUMP.findall(text) == re.findall("[a-zа-яё]([A-ZА-ЯЁ][a-zа-яё]+)", text)


def test_identifiers_are_no_interface() -> None:
    text = (
        "Set userAccount, viewProfile and nextPage before startUp. The dataSource is read by the fileReader; every rowCount and "
        "maxDepth belongs to the queryPlan of the page.\n"
    )
    assert steps(text) == ()


def test_numbers_and_months() -> None:
    text = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    out = repaired(f"{text}\n\nThe fair runs on 29 – 31October and lasts 3days.")
    assert "31 October" in out


def test_may_glued_to_its_day_is_a_month_and_no_accident() -> None:
    posts = "\n\n".join(f"{day}May 2025 09:{day}\n\nThe ferry was late again." for day in range(10, 24))
    out = repaired(damage.typographer(f"{golden('en-harbour')}\n\n{posts}", damage.ENGLISH))
    assert "ofthe" not in out
    assert out.count(" May 2025") == 14


@pytest.mark.parametrize(
    ("said", "broken", "kept"),
    [
        ("Write to clerk@harbour.example, not from clerk@harbour.example.", "toclerk@harbour.example", []),
        ("Send it to help@harbour.example today.", "tohelp@harbour.example", []),
        ("Rows of s1 and of s2; s1 and s2 are equal to s1 again.", "ofs2", []),
        ("The file is closed by shut() and opened for shut() alone.", "byshut()", []),
        ("Edited by MARL_Mk1.\nMARL_Mk1 wrote to MARL_Mk1.", "byMARL_Mk1", []),
        (
            "Ask for info@harbour.example and forum@harbour.example.",
            "",
            ["info@harbour.example", "forum@harbour.example"],
        ),
        ("Call toString() or String(); EPayne84 and annabel42 agree.", "", ["toString()", "EPayne84", "annabel42"]),
        ("Photo by Ann on https://photos.example/of-the-pier, and on www.photos.example.", "onhttps://", []),
        ("Send it to mail.harbour.example; mail.harbour.example is up.", "tomail.harbour.example", []),
        ("Edit input_file and output_file, then put_file them.", "", ["input_file", "output_file"]),
        (
            "Set nodePort, rowCount, maxDepth, hostName, userAgent and dataSource; a targetPort is none.",
            "",
            ["nodePort", "targetPort"],
        ),
        ("Boats in todays harbour are bigger.", "intodays", []),
        ("An Altec A53S beside the QC25s and the M4U.", "", ["A53S", "QC25s", "M4U"]),
    ],
)
def test_identifiers_behind_a_preposition(said: str, broken: str, kept: list[str]) -> None:
    prose = damage.typographer(f"{golden('en-harbour')}\n\n{said}", damage.ENGLISH)
    assert broken in prose
    out = repaired(prose)
    assert out.endswith(said)
    assert all(name in out for name in kept)


@pytest.mark.parametrize(
    "said",
    [
        "We cannot move on to the next pier, and they held on to the rope.",
        "From day to day and from face to face, the ferry went on.",
        "Over the years, a boat loses its varnish; it fades over time.",
        "It comes with in-depth notes, and a cross-harbour race with on-board music.",
        "The iPier ran over to the iPier; a ticket to iPier is sold in iPier alone.",
        "Ideally, safer ropes are used.",
        "The sea waits for none of us! silvery fish leap there.",
    ],
)
def test_what_decides_between_one_word_and_two(said: str) -> None:
    broken = damage.typographer(f"{golden('en-harbour')}\n\n{said}", damage.ENGLISH)
    broken = broken.replace("Ideally, safer", "Ideally,safer").replace("us! silvery", "us!silvery")
    assert not broken.endswith(said)
    assert repaired(broken).endswith(said)


@pytest.mark.parametrize(
    "said",
    [
        "The two brothers quarrelled over many models\u2014a grey one above all.",
        "We asked them whether they come or not\u2014they never answered.",
        "The rain stopped this month\u2014yes, after all those weeks.",
        "Nobody thanked us for it\u2014administrators never do.",
        "Call it what you will\u2014SFTP, SCP or FTP\u2014but call it.",
    ],
)
def test_a_dash_that_was_dropped_with_the_blanks(said: str) -> None:
    broken = damage.typographer(f"{golden('en-harbour')}\n\n{said}", damage.ENGLISH).replace("\u2014", "")
    assert repaired(broken).endswith(said.replace("\u2014", " "))


def test_a_compound_written_often_is_no_accident() -> None:
    often = "The harbourwarehouses stand. " * 60
    prose = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    out = repaired(f"{often}\n\n{prose}")
    assert out.startswith(often)
    assert damage.f1(prose, out[len(often) :], golden("en-harbour")) >= 0.985


def test_letters_that_stand_free_elsewhere_are_words() -> None:
    said = "The value of x is the sum of n and q, for n grows with x."
    broken = damage.typographer(f"{golden('en-harbour')}\n\nLet x and n be numbers. {said}", damage.ENGLISH)
    assert not broken.endswith(said)
    assert repaired(broken).endswith(said)


def test_the_last_part_of_a_compound() -> None:
    prose = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    out = repaired(
        f"{prose}\n\nThe long-termis what counts, a well-knownand in-houseto be told; Saint-Germain, to-do and up-to-date stay."
    )
    assert "long-term is what counts, a well-known and in-house to be told" in out
    assert out.endswith("Saint-Germain, to-do and up-to-date stay.")


def test_a_page_of_lists() -> None:
    rows = "\n".join(f"Silton Pier {n} Ticket Office Daily Winter Service" for n in range(150))
    out = repaired(damage.typographer(f"{golden('en-harbour')}\n\n{rows}", damage.ENGLISH))
    assert damage.blanks(golden("en-harbour")) <= damage.blanks(out)
    assert out.endswith(rows)


def test_short_compounds_stay_and_long_accidents_fall_apart() -> None:
    prose = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    compounds = "The juneberry bush stands by the lawnmowers near a pinecone, and the mudlark sings."
    assert repaired(f"{prose}\n\n{compounds}").endswith(compounds)
    out = repaired(f"{prose}\n\nThe old harbourwarehouses burnt; another villagecommittee objected.")
    assert out.endswith("The old harbour warehouses burnt; another village committee objected.")


@pytest.mark.parametrize("name", ENGLISH + RUSSIAN + OTHERS)
@pytest.mark.parametrize("kind", ["typographer", "short", "random"])
@pytest.mark.parametrize("aggressive", [False, True])
def test_repair_ends_before_its_cap(name: str, kind: str, aggressive: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    text = golden(name)
    broken = {
        "typographer": damage.typographer(text, damage.WORDS[name[:2]]),
        "short": damage.short_words(text, 3),
        "random": damage.at_random(text, 0.3, seed=5),
    }[kind]
    options = RepairOptions(aggressive=aggressive)
    capped = repaired(broken, options=options)
    monkeypatch.setattr(spacing, "PASSES", 40)
    assert repaired(broken, options=options) == capped


def test_other_languages_are_left_alone() -> None:
    text = (
        "Hamnen stängdes imars och öppnades igen imaj. Underden tiden låg båtarna påland, och fiskarna fick hjälpa till medatt "
        "laga kajen. Detvar ett hårt arbete, men alla vari gott humör och ingen villesluta förrän allt var klart."
    )
    assert steps(text) == ()
    assert repaired(damage.typographer(golden("en-harbour"), damage.ENGLISH), language="sv").count("ofthe") > 1


def test_the_option_turns_it_off() -> None:
    broken = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    assert repaired(broken, options=RepairOptions(spacing=False)) == broken


def test_random_losses_only_on_request() -> None:
    broken = damage.at_random(golden("en-garden"), 0.1, seed=1)
    assert {step.rule for step in steps(broken)} <= {"spacing.sentence"}
    assert damage.f1(broken, repaired(broken, options=AGGRESSIVE), golden("en-garden")) >= 0.9


@pytest.mark.parametrize("name", ["en-garden", "ru-2"])
def test_random_losses_restored_twice_change_nothing_more(name: str) -> None:
    once = repaired(damage.at_random(golden(name), 0.2, seed=3), options=AGGRESSIVE)
    assert repaired(once, options=AGGRESSIVE) == once


def test_a_stretch_without_blanks_on_request() -> None:
    text = golden("en-harbour")
    broken = text.replace("the cranes would be taken down and sold", "thecraneswouldbetakendownandsold")
    assert repaired(broken, options=AGGRESSIVE) == text


def test_blocks_are_diagnosed_together() -> None:
    broken = damage.typographer(golden("en-harbour"), damage.ENGLISH)
    pieces = broken.split("\n\n")
    outcome = repair_spacing(pieces, language=None, options=RepairOptions())
    joined = "\n\n".join(edits.replay(piece, log) for piece, log in zip(pieces, outcome.steps, strict=True))
    assert damage.f1(broken, joined, golden("en-harbour")) >= 0.985


@pytest.mark.parametrize(
    "data", ["a" * 100_000, "ab," * 30_000, '"a' * 30_000, "aB" * 30_000, "of.The" * 10_000, "1a" * 30_000]
)
def test_data_without_blanks_passes_through(data: str) -> None:
    text = f"{golden('en-garden')}\n{data}\n{golden('en-harbour')}"
    assert data in repaired(text)
    assert repaired(damage.typographer(text, damage.ENGLISH)).count(data) == 1


FRAGMENTS = [
    "ofthe", "inthe", "tothe", "the harbour", "forthe", "town", "and", "onto hold", "asa", "Iam", "10May", "3days", "end.Next",
    "fabric,which", "homepageContact", "22:51Abu", "вМоскве", "наосновании", "и", "город", "Straße", "indie", "École", "dela",
    "北京", "في", "https://a.example/ofthe", "a_b", "\n", "\u00a0", "–", "'t", "of", "to", "İstanbul", "ofİzmir", "ﬁne", "ß",
]  # fmt: skip
RANDOM_TEXT = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=60).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(st.lists(RANDOM_TEXT, min_size=1, max_size=3), st.booleans())
def test_steps_replay_revert_and_only_insert_blanks(texts: list[str], aggressive: bool) -> None:
    outcome = repair_spacing(texts, language=None, options=RepairOptions(aggressive=aggressive))
    for text, log in zip(texts, outcome.steps, strict=True):
        new = edits.replay(text, log)
        assert edits.revert_all(new, log) == text
        assert all((splice.before, splice.after) == ("", " ") for step in log for splice in step.splices)


@settings(max_examples=80, deadline=None)
@given(RANDOM_TEXT, st.sampled_from([None, "en", "ru", "de"]))
def test_repairing_twice_changes_nothing_more(text: str, language: str | None) -> None:
    once = repaired(text, language=language)
    assert repaired(once, language=language) == once


@pytest.mark.parametrize("name", ENGLISH + RUSSIAN + OTHERS)
@pytest.mark.parametrize("kind", ["typographer", "short", "ends", "random"])
def test_repairing_damage_twice_changes_nothing_more(name: str, kind: str) -> None:
    text = golden(name)
    broken = {
        "typographer": damage.typographer(text, damage.WORDS[name[:2]]),
        "short": damage.short_words(text, 3),
        "ends": damage.sentence_ends(text, 2),
        "random": damage.at_random(text, 0.3, seed=2),
    }[kind]
    once = repaired(broken)
    assert repaired(once) == once
