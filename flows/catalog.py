"""The sources: one TOML file each, in the package's folder and in the user's own, which wins."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import ValidationError

from pipeline.errors import SourceError
from schemas import SourceV1
from schemas.source_v1 import ChromeV1

SHIPPED = Path(str(files("flows") / "sources"))

# What to write, by the type of pydantic's complaint; the complaint itself where none is listed.
ADVICE = {
    "extra_forbidden": "there is no such key{near}; `unscrape schema --name source` lists all keys",
    "missing": "this key must be there",
    "string_type": 'write a text in quotes, e.g. "…"',
    "tuple_type": 'write a list in brackets, e.g. ["…"]',
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "string_pattern_mismatch": "write lower-case letters, digits, - and _ only",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A source and the file it comes from."""

    source: SourceV1
    path: Path

    @property
    def shipped(self) -> bool:
        """Whether it comes with the package."""
        return self.path.parent == SHIPPED


def entries(own: Path | None) -> dict[str, Entry]:
    """Every source by name, those of the folder `own` winning over the shipped. Raises SourceError for the first wrong file."""
    return {name: Entry(_with_chrome(load(path), own), path) for name, path in sorted(paths(own).items())}


def find(name: str, own: Path | None) -> Entry:
    """One source by its name or the path of its file. Raises SourceError with the names there are."""
    path = Path(name) if name.endswith(".toml") else paths(own).get(name)
    if path is None:
        names = sorted(paths(own))
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
        raise SourceError(f"no source is called {name!r}: {hint} (a new one: `unscrape sources new URL`)")
    return Entry(_with_chrome(load(path), own), path)


def enabled(own: Path | None) -> tuple[Entry, ...]:
    """The sources that are enabled."""
    return tuple(entry for entry in entries(own).values() if entry.source.enabled)


def chrome_path(name: str, own: Path) -> Path:
    """Where what was learned of a source's own text is kept: beside the user's sources, whoever wrote the source."""
    return own / f"{name}.chrome.json"


def _with_chrome(source: SourceV1, own: Path | None) -> SourceV1:
    """`source` with the snapshot that was learned for it, where one was."""
    path = chrome_path(source.name, own) if own else None
    if path is None or not path.exists():
        return source
    try:
        chrome = ChromeV1.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise SourceError(f"{path}: is damaged: learn it again with `unscrape sources learn {source.name}`") from error
    return source.model_copy(update={"chrome": chrome})


def load(path: Path) -> SourceV1:
    """The source in one file, without what was learned of it. Raises SourceError naming file, key, and what to write."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: is no TOML in UTF-8: {error}: mend it there") from error
    return parse(table, path)


def parse(table: dict[str, object], path: Path) -> SourceV1:
    """The source in `table`, read from `path`, whose name it bears. Raises SourceError."""
    table = {"name": path.stem, **table}
    if table["name"] != path.stem:
        raise SourceError(f"{path}: name: it is {table['name']!r}, but the file is called {path.name}: make them agree")
    try:
        source = SourceV1.model_validate(table)
    except ValidationError as error:
        raise SourceError("\n".join(_complaints(error, path))) from error
    problems = [f"{path}: {key}: {problem}" for key, problem in _problems(source)]
    if problems:
        raise SourceError("\n".join(problems))
    return source


def paths(own: Path | None) -> dict[str, Path]:
    """The file of every source there is, by name; the files may be wrong."""
    folders = [SHIPPED] + ([own] if own and own.is_dir() else [])
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def _complaints(error: ValidationError, path: Path) -> Iterator[str]:
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        near = get_close_matches(str(item["loc"][-1]), _keys(item["loc"][:-1]), 1)
        advice = ADVICE.get(item["type"], item["msg"]).format(near=f" (did you mean {near[0]!r}?)" if near else "")
        given = "" if item["type"] in {"missing", "extra_forbidden"} else f" (it is {item['input']!r})"
        yield f"{path}: {key}: {advice}{given}"


def _keys(loc: Iterable[int | str]) -> list[str]:
    """The keys there are where `loc` points."""
    model: type = SourceV1
    for part in loc:
        field = model.model_fields.get(str(part)) if hasattr(model, "model_fields") else None
        if field is None:
            return []
        model = field.annotation
    return list(getattr(model, "model_fields", ()))


def _problems(source: SourceV1) -> Iterator[tuple[str, str]]:
    """What the model's types cannot say: (key, what is wrong and what to write)."""
    for key, pattern in _patterns(source):
        try:
            re.compile(pattern)
        except re.error as error:
            yield key, f"{pattern!r} is no regular expression: {error}"
    for key, zone in (("dates.timezone", source.dates.timezone), ("schedule.timezone", source.schedule.timezone)):
        if zone is not None and not _is_zone(zone):
            yield key, f'{zone!r} is no time zone: write an IANA name, e.g. "Europe/Moscow"'
    cron = source.schedule.cron
    if cron is not None and not _is_cron(cron):
        yield (
            "schedule.cron",
            f'{cron!r} is no cron expression of a time that comes: e.g. "15 */2 * * *" (every two hours)',
        )


def _patterns(source: SourceV1) -> Iterator[tuple[str, str]]:
    tables = {
        "discover.include": source.discover.include,
        "discover.exclude": source.discover.exclude,
        "discover.rewrite": tuple(rewrite.pattern for rewrite in source.discover.rewrite),
        "strip.drop_lines": source.strip.drop_lines,
        "strip.stop_lines": source.strip.stop_lines,
    }
    return ((f"{key}[{index}]", pattern) for key, patterns in tables.items() for index, pattern in enumerate(patterns))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_cron(expression: str) -> bool:
    """Five fields of digits, names, and the signs of cron, of a time that comes; Prefect has the last word on it."""
    if len(expression.split()) != 5 or not re.fullmatch(r"[-\w*/,#? ]+", expression):
        return False
    try:
        return next(CronSim(expression, datetime.now(UTC)), None) is not None
    except CronSimError:
        return False
