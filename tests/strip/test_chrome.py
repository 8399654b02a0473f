"""What repeats from page to page of a site, and what it decides."""

from pipeline.document import Decoded, Rejected, Stripped
from pipeline.strip import strip
from pipeline.strip.chrome import learn
from schemas import SourceV1

PROSE = (
    ("The mill on the upper river has ground its last sack of flour after a hundred and twelve years of work in the valley.",
     "Its wheel will stay where it is, said the miller, because the swallows have nested under it since before the war."),
    ("A new ferry will cross the strait twice a day from the first of May, the harbour master announced on Friday morning.",
     "The boat carries forty passengers and eight cars, and it needs twenty minutes for the crossing when the wind is fair."),
    ("The school in the old customs house opens in September with three classes and a garden that runs down to the water.",
     "Parents had collected money for the roof for four years; the slates were laid last week by two brothers from the island."),
    ("Nobody was hurt when the bell fell from the tower on Sunday, shortly after the congregation had left for the market.",
     "The bell, cast in 1788, lies in two pieces beside the door, and children have been tapping it with sticks all week."),
)  # fmt: skip
STRAY = (
    "The editors thank the keepers of the light for their help with this page and with all the pages of the chronicle."
)


def page(number: int) -> Decoded:
    body = "".join(f"<p>{text}</p>" for text in PROSE[number])
    html = f"<html><body><div class=top><p>{STRAY}</p></div><div class=x><h1>Story {'ABCD'[number]}</h1>{body}</div></body></html>"
    return Decoded(text=html, encoding=None, evidence="")


def source(count: int) -> SourceV1:
    learned = learn({str(number) * 64: page(number) for number in range(count)})
    return SourceV1(name="s", chrome=learned)


def test_three_pages_are_enough_for_a_fourth() -> None:
    result = strip(page(3), source=source(3))
    assert isinstance(result, Stripped)
    assert STRAY not in [block.text for block in result.blocks]
    assert "chrome:repeats on 3 of 3 pages" in {removal.reason for removal in result.removals}
    assert set(PROSE[3]) <= {block.text for block in result.blocks}


def test_two_pages_teach_nothing() -> None:
    assert not source(2).chrome.texts  # type: ignore[union-attr]


def test_copies_of_one_document_count_once() -> None:
    learned = learn({letter * 64: page(0) for letter in "abc"})
    assert (learned.texts, len(learned.learned_from)) == ({}, 1)


def test_learning_is_reproducible_whatever_the_order() -> None:
    pages = {str(number) * 64: page(number) for number in range(4)}
    assert learn(pages) == learn(dict(reversed(pages.items())))


def test_headings_of_a_template_stay_in_its_documents() -> None:
    pages = {}
    for number in range(4):
        shared = "<h2>What happens next</h2>"
        text = page(number).text.replace("</h1>", f"</h1>{shared}")
        pages[str(number) * 64] = Decoded(text=text, encoding=None, evidence="")
    learned = learn(pages)
    result = strip(pages["3" * 64], source=SourceV1(name="s", chrome=learned))
    assert isinstance(result, Stripped)
    assert {*PROSE[3], "What happens next"} <= {block.text for block in result.blocks}


def test_lines_that_repeat_in_texts_without_tags() -> None:
    notice = "Keepers of the chronicle may be reached at the lighthouse."
    texts = [f"Story {'ABCD'[n]}\n\n{PROSE[n][0]}\n\n{PROSE[n][1]}\n\n{notice}\n" for n in range(4)]
    learned = learn({str(n) * 64: Decoded(text=text, encoding=None, evidence="") for n, text in enumerate(texts[:3])})
    result = strip(Decoded(text=texts[3], encoding=None, evidence=""), source=SourceV1(name="s", chrome=learned))
    assert isinstance(result, Stripped)
    assert [block.text.strip() for block in result.blocks] == list(PROSE[3])


def test_a_text_that_repeats_on_half_of_the_pages_or_elsewhere_is_not_the_sites() -> None:
    quoted = f"<p>{STRAY}</p>"
    pages = {
        str(n) * 64: Decoded(text=page(n).text.replace(STRAY, "Top"), encoding=None, evidence="") for n in range(4)
    }
    for number in (0, 1):
        text = pages[str(number) * 64].text.replace("</h1>", f"</h1>{quoted}")
        pages[str(number) * 64] = Decoded(text=text, encoding=None, evidence="")
    result = strip(pages["0" * 64], source=SourceV1(name="s", chrome=learn(pages)))
    assert isinstance(result, Stripped)
    assert STRAY in [block.text for block in result.blocks]
    elsewhere = page(3).text.replace("</h1>", f"</h1>{quoted}")
    result = strip(Decoded(text=elsewhere, encoding=None, evidence=""), source=source(3))
    assert isinstance(result, Stripped)
    assert [block.text for block in result.blocks].count(STRAY) == 1


def test_a_page_that_holds_nothing_of_its_own_is_no_document() -> None:
    shell = Decoded(text=page(3).text.partition("<div class=x>")[0], encoding=None, evidence="")
    assert isinstance(strip(shell), Stripped)
    result = strip(shell, source=source(3))
    assert isinstance(result, Rejected)
    assert result.reason == "only-navigation"
