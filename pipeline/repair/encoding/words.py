"""The words of a document that are not plain ASCII: all that encoding damage can touch."""

import re
from collections.abc import Sequence

# Between ASCII blanks and controls: a no-break space belongs to its word, where damage may have put or made it.
WORD = re.compile(r"[^\x00-\x20]+")


def suspicious_words(texts: Sequence[str]) -> set[str]:
    """The different words of `texts` that are not plain ASCII.

    Works on bytes, where a blank is an ASCII blank: that is what lets undamaged text pass at over 100 MB a second.
    """
    found: set[bytes] = set()
    for text in texts:
        if not text.isascii():
            found.update(text.encode("utf-8", "surrogatepass").split())
    return {word.decode("utf-8", "surrogatepass") for word in found if not word.isascii()}
