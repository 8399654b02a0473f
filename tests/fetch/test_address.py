"""Which hosts, addresses and ports are connected to, and that what was judged is what is connected to."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import Failed, Fetched, Fetcher, Outcome, Request
from pipeline.fetch.address import AllowedHosts, kind_of, odd_spelling, permitted
from pipeline.fetch.urls import Refused, target
from tests.faults.run import QuickClock, fetcher, rules, watched
from tests.faults.server import FaultServer, redirect

KINDS = {
    "public": "1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 100.128.0.1 2606:4700::1111 2a00:1450::200e",
    "private": "10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 100.127.255.254 fc00::1 fdff::1 fec0::1",
    "loopback": "127.0.0.1 127.255.255.254 ::1",
    "link-local": "169.254.169.254 168.63.129.16 fe80::1 fe80::1%eth0 febf::1",
    "multicast": "224.0.0.1 239.255.255.255 ff02::1",
    "embedded": "::ffff:8.8.8.8 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::1 2002:808:808:: 2001::1 192.88.99.1",
    "reserved": "0.0.0.0 0.1.2.3 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 240.0.0.1 255.255.255.255 2001:db8::1 "
    "3fff::1 4000::1 100::1 5f00::1 rubbish",
}


@pytest.mark.parametrize(("kind", "address"), [(kind, a) for kind, text in KINDS.items() for a in text.split()])
def test_kind(kind: str, address: str) -> None:
    assert kind_of(address) == kind


@given(st.ip_addresses())
def test_only_global_addresses_are_public(address: object) -> None:
    """What the standard library knows to be not global is never public to us."""
    if kind_of(str(address)) == "public":
        assert getattr(address, "is_global")  # noqa: B009 - hypothesis types it as object


@pytest.mark.parametrize(
    "host",
    ["127.1", "0x7f.1", "017700000001", "2130706433", "1.2.3", "1.2.3.4.5", "1.2.3.256", "a.0x1", "fe80::1%1", "::1::"],
)
def test_odd_spellings(host: str) -> None:
    assert odd_spelling(host)


@given(st.ip_addresses(v=4))
def test_usual_spelling_of_ipv4(address: object) -> None:
    assert not odd_spelling(str(address))


def test_permitted() -> None:
    """Public always, private and loopback by name, link-local by address only, embedded never."""
    addresses = ["1.1.1.1", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "224.0.0.1"]
    named = AllowedHosts.of(["Host.example:8080", "169.254.169.254"])
    assert permitted("host.example", 8080, addresses, AllowedHosts()) == ("1.1.1.1",)
    assert permitted("host.example", 8080, addresses, named) == ("1.1.1.1", "10.0.0.1", "127.0.0.1")
    assert permitted("host.example", 80, addresses, named) == ("1.1.1.1",)
    assert permitted("169.254.169.254", 80, ["169.254.169.254"], named) == ("169.254.169.254",)


@pytest.mark.parametrize(
    ("name", "host", "port"),
    [("h", "h", 1), ("h:1", "h", 1), ("::1", "::1", 9), ("[::1]:9", "::1", 9), ("[::1]", "::1", 7)],
)
def test_allowed_hosts(name: str, host: str, port: int) -> None:
    assert AllowedHosts.of([name]).has(host, port)
    assert not AllowedHosts.of([name]).has(f"x{host}", port)


@given(st.text(max_size=60))
def test_target_never_raises(text: str) -> None:
    for url in (text, f"http://{text}", f"http://h/{text}"):
        made = target(url, AllowedHosts())
        assert isinstance(made, Refused) or made.url.isascii()


class Resolver:
    """Answers in turn; counts."""

    def __init__(self, *answers: Sequence[str] | OSError) -> None:
        self.answers = answers
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, OSError):
            raise answer
        return answer


async def ask(client: Fetcher, *requests: tuple[str, object]) -> list[Outcome]:
    async with client:
        return [await client.fetch(Request(url=url), terms) for url, terms in requests]  # type: ignore[arg-type]


def test_the_address_judged_is_the_one_connected_to() -> None:
    """The name is asked about once for a connection; what it answers a second time counts for nothing."""
    resolver = Resolver(["127.0.0.1"], ["169.254.169.254"])
    with FaultServer({}) as server:
        terms = rules(server.port, robots=False)
        outcome, again = watched(ask(fetcher(resolver=resolver), *[(f"http://site.test:{server.port}/a", terms)] * 2))
    assert isinstance(outcome, Fetched)
    assert isinstance(again, Fetched)
    assert resolver.asked == 1
    assert outcome.hops[0].address == "127.0.0.1"
    assert b"Host: site.test" in server.heads[0] or b"host: site.test" in server.heads[0]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "rubbish"]
)
def test_names_that_lead_inside(address: str) -> None:
    with FaultServer({}) as server:
        terms = rules(None, robots=False)
        outcome = watched(ask(fetcher(resolver=Resolver([address])), (f"http://site.test:{server.port}/", terms)))[0]
        assert not server.heads
    assert isinstance(outcome, Failed)
    assert outcome.reason == "address-refused"
    assert len(outcome.attempts) == 1


def test_of_several_addresses_only_the_permitted_are_tried() -> None:
    with FaultServer({}) as server:
        resolver = Resolver(["169.254.169.254", "::ffff:127.0.0.1", "127.0.0.2", "127.0.0.1"])
        terms = rules(server.port, robots=False)
        outcome = watched(ask(fetcher(resolver=resolver), (f"http://site.test:{server.port}/", terms)))[0]
    assert isinstance(outcome, Fetched)
    assert outcome.hops[0].address == "127.0.0.1"


def test_a_name_that_is_nowhere() -> None:
    outcome = watched(ask(fetcher(resolver=Resolver(OSError("no such name"))), ("http://site.test/", rules(None))))[0]
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.transient) == ("dns", True)
    assert len(outcome.attempts) == 2


def test_connections_of_one_source_are_closed_to_another() -> None:
    """A source that may not reach a host does not get there over a connection that another opened."""
    with FaultServer({}) as server:
        yes, no = rules(server.port, robots=False), rules(None, robots=False)
        url = server.url("/")
        first, second = watched(ask(fetcher(), (url, yes), (url, no)))
    assert isinstance(first, Fetched)
    assert isinstance(second, Failed)
    assert second.reason == "address-refused"


def test_a_redirect_is_judged_by_the_same_rules() -> None:
    with FaultServer({}) as inner, FaultServer({"/out": redirect(inner.url("/secret"))}) as outer:
        outcome = watched(ask(fetcher(), (outer.url("/out"), rules(outer.port))))[0]
        assert not inner.heads
    assert isinstance(outcome, Failed)
    assert outcome.reason == "address-refused"
    assert [hop.status for hop in outcome.attempts[0].hops] == [302, None]


def test_a_slow_resolver_is_bounded() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    clock = QuickClock()
    outcome = watched(
        ask(fetcher(clock, resolver=never), ("http://site.test/", rules(None, robots=False, timeout=0.3, retries=0)))
    )[0]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "timeout"
