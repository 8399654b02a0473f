"""The faults, as data: what the server does, and what must become of the page."""

import gzip
import zlib
from dataclasses import dataclass, field

from pipeline.fetch import Deferred, Failed, Fetched, Gone, Outcome
from tests.faults.server import PAGE, Drip, Hang, Repeat, Reset, Script, answer, head, redirect

SHORT = {"timeout": 0.5}
CHUNKED = "Transfer-Encoding: chunked"
ENDLESS = Repeat(b"<p>more</p>" * 1000, 1_000_000)


@dataclass(frozen=True)
class Case:
    """`script` is what "/case" says, or a list of scripts, one for each time; `also` other paths; `reason` of the outcome."""

    name: str
    script: Script | list[Script]
    outcome: type[Outcome]
    reason: str = ""
    rules: dict[str, object] = field(default_factory=dict)
    also: dict[str, Script | list[Script]] = field(default_factory=dict)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def nothing_compressed(megabytes: int, wbits: int = 31) -> bytes:
    compressor = zlib.compressobj(9, wbits=wbits)
    return b"".join(compressor.compress(bytes(1_000_000)) for _ in range(megabytes)) + compressor.flush()


BOMB = nothing_compressed(300)
PACKED = gzip.compress(PAGE, mtime=0)
BAD_CHECKSUM = PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:]


def encoded(body: bytes, encoding: str) -> Script:
    return (answer(body, f"Content-Encoding: {encoding}"),)


def hops(count: int) -> dict[str, Script | list[Script]]:
    """A chain of `count` redirects that ends at a good page."""
    return {f"/hop{n}": redirect(f"/hop{n + 1}" if n < count else "/good") for n in range(1, count + 1)}


