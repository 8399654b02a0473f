"""Which encoding, on what evidence; no bytes raise."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.decode import as_decoded, decode_bytes
from pipeline.document import Stray

RU = "Вчера в посёлке открыли новую библиотеку. Заведующая благодарит читателей за терпение, школьников за рисунки."
TEXTS = {
    "windows-1251": RU,
    "koi8-r": RU,
    "ibm866": RU,
    "iso-8859-5": RU,
    "windows-1252": "Die Bücherei öffnete später als geplant – „größer, schöner“ und für alle. Müßig, darüber zu klagen.",
    "windows-1250": "Nowa książka ucieszyła wszystkich: żółta okładka, gęsty druk, świetne zdjęcia..",
    "iso-8859-2": "Příliš žluťoučký kůň úpěl ďábelské ódy; čtenáři řekli, že střecha je děravá a světlo špatné, výtah však jezdí.",
    "windows-1253": "Η νέα βιβλιοθήκη άνοιξε την Πέμπτη, δύο χρόνια αργότερα. Η είσοδος είναι ελεύθερη για όλους.",
    "windows-1254": "Kütüphane perşembe açıldı; çocuklara ayrı, büyüklere geniş bir salon var. Giriş ücretsizdir, çıkış şüphesiz.",
    "windows-1255": "הספרייה החדשה נפתחה ביום חמישי, שנתיים מאוחר יותר מן המתוכנן, והכניסה חופשית לכולם.",
    "windows-1256": "افتتحت المكتبة الجديدة يوم الخميس بعد سنتين من الموعد المقرر والدخول مجاني للجميع",
    "windows-874": "ห้องสมุดแห่งใหม่เปิดในวันพฤหัสบดีช้ากว่าแผนสองปีและเข้าชมได้โดยไม่เสียค่าใช้จ่าย",
    "gb18030": "新图书馆星期四开放，比原计划晚了两年。孩子们可以免费入场，老人也一样。",
    "big5": "新圖書館星期四開放，比原計劃晚了兩年。孩子們可以免費入場，老人也一樣。",
    "shift_jis": "新しい図書館は木曜日に開館した。予定より二年おくれたが、子供たちは喜んでいる。",
    "euc-jp": "新しい図書館は木曜日に開館した。予定より二年おくれたが、子供たちは喜んでいる。",
    "euc-kr": "새 도서관이 목요일에 문을 열었다. 계획보다 두 해 늦었지만 아이들은 기뻐한다.",
    "utf-8": RU + " Größe, 新图书馆.",
}
PYTHON = {"windows-874": "cp874", "ibm866": "cp866"}


def page(text: str, encoding: str, head: str = "") -> bytes:
    html = f"<!DOCTYPE html><html><head>{head}<title>News</title></head><body><p>{text}</p></body></html>"
    return html.encode(PYTHON.get(encoding, encoding))


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize("declared", ["nowhere", "header", "meta", "both", "late", "in a comment too"])
def test_reads_what_is_declared_or_not(encoding: str, declared: str) -> None:
    tag = f'<meta charset="{encoding}">'
    head = {
        "meta": tag,
        "both": tag,
        "late": f"<!--{'x ' * 2000}-->{tag}",
        "in a comment too": f'<!-- <meta charset="windows-1257"> -->{tag}',
    }.get(declared, "")
    header = f"text/html; charset={encoding}" if declared in ("header", "both") else None
    decoded = decode_bytes(page(TEXTS[encoding], encoding, head), header, "https://example.org/")
    assert TEXTS[encoding] in decoded.text
    assert decoded.strays == ()
    assert decoded.evidence.endswith(".")


@pytest.mark.parametrize("encoding", [e for e in TEXTS if e != "utf-8"])
@pytest.mark.parametrize("wrong", ["utf-8", "iso-8859-1", "windows-1251", "koi8-r"])
def test_a_wrong_label_is_overruled(encoding: str, wrong: str) -> None:
    decoded = decode_bytes(page(TEXTS[encoding] * 3, encoding), f"text/html; charset={wrong}", "https://example.org/")
    assert TEXTS[encoding] in decoded.text


@pytest.mark.parametrize("encoding", [e for e in TEXTS if e != "utf-8"])
def test_a_right_meta_tag_wins_over_a_wrong_header(encoding: str) -> None:
    body = page(TEXTS[encoding], encoding, f'<meta http-equiv=Content-Type content="text/html; charset={encoding}">')
    decoded = decode_bytes(body, "text/html; charset=utf-8", None)
    assert TEXTS[encoding] in decoded.text
    assert "meta tag" in decoded.evidence


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16le"),
        (codecs.BOM_UTF16_BE, "utf-16be"),
        (codecs.BOM_UTF32_LE, "utf-32le"),
        (codecs.BOM_UTF32_BE, "utf-32be"),
    ],
)
@pytest.mark.parametrize("marked", [True, False])
def test_unicode_with_and_without_a_mark(mark: bytes, encoding: str, marked: bool) -> None:
    body = f"<p>{RU}</p>".encode(encoding.replace("le", "-le").replace("be", "-be"))
    decoded = decode_bytes(mark + body if marked else body, "text/html; charset=windows-1251")
    assert decoded.text == f"<p>{RU}</p>"
    assert decoded.encoding == encoding


def test_stray_bytes_leave_a_page_utf_8() -> None:
    body = page(RU, "utf-8").replace(b"News", b"Caf\xe9 \x96")
    decoded = decode_bytes(body, "text/html; charset=windows-1251")
    assert decoded.encoding == "utf-8"
    assert decoded.text == body.decode("utf-8", "replace")
    assert [stray.byte for stray in decoded.strays] == [0xE9, 0x96]
    assert all(decoded.text[stray.offset] == "\ufffd" for stray in decoded.strays)
    assert "2 bytes could not be read" in decoded.evidence


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "shift_jis", "euc-kr", "big5"])
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_truncated_tail_changes_nothing_before_it(encoding: str, cut: int) -> None:
    body = f"<p>{TEXTS[encoding]}".encode(encoding)
    decoded = decode_bytes(body[:-cut], None, "http://example.com/")
    assert decoded.encoding == encoding
    assert f"<p>{TEXTS[encoding]}".startswith(decoded.text.rstrip("\ufffd"))


@pytest.mark.parametrize(
    "label", ["win-1251", "cp-1251", "windows1251", "Windows-1251;", " CP1251 ", '"windows-1251"', "x-cp1251", "ms1251"]
)
def test_labels_of_the_web(label: str) -> None:
    assert decode_bytes(RU.encode("cp1251"), f"text/html; charset={label}").encoding == "windows-1251"


def test_windows_1252_has_controls_where_nothing_is_assigned() -> None:
    assert decode_bytes(b"\x81caf\xe9\x9d", "text/html; charset=iso-8859-1").text == "\x81café\x9d"


def test_utf_16_in_a_meta_tag_that_could_be_read_is_utf_8() -> None:
    assert decode_bytes(page("Größe", "utf-8", '<meta charset="utf-16">')).text.count("Größe") == 1


def test_xml_declaration() -> None:
    decoded = decode_bytes(b'<?xml version="1.0" encoding="iso-8859-2"?><p>\xb1\xea</p>')
    assert decoded.text.endswith("<p>ąę</p>")
    assert "XML declaration" in decoded.evidence


def test_iso_2022_jp_by_its_escapes() -> None:
    assert decode_bytes("図書館".encode("iso2022_jp")).text == "図書館"


def test_one_chinese_word_that_happens_to_be_utf_8_stays_with_its_label() -> None:
    body = "<p>The word 模 means model.</p>".encode("gbk")
    assert "模" in decode_bytes(body, "text/html; charset=gb2312").text


def test_a_copyright_sign_in_utf_8_wins_over_a_chinese_label() -> None:
    assert "©" in decode_bytes("<p>© 2020 News</p>".encode(), "text/html; charset=gb2312").text


def test_no_break_spaces_of_a_russian_typographer() -> None:
    body = ("<p>" + "The council met in\xa0May and voted on\xa0the report of\xa0the bank. " * 5 + "</p>").encode(
        "cp1251"
    )
    assert "in\xa0May" in decode_bytes(body, "text/html; charset=windows-1251", "http://example.com/").text
    assert "in\xa0May" in decode_bytes(body, None, "http://example.ru/").text


def test_override_by_the_source() -> None:
    body = RU.encode("koi8-r")
    decoded = decode_bytes(body, "text/html; charset=windows-1251", encoding_override="koi8")
    assert decoded.text == RU
    assert "source" in decoded.evidence


def test_text_is_not_decoded() -> None:
    decoded = as_decoded("a\x00é")
    assert (decoded.text, decoded.encoding) == ("a\x00é", None)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://[::1]/", "no url", "http://пример.рф/", "http://1.2.3.4/", "http://a.-/", ""]
)
def test_strange_urls(url: str) -> None:
    assert decode_bytes(b"caf\xe9", None, url).text.startswith("caf")


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))),
    st.one_of(
        st.none(), st.text(max_size=40), st.sampled_from(["text/html; charset=gbk", "shift_jis", "utf-7", "utf-32"])
    ),
    st.one_of(st.none(), st.text(max_size=40)),
)
def test_any_bytes_decode_without_error(body: bytes, content_type: str | None, url: str | None) -> None:
    decoded = decode_bytes(body, content_type, url)
    assert all(decoded.text[stray.offset] == "\ufffd" and 0 <= stray.byte < 256 for stray in decoded.strays)
    assert list(decoded.strays) == sorted(decoded.strays, key=lambda stray: stray.offset)
    assert decoded.evidence


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=4), st.text(max_size=4).map(str.encode)), max_size=12).map(b"".join))
def test_strays_and_text_rebuild_the_bytes(body: bytes) -> None:
    decoded = decode_bytes(codecs.BOM_UTF8 + body)
    assert decoded.text == body.decode("utf-8", "replace")
    rebuilt, end = b"", 0
    for offset in sorted({stray.offset for stray in decoded.strays}):
        rebuilt += decoded.text[end:offset].encode() + bytes(s.byte for s in decoded.strays if s.offset == offset)
        end = offset + 1
    assert rebuilt + decoded.text[end:].encode() == body


def test_stray_is_the_shared_type() -> None:
    assert decode_bytes(codecs.BOM_UTF8 + b"\xff").strays == (Stray(0, 0xFF),)
