"""What the tests of the flows share: a home of their own, and the command line called in this process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import cli


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


Unscrape = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with nothing else set in the environment."""
    for name in ("UNSCRAPE_LEDGER", "UNSCRAPE_SOURCES", "UNSCRAPE_CONTACT", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UNSCRAPE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def unscrape(home: Path, capsys: pytest.CaptureFixture[str]) -> Unscrape:
    """Calls the command line in this process."""

    def call(*tokens: str) -> Result:
        code = cli.run(tokens)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


def assert_one_line(text: str, *parts: str) -> None:
    """`text` is one line of complaint that names all `parts`."""
    lines: Sequence[str] = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("unscrape: ")
    for part in parts:
        assert part in lines[0]
