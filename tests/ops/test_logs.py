"""Logs as JSON lines."""

import io
import json
import logging

import pytest

from flows import logs


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_when_and_of_what() -> None:
    stream = io.StringIO()
    handler = logs.to_json(stream)
    logger = logging.getLogger("unscrape.test")
    try:
        with logs.bound(run="r1", source="sample"):
            logger.info("fetched %d pages\nin two lines", 3, extra={"url": "http://a.example/ü"})
        logger.warning("after")
    finally:
        logging.getLogger("unscrape").removeHandler(handler)
    first, second = lines(stream)
    assert first["message"] == "fetched 3 pages\nin two lines"
    assert (first["run"], first["source"], first["url"]) == ("r1", "sample", "http://a.example/ü")
    assert (first["level"], first["logger"]) == ("info", "unscrape.test")
    assert first["time"].endswith("+00:00")
    assert "source" not in second
    assert stream.getvalue().isascii()


def test_an_exception_is_one_line() -> None:
    record = logging.LogRecord("n", logging.ERROR, __file__, 1, "failed", (), None)
    try:
        raise ValueError("no\nway")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    text = logs.JsonFormatter().format(record)
    assert "\n" not in text
    assert "ValueError: no\nway" in json.loads(text)["error"]


def test_prefects_fields_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.LogRecord("prefect.flow_runs", logging.INFO, __file__, 1, "begun", (), None)
    monkeypatch.setattr(record, "flow_run_id", "1234", raising=False)
    monkeypatch.setattr(record, "flow_name", "ingest", raising=False)
    line = json.loads(logs.JsonFormatter().format(record))
    assert (line["flow_run"], line["flow"]) == ("1234", "ingest")


def test_prefects_configuration_is_there() -> None:
    assert logs.environment(False) == {}
    assert logs.CONFIG.is_file()
    assert logs.environment(True) == {"PREFECT_LOGGING_SETTINGS_PATH": str(logs.CONFIG)}
