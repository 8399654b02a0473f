"""What reaches the wire and what comes back from it: exactly ours, exactly theirs, and nothing of the client's own."""

import logging
from collections.abc import Sequence

import pytest

from pipeline.fetch.address import AllowedHosts
from pipeline.fetch.outcome import Reason
from pipeline.fetch.transport import HttpTransport
from pipeline.fetch.urls import Target, target
from pipeline.fetch.wire import Headers, WireError
from tests.faults.run import watched
from tests.faults.server import FaultServer, Reset, Script, answer, head

PACKED = b"\x1f\x8b not to be unpacked \x00\xff"
OURS = ((b"host", b"a.test"), (b"user-agent", b"us"), (b"X-Twice", b"1"), (b"x-twice", b"2"), (b"x-latin", b"\xe9"))
HEAD = b"host: a.test\r\nuser-agent: us\r\nX-Twice: 1\r\nx-twice: 2\r\nx-latin: \xe9\r\n\r\n"

Got = tuple[int, Headers, bytes]


async def on_loopback(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


def get_one(server: FaultServer, path: str) -> Got:
    """The answer, which is one."""
    (got,) = get(server, path)
    assert isinstance(got, tuple)
    return got


def get(server: FaultServer, *paths: str) -> list[Got | Reason]:
    """The answers one after another, over one transport."""

    async def run() -> list[Got | Reason]:
        allowed = AllowedHosts.of((f"a.test:{server.port}",))
        transport = HttpTransport(on_loopback, connect_timeout=2.0, idle_timeout=2.0)
        answers: list[Got | Reason] = []
        for path in paths:
            to = target(f"http://a.test:{server.port}{path}", allowed)
            assert isinstance(to, Target)
            try:
                async with transport.get(to, OURS, allowed) as reply:
                    assert reply.address == "127.0.0.1"
                    answers.append((reply.status, reply.headers, b"".join([chunk async for chunk in reply.chunks])))
            except WireError as error:
                answers.append(error.reason)
        await transport.aclose()
        return answers

    return watched(run())


@pytest.mark.parametrize("path", ["/", "/a%20b//c/../d?q=%zz&&", "/?x=^`{}|", "/'()*,;=:@[]?[y]=1"])
def test_our_headers_and_our_spelling_and_nothing_else(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with FaultServer({}) as server:
        status, _, _ = get_one(server, path)
        assert status == 200
        assert server.heads == [b"GET " + path.encode() + b" HTTP/1.1\r\n" + HEAD]


def test_answers_come_as_they_were_sent() -> None:
    sent = head("X-A: 1", "x-a: \xff\xfe", "Content-Encoding: gzip", f"Content-Length: {len(PACKED)}") + PACKED
    with FaultServer({"/a": (sent,)}) as server:
        status, headers, body = get_one(server, "/a")
    assert (status, body) == (200, PACKED)
    assert list(headers)[:2] == [(b"X-A", b"1"), (b"x-a", b"\xff\xfe")]


def test_no_cookie_is_kept() -> None:
    with FaultServer({"/a": (answer(b"", "Set-Cookie: id=1", "Set-Cookie: b=2; Expires=never"),)}) as server:
        get(server, "/a", "/b")
        assert [request.partition(b"\r\n")[2] for request in server.heads] == [HEAD, HEAD]


@pytest.mark.parametrize("location", ["/b", "http://[", "//", "http:///b", "http://1.2.3.999/", "\xff", "x" * 60_000])
def test_redirects_are_not_read(location: str) -> None:
    with FaultServer({"/a": (answer(b"moved", f"Location: {location}", status="302 Found"),)}) as server:
        status, headers, body = get_one(server, "/a")
        assert server.asked == {"/a": 1}
    assert (status, body) == (302, b"moved")
    assert (b"Location", location.encode("latin-1")) in headers


def test_one_resend_where_a_kept_connection_was_closed() -> None:
    """Not where the connection was new."""
    gone: list[Script] = [(Reset(),), (answer(),)]
    with FaultServer({"/kept": gone, "/new": gone}) as server:
        kept = get(server, "/a", "/kept")
        new = get(server, "/new")
        assert server.asked == {"/a": 1, "/kept": 2, "/new": 1}
    assert isinstance(kept[1], tuple)
    assert new == ["disconnected"]


def test_the_log_names_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with FaultServer({}) as server, caplog.at_level(logging.INFO):
        get(server, "/a?access_token=hunter2")
        assert b"hunter2" in server.heads[0]
    assert "hunter2" not in caplog.text
