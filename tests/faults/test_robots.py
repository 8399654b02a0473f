"""robots.txt as no standard has it: whether the page is fetched, refused for good, or left for later."""

import codecs
import gzip
from dataclasses import dataclass, field

import pytest

from pipeline.fetch import Deferred, Failed, Fetched, Outcome, Request
from tests.faults.run import QuickClock, fetch_all, fetcher, memory_bound, rules, watched
from tests.faults.server import PAGE, Drip, FaultServer, Hang, Repeat, Reset, Script, answer, head, redirect

FORBIDS = b"User-agent: *\nDisallow: /case\n"
ALLOWS = b"User-agent: *\nDisallow: /elsewhere\n"
SHORT = {"timeout": 0.5}
AGENTS = b"".join(b"User-agent: bot%d\n" % n for n in range(12_000)) + b"".join(
    b"Disallow: /%d\n" % n for n in range(12_000)
)


@dataclass(frozen=True)
class Robots:
    name: str
    script: Script | list[Script]
    outcome: type[Outcome] = Fetched
    rules: dict[str, object] = field(default_factory=dict)


def said(body: bytes, *headers: str) -> Script:
    return (answer(body, *headers),)


CASES = (
    Robots("allows", said(ALLOWS)),
    Robots("forbids", said(FORBIDS), Failed),
    Robots("forbids us by name", said(b"User-agent: Unscrape/9\nDisallow: /\n\nUser-agent: *\nAllow: /\n"), Failed),
    Robots("forbids another", said(b"User-agent: scrape\nUser-agent: un\nDisallow: /\n")),
    Robots("the longest rule wins", said(b"User-agent: *\nAllow: /case\nDisallow: /\n")),
    Robots("empty", said(b"")),
    Robots("a page of markup", said(PAGE + FORBIDS)),
    Robots("not found", (answer(FORBIDS, status="404 Not Found"),)),
    Robots("for nobody", (answer(FORBIDS, status="403 Forbidden"),)),
    Robots("behind a password", (answer(FORBIDS, status="401 Unauthorized"),)),
    Robots("gone", (answer(FORBIDS, status="410 Gone"),)),
    Robots("byte order mark", said(codecs.BOM_UTF8 + FORBIDS), Failed),
    Robots("UTF-16", said(codecs.BOM_UTF16_LE + FORBIDS.decode().encode("utf-16-le")), Failed),
    Robots("NULs", said(FORBIDS.replace(b"case", b"ca\0se")), Failed),
    Robots("a NUL before all", said(b"\0" + FORBIDS), Failed),
    Robots("carriage returns", said(FORBIDS.replace(b"\n", b"\r")), Failed),
    Robots("no UTF-8", said(b"# \xff\xfe\n" + FORBIDS), Failed),
    Robots("10 MB, rules first", (head("Content-Length: 10000000"), FORBIDS, Repeat(b"# more\n" * 1000, 2000)), Failed),
    Robots("10 MB, rules last", said(b"# more\n" * 1_500_000 + FORBIDS)),
    Robots("endless", (head(), FORBIDS, Repeat(b"# more\n" * 1000, 10**6)), Failed),
    Robots("gzip", said(gzip.compress(FORBIDS), "Content-Encoding: gzip"), Failed),
    Robots("gzip bomb", said(gzip.compress(FORBIDS + b"\n" * 50_000_000), "Content-Encoding: gzip"), Failed),
    Robots("one line of 400 KB", said(b"User-agent: *\nDisallow: /" + b"a*" * 200_000 + b"\n")),
    Robots("12,000 agents with 12,000 rules", said(AGENTS)),
    Robots("40,000 rules with wildcards", said(b"User-agent: *\n" + b"Disallow: /*a*\n" * 30_000), Failed),
    Robots("delay of 31 years", said(b"User-agent: *\nCrawl-delay: 1e9\n")),
    Robots("delay of nan", said(b"User-agent: *\nCrawl-delay: nan\n")),
    Robots("delay of inf", said(b"User-agent: *\nCrawl-delay: inf\n")),
    Robots("delay of -5", said(b"User-agent: *\nCrawl-delay: -5\n")),
    Robots("one request in a year", said(b"User-agent: *\nRequest-rate: 1/365d\n")),
    Robots("one request in no time", said(b"User-agent: *\nRequest-rate: 1/0\n")),
    Robots("moved", [redirect("/robots.txt?2")], Fetched),
    Robots("in a circle", redirect("/robots.txt")),
    Robots("moved to the metadata service", redirect("http://169.254.169.254/robots.txt"), Deferred),
    Robots("out of order", (answer(b"", status="503 Service Unavailable"),), Deferred),
    Robots("an error", (answer(b"", status="500 Oops"),), Deferred),
    Robots("too many requests", (answer(b"", status="429 Slow"),), Deferred),
    Robots("silence", (Hang(),), Deferred, SHORT),
    Robots("drops", (head(), Drip(b"#")), Deferred, SHORT),
    Robots("hung up", (Reset(),), Deferred),
    Robots("cut short", (answer(FORBIDS, length=9999),), Deferred),
    Robots("rubbish", (b"rubbish\r\n\r\n",), Deferred),
    Robots("5,000 headers", (answer(FORBIDS, *(f"X-{n}: y" for n in range(5000))),), Deferred),
    Robots("not asked", said(FORBIDS), Fetched, {"robots": False}),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_robots(case: Robots) -> None:
    clock = QuickClock()
    with FaultServer({"/robots.txt": case.script}) as server, memory_bound():
        terms = rules(server.port, **case.rules)
        wanted = [(Request(url=server.url(f"/case/{n}")), terms) for n in range(3)]
        outcomes = watched(fetch_all(wanted, fetcher(clock)))
        asked = [path for path in server.asked if path.startswith("/case")]
    assert {type(outcome) for outcome in outcomes} == {case.outcome}, outcomes[0]
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            assert outcome.reason == "robots-disallowed"
        if isinstance(outcome, Deferred):
            assert outcome.reason == "robots-unreachable"
    assert (len(asked) == 3) == (case.outcome is Fetched)
    assert server.asked["/robots.txt"] <= 7
    assert clock.slept <= 3 * 60 + 10


def test_a_stranger_cannot_keep_us_from_another_host() -> None:
    """A host without robots.txt to be had leaves the pages of other hosts alone."""
    with FaultServer({"/robots.txt": (Hang(),)}) as dead, FaultServer({}) as alive:
        wanted = [
            (Request(url=dead.url("/page")), rules(dead.port, timeout=0.5)),
            (Request(url=alive.url("/page")), rules(alive.port)),
        ]
        first, second = watched(fetch_all(wanted))
    assert isinstance(first, Deferred)
    assert isinstance(second, Fetched)
