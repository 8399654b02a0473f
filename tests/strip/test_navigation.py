"""Links in <nav> are no document, whatever surrounds them or fails to."""

import pytest

from pipeline.document import Decoded, Rejected
from pipeline.strip import strip

LINKS = "".join(f'<li><a href="/{n}">Harbour number {n}</a></li>' for n in range(40))


@pytest.mark.parametrize("after", ["", "<p>All rights reserved.</p>", "<div>Quay Street 4</div>"])
def test_navigation_alone_is_no_document(after: str) -> None:
    html = f"<html><body><nav><ul>{LINKS}</ul></nav>{after}</body></html>"
    result = strip(Decoded(text=html, encoding=None, evidence=""), url=None)
    assert isinstance(result, Rejected) or not any("Harbour" in block.text for block in result.blocks)
