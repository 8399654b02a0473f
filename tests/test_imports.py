"""The import direction: schemas ← pipeline ← flows; stages never import stages; Prefect stays in flows."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("fetch", "decode", "strip", "repair", "segment", "record", "store")
LAYERS = {"schemas": {"schemas"}, "pipeline": {"schemas", "pipeline"}, "flows": {"schemas", "pipeline", "flows"}}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", LAYERS)
def test_layers(package: str) -> None:
    for path in modules(package):
        ours = {name.split(".")[0] for name in imported(path)} & set(LAYERS)
        assert ours <= LAYERS[package], f"{path.relative_to(ROOT)} imports {ours - LAYERS[package]}"


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_stages(stage: str) -> None:
    folder, module = ROOT / "pipeline" / stage, ROOT / "pipeline" / f"{stage}.py"
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [module]:
        for name in imported(path):
            parts = name.split(".")
            assert not (parts[0] == "pipeline" and len(parts) > 1 and parts[1] in set(STAGES) - {stage}), (
                f"{path.relative_to(ROOT)} imports {name}"
            )


@pytest.mark.parametrize("package", ["pipeline", "schemas"])
def test_no_prefect_below_flows(package: str) -> None:
    for path in modules(package):
        assert not {name for name in imported(path) if name.split(".")[0] == "prefect"}, path


def test_clean_loads_no_prefect() -> None:
    code = "import sys, pipeline, schemas; print([m for m in sys.modules if m.split('.')[0] == 'prefect'])"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
