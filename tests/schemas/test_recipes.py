"""Every recipe of docs/reading.md, run as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
RECIPES = [
    (heading.strip(), language, code)
    for heading, body in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", DOC, re.S | re.M)
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```", body, re.S | re.M)
]
NEEDS = {"DuckDB": "duckdb", "pandas": "pandas", "Polars": "polars", "Hugging Face datasets": "datasets"}


@pytest.fixture
def folder(shard: Any, make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shard([make(1), make(1, 2), make(2), make(3, gone_at="2026-03-02T00:00:00Z")])
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recipes(heading: str, language: str) -> list[str]:
    found = [code for name, kind, code in RECIPES if (name, kind) == (heading, language)]
    assert found, f"docs/reading.md has no {language} under {heading!r}"
    return found


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_recipe_is_tested() -> None:
    assert {heading for heading, _, _ in RECIPES} == {
        *NEEDS,
        "Python",
        "jq",
        "TypeScript",
        "Reading a text as it stood",
    }


def test_python(folder: Path) -> None:
    (code,) = recipes("Python", "python")
    assert run(folder, sys.executable, "-c", code).splitlines() == ["2026-02-02 Rain 1", "2026-02-03 Rain 2"]


def test_as_it_stood(folder: Path) -> None:
    (code,) = recipes("Reading a text as it stood", "python")
    assert "revision 2" in run(folder, sys.executable, "-c", code)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_jq(folder: Path) -> None:
    newest, repaired = (run(folder, "sh", "-c", code) for code in recipes("jq", "sh"))
    assert len(newest.splitlines()) == 2
    assert "revision 2" in newest
    assert repaired == "4 segment.trim\n"


@pytest.mark.slow
@pytest.mark.parametrize("heading", NEEDS)
def test_data_frames(folder: Path, heading: str) -> None:
    pytest.importorskip(NEEDS[heading], reason=f"{NEEDS[heading]} is not installed")
    (code,) = recipes(heading, "python")
    said = run(folder, sys.executable, "-W", "ignore", "-c", code)
    assert "Rain" in said or "paper" in said
    assert "Rain 3" not in said


@pytest.mark.slow
def test_hugging_face_reads_the_shards_as_they_are(folder: Path) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed")
    code = """
from datasets import load_dataset
rows = load_dataset('json', data_files='clean/v1/*/*/*.jsonl')['train']
print(len(rows), rows[0]['steps'])
"""
    said = run(folder, sys.executable, "-W", "ignore", "-c", code)
    assert said.startswith("4 ")
    assert "segment.trim" in said


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npx") is None, reason="npm is not installed")
def test_typescript(folder: Path) -> None:
    (types,) = recipes("TypeScript", "sh")
    (code,) = recipes("TypeScript", "ts")
    run(folder, "sh", "-c", types)
    (folder / "reader.ts").write_text(code, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    run(folder, "npm", "install", "--silent", "typescript@5", "@types/node@22")
    run(folder, "npx", "tsc", "--strict", "--target", "es2022", "--module", "nodenext", "--outDir", "out", "reader.ts")
    script = "import('./out/reader.js').then(async (m) => { for await (const r of m.records(process.argv[1])) console.log(m.text(r)) })"
    shard = str(next(folder.rglob("part-*.jsonl")))
    assert "revision 2" in run(folder, "node", "-e", script, shard)
