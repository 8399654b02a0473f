"""A record's columns in the words of DuckDB: `python -m schemas.columns` prints them for `read_json(columns = …)`.

With them DuckDB reads the shards several times faster than when it has to guess, and the types do not depend on the data.
"""

import types
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from schemas.record_v1 import RecordV1

PLAIN: dict[Any, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    date: "DATE",
    datetime: "TIMESTAMPTZ",
    AwareDatetime: "TIMESTAMPTZ",
}


def duckdb(model: type[BaseModel] = RecordV1) -> dict[str, str]:
    """Name and DuckDB type of each column of a record.

    >>> duckdb()["authors"]
    'VARCHAR[]'
    """
    return {name: _type(info.annotation) for name, info in model.model_fields.items()}


def _type(annotation: Any) -> str:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _type(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return f"{_type(args[0])}[]"
    if origin is dict:
        return f"MAP({_type(args[0])}, {_type(args[1])})"
    if origin is Literal:
        return _type(type(args[0]))
    if hasattr(annotation, "__metadata__"):
        return _type(annotation.__origin__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = ", ".join(f'"{name}" {kind}' for name, kind in duckdb(annotation).items())
        return f"STRUCT({fields})"
    return PLAIN[annotation]


def clause() -> str:
    """The columns as DuckDB's SQL writes them."""
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in duckdb().items()) + "}"


if __name__ == "__main__":
    print(clause())