BODIES = (
    Case("gzip bomb", encoded(BOMB, "gzip"), Failed, "body-bomb"),
    Case("gzip bomb in gzip", encoded(gzip.compress(BOMB), "gzip, gzip"), Failed, "body-bomb"),
    Case("deflate bomb", encoded(nothing_compressed(100, 15), "deflate"), Failed, "body-bomb"),
    Case("two hundred layers", encoded(PACKED, ", ".join(["gzip"] * 200)), Failed, "encoding-refused"),
    Case("three layers", encoded(PACKED, "gzip, gzip, gzip"), Failed, "encoding-refused"),
    Case("two layers", encoded(gzip.compress(PACKED), "gzip, gzip"), Fetched),
    Case("brotli unasked", encoded(b"\x8b\x03\x80", "br"), Failed, "encoding-refused"),
    Case("zstd unasked", encoded(b"\x28\xb5\x2f\xfd", "zstd"), Failed, "encoding-refused"),
    Case("unknown encoding", encoded(PAGE, "rot13"), Failed, "encoding-refused"),
    Case("deflate", encoded(zlib.compress(PAGE), "deflate"), Fetched),
    Case("deflate without its frame", encoded(raw_deflate(PAGE), "deflate"), Fetched),
    Case("gzip in two streams", encoded(gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:]), "gzip"), Fetched),
    Case("gzip in 5,000 streams", encoded(gzip.compress(b"") * 5000, "gzip"), Failed, "body-bomb"),
    Case("gzip and then rubbish", encoded(PACKED + b"rubbish", "gzip"), Fetched),
    Case("gzip cut short", encoded(PACKED[:-12], "gzip"), Failed, "body-truncated"),
    Case("gzip without its checksum", encoded(PACKED[:-8], "gzip"), Failed, "body-truncated"),
    Case("gzip with a wrong checksum", encoded(BAD_CHECKSUM, "gzip"), Failed, "body-garbled"),
    Case("labelled gzip, but plain", encoded(PAGE, "gzip"), Failed, "body-garbled"),
    Case("labelled deflate, but rubbish", encoded(b"\xff" * 100, "deflate"), Failed, "body-garbled"),
    Case("encoding none", encoded(PAGE, "none"), Fetched),
    Case("shorter than it says", (answer(PAGE, length=5000),), Failed, "body-truncated"),
    Case("chunks without an end", (head(CHUNKED), chunk(PAGE)), Failed, "body-truncated"),
    Case("chunk shorter than it says", (head(CHUNKED), b"ffff\r\n" + PAGE), Failed, "body-truncated"),
    Case("chunk of no size", (head(CHUNKED), b"zz\r\n" + PAGE), Failed, "protocol"),
    Case("chunk of negative size", (head(CHUNKED), b"-5\r\n" + PAGE), Failed, "protocol"),
    Case("chunk of absurd size", (head(CHUNKED), b"f" * 40 + b"\r\n" + PAGE), Failed, "protocol"),
    Case("endless chunk size", (head(CHUNKED), Repeat(b"0" * 1000, 10_000)), Failed, "header-too-large"),
    Case("chunks and a length", (head(CHUNKED, "Content-Length: 5"), chunk(PAGE), b"0\r\n\r\n"), Fetched),
    Case("body to the end of the connection", (head(), PAGE), Fetched),
    Case("empty", (answer(b""),), Failed, "body-empty"),
    Case("blanks only", (answer(b" \r\n\t " * 20),), Failed, "body-empty"),
    Case("no content", (answer(b"", status="204 No Content"),), Failed, "body-empty"),
    Case("a part", (answer(PAGE[:50], "Content-Range: bytes 0-49/99", status="206 Partial"),), Failed, "partial"),
    Case("endless chunks", (head(CHUNKED), Repeat(chunk(b"x" * 60_000), 1_000_000)), Failed, "body-too-large"),
    Case("endless body", (head(), ENDLESS), Failed, "body-too-large"),
    Case("a terabyte promised", (head("Content-Length: 1000000000000"), PAGE), Failed, "body-too-large"),
    Case("a hundred megabytes", (head("Content-Length: 100000000"), ENDLESS), Failed, "body-too-large"),
    Case("negative length", (head("Content-Length: -5"), PAGE), Failed, "protocol"),
    Case("length in words", (head("Content-Length: many"), PAGE), Failed, "protocol"),
    Case("two lengths", (head("Content-Length: 5", "Content-Length: 6"), PAGE), Failed, "protocol"),
    Case("many tiny chunks", (head(CHUNKED), *[chunk(b"<p>") * 20_000], b"0\r\n\r\n"), Fetched),
    Case("cut short once", [(answer(PAGE, length=5000),), (answer(),)], Fetched),
    Case("wrong checksum once", [encoded(BAD_CHECKSUM, "gzip"), encoded(PACKED, "gzip")], Fetched),
)

