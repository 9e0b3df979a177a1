"""What an execution costs in AWS, by a model. docs/quality.md explains it.

Prices are those of us-east-1 and x86_64 on https://aws.amazon.com/lambda/pricing/ and
https://aws.amazon.com/step-functions/pricing/, in USD. S3, logs, transfer and start-up are left out. Seconds of the
emulator are seconds of this machine, so its costs compare with one another only.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

USD_PER_GB_SECOND = 0.0000166667
USD_PER_REQUEST = 0.20 / 1e6
USD_PER_STORAGE_GB_SECOND = 0.0000000309
"""Of /tmp above the first 512 MB."""
USD_PER_TRANSITION = 0.025 / 1000
_FREE_STORAGE_MB = 512
_MB_PER_GB = 1024


@dataclass(frozen=True)
class Cost:
    """What is billed for one execution."""

    seconds: float
    requests: int
    transitions: int
    usd: float


def estimate_cost(history: Iterable[Mapping[str, Any]], *, memory_mb: int, storage_mb: int = 10240) -> Cost:
    """The cost of an execution from its history: every attempt of every task, and every state entered.

    A task's seconds are what the function itself reports; those of a failed attempt, from when it was scheduled.
    """
    scheduled: dict[str, datetime] = {}
    previous: dict[str, str] = {}
    seconds = 0.0
    requests = transitions = 0
    for event in history:
        kind, number = event["type"], str(event["id"])
        previous[number] = str(event.get("previousEventId", ""))
        if kind == "TaskScheduled":
            scheduled[number] = event["timestamp"]
            requests += 1
        elif kind == "TaskSucceeded":
            seconds += _reported_seconds(event)
        elif kind in ("TaskFailed", "TaskTimedOut"):
            seconds += _elapsed_seconds(event, scheduled, previous)
        transitions += kind.endswith("StateEntered")
    gigabytes, storage = memory_mb / _MB_PER_GB, max(0, storage_mb - _FREE_STORAGE_MB) / _MB_PER_GB
    usd = (
        seconds * (gigabytes * USD_PER_GB_SECOND + storage * USD_PER_STORAGE_GB_SECOND)
        + requests * USD_PER_REQUEST
        + transitions * USD_PER_TRANSITION
    )
    return Cost(seconds, requests, transitions, usd)


def _reported_seconds(event: Mapping[str, Any]) -> float:
    output = json.loads(event["taskSucceededEventDetails"]["output"])
    return float(output["Payload"].get("DurationMs", 0)) / 1000


def _elapsed_seconds(event: Mapping[str, Any], scheduled: Mapping[str, datetime], previous: Mapping[str, str]) -> float:
    number = str(event["id"])
    while number and number not in scheduled:
        number = previous.get(number, "")
    return (event["timestamp"] - scheduled[number]).total_seconds() if number else 0.0
