"""Sources: read from two folders, with errors that say what to write."""

from pathlib import Path

import pytest

from flows import catalog
from pipeline.errors import SourceError


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def test_the_shipped_sources_are_right() -> None:
    entries = catalog.entries(None)
    assert {"sample", "infoshos", "astanatimes"} <= set(entries)
    assert [entry.source.name for entry in catalog.enabled(None)] == ["sample"]
    assert all(entry.shipped for entry in entries.values())


def test_ones_own_file_wins(tmp_path: Path) -> None:
    written(tmp_path, "infoshos", "enabled = true\n")
    assert [entry.source.name for entry in catalog.enabled(tmp_path)] == ["infoshos", "sample"]
    assert catalog.find("infoshos", tmp_path).path == tmp_path / "infoshos.toml"


def test_the_name_may_be_left_out(tmp_path: Path) -> None:
    assert catalog.load(written(tmp_path, "harbour", 'language = "en"\n')).name == "harbour"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("name = harbour", ("is no TOML", "line 1")),
        ('language = "Espa\udcf1ol"', ("is no TOML in UTF-8", "mend it")),
        ('name = "quay"', ("name", "'quay'", "harbour.toml", "make them agree")),
        ("enabeld = true", ("enabeld", "did you mean 'enabled'?")),
        ("[fetch]\nratte = 1", ("fetch.ratte", "did you mean 'rate'?")),
        ('[fetch]\nrate = "fast"', ("fetch.rate", "write a number", "'fast'")),
        ("[fetch]\nrate = 0", ("fetch.rate", "greater than 0")),
        ('[discover]\nfeeds = "http://a.example/feed"', ("discover.feeds", "write a list in brackets")),
        ('[[discover.listings]]\nlinks = "a"', ("discover.listings.0.url", "must be there")),
        ('[discover]\ninclude = ["("]', ("discover.include[0]", "no regular expression")),
        ('[strip]\ndrop_lines = ["a", "[" ]', ("strip.drop_lines[1]", "no regular expression")),
        ('[dates]\ntimezone = "Moscow"', ("dates.timezone", "'Moscow'", "Europe/Moscow")),
        ('[schedule]\ncron = "hourly"', ("schedule.cron", "'hourly'", "*/2")),
        ('[schedule]\ncron = "61 * * * *"', ("schedule.cron", "'61 * * * *'", "*/2")),
        ('[schedule]\ncron = "0 0 30 2 *"', ("schedule.cron", "of a time that comes")),
        ('enabled = "yes please"', ("enabled", "write true or false")),
    ],
)
def test_errors_name_file_key_and_what_to_write(text: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    path = written(tmp_path, "harbour", text + "\n")
    with pytest.raises(SourceError) as caught:
        catalog.load(path)
    for part in (str(path), *parts):
        assert part in str(caught.value)


def test_all_errors_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "harbour", 'enabeld = true\n[fetch]\nrate = "fast"\n')
    with pytest.raises(SourceError) as caught:
        catalog.load(path)
    assert len(str(caught.value).splitlines()) == 2


def test_an_unknown_source_is_answered_with_the_known() -> None:
    with pytest.raises(SourceError, match="'harbour': there are astanatimes, infoshos, sample"):
        catalog.find("harbour", None)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        catalog.find(str(tmp_path / "harbour.toml"), None)