CONNECTIONS = (
    Case("silent from the start", (Hang(),), Failed, "timeout", SHORT),
    Case("silent after the headers", (head("Content-Length: 99"), Hang()), Failed, "timeout", SHORT),
    Case("silent within the headers", (b"HTTP/1.1 200 OK\r\nContent-", Hang()), Failed, "timeout", SHORT),
    Case("body in drops", (head(), Drip(b"x")), Failed, "timeout", SHORT),
    Case("chunks in drops", (head(CHUNKED), Drip(chunk(b"x"))), Failed, "timeout", SHORT),
    Case("headers in drops", (b"HTTP/1.1 200 OK\r\n", Drip(b"X: y\r\n")), Failed, "timeout", SHORT),
    Case("one header in drops", (b"HTTP/1.1 200 OK\r\nX: ", Drip(b"y")), Failed, "timeout", SHORT),
    Case("to be continued for ever", (Drip(b"HTTP/1.1 100 Continue\r\n\r\n"),), Failed, "timeout", SHORT),
    Case(
        "early hints without end",
        (Repeat(head("Link: </a>", status="103 Early Hints"), 10**7),),
        Failed,
        "timeout",
        SHORT,
    ),
    Case("continue, then a page", (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),), Fetched),
    Case("hung up", (Reset(),), Failed, "disconnected"),
    Case("closed without a word", (b"",), Failed, "disconnected"),
    Case("hung up within the headers", (b"HTTP/1.1 200 OK\r\nConte", Reset()), Failed, "disconnected"),
    Case("hung up within the body", (head("Content-Length: 9999"), PAGE, Hang(0.1), Reset()), Failed, "disconnected"),
    Case("hung up once", [(Reset(),), (answer(),)], Fetched),
    Case("rubbish", (b"\x00\x01\x02 rubbish \xff\xfe" * 50,), Failed, "protocol"),
    Case("a page without a status", (PAGE + b"\r\n\r\n",), Failed, "protocol"),
    Case("another protocol", (b"SSH-2.0-OpenSSH_9.6\r\n",), Failed, "disconnected"),
    Case("encryption where none belongs", (b"\x15\x03\x01\x00\x02\x02\x28",), Failed, "protocol"),
    Case("a status in words", (b"HTTP/1.1 fine OK\r\n\r\n",), Failed, "protocol"),
    Case("endless status line", (b"HTTP/1.1 200 ", Repeat(b"O" * 10_000, 10_000)), Failed, "header-too-large"),
    Case("a header of 300 KB", (answer(PAGE, "X-Long: " + "x" * 300_000),), Failed, "header-too-large"),
    Case("a header of 90 KB", (answer(PAGE, "X-Long: " + "x" * 90_000),), Failed, "header-too-large"),
    Case("5,000 headers", (answer(PAGE, *(f"X-{n}: y" for n in range(5000))),), Failed, "header-too-large"),
    Case(
        "endless headers",
        (b"HTTP/1.1 200 OK\r\n", Repeat(b"X-More: yes\r\n" * 100, 10_000)),
        Failed,
        "header-too-large",
    ),
    Case("NUL in a header", (answer(PAGE, "X-Nul: a\0b"),), Failed, "protocol"),
    Case("bytes in a header", (answer(PAGE, "X-Latin: \xe9\xff"),), Fetched),
    Case(
        "another protocol offered",
        (head("Upgrade: websocket", status="101 Switching Protocols"), b"\x81\x00"),
        Failed,
        "protocol",
    ),
)

