"""What a caller may ask of repair."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOptions:
    """`encoding`, `spacing`: whether that repair runs at all (cost of the default: none on undamaged text).

    `aggressive`: also restore blanks lost at random or in whole stretches, as scanners lose them (cost: wrong blanks around
    rare words and names; never the default). `normalization`: Unicode form every text is brought to (cost: changes composed
    accents, with NFKC also ligatures and width, of undamaged text; None leaves them).
    """

    encoding: bool = True
    spacing: bool = True
    aggressive: bool = False
    normalization: Literal["NFC", "NFKC"] | None = None
