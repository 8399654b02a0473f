"""The texts of a document between two passes, and their words that are not plain ASCII: all that encoding damage can touch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Between ASCII blanks and controls: a no-break space belongs to its word, where damage may have put or made it.
WORD = re.compile(r"[^\x00-\x20]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """`words` are the different words of `texts` beyond ASCII, in their order, `characters` what they are made of.

    `joined` are the texts one after the other, for a first look at all of them at once. `misread` says that a pass before
    found some of the text read in a wrong encoding.
    """

    texts: tuple[str, ...]
    joined: str
    words: tuple[str, ...]
    characters: frozenset[str]
    misread: bool = False

    @classmethod
    def of(cls, texts: Sequence[str], *, misread: bool = False) -> "Draft":
        """Works on bytes, where a blank is an ASCII blank: that is what lets undamaged text pass at 100 MB a second."""
        joined = "\n".join(texts)
        if joined.isascii():
            return cls(tuple(texts), joined, (), frozenset(), misread)
        touched = "\n".join([text for text in texts if not text.isascii()])
        words = touched.encode("utf-8", "surrogatepass").split()
        found = dict.fromkeys([word for word in words if not word.isascii()])
        beyond = b"\n".join(found).decode("utf-8", "surrogatepass")
        return cls(tuple(texts), joined, tuple(beyond.split("\n")), frozenset(beyond) - {"\n"}, misread)

    def sample(self, count: int, length: int) -> tuple[str, ...]:
        """About `count` of the words, evenly spread, or all of them; of each, `length` code points at most."""
        return tuple(word[:length] for word in self.words[:: len(self.words) // count + 1])
