"""The published JSON Schema: equal to the models, complete, and frozen once it is published."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import export
from schemas.export import MODELS, PublishedSchema


def properties(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    models = {"": schema, **schema.get("$defs", {})}
    return {f"{m}.{p}": v for m, model in models.items() for p, v in model.get("properties", {}).items()}


@pytest.mark.parametrize("name", MODELS)
def test_committed_files_are_the_models(name: str) -> None:
    committed = (export.FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert committed == export.rendered(name), "run `python -m schemas.export`"


def test_published_schemas_never_change() -> None:
    for name, digest in export.published().items():
        assert export.digest((export.FOLDER / f"{name}.json").read_text(encoding="utf-8")) == digest, (
            f"{name} is published: make a new version and a step in schemas/upgrade.py"
        )


def test_a_published_schema_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "published", lambda: {"record-v1": "0" * 64})
    with pytest.raises(PublishedSchema, match="record-v1 is published"):
        export.export(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_export_writes_every_schema(tmp_path: Path) -> None:
    assert [path.name for path in export.export(tmp_path)] == ["record-v1.json", "source-v1.json"]
    schema = json.loads((tmp_path / "record-v1.json").read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:unscrape:record:v1"


def test_every_field_of_a_record_is_described() -> None:
    schema = export.schema_of("record-v1")
    bare = [path for path, value in properties(schema).items() if not {"description", "$ref"} & value.keys()]
    assert bare == []
    assert [name for name, model in schema["$defs"].items() if "description" not in model] == []


@pytest.mark.parametrize("name", MODELS)
def test_examples_are_valid(name: str) -> None:
    model, example = MODELS[name]
    validated = model.model_validate_json(json.dumps(dict(example)))
    if name.startswith("record"):
        assert json.loads(validated.model_dump_json()) == example
