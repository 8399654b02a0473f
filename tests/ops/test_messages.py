"""Every message that the operating guide quotes is one the code prints."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("## Troubleshooting")[2]
ROWS = [line.split(" | ") for line in GUIDE.partition("What Prefect shows")[0].splitlines() if line.startswith("| `")]
QUOTED = [
    cell for row in ROWS for cell in re.findall(r"`([^`]*\u2026[^`]*|[^`]+ [^`]+ [^`]+ [^`]+)`", " | ".join(row[:2]))
]


def messages() -> Iterator[str]:
    """Every text in the code, with an ellipsis for each of its fields."""
    for package in ("flows", "pipeline"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                    yield "".join(map(str, parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


SAID = list(messages())


@pytest.mark.parametrize("quoted", QUOTED)
def test_the_message_is_in_the_code(quoted: str) -> None:
    assert any(quoted in said for said in SAID)


def test_the_guide_quotes_messages_and_others_are_not_found() -> None:
    assert len(QUOTED) >= len(ROWS) >= 17
    assert not any("no source goes by the name …" in said for said in SAID)
