"""Old records as the newest version: one step from each version to the next.

A new version is a new module beside record_v1.py, a new entry in STEPS, and NEWEST raised by one. Nothing else changes: lines
written by any older version keep reading.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Step = Callable[[dict[str, Any]], dict[str, Any]]

NEWEST = 1
STEPS: Mapping[int, Step] = MappingProxyType({})
"""From version n to n + 1: a record's dict to the next version's, which does not alter what it is given."""


class NewerVersion(ValueError):
    """A record was written by a newer Unscrape than this one."""


def upgrade(data: dict[str, Any], *, steps: Mapping[int, Step] = STEPS, newest: int = NEWEST) -> dict[str, Any]:
    """`data` as version `newest`. Raises NewerVersion, and ValueError where it names no version.

    >>> upgrade({"schema_version": 1, "id": "a"})
    {'schema_version': 1, 'id': 'a'}
    """
    version = data.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"a record without a schema version: {version!r}")
    if version > newest:
        raise NewerVersion(
            f"the record has schema version {version}, this Unscrape reads up to {newest}: upgrade Unscrape to read it"
        )
    for step in range(version, newest):
        data = {**steps[step](data), "schema_version": step + 1}
    return data
