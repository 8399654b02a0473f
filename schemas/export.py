"""The schemas as JSON Schema 2020-12: `python -m schemas.export` writes schemas/json/.

A schema whose digest stands in published.json never changes any more: writing it again with other content is refused.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from schemas.examples import RECORD_V1, SOURCE_V1
from schemas.record_v1 import RecordV1
from schemas.source_v1 import SourceV1

FOLDER = Path(__file__).parent / "json"
PUBLISHED = "published.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS: Mapping[str, tuple[type[BaseModel], Mapping[str, Any]]] = MappingProxyType(
    {"record-v1": (RecordV1, RECORD_V1), "source-v1": (SourceV1, SOURCE_V1)}
)
"""Name of each schema → its model and an example."""


class PublishedSchema(ValueError):
    """A published schema would change."""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema called `name`; records as they are written, sources as they may be written."""
    model, example = MODELS[name]
    mode = "serialization" if name.startswith("record") else "validation"
    schema = model.model_json_schema(mode=mode)  # type: ignore[arg-type] # mypy does not narrow the conditional
    kind, version = name.split("-")
    return {"$schema": DIALECT, "$id": f"urn:unscrape:{kind}:{version}", **schema, "examples": [dict(example)]}


def rendered(name: str) -> str:
    """The JSON Schema called `name` as its file holds it."""
    return json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"


def digest(text: str) -> str:
    """What published.json remembers of a schema."""
    return hashlib.sha256(text.encode()).hexdigest()


def published(folder: Path = FOLDER) -> dict[str, str]:
    """Name and digest of each published schema."""
    found: dict[str, str] = json.loads((folder / PUBLISHED).read_text(encoding="utf-8"))
    return found


def export(folder: Path = FOLDER) -> list[Path]:
    """Write all schemas to `folder`; the files. Raises PublishedSchema before anything is written."""
    texts = {name: rendered(name) for name in MODELS}
    for name, frozen in published().items():
        if digest(texts[name]) != frozen:
            raise PublishedSchema(
                f"{name} is published and must not change; make a new version and a step in schemas/upgrade.py"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return [folder / f"{name}.json" for name in texts]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m schemas.export", description="Write the schemas as JSON Schema.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    print(*export(parser.parse_args().folder), sep="\n")
