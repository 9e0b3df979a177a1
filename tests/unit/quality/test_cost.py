import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hf_lambda.quality.cost import estimate_cost

START = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int, kind: str, *, after: int = 0, seconds: float = 0.0, **details: Any) -> dict[str, Any]:
    """An event of a history, `seconds` after its beginning."""
    return {
        "id": number,
        "previousEventId": after,
        "type": kind,
        "timestamp": START + timedelta(seconds=seconds),
        **details,
    }


def succeeded(number: int, *, after: int, duration_ms: int) -> dict[str, Any]:
    """A task's success, with what its function reports."""
    output = json.dumps({"Payload": {"DurationMs": duration_ms}})
    return event(number, "TaskSucceeded", after=after, taskSucceededEventDetails={"output": output})


def test_five_minutes_of_ten_gigabytes_cost_five_cents() -> None:
    """10 GB x 300 s x 0.0000166667 is 0.05 USD."""
    history = [
        event(1, "TaskStateEntered"),
        event(2, "TaskScheduled"),
        succeeded(3, after=2, duration_ms=300_000),
    ]
    cost = estimate_cost(history, memory_mb=10240, storage_mb=512)
    assert (cost.seconds, cost.requests, cost.transitions) == (300.0, 1, 1)
    assert cost.usd == pytest.approx(0.05, abs=0.0001)


def test_failed_attempts_cost_too() -> None:
    """An attempt that failed counts from when it was scheduled, though events of other chunks lie between."""
    history = [
        event(1, "TaskScheduled", seconds=0),
        event(2, "TaskScheduled", seconds=5),
        event(3, "TaskStarted", after=1, seconds=6),
        event(4, "TaskFailed", after=3, seconds=60),
        succeeded(5, after=2, duration_ms=1000),
    ]
    cost = estimate_cost(history, memory_mb=1024, storage_mb=512)
    assert cost.seconds == pytest.approx(61.0)
    assert cost.requests == 2


def test_storage_above_the_free_part_is_billed() -> None:
    """10 GB of /tmp cost a little more than the 512 MB that are free."""
    history = [event(1, "TaskScheduled"), succeeded(2, after=1, duration_ms=1000)]
    small, large = (estimate_cost(history, memory_mb=1024, storage_mb=size).usd for size in (512, 10240))
    assert large - small == pytest.approx(9.5 * 0.0000000309)
