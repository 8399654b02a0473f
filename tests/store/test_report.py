"""The review page: harmless whatever the documents hold, complete, and usable in a real browser."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import edits
from pipeline.document import Splice, Step
from pipeline.store import Failure, Store
from pipeline.store.report.pieces import marked, pieces

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u2028 {{ 7*7 }} ' \" & </title>"
URLS = [f"https://paper.example/{n}" for n in range(8)]
TEXT = st.text(alphabet="ab \n", max_size=20)


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[Step]]:
    text = draw(TEXT)
    now, steps = text, []
    for number in range(draw(st.integers(0, 4))):
        edges = sorted(draw(st.lists(st.integers(0, len(now)), max_size=6)))
        spans = list(zip(edges[::2], edges[1::2], strict=False))
        step = Step(f"rule {number}", tuple(Splice(a, now[a:b], draw(TEXT)) for a, b in spans))
        steps.append(step)
        now = edits.apply(now, step)
    return text, steps


@given(logs(), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5), st.just("odd")), max_size=3))
def test_pieces_are_both_texts(log: tuple[str, list[Step]], suspects: list[tuple[int, int, str]]) -> None:
    text, steps = log
    cut = marked(pieces(text, steps), suspects)
    assert "".join(piece.before for piece in cut) == text
    assert "".join(piece.after for piece in cut) == edits.replay(text, steps)


@pytest.fixture
def ledger_url() -> None:
    """SQLite; what is tested here does not go by the engine."""


@pytest.fixture
def reported(store: Store, ingest: Any, clock: Any) -> Path:
    ingest({url: f"Title {n}\nText of {n}." for n, url in enumerate(URLS)})
    clock.advance(days=1)
    ingest(
        {URLS[0]: f"{HOSTILE}\n{HOSTILE}", URLS[1]: "!", URLS[2]: f"? {HOSTILE}\nx", URLS[3]: "Title 3\nText, revised."}
    )
    with store.run("paper") as run:
        run.note_gone(URLS[4], 410)
        run.note_failed(Failure(source="paper", url=HOSTILE, stage="fetch", reason="timeout", detail=HOSTILE))
    return store.report()


def data_of(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("unscrape.")
    return json.loads(text[text.index("(") + 1 : text.rindex(")")])


def test_every_document_is_there(reported: Path) -> None:
    rows = data_of(reported.parent / "list.js")
    states = {row["u"]: row["st"] for row in rows}
    assert states == dict.fromkeys(URLS, "good") | {URLS[1]: "rejected", URLS[2]: "quarantined", URLS[4]: "gone"}
    page = data_of(reported.parent / "doc" / f"{next(row['n'] for row in rows if row['u'] == URLS[3])}.js")
    assert page["rows"][0]["x"] == [["Text, revised."]]
    assert page["history"][0]["why"] == "page"
    assert "Text, revised." in page["page"]


def test_texts_cannot_become_markup(reported: Path) -> None:
    html = reported.read_text(encoding="utf-8")
    assert "alert(" not in html
    assert html.count("<script>") == 1
    for file in reported.parent.rglob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert "<" not in text
        assert "\u2028" not in text


def test_nothing_is_asked_from_anywhere(reported: Path) -> None:
    html = reported.read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    assert "unsafe-inline" not in html
    assert re.findall(r"""(?:src|href)=["'](?!#)([^"']*)""", html) == []
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html)


def test_written_again(store: Store, reported: Path) -> None:
    before = reported.read_bytes()
    assert store.report() == reported
    assert reported.read_bytes() == before
    assert sorted(path.name for path in store.home.iterdir()) == ["clean", "raw", "report"]


def test_an_empty_store_has_a_report(store: Store) -> None:
    html = store.report().read_text(encoding="utf-8")
    assert "No documents yet" in html


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser(reported: Path, scheme: Any) -> None:
    """Every view opens without an error, a request or a dialog; keys, search and filters work; nothing hostile runs."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or pytest.skip("Debian's chromium is not installed")
    trouble: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 844})
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: trouble.append(dialog.message))
        page.on("request", lambda request: request.url.startswith(("file:", "about:")) or trouble.append(request.url))
        page.goto(reported.as_uri())
        assert page.locator("#overview").is_visible()
        page.keyboard.press("/")
        page.wait_for_selector("#q:focus")  # the view changes first; each wait raises after 30 s
        page.keyboard.type("revised nothing")
        page.wait_for_selector(".empty")
        page.locator("#q").fill("paper.example/0")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelectorAll('.row').length === 1")
        page.keyboard.press("Enter")
        page.wait_for_selector("#text .pair.paragraph")
        assert "<script>alert(1)</script>" in page.locator("#title").inner_text()
        for key, panel in (("2", "#panel-page iframe"), ("3", "#panel-facts dl"), ("4", "#panel-history .rev")):
            page.keyboard.press(key)
            page.wait_for_selector(panel)
        page.keyboard.press("Escape")
        page.locator("#q").fill("")
        page.locator("#state").select_option("quarantined")
        page.wait_for_function("document.querySelectorAll('.row').length === 1")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
    assert trouble == []
