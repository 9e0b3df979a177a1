"""Structured logs and metrics of an invocation, by powertools: one line in, one line out, one metric record."""

import functools
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from hf_lambda.errors import HfLambdaError
from hf_lambda.settings import Settings

_SERVICE = "hf_lambda"
_COUNTS = {"FramesEncoded": MetricUnit.Count, "ChunkCount": MetricUnit.Count, "FileSize": MetricUnit.Bytes}


class Telemetry:
    """What one invocation reports. Variables of a composition never appear in it."""

    def __init__(self, settings: Settings, request_id: str) -> None:
        self._logger = _logger(settings.log_level)
        self._emit_metrics = settings.emit_metrics
        self._request_id = request_id

    def started(self, request: str, uris: list[str]) -> None:
        """The request was understood."""
        self._logger.info("started", extra={"request": request, "uris": uris[:2], "requestId": self._request_id})

    def finished(self, result: Mapping[str, Any]) -> None:
        """The result, as it goes back to the caller."""
        self._logger.info("finished", extra={"result": result, "requestId": self._request_id})
        if not self._emit_metrics:
            return
        metrics = EphemeralMetrics(namespace="HfLambda", service=_SERVICE)
        metrics.add_dimension("action", str(result["Action"]))
        metrics.add_metric("Duration", MetricUnit.Milliseconds, result["DurationMs"])
        for name, unit in _COUNTS.items():
            if name in result:
                metrics.add_metric(name, unit, result[name])
        for part, milliseconds in result.get("Timings", {}).items():
            metrics.add_metric(f"{part}Time", MetricUnit.Milliseconds, milliseconds)
        metrics.flush_metrics()

    def failed(self, error: BaseException) -> None:
        """The invocation ends with `error`; one that is not of our table comes with its traceback."""
        known = isinstance(error, HfLambdaError)
        self._logger.error(
            "failed",
            exc_info=not known,
            extra={"code": type(error).__name__, "cause": str(error), "requestId": self._request_id},
        )


@functools.cache
def _logger(level: str) -> Logger:
    return Logger(service=_SERVICE, level=level)
