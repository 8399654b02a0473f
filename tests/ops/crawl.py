"""A crawl of our own making, for the tests of bulk and of its shards: articles, and WARC records of them."""

import gzip

WORDS = ("harbour", "morning", "council", "bridge", "market", "river", "library", "station", "garden", "winter")


def page(number: int, sentences: int = 12) -> bytes:
    """A small article of its own words, with a menu beside it."""
    said = [
        f"The {WORDS[(number + i) % 10]} near the {WORDS[(number * 3 + i) % 10]} was opened again in week {number + i}."
        for i in range(sentences)
    ]
    body = "".join(f"<p>{' '.join(said[i : i + 3])}</p>" for i in range(0, sentences, 3))
    title = f"The {WORDS[number % 10]} opens for the {number + 1}th time"
    html = f"<body><nav>Home News</nav><article><h1>{title}</h1>{body}</article></body>"
    return f"<html><head><title>{title}</title></head>{html}</html>".encode()


def record(url: str, body: bytes, status: str = "200 OK") -> bytes:
    """A response as a WARC record, compressed on its own."""
    block = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-02-03T04:05:06Z\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Record-ID: <urn:{url}>\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def warc(pages: range, site: str = "a.example", sentences: int = 12) -> bytes:
    """A file of `pages` of a site."""
    return b"".join(record(f"http://{site}/{number}", page(number, sentences)) for number in pages)
