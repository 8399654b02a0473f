"""Words found in a table by their hashes, all words of a page at once, without any being cut out of its text."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32] | npt.NDArray[np.uint8]

_BASE = 0x9E3779B97F4A7C15  # odd, for only odd numbers have an inverse among the numbers of 64 bits


def _powers(base: int, length: int) -> Hashes:
    """1, base, base² … in 64 bits."""
    powers = np.full(length, base, dtype=np.uint64)
    powers[:1] = 1
    return np.asarray(np.multiply.accumulate(powers))


_INVERSE = pow(_BASE, -1, 1 << 64)
_READY = 1 << 16
_UP, _DOWN = _powers(_BASE, _READY), _powers(_INVERSE, _READY)


def hashes(codes: Codes, starts: Ints, ends: Ints) -> Hashes:
    """For each range of `codes` a number of 64 bits that says what stands there, wherever it stands: the sum of code × base^place.

    No two words of the shipped tables share one, and hardly any two words ever will.
    """
    up, down = _UP, _DOWN
    if len(codes) > _READY:
        up, down = _powers(_BASE, len(codes)), _powers(_INVERSE, len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    (codes * up[: len(codes)]).cumsum(out=sums[1:])
    return np.asarray((sums[ends] - sums[starts]) * down[starts])


def hashes_of(words: Sequence[str]) -> Hashes:
    """The hash of each word, as `hashes` finds it in text."""
    codes = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    after = np.cumsum([0, *map(len, words)])
    return hashes(codes, after[:-1], after[1:])


class Lookup:
    """The number of each word in a list, found by its hash; the length of the list for words that are not in it."""

    def __init__(self, words: Sequence[str]) -> None:
        found = hashes_of(words)
        order = np.argsort(found)
        self._hashes = np.append(found[order], np.uint64(2**64 - 1))
        self._numbers = np.append(order, len(words))

    def __call__(self, sought: Hashes) -> Ints:
        """The number of each of the hashes `sought`."""
        at = self._hashes.searchsorted(sought)
        return np.where(self._hashes[at] == sought, self._numbers[at], self._numbers[-1])
