"""Records as Parquet, with the columns of the record's model; extra [parquet]."""

import types
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import AwareDatetime, BaseModel

from pipeline.store import files
from schemas import Record

PLAIN: dict[Any, Any] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
    AwareDatetime: pa.timestamp("us", tz="UTC"),
}
TEXT = pa.field("text", pa.string())
PARTITIONED = ("source",)


def arrow_type(annotation: Any) -> Any:
    """The Arrow type of a model's annotation: optional, list, mapping, literal, model or plain."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return arrow_type(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return pa.list_(arrow_type(args[0]))
    if origin is dict:
        return pa.map_(arrow_type(args[0]), arrow_type(args[1]))
    if origin is Literal:
        return arrow_type(type(args[0]))
    if hasattr(annotation, "__metadata__"):
        return arrow_type(annotation.__origin__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(fields_of(annotation))
    return PLAIN[annotation]


def fields_of(model: type[BaseModel]) -> list[Any]:
    """A model's fields as Arrow fields."""
    return [pa.field(name, arrow_type(info.annotation)) for name, info in model.model_fields.items()]


def schema() -> Any:
    """The columns of a Parquet export: the record's, without its partition and checksum, and its text."""
    left_out = {*PARTITIONED, "checksum"}
    return pa.schema([field for field in fields_of(Record) if field.name not in left_out] + [TEXT])


def write_parquet(target: Path, place: str, records: list[Record]) -> list[str]:
    """One file a shard, zstd, in the shard's hive partition; its name."""
    name = f"{place}.parquet"
    left_out = {*PARTITIONED, "checksum"}
    rows = [record.model_dump(exclude=left_out) | {"text": record.text} for record in records]
    with files.replacing(target / name, durable=False) as file:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema()), file, compression="zstd")
    return [name]
