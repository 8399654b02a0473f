"""Which addresses may be connected to."""

from collections.abc import Sequence
from typing import Protocol


class Resolver(Protocol):
    """Host name to addresses."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of `host`, as text, best first. Raises OSError where there are none."""
        ...
