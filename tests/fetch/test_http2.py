"""TLS and HTTP/2: negotiated, shared, checked for the name asked for, and as bounded as HTTP/1.1."""

import asyncio
import ssl
from collections.abc import Sequence

import pytest

from pipeline.fetch import Failed, Fetched, Fetcher, FetchSettings, MemoryBudget, Outcome, Request
from tests.faults.run import QuickClock, memory_bound, rules, watched
from tests.fetch.h2server import TLS, Connection, H2Server, Misdeed


async def on_loopback(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


def client(*, trusted: bool = True) -> Fetcher:
    tls = ssl.create_default_context(cafile=str(TLS / "cert.pem")) if trusted else None
    clock = QuickClock()
    settings = FetchSettings(contact="c", tls=tls, connect_timeout=5.0)
    return Fetcher(settings, budget=MemoryBudget(clock), clock=clock, resolver=on_loopback)


async def get(server: H2Server, paths: Sequence[str], host: str = "site.test", **more: object) -> list[Outcome]:
    terms = rules(server.port, **more)
    terms = terms.model_copy(update={"allow_hosts": (f"{host}:{server.port}",)})
    async with client() as made:
        requests = [Request(url=f"https://{host}:{server.port}{path}") for path in paths]
        return await asyncio.gather(*(made.fetch(request, terms) for request in requests))


def test_many_pages_over_one_connection() -> None:
    async def run() -> None:
        async with H2Server() as server:
            outcomes = await get(server, [f"/{n}" for n in range(20)], concurrency=16)
            assert all(isinstance(o, Fetched) and o.http_version == "HTTP/2" for o in outcomes), outcomes[0]
            assert server.connections == 1
            assert {request[":authority"] for request in server.requests} == {f"site.test:{server.port}"}

    watched(run())


@pytest.mark.parametrize(("host", "trusted"), [("other.test", True), ("site.test", False)])
def test_certificates_are_checked(host: str, trusted: bool) -> None:
    """For another name, or of an authority nobody knows: not to be tried again."""

    async def run() -> Outcome:
        async with H2Server() as server, client(trusted=trusted) as made:
            terms = rules(None, allow_hosts=(host,))
            return await made.fetch(Request(url=f"https://{host}:{server.port}/"), terms)

    outcome = watched(run())
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.transient) == ("tls", False)
    assert "certificate" in outcome.detail.lower()


def test_no_encryption_where_it_was_promised() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        writer.close()

    async def run() -> Outcome:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, client() as made:
            return await made.fetch(Request(url=f"https://site.test:{port}/"), rules(port))

    outcome = watched(run())
    assert isinstance(outcome, Failed)
    assert outcome.reason in {"tls", "connect"}


def short(connection: Connection, stream: int) -> None:
    connection.send_headers(stream, [(":status", "200"), ("content-length", "999")])
    connection.send_data(stream, b"<p>too little</p>", end_stream=True)


def nothing(connection: Connection, stream: int) -> None:
    connection.send_headers(stream, [(":status", "200")], end_stream=True)


def reset(connection: Connection, stream: int) -> None:
    connection.send_headers(stream, [(":status", "200")])
    connection.reset_stream(stream)


def long_headers(connection: Connection, stream: int) -> None:
    headers = [(":status", "200"), *((f"x-{n}", "y" * 3000) for n in range(100))]
    connection.send_headers(stream, headers)


def many_headers(connection: Connection, stream: int) -> None:
    headers = [(":status", "200"), *((f"x-{n}", "y") for n in range(1000))]
    connection.send_headers(stream, headers, end_stream=True)


def odd_status(connection: Connection, stream: int) -> None:
    connection.send_headers(stream, [(":status", "fine")], end_stream=True)


def no_status(connection: Connection, stream: int) -> None:
    connection.send_headers(stream, [("content-type", "text/html")], end_stream=True)


def rubbish(connection: Connection, stream: int) -> bytes:
    return b"\xff" * 5000


def go_away(connection: Connection, stream: int) -> None:
    connection.close_connection(error_code=2)


def pings(connection: Connection, stream: int) -> bytes:
    return (b"\0\0\x08\x06\0\0\0\0\0" + b"pingpong") * 50_000


def continuations(connection: Connection, stream: int) -> bytes:
    start = b"\0\0\1\1\0" + stream.to_bytes(4, "big") + b"\x88"
    return start + (b"\0\0\x0a\x09\0" + stream.to_bytes(4, "big") + b"\0\1a\1b" + b"\0\1a\1b") * 10_000


def silence(connection: Connection, stream: int) -> None:
    pass


MISDEEDS: dict[str, tuple[Misdeed, frozenset[str]]] = {
    "/short": (short, frozenset({"protocol", "body-truncated"})),
    "/nothing": (nothing, frozenset({"body-empty"})),
    "/reset": (reset, frozenset({"protocol"})),
    "/long-headers": (long_headers, frozenset({"protocol", "header-too-large"})),
    "/many-headers": (many_headers, frozenset({"header-too-large"})),
    "/odd-status": (odd_status, frozenset({"protocol"})),
    "/no-status": (no_status, frozenset({"body-empty"})),
    "/rubbish": (rubbish, frozenset({"protocol", "timeout"})),
    "/go-away": (go_away, frozenset({"protocol", "disconnected"})),
    "/pings": (pings, frozenset({"timeout"})),
    "/continuations": (continuations, frozenset({"protocol"})),
    "/silence": (silence, frozenset({"timeout"})),
}


@pytest.mark.parametrize("path", MISDEEDS)
def test_misdeeds(path: str) -> None:
    """The page fails for a reason, and the next one comes, over another connection where need be."""
    misdeed, reasons = MISDEEDS[path]

    async def run() -> tuple[Outcome, Outcome]:
        async with H2Server({path: misdeed}) as server:
            (bad,) = await get(server, [path], timeout=1.0, retries=0)
            (good,) = await get(server, ["/good"])
            return bad, good

    with memory_bound():
        bad, good = watched(run())
    assert isinstance(bad, Failed)
    assert bad.reason in reasons, bad
    assert isinstance(good, Fetched)