STATUSES = (
    Case("404", (answer(status="404 Not Found"),), Gone),
    Case("404 cut short", (answer(status="404 Not Found", length=5000),), Gone),
    Case("404 in drops", (head(status="404 Not Found"), Drip(b"x")), Gone),
    Case("404 without end", (head(status="404 Not Found"), ENDLESS), Gone),
    Case("410", (answer(status="410 Gone"),), Gone),
    Case("401", (answer(status="401 Unauthorized"),), Failed, "status"),
    Case("403", (answer(status="403 Forbidden"),), Failed, "status"),
    Case("451", (answer(status="451 Unavailable For Legal Reasons"),), Failed, "status"),
    Case("999", (answer(status="999 Request Denied"),), Failed, "status"),
    Case("300", (answer(status="300 Multiple Choices"),), Failed, "status"),
    Case("500", (answer(status="500 Internal Server Error"),), Failed, "server-error"),
    Case("500 once", [(answer(status="500 Oops"),), (answer(),)], Fetched),
    Case("503, no time named", (answer(status="503 Service Unavailable"),), Failed, "server-error"),
    Case("503, back in a second", [(answer(b"", "Retry-After: 1", status="503 Wait"),), (answer(),)], Fetched),
    Case("503, back in an hour", (answer(b"", "Retry-After: 3600", status="503 Wait"),), Deferred, "retry-after"),
    Case(
        "429, back in 31 years", (answer(b"", "Retry-After: 1000000000", status="429 Slow"),), Deferred, "retry-after"
    ),
    Case("429, back in 10^99", (answer(b"", "Retry-After: 1" + "0" * 99, status="429 Slow"),), Deferred, "retry-after"),
    Case(
        "429, back in the year 9999",
        (answer(b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", status="429 Slow"),),
        Deferred,
        "retry-after",
    ),
    Case(
        "429, back in the past",
        [(answer(b"", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", status="429 Slow"),), (answer(),)],
        Fetched,
    ),
    Case("429, back minus five", [(answer(b"", "Retry-After: -5", status="429 Slow"),), (answer(),)], Fetched),
    Case("429, back soon", (answer(b"", "Retry-After: soon", status="429 Slow"),), Failed, "rate-limited"),
    Case("304 unasked", (head(status="304 Not Modified"),), Failed, "not-modified-unasked"),
    Case("304 unasked once", [(head(status="304 Not Modified"),), (answer(),)], Fetched),
)

REDIRECTS = (
    Case("to itself", redirect("/case"), Failed, "redirect-loop"),
    Case("in a circle", redirect("/b"), Failed, "redirect-loop", also={"/b": redirect("/case")}),
    Case("five redirects", redirect("/hop1"), Fetched, also=hops(4)),
    Case("six redirects", redirect("/hop1"), Failed, "redirect-limit", also=hops(5)),
    Case("redirects without end", redirect("/hop1"), Failed, "redirect-limit", also=hops(100)),
    Case("to nowhere", (answer(b"", status="302 Found"),), Failed, "redirect-invalid"),
    Case("to half an address", redirect("http://["), Failed, "redirect-invalid"),
    Case("to a URL of 10 KB", redirect("/" + "x" * 10_000), Failed, "url-invalid"),
    Case("to no host", redirect("http://:80/etc/passwd"), Failed, "url-invalid"),
    Case("with a body cut short", (answer(b"x", "Location: /good", status="302 Found", length=99),), Fetched),
    Case("with a body in drops", (head("Location: /good", status="302 Found"), Drip(b"x")), Fetched),
    Case("with a long body", (answer(b"x" * 3_000_000, "Location: /good", status="302 Found"),), Fetched),
    *(
        Case(f"to {place}", redirect(place), Failed, reason)
        for reason, places in {
            "scheme-refused": (
                "file:///etc/passwd",
                "ftp://example.org/",
                "javascript:alert(1)",
                "data:text/html,x",
                "gopher://x/",
            ),
            "port-refused": ("http://example.org:25/", "http://127.0.0.1:22/", "http://example.org:6379/"),
            "address-refused": (
                "http://169.254.169.254/latest/meta-data/",
                "http://127.0.0.1:1025/",
                "http://127.1/",
                "http://0177.0.0.1/",
                "http://0x7f000001/",
                "http://0x7f.1/",
                "http://2130706433/",
                "http://%31%32%37.0.0.1/",
                "http://①②⑦.⓪.⓪.①/".encode().decode("latin-1"),
                "http://0/",
                "http://0.0.0.0/",
                "http://10.0.0.1/",
                "http://172.16.5.4/",
                "http://192.168.1.1/",
                "http://100.64.0.1/",
                "http://198.18.0.1/",
                "http://224.0.0.1/",
                "http://240.0.0.1/",
                "http://255.255.255.255/",
                "http://[::1]/",
                "http://[::]/",
                "http://[::ffff:127.0.0.1]/",
                "http://[::ffff:7f00:1]/",
                "http://[::127.0.0.1]/",
                "http://[64:ff9b::7f00:1]/",
                "http://[64:ff9b::a9fe:a9fe]/",
                "http://[2002:7f00:1::]/",
                "http://[2001:0:7f00:1::]/",
                "http://[fe80::1]/",
                "http://[fe80::1%25lo]/",
                "http://[fd00::1]/",
                "http://[ff02::1]/",
            ),
        }.items()
        for place in places
    ),
)
