"""Unicode normalisation, for a source that asks for it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from pipeline.document import Splice
from pipeline.repair.encoding.draft import Draft
from pipeline.repair.encoding.finding import Finding, differences, steps_of

# Nothing composes across an ASCII character, but for the one before a mark.
STRETCH = re.compile("[\x00-\x7f]?[^\x00-\x7f]+")


def normalize(draft: Draft, *, form: Literal["NFC", "NFKC"]) -> Finding:
    """Every text in the normal form asked for. It is no damage."""
    return Finding(
        steps=steps_of(f"normalization.{form.lower()}", [list(_splices(text, form)) for text in draft.texts])
    )


def _splices(text: str, form: Literal["NFC", "NFKC"]) -> Iterator[Splice]:
    if unicodedata.is_normalized(form, text):
        return
    for stretch in STRETCH.finditer(text):
        yield from differences(stretch.start(), stretch[0], unicodedata.normalize(form, stretch[0]))
