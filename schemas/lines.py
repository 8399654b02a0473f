"""One record a line: how a line is sealed against damage, and read back."""

import re
import zlib
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from schemas.record_v1 import RecordV1
from schemas.upgrade import NEWEST, NewerVersion, upgrade

_FIELD = b',"checksum":"'
_SEAL = len(_FIELD) + 8 + len(b'"}')
_END = b'%b%%08x"}\n' % _FIELD
_HEAD = re.compile(rb'\{"schema_version":(\d+),"id":"([^"\\]+)","revision":(\d+),')
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class DamagedLine(ValueError):
    """A line that is not what was written; its text says in what way."""


def sealed(data: bytes) -> bytes:
    """A JSON object (compact, no "checksum" in it) with its checksum as the last field; no newline."""
    body = data[:-1]
    return b'%b%b%08x"}' % (body, _FIELD, zlib.crc32(body))


def check(line: bytes) -> None:
    """Raises DamagedLine where `line` (no newline) is not as it was sealed."""
    seal = line[-_SEAL:]
    if seal[:-10] != _FIELD or seal[-2:] != b'"}':
        raise DamagedLine("it does not end in a checksum: torn, or not written by Unscrape")
    if b"%08x" % zlib.crc32(memoryview(line)[:-_SEAL]) != seal[-10:-2]:
        raise DamagedLine("its checksum is not that of its bytes")


def dump(model: BaseModel) -> bytes:
    """A record's line. Raises DamagedLine where it holds NUL, which PostgreSQL and others refuse in JSON."""
    data = model.model_dump_json(exclude={"checksum"}).encode()
    if b"\\u0000" in data and _NUL.search(data):
        raise DamagedLine("the record holds NUL characters")
    return sealed(data)


def whole(line: bytes) -> bytes:
    """A line as a file holds it, without its newline. Raises DamagedLine where it has none."""
    if not line.endswith(b"\n"):
        raise DamagedLine("it is torn: no newline at its end")
    return line[:-1]


def head(line: bytes) -> tuple[str, int]:
    """Id and revision of a record's line, without reading the rest."""
    found = _HEAD.match(line)
    if found is None:
        raise DamagedLine("it does not begin as a record does")
    return found[2].decode(), int(found[3])


def load(line: bytes) -> dict[str, Any]:
    """A checked line as the newest version's dict. Raises DamagedLine and NewerVersion."""
    check(line)
    return _parsed(line)


def load_whole(line: bytes) -> tuple[dict[str, Any], bytes]:
    """A line with its newline, as a file holds it, as `load` gives it, and its checksum. Raises as `load`."""
    end = line[-_SEAL - 1 :]
    if end != _END % zlib.crc32(memoryview(line)[: -_SEAL - 1]):  # all that `check` compares, at once
        check(whole(line))
    return _parsed(line), end[-11:-3]


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DamagedLine(f"no JSON: {error}") from error
    if not isinstance(data, dict):
        raise DamagedLine("no JSON object")
    return data if data.get("schema_version") == NEWEST else upgrade(data)


def record(line: bytes) -> RecordV1:
    """A checked line as a record of the newest version. Raises DamagedLine and NewerVersion."""
    check(line)
    return parsed_record(line)


def parsed_record(line: bytes) -> RecordV1:
    """As `record`, of a line whose checksum was compared already."""
    return typed(_parsed(line))


def typed(data: dict[str, Any]) -> RecordV1:
    """A line's dict as a record. Raises DamagedLine where it is none."""
    try:
        return RecordV1.model_validate(data)
    except ValidationError as error:
        raise DamagedLine(f"no valid record: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from error


__all__ = [
    "DamagedLine",
    "NewerVersion",
    "check",
    "dump",
    "head",
    "load",
    "load_whole",
    "parsed_record",
    "record",
    "sealed",
    "typed",
    "whole",
]
