"""A source's own rules win over the scorer, and what can be wrong with them is said."""

import sys
from types import ModuleType

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.document import Decoded, Rejected, Stripped
from pipeline.errors import SourceError
from pipeline.strip import strip
from schemas import SourceV1

PROSE = (
    "The harbour was dredged in the spring, and since then even the large boats can tie up at the old stone quay again."
)
HTML = f"""<html><body>
<nav class=menu><a href=/>Home</a></nav>
<div class=teaser><p>{PROSE.replace("spring", "autumn")}</p></div>
<div id=doc><h1 class=head>Dredged</h1><span class=when>12 May 2021</span><p>{PROSE}</p><div class=box><p>Short note.</p></div>
<p>Signed: the harbour master</p><p>=== 7 ===</p><p>{PROSE.replace("quay", "pier")}</p></div>
</body></html>"""


def stripped(html: str = HTML, **rules: object) -> Stripped:
    source = SourceV1.model_validate({"name": "s", "strip": rules})
    result = strip(Decoded(text=html, encoding=None, evidence=""), source=source)
    assert not isinstance(result, Rejected), result
    return result


def test_keep_keeps_everything_inside_and_nothing_else() -> None:
    texts = [block.text for block in stripped(keep=["#doc"]).blocks]
    assert {PROSE, "Short note.", "Signed: the harbour master"} <= set(texts)
    assert PROSE.replace("spring", "autumn") not in texts


def test_drop_wins_over_keep() -> None:
    result = stripped(keep=["#doc"], drop=[".box"])
    assert "Short note." not in [block.text for block in result.blocks]
    assert "rule:drop" in {removal.reason for removal in result.removals}


def test_drop_lines_match_whole_blocks() -> None:
    result = stripped(keep=["#doc"], drop_lines=["Signed: .*", "Short"])
    texts = [block.text for block in result.blocks]
    assert "Signed: the harbour master" not in texts
    assert "Short note." in texts


def test_stop_lines_end_the_document() -> None:
    texts = [block.text for block in stripped(keep=["#doc"], stop_lines=["=== .* ==="]).blocks]
    assert texts[-1] == "Signed: the harbour master"


def test_selectors_state_facts() -> None:
    facts = stripped(title=".head", date=".when").facts
    assert [(f.name, f.text) for f in facts if f.place == "source-rule"] == [
        ("title", "Dredged"),
        ("published", "12 May 2021"),
    ]


def test_keep_that_matches_nothing_keeps_the_document_and_says_so() -> None:
    result = stripped(keep=["#gone"])
    assert PROSE in [block.text for block in result.blocks]
    assert result.confidence <= 0.3
    assert any("keep" in note for note in result.notes)


@pytest.mark.parametrize("rules", [{"keep": ["p["]}, {"drop_lines": ["("]}, {"hook": "no.such:thing"}])
def test_a_rule_that_cannot_be_used_names_the_source(rules: dict[str, object]) -> None:
    with pytest.raises(SourceError, match="'s'"):
        stripped(**rules)


def remove_boxes(page: LexborHTMLParser) -> None:
    for node in page.css(".box"):
        node.decompose()


def test_a_hook_changes_the_page_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("site_hook")
    module.remove_boxes = remove_boxes  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "site_hook", module)
    texts = [block.text for block in stripped(keep=["#doc"], hook="site_hook:remove_boxes").blocks]
    assert "Short note." not in texts
