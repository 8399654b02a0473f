"""Month names, full and short, as they stand in dates (so in the genitive too, where a language has one)."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent.parent / "data" / "months.txt"


@lru_cache(maxsize=1)
def months() -> Mapping[str, int]:
    """Lower-case month name → 1–12."""
    found: dict[str, int] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            for number, names in enumerate(line.split(maxsplit=1)[1].split("|"), 1):
                for name in names.split():
                    found.setdefault(name, number)
    return found
