"""Labels, what they mean to Python, and what documents declare."""

import pytest
from webencodings.labels import LABELS

from pipeline.charset.declared import header_label, labels, meta_label
from pipeline.charset.detector import top_level_domain
from pipeline.charset.labels import FAMILY, PYTHON_CODECS, SEVEN_BIT, UTF_16_32, lookup
from pipeline.charset.reading import SINGLE_BYTE, read, table


@pytest.mark.parametrize("label", LABELS)
def test_every_label_of_the_standard_is_known_and_can_be_read(label: str) -> None:
    name = lookup(label)
    assert name in PYTHON_CODECS
    assert read(b"plain", str(name)) == ("plain", ()) or name in UTF_16_32


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("utf8mb4", "utf-8"),
        ("UTF 8", "utf-8"),
        ("x-sjis", "shift_jis"),
        ("Shift-JIS", "shift_jis"),
        ("cp949", "euc-kr"),
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("koi8", "koi8-r"),
        ("cp866", "ibm866"),
        ("65001", "utf-8"),
        ("win_1250", "windows-1250"),
        ("latin1", "windows-1252"),
        ("none", None),
        ("", None),
        ("windows-9999", None),
    ],
)
def test_labels_pages_carry(label: str, name: str | None) -> None:
    assert lookup(label) == name


def test_every_encoding_has_a_family() -> None:
    assert set(PYTHON_CODECS) - UTF_16_32 - {"utf-8"} == set(FAMILY)


@pytest.mark.parametrize("name", sorted(SINGLE_BYTE))
def test_tables_have_256_characters_and_keep_ascii(name: str) -> None:
    assert len(table(name)) == 256
    assert table(name)[:128] == "".join(map(chr, range(128)))
    assert name not in SEVEN_BIT


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html;charset="KOI8-R"', "koi8-r"),
        ("text/html; CHARSET = 'latin1' ; x=y", "windows-1252"),
        ("utf-8", "utf-8"),
        ("none", None),
        ("text/html", None),
        ("text/html; charset=", None),
        (None, None),
    ],
)
def test_header_label(header: str | None, name: str | None) -> None:
    assert header_label(header) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<meta charset=koi8-r>", "koi8-r"),
        (b"<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=windows-1251'>", "windows-1251"),
        (b"<meta name=x content=y><meta charset='big5'/>", "big5"),
        (b"<!-- <meta charset=big5> --><meta charset=euc-kr>", "euc-kr"),
        (b"<script>'<meta charset=big5>'</script><meta charset=euc-kr>", "euc-kr"),
        (b"<meta charset=nonsense><meta charset=euc-kr>", "euc-kr"),
        (b"<!-- <meta charset=big5>", None),
        (b"a sentence about charset=big5", None),
    ],
)
def test_meta_label(head: bytes, name: str | None) -> None:
    assert meta_label(head) == name


def test_header_comes_first() -> None:
    found = labels(b"<meta charset=big5>", "text/html; charset=euc-kr")
    assert [label.encoding for label in found] == ["euc-kr", "big5"]


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("http://example.co.uk./a", b"uk"),
        ("http://ПРИМЕР.РФ/", b"xn--p1ai"),
        ("http://10.0.0.1/", None),
        ("mailto:x", None),
    ],
)
def test_top_level_domain(url: str, domain: bytes | None) -> None:
    assert top_level_domain(url) == domain
