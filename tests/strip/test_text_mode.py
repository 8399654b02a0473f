"""Text without tags: golden cases of our own writing, and what must hold for any text."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document import Block, Decoded, Rejected, Stripped
from pipeline.strip import phrases, strip
from pipeline.strip.text_mode import TextResult, read_text, site_lines
from schemas import SourceV1

BODY = (
    "The council met on Tuesday in the town hall to settle the dispute over the harbour dues, which had lasted for two years.",
    "After four hours of talks the members agreed to lower the dues by a tenth and to review them again in the spring.",
    "The decision enters into force on the first day of the month that follows its publication in the gazette.",
)


def read(text: str) -> TextResult:
    return read_text(text, dropped=lambda _: None, stops=lambda _: False)


def kept(result: TextResult) -> list[str]:
    return [block.text.strip() for block in result.blocks]


def facts(result: TextResult) -> dict[str, str]:
    return {fact.name: fact.text for fact in result.facts}


def tiles(text: str, result: TextResult | Stripped) -> bool:
    parts = [(b.start, b.text) for b in result.blocks] + [(r.start, r.text) for r in result.removals]
    at = 0
    for start, part in sorted(parts, key=lambda item: item[0] or 0):
        if start != at or text[start : start + len(part)] != part:
            return False
        at += len(part)
    return at == len(text)


CHROME_AROUND = """Home
News
Documents
Contacts
14:05 Ridgeport
09:05 Eastmouth
Add to favourites | Contact us | Site map
Harbour dues to fall after two years of dispute
12.03.2021 09:40

{body}

  • Print
  • Add a comment

Leave a comment

