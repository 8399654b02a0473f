"""Who sees credentials, and what is kept of them: the source's own origins, and nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import Failed, Fetched, Fetcher, FetchSettings, MemoryBudget, Outcome, Request, home
from pipeline.fetch.headers import user_agent
from pipeline.fetch.urls import key, scrub, scrub_header
from schemas import SourceV1
from tests.faults.run import QuickClock, rules, watched
from tests.faults.server import FaultServer, answer, redirect

SECRETS = {"TOKEN": "hunter2", "USER": "me"}


def fetch(
    url: str, home: tuple[str, ...] = (), headers: dict[str, str] | None = None, ports: tuple[int, ...] = ()
) -> Outcome:
    async def run() -> Outcome:
        clock = QuickClock()
        settings = FetchSettings(contact="ops@example.org", secrets=SECRETS)
        async with Fetcher(settings, budget=MemoryBudget(clock), clock=clock) as client:
            terms = rules(
                None, headers=headers or {}, allow_hosts=tuple(f"127.0.0.1:{port}" for port in ports), retries=0
            )
            return await client.fetch(Request(url=url, home=home), terms)

    return watched(run())


def test_credentials_go_to_the_sources_own_origins_only() -> None:
    headers = {"X-Key": "k-$TOKEN", "Cookie": "session=1", "Accept-Language": "ru"}
    with FaultServer({}) as other, FaultServer({"/out": redirect(other.url("/in"))}) as own:
        origin = f"http://127.0.0.1:{own.port}"
        outcome = fetch(own.url("/out"), (origin,), headers, (own.port, other.port))
        mine, theirs = own.heads[-1].lower(), b"".join(other.heads).lower()
        robots = own.heads[0].lower()
    assert isinstance(outcome, Fetched)
    assert b"x-key: k-hunter2" in mine
    assert b"cookie: session=1" in mine
    assert b"accept-language: ru" in theirs
    for request in (theirs, robots):
        assert b"hunter2" not in request
        assert b"cookie" not in request
        assert b"referer" not in request


def test_credentials_go_nowhere_by_default() -> None:
    with FaultServer({}) as server:
        fetch(server.url("/"), (), {"Authorization": "Bearer ${TOKEN}"}, (server.port,))
        assert not any(b"hunter2" in request for request in server.heads)


def test_credentials_are_not_kept() -> None:
    with FaultServer({"/a": (answer(b"page", "Set-Cookie: id=hunter2", "X-Auth-Token: hunter2"),)}) as server:
        outcome = fetch(
            server.url("/a"), (f"http://127.0.0.1:{server.port}",), {"X-Reader": "$USER-$TOKEN"}, (server.port,)
        )
        assert b"x-reader: me-hunter2" in server.heads[-1].lower()
    assert isinstance(outcome, Fetched)
    assert "hunter2" not in repr(outcome)
    assert dict(outcome.request_headers)["x-reader"] == "REDACTED"
    assert dict(outcome.capture.headers)["set-cookie"] == "REDACTED"


def test_cookies_are_not_sent_back() -> None:
    script = {"/a": (answer(b"", "Set-Cookie: id=1", "Location: /b", status="302 Found"),)}
    with FaultServer(script) as server:
        assert isinstance(fetch(server.url("/a"), ports=(server.port,)), Fetched)
        assert not any(b"cookie" in request.lower() for request in server.heads)


def test_credentials_in_urls_are_not_sent() -> None:
    with FaultServer({}) as server:
        outcome = fetch(f"http://user:hunter2@127.0.0.1:{server.port}/a", ports=(server.port,))
        assert not any(b"authorization" in request.lower() for request in server.heads)
    assert isinstance(outcome, Fetched)
    assert "hunter2" not in repr(outcome)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"X-A": "$MISSING"}, "secret-missing"),
        ({"Host": "evil"}, "header-refused"),
        ({"User-Agent": "Mozilla"}, "header-refused"),
        ({"Accept-Encoding": "br"}, "header-refused"),
        ({"Transfer-Encoding": "chunked"}, "header-refused"),
        ({"X-A": "a\r\nX-B: b"}, "header-refused"),
        ({"X A": "a"}, "header-refused"),
        ({"X-A": "ж"}, "header-refused"),
    ],
)
def test_headers_that_are_not_sent(headers: dict[str, str], reason: str) -> None:
    with FaultServer({}) as server:
        outcome = fetch(server.url("/"), headers=headers, ports=(server.port,))
        assert not server.heads
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


def test_the_operator_is_named() -> None:
    with FaultServer({}) as server:
        fetch(server.url("/"), ports=(server.port,))
        assert all(b"unscrape/" in request and b"ops@example.org" in request for request in server.heads)


@given(st.text(max_size=200))
def test_user_agent_is_one_line(contact: str) -> None:
    agent = user_agent(contact)
    assert agent.encode("latin-1").startswith(b"unscrape/")
    assert not set(agent) & set("\r\n\0")


def test_home() -> None:
    source = SourceV1.model_validate(
        {
            "name": "s",
            "homepage": "https://Example.org/",
            "discover": {
                "urls": ["https://example.org/a"],
                "feeds": ["http://feeds.example.org:8080/rss"],
                "listings": [{"url": "https://list.example.org/"}],
            },
        }
    )
    assert home(source) == ("https://example.org", "http://feeds.example.org:8080", "https://list.example.org")


KEPT = "https://example.org/a?id=5&sid=123&key=main&code=42&page=2"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (KEPT, KEPT),
        ("https://u:p@h/a", "https://h/a"),
        ("https://h/a?api_key=1", "https://h/a?api_key=REDACTED"),
        ("https://h/a?x=1&PHPSESSID=5&y", "https://h/a?x=1&PHPSESSID=REDACTED&y"),
        ("https://h/a?sid=9f86d081884c7d659a2feaa0c55ad015", "https://h/a?sid=REDACTED"),
        ("https://h/a;jsessionid=AB12.node1?x", "https://h/a;jsessionid=REDACTED?x"),
        ("https://h/a?X-Amz-Signature=ff&b", "https://h/a?X-Amz-Signature=REDACTED&b"),
        ("https://h/a?pass%77ord=1", "https://h/a?pass%77ord=REDACTED"),
        ("https://h/a?token=", "https://h/a?token="),
        ("http://[", "REDACTED"),
    ],
)
def test_scrub(url: str, kept: str) -> None:
    assert scrub(url) == kept
    assert scrub(kept) == kept


@given(st.text(max_size=80))
def test_scrub_and_key_settle(text: str) -> None:
    for url in (text, f"https://h/{text}", f"https://h/?{text}"):
        assert scrub(scrub(url)) == scrub(url)
        assert key(key(url)) == key(url)


def test_scrub_header() -> None:
    assert scrub_header("location", "https://u:p@h/?token=x") == "https://h/?token=x"
    assert scrub_header("set-cookie", "a=b") == "REDACTED"
    assert scrub_header("x-csrf-token", "a") == "REDACTED"
    assert scrub_header("etag", '"a"') == '"a"'
