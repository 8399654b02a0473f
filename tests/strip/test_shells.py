"""Pages that show no document: shells that scripts would fill, and pages nothing on which is likely to be one."""

import json

import numpy as np
import pytest

from pipeline.document import Decoded, Rejected, Stripped
from pipeline.strip import strip
from pipeline.strip.scorer import shows_document

PRAISE = (
    "Buy storm lamps, deck lanterns and brass bells at the best prices on the coast. Free delivery to every harbour."
)
POST = (
    "Last winter the lamp on our pier went out and nobody could say why. We changed the bulb, then the wire, then the whole "
    "of the post, and still it is dark whenever the wind comes from the north. Has anyone here seen the like? The electrician "
    "will not come before April, and the herring boats have asked us twice what they are to steer by until then."
)


def shell(head: str) -> Stripped | Rejected:
    html = f"<html><head><title>Lamps</title>{head}</head><body><div id=app></div></body></html>"
    return strip(Decoded(text=html, encoding=None, evidence=""))


@pytest.mark.parametrize("name", ["name=description", "property=og:description"])
def test_the_praise_of_a_page_is_not_its_document(name: str) -> None:
    result = shell(f'<meta {name} content="{PRAISE}">')
    assert isinstance(result, Rejected)
    assert result.reason == "empty"


def test_a_description_as_long_as_a_document_begins_is_read() -> None:
    result = shell(f'<meta property=og:description content="{POST}">')
    assert isinstance(result, Stripped)
    assert [block.text for block in result.blocks] == [POST]


def test_the_body_of_an_article_is_read_however_short() -> None:
    stated = {"@type": "NewsArticle", "articleBody": "The pier is shut.", "description": PRAISE}
    result = shell(f'<script type="application/ld+json">{json.dumps(stated)}</script>')
    assert isinstance(result, Stripped)
    assert [block.text for block in result.blocks] == ["The pier is shut."]


@pytest.mark.parametrize(
    ("chances", "words", "shown"),
    [([0.3, 0.1], [30, 40], False), ([0.45, 0.1], [30, 40], True), ([0.3, 0.1], [300, 40], True)],
)
def test_a_page_shows_a_document_where_a_run_is_likely_or_many_may_be(
    chances: list[float], words: list[float], shown: bool
) -> None:
    assert shows_document(np.array(chances), np.array(words, dtype=np.float64)) is shown


def test_a_page_nothing_on_which_is_likely_a_document_is_none() -> None:
    links = "".join(
        f"<li><a href=/{n}>{name}</a></li>" for n, name in enumerate(["Boats", "Sails", "Lamps", "Bells"] * 8)
    )
    rest = "<p class=error>Loading, please wait</p><footer>© 2021 Quay Shop</footer>"
    html = f"<html><body><div class=menu><ul>{links}</ul></div>{rest}</body></html>"
    assert isinstance(strip(Decoded(text=html, encoding=None, evidence="")), Rejected)
