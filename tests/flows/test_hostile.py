"""`unscrape clean` on what is no document, or means harm: an outcome with a reason, never a traceback."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Unscrape = Callable[..., Any]

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 8
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + zlib.compress(b"stream" * 500)
NAVIGATION = (
    b"<html><body><nav><ul>"
    + b"".join(b'<li><a href="/%d">Section number %d</a></li>' % (n, n) for n in range(40))
    + b"</ul></nav><p>All rights reserved.</p></body></html>"
)

NO_DOCUMENT = {
    "empty": b"",
    "blank": b" \r\n\t \n",
    "binary": bytes(range(256)) * 64,
    "png": PNG,
    "jpeg": JPEG,
    "pdf": PDF,
    "zip": b"PK\x03\x04" + bytes(range(200)) * 20,
    "only-nul": b"\0" * 10_000,
    "only-tags": b"<html><body>" + b"<p></p>" * 1000,
    "only-script": b"<html><script>" + b"var a = 1;" * 1000 + b"</script></html>",
}


@pytest.mark.parametrize("name", NO_DOCUMENT)
def test_what_is_no_document_is_rejected_with_a_reason(name: str, unscrape: Unscrape, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(NO_DOCUMENT[name])
    result = unscrape("clean", str(path))
    assert result.code == 1
    rejected = json.loads(result.out)["rejected"]
    assert rejected["stage"]
    assert rejected["reason"]
    assert rejected["detail"]
    assert len(result.err.splitlines()) == 1
    assert rejected["reason"] in result.err


def test_navigation_alone_is_rejected_or_kept_apart(unscrape: Unscrape, tmp_path: Path) -> None:
    path = tmp_path / "navigation.html"
    path.write_bytes(NAVIGATION)
    outcome = json.loads(unscrape("clean", str(path)).out)
    assert "rejected" in outcome or outcome["quality"]["quarantined"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("nul", b"The ferry stops\0 at noon.\n\nNobody\0\0 knows why.\n"),
        ("lone-surrogate", "<p>The ferry stops at noon.</p>".encode("utf-16-le") + b"\0\xd8"),
        ("truncated", b"<html><body><p>The ferry stops at noon, and nobody knows why it does, says <a hre"),
        ("attributes", b"<p " + b" ".join(b"a%d=1" % n for n in range(20_000)) + b">The ferry stops at noon.</p>"),
        ("deep", b"<div>" * 100_000 + b"The ferry stops at noon." + b"</div>" * 100_000),
        ("inline", b"<b>" * 50_000 + b"The ferry stops at noon."),
    ],
)
def test_what_is_odd_ends_in_a_record_or_a_reason(name: str, body: bytes, unscrape: Unscrape, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    result = unscrape("clean", str(path))
    outcome = json.loads(result.out)
    if result.code == 0:
        assert "ferry" in " ".join(block["text"] for block in outcome["blocks"])
    else:
        assert result.code == 1
        assert outcome["rejected"]["reason"]


@pytest.mark.slow
def test_fifty_megabytes_of_html_end_in_an_outcome(unscrape: Unscrape, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_bytes(b"<html><body>" + b"<p>The ferry stops at noon, and nobody knows why.</p>" * 1_000_000)
    result = unscrape("clean", str(path))
    assert result.code in (0, 1)
    assert json.loads(result.out)


def test_an_input_that_is_no_document_by_size_is_refused(
    unscrape: Unscrape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.commands.clean.MAX_INPUT", 1_000_000)
    path = tmp_path / "huge"
    path.write_bytes(b"a" * 1_000_001)
    result = unscrape("clean", str(path))
    assert result.code == 2
    assert "larger than 1 MB" in result.err
