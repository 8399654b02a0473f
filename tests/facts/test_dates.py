"""Dates: what is read, what is believed, and what is left open."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document import Fact
from pipeline.facts import Context, decide
from pipeline.facts.dates import Moment
from pipeline.facts.moments import readings
from schemas.source_v1 import DatesV1

READ = [
    ("2020-11-18T14:18:00Z", "2020-11-18 14:18 +00:00"),
    ("2020-11-18T14:18:00.123+03:00", "2020-11-18 14:18 +03:00"),
    ("20201118T141800Z", "2020-11-18 14:18 +00:00"),
    ("2020-11-18 14:18", "2020-11-18 14:18"),
    ("18.11.2020 17:18", "2020-11-18 17:18"),
    ("18. November 2020, 17.18 Uhr", "2020-11-18 17:18"),
    ("Wed, 18 Nov 2020 14:18:00 +0300", "2020-11-18 14:18 +03:00"),
    ("Wed Nov 18 2020 14:18:00 GMT+0300 (MSK)", "2020-11-18 14:18 +03:00"),
    ("November 18th, 2020 at 5:18 p.m. EST", "2020-11-18 17:18 -05:00"),
    ("Nov. 18, 2020 5:18pm ET", "2020-11-18 17:18 America/New_York"),
    ("17:18, 18 мая 2020", "2020-05-18 17:18"),
    ("18 ноября 2020 г., 17:18 (МСК)", "2020-11-18 17:18 +03:00"),
    ("2020 жылғы 18 қараша", "2020-11-18"),
    ("18 қараша 2020", "2020-11-18"),
    ("18 de noviembre de 2020", "2020-11-18"),
    ("1er mars 2021", "2021-03-01"),
    ("le 18 août 2020 à 17h18", "2020-08-18 17:18"),
    ("18 listopada 2020", "2020-11-18"),
    ("18 листопада 2020", "2020-11-18"),
    ("2020年11月18日 14:18", "2020-11-18 14:18"),
    ("18-Nov-2020", "2020-11-18"),
    ("1605709080", "2020-11-18 14:18 +00:00"),
    ("12:30 a.m. on 12 Oct 2015", "2015-10-12 00:30"),
    ("13/04/2021", "2021-04-13"),
    ("04/13/2021", "2021-04-13"),
]


def written(text: str) -> str:
    reading = next(readings(text))
    parts = [reading.day.isoformat(), reading.clock and reading.clock.strftime("%H:%M"), reading.zone_text]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(("text", "expected"), READ)
def test_readings(text: str, expected: str) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22:51",
        "Posted 3 hours ago",
        "Version 10.2.3",
        "2020-13-45",
        "31.02.2020",
        "Room 2020",
        "call 555-12-1234",
        "May flowers",
    ],
)
def test_no_date(text: str) -> None:
    assert list(readings(text)) == []


@given(st.text(max_size=120))
def test_any_text_is_read(text: str) -> None:
    for reading in readings(text):
        assert reading.day.year >= 1000


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_form_of_a_day(day: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%Y/%m/%d"):
        assert next(readings(day.strftime(form))).day == day


NOWHERE = Context()


def published(*facts: tuple[str, str], context: Context = NOWHERE) -> Moment:
    candidates = [Fact(name="published", text=text, place=place, path="html>body>main>p") for place, text in facts]
    return decide(candidates, context).published


MOSCOW = Context(dates=DatesV1(timezone="Europe/Moscow"))
FETCHED = datetime(2020, 12, 1, tzinfo=UTC)


def test_the_zone_of_the_source_is_assumed_and_said_so() -> None:
    found = published(("near-title", "18.11.2020 17:18"), context=MOSCOW)
    assert found.at == datetime(2020, 11, 18, 14, 18, tzinfo=UTC)
    assert (found.raw, found.zone, found.day) == ("18.11.2020 17:18", "Europe/Moscow", date(2020, 11, 18))
    assert "assumed" in found.evidence


def test_summer_time_of_the_source() -> None:
    context = Context(dates=DatesV1(timezone="Europe/Berlin"))
    assert published(("time", "2021-07-01 12:00"), context=context).at == datetime(2021, 7, 1, 10, tzinfo=UTC)


def test_without_a_zone_there_is_no_instant() -> None:
    found = published(("near-title", "18.11.2020 17:18"))
    assert found.at is None
    assert found.day == date(2020, 11, 18)
    assert "zone" in found.evidence


def test_a_day_is_no_instant() -> None:
    found = published(("json-ld:datePublished", "2020-11-18"), context=MOSCOW)
    assert (found.at, found.day) == (None, date(2020, 11, 18))


def test_the_time_of_day_comes_from_the_place_that_states_it() -> None:
    found = published(("json-ld:datePublished", "2020-11-18"), ("time", "2020-11-18T14:18:00Z"))
    assert found.at == datetime(2020, 11, 18, 14, 18, tzinfo=UTC)


def test_never_after_the_fetch() -> None:
    context = Context(fetched_at=FETCHED)
    assert published(("json-ld:datePublished", "2021-03-01"), context=context).day is None
    both = published(("json-ld:datePublished", "2021-03-01"), ("near-title", "18 November 2020"), context=context)
    assert both.day == date(2020, 11, 18)


def test_the_header_is_not_believed() -> None:
    header = Fact(name="published", text="1 December 2020", place="class:date", path="html>body>header>div")
    article = Fact(name="published", text="18 November 2020", place="class:date", path="html>body>main>div")
    assert decide([header, article], Context(fetched_at=FETCHED)).published.day == date(2020, 11, 18)


class TestOrder:
    def test_nothing_tells(self) -> None:
        found = published(("near-title", "03/04/2021"), context=Context(language="en"))
        assert (found.day, found.raw) == (None, "03/04/2021")
        assert "first" in found.evidence

    def test_the_source_tells(self) -> None:
        for day_first, expected in ((True, date(2021, 4, 3)), (False, date(2021, 3, 4))):
            context = Context(language="en", dates=DatesV1(day_first=day_first))
            assert published(("near-title", "03/04/2021"), context=context).day == expected

    def test_another_place_tells(self) -> None:
        found = published(("near-title", "03/04/2021 10:00"), ("time", "2021-03-04"), context=Context(language="en"))
        assert found.day == date(2021, 3, 4)

    def test_the_language_tells(self) -> None:
        assert published(("near-title", "03/04/2021"), context=Context(language="fr")).day == date(2021, 4, 3)

    def test_dots_tell(self) -> None:
        assert published(("near-title", "03.04.2021"), context=Context(language="en")).day == date(2021, 4, 3)


def test_the_url_speaks_where_nothing_else_does() -> None:
    assert published(context=Context(url="https://ferry.example/2020/11/18/winter")).day == date(2020, 11, 18)


def test_a_date_by_the_title_that_is_earlier() -> None:
    found = published(("json-ld:datePublished", "2025-06-24T10:00:00Z"), ("near-title", "Published August 25, 2024"))
    assert found.day == date(2024, 8, 25)


def test_an_update_is_no_publication() -> None:
    facts = [Fact(name="published", text="Published 1 May 2020, updated 3 June 2020", place="near-title")]
    found = decide(facts, Context())
    assert (found.published.day, found.modified.day) == (date(2020, 5, 1), date(2020, 6, 3))
    only = decide([Fact(name="published", text="Updated on June 3, 2020", place="class:date")], Context())
    assert (only.published.day, only.modified.day) == (None, date(2020, 6, 3))


def test_formats_of_the_source() -> None:
    context = Context(dates=DatesV1(formats=("%m-%d-%y",), timezone="UTC"))
    assert published(("source-rule", "11-18-20"), context=context).day == date(2020, 11, 18)


def at(path: str, place: str, text: str, name: str = "published") -> Fact:
    return Fact(name=name, text=text, place=place, path=f"html>body>{path}")


def test_the_day_is_that_of_the_place_where_the_page_shows_it() -> None:
    late = ("meta:article:published_time", "2020-11-19T02:41:00+00:00")
    by_url = published(late, context=Context(url="https://ferry.example/2020/11/18/winter"))
    by_title = published(late, ("near-title", "November 18, 2020"))
    by_offset = published(late, ("time:attribute", "2020-11-18T21:41:00-05:00"))
    for found in (by_url, by_title, by_offset):
        assert (found.day, found.at) == (date(2020, 11, 18), datetime(2020, 11, 19, 2, 41, tzinfo=UTC))
    assert by_offset.zone == "-05:00"
    assert "local" in by_title.evidence


def test_a_day_that_no_zone_explains_is_another_day() -> None:
    noon = published(
        ("json-ld:datePublished", "2020-11-18T13:00:00Z"), context=Context(url="https://ferry.example/2020/11/17/x")
    )
    shown = published(
        ("json-ld:datePublished", "2020-11-18T13:00:00Z"),
        ("near-title", "18 November 2020"),
        ("time", "19 November 2020"),
    )
    assert noon.day == shown.day == date(2020, 11, 18)


def test_a_zone_that_is_stated_needs_no_other() -> None:
    found = published(("json-ld:datePublished", "2020-11-18T02:00:00+03:00"), ("near-title", "November 18, 2020"))
    assert found.day == date(2020, 11, 18)


def test_what_is_marked_up_as_a_time_may_be_that_of_an_update() -> None:
    facts = [
        at("main>p", "time:attribute", "2020-11-18"),
        at("main>p", "near-title", "Updated 18 November 2020", name="modified"),
    ]
    found = decide(facts, Context())
    assert (found.published.day, found.modified.day) == (None, date(2020, 11, 18))


def test_a_list_of_other_documents() -> None:
    cards = [at(f"aside>article[{n}]>p", "itemprop:datePublished", f"2020-11-1{n}") for n in range(5)]
    assert decide([*cards, at("meta", "meta:date", "2020-10-02")], Context()).published.day == date(2020, 10, 2)
    posts = [at(f"main>div[{n}]>p", "time:attribute", f"2020-11-1{n}") for n in range(5)]
    assert decide(posts, Context()).published.day == date(2020, 11, 10)
    updated = at("main>p", "near-title", "Updated 3 December 2020", name="modified")
    assert decide([*posts, updated], Context()).published.day is None


def test_a_sentence_is_no_date_line() -> None:
    assert (
        published(("near-title", "The season ends for most of the boats on 15 April 2020. Some stay for longer.")).day
        is None
    )


def test_a_table_does_not_predate_the_page() -> None:
    facts = [at("table>tbody>tr>td", "near-title", "1 January 2013"), at("meta", "json-ld:datePublished", "2020-11-18")]
    assert decide(facts, Context()).published.day == date(2020, 11, 18)


def test_the_header_of_an_article_is_no_header_of_the_site() -> None:
    facts = [at("main>section>header>div", "near-title", "18 November 2020"), at("main>p", "date-class", "2 May 2020")]
    assert decide(facts, Context()).published.day == date(2020, 11, 18)


def test_a_month_by_name_in_the_url() -> None:
    context = Context(url="https://ferry.example/2020/april/03/winter", language="en")
    assert published(("near-title", "03/04/2020"), context=context).day == date(2020, 4, 3)
    assert published(context=Context(url="https://ferry.example/2020/winter/03/")).day is None