Ferry timetable changes for the summer
11.03.2021 16:20
Lighthouse opens its doors to visitors
10.03.2021 12:00
Three new buoys laid in the northern channel
09.03.2021 08:15
, , . , - , ,
"""


def test_chrome_above_and_below_goes_title_and_date_become_facts() -> None:
    text = CHROME_AROUND.format(body="\n\n".join(BODY))
    result = read(text)
    assert kept(result) == list(BODY)
    assert facts(result) == {
        "title": "Harbour dues to fall after two years of dispute",
        "published": "12.03.2021 09:40",
    }
    assert tiles(text, result)
    assert {removal.reason for removal in result.removals} >= {"menu", "clock", "headlines and dates", "fact:title"}


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to our newsletter and follow us on Facebook, Twitter and Telegram!",
        "Sign up to get our stories straight to your inbox every morning.",
        "© 2021 Ridgeport Courier. All rights reserved.",
        "Подписывайтесь на наш канал в Telegram и читайте нас в Facebook.",
        "Abonnieren Sie unseren Newsletter und folgen Sie uns auf Facebook und Instagram.",
        "Suivez-nous sur Facebook et Twitter, inscrivez-vous à notre newsletter.",
        "The site was created with the support of the Harbour Foundation",
        "Share | Print | Tweet",
        "HomeContact usSite map",
    ],
)
def test_a_line_of_the_site_below_the_document_goes(line: str) -> None:
    text = "Harbour dues to fall\n\n" + "\n\n".join(BODY) + f"\n\n{line}\n"
    assert kept(read(text)) == list(BODY)


@pytest.mark.parametrize(
    "line",
    [
        "10 March 2021",
        "Done at Ridgeport, in two copies.",
        "For the Council: A. Moray, Chair",
        "***",
        "Annex",
        "1) the dues of vessels under ten tons",
        "Follow the marked channel.",
        "Print legibly.",
    ],
)
def test_a_line_of_the_document_stays_wherever_it_stands(line: str) -> None:
    for parts in ([*BODY, line], [BODY[0], line, *BODY[1:]]):
        text = "Harbour dues to fall\n\n" + "\n\n".join(parts) + "\n"
        assert kept(read(text)) == parts


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"Title of it\n\n{BODY[0]}\n\nScope of the decision\n\n{BODY[1]}", ["paragraph", "heading", "paragraph"]),
        (
            f"Title of it\n\n{BODY[0]}\n\nThe harbour at dawn. Photo: A. Moray\n\n{BODY[1]}",
            ["paragraph", "caption", "paragraph"],
        ),
        (
            f"{BODY[0]}\n\n- first thing\n- second thing\n\n{BODY[1]}",
            ["paragraph", "list_item", "list_item", "paragraph"],
        ),
        (f"{BODY[0]}\n\n* * *\n\n{BODY[1]}", ["paragraph", "separator", "paragraph"]),
        (f"{BODY[0]}\n\n12 March 2021\n\n{BODY[1]}", ["paragraph", "paragraph", "paragraph"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [block.kind for block in read(text).blocks] == kinds


def test_hard_wrapped_paragraphs_stay_one_block() -> None:
    wrapped = (
        "The council met on Tuesday in the town hall to settle\n"
        "the dispute over the harbour dues, which had lasted\n"
        "for two years."
    )
    result = read(f"Harbour dues\n\n{wrapped}\n\n{wrapped}\n")
    assert kept(result) == [wrapped, wrapped]


def test_lines_of_their_own_are_not_merged() -> None:
    text = f"Harbour dues\n\n{BODY[0]}\n{BODY[1]}\n"
    assert "".join(block.text for block in read(text).blocks).strip() == f"{BODY[0]}\n{BODY[1]}"


def test_a_byline_near_the_title_is_a_fact() -> None:
    result = read(f"Harbour dues to fall\nBy Anna Moray\n12 March 2021\n\n{BODY[0]}\n\n{BODY[1]}")
    assert facts(result) == {"title": "Harbour dues to fall", "byline": "By Anna Moray", "published": "12 March 2021"}


def test_nothing_but_chrome_is_rejected() -> None:
    result = strip(Decoded(text="Home\nContact us\nSite map\n", encoding=None, evidence=""))
    assert isinstance(result, Rejected)
    assert result.reason == "only-navigation"


def test_a_sources_lines_win() -> None:
    source = SourceV1.model_validate(
        {"name": "s", "strip": {"drop_lines": ["The decision enters.*"], "stop_lines": ["=== end ==="]}}
    )
    text = "Harbour dues\n\n" + "\n\n".join(
        [*BODY, "=== end ===", "and more text that is no longer the document's own."]
    )
    result = strip(Decoded(text=text, encoding=None, evidence=""), source=source)
    assert isinstance(result, Stripped)
    assert [block.text.strip() for block in result.blocks] == list(BODY[:2])
    assert {removal.reason for removal in result.removals} >= {"rule:drop_lines", "rule:stop"}
    assert tiles(text, result)


LINES = st.sampled_from(
    [*BODY, "", "", "Home", "Print", "12.03.2021", "By A. Moray", "Leave a comment", ", , .", "Title Case Line", "- item", "  ", "***",
     "\u00a0", "a", "22:10 Ridgeport", "wrapped line that goes on without an end", "and continues here in lower case", "\x85", "x\x0cy"]
)  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=30), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_blocks_and_removals_tile_the_text(lines: Sequence[str], end: str) -> None:
    text = end.join(lines)
    if text.strip():
        assert tiles(text, read(text))


@given(st.text(min_size=1, max_size=200))
def test_any_text_is_tiled(text: str) -> None:
    result = read(text)
    assert not text.strip() or tiles(text, result)


def test_blocks_know_their_line() -> None:
    blocks: tuple[Block, ...] = read(f"Harbour dues\n\n{BODY[0]}\n\n\n{BODY[1]}").blocks
    assert [block.path for block in blocks] == ["line 3", "line 6"]


def test_runs_of_a_page_whose_tags_tell_nothing() -> None:
    runs = [
        "Member towns:",
        "09:41 Ridgeport",
        *BODY,
        "Leave a comment",
        "Ferry timetable\n11.03.2021",
        "© 2021 Union of Towns.",
    ]
    reasons = site_lines(runs)
    assert [run for run, why in zip(runs, reasons, strict=True) if not why] == list(BODY)


@pytest.mark.parametrize(
    "text", ["A festival at CafÃ© BrÃ¼cke in the spring", "She was â€žherself© B", "Temperatures of 20Â° C"]
)
def test_damaged_letters_are_no_notice(text: str) -> None:
    assert site_lines([*BODY, f"{text}, said the mayor of the town on the river."]) == [""] * 4


@given(st.from_regex(phrases.CALL))
def test_every_call_holds_one_of_the_words_asked_for_first(text: str) -> None:
    assert any(word in text.lower() for word in phrases.CALL_WORDS)


@given(st.from_regex(phrases.NOTICE))
def test_every_notice_holds_one_of_the_words_asked_for_first(text: str) -> None:
    assert any(word in text.lower() for word in phrases.NOTICE_WORDS)


@given(st.from_regex(phrases.STOPS, fullmatch=True))
def test_every_stop_holds_one_of_the_words_asked_for_first(text: str) -> None:
    assert any(word in text.lower() for word in phrases.STOP_WORDS)


@given(st.from_regex(phrases.CAPTION))
def test_every_caption_holds_one_of_the_words_asked_for_first(text: str) -> None:
    assert any(word in text.lower() for word in phrases.CAPTION_WORDS)
