import dataclasses
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from hf_lambda.errors import PLAN_HASH_MISMATCH
from hf_lambda.settings import Settings
from hf_lambda.telemetry import Telemetry

RESULT = {"Action": "plan", "ChunkCount": 3, "DurationMs": 120, "PlanHash": "ab"}


class Log:
    """What the telemetry of one invocation wrote."""

    def __init__(self, settings: Settings) -> None:
        self.telemetry = Telemetry(dataclasses.replace(settings, log_level="INFO"), "request-1")
        self.stream = io.StringIO()

    def lines(self) -> list[dict[str, Any]]:
        """The log lines as JSON."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log(settings: Settings) -> Iterator[Log]:
    """Telemetry whose lines are kept; the process has one logger, so it is put back afterwards."""
    log = Log(settings)
    logger = logging.getLogger("hf_lambda")
    handlers = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
    level, streams = logger.level, [handler.stream for handler in handlers]
    logger.setLevel("INFO")
    for handler in handlers:
        handler.stream = log.stream  # setStream would flush the old one, which pytest may have closed
    yield log
    logger.setLevel(level)
    for handler, stream in zip(handlers, streams, strict=True):
        handler.stream = stream


def test_start_names_the_request(log: Log) -> None:
    """The first line says what was asked, by whom it can be found, and where its data lies."""
    log.telemetry.started("PlanRequest", ["s3://b/1", "s3://b/2", "s3://b/3"])
    (line,) = log.lines()
    assert (line["level"], line["message"], line["service"]) == ("INFO", "started", "hf_lambda")
    assert (line["request"], line["requestId"]) == ("PlanRequest", "request-1")
    assert line["uris"] == ["s3://b/1", "s3://b/2"]


def test_end_repeats_the_result(log: Log) -> None:
    """The last line carries the result as the caller gets it."""
    log.telemetry.finished(RESULT)
    (line,) = log.lines()
    assert (line["message"], line["result"], line["requestId"]) == ("finished", RESULT, "request-1")


def test_known_error_is_one_line_without_a_traceback(log: Log) -> None:
    """An error of the table is logged by its code and its text."""
    log.telemetry.failed(PLAN_HASH_MISMATCH("another plan"))
    (line,) = log.lines()
    assert (line["level"], line["code"]) == ("ERROR", "PLAN_HASH_MISMATCH")
    assert line["cause"].startswith("another plan. Plan again")
    assert "exception" not in line


def test_unknown_error_comes_with_its_traceback(log: Log) -> None:
    """An error that nobody foresaw is logged with where it came from."""
    try:
        raise ZeroDivisionError("of course")
    except ZeroDivisionError as error:
        log.telemetry.failed(error)
    (line,) = log.lines()
    assert (line["code"], line["cause"]) == ("ZeroDivisionError", "of course")
    assert "test_telemetry.py" in line["exception"]


def test_metrics_are_one_record_of_what_was_counted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Where metrics are on, one record carries the duration and the counts that the result has."""
    Telemetry(dataclasses.replace(settings, emit_metrics=True), "request-1").finished(RESULT)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    (record,) = records
    assert (record["action"], record["Duration"], record["ChunkCount"]) == ("plan", [120.0], [3.0])
    assert "FramesEncoded" not in record
    assert record["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "HfLambda"


def test_nothing_is_measured_unless_asked(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """On a laptop stdout stays free for data."""
    Telemetry(settings, "request-1").finished(RESULT)
    assert "_aws" not in capsys.readouterr().out


def test_parts_of_the_work_are_metrics(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the time went is in the same record, so that cold starts can be seen in a dashboard."""
    result = {**RESULT, "Timings": {"Unpack": 400, "Launch": 90}}
    Telemetry(dataclasses.replace(settings, emit_metrics=True), "request-1").finished(result)
    record = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert (record["UnpackTime"], record["LaunchTime"]) == ([400.0], [90.0])
