"""What a region's name takes from the chances of the runs in it."""

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.strip.features import Layout
from pipeline.strip.html import walk_page
from pipeline.strip.scorer import region_factors

STORY = "<main><p>The lamp on the northern rock is lit again after a winter in the dark.</p></main>"
ASIDE = "<p>Boats of more than ten tons sound the horn at the bend.</p>"


@pytest.mark.parametrize(
    ("html", "factors"),
    [
        (f"{STORY}<nav><a href=/>Harbours</a> </nav>", [1, 0.05]),
        (f"{STORY}<nav><p>Where you are</p></nav>", [1, 1]),
        (f"{STORY}<footer><p>The Coast Courier</p></footer>", [1, 0.3]),
        (f"<footer>{STORY}</footer>", [0.3]),
        (f"{STORY}<aside>{ASIDE}</aside>", [1, 0.5]),
        (f"<form>{STORY}</form>{ASIDE}", [1, 1]),  # all of the page is a form on some servers
        (f"{STORY}<form><footer>{ASIDE}</footer></form>", [1, 0.15]),
    ],
)
def test_region_factors(html: str, factors: list[float]) -> None:
    page = walk_page(LexborHTMLParser(html), None)
    words = np.array([len(text.split()) for text in page.texts], dtype=np.float64)
    assert region_factors(Layout(page), np.full(len(words), 0.9), words) == pytest.approx(factors)
