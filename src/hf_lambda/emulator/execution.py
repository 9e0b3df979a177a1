"""Starts an execution of the state machine, waits for it, and reads what happened from its history."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hf_lambda.deadline import Deadline

_POLL_SECONDS = 0.2
_RUNNING = "RUNNING"


@dataclass
class Execution:
    """An execution that ended. `error` is its name where it failed."""

    arn: str
    status: str
    output: dict[str, Any] | None
    error: str | None
    cause: str | None
    wall_seconds: float
    history: list[dict[str, Any]] = field(default_factory=list)

    def failures(self) -> Counter[str]:
        """How often each error was seen, retried ones included."""
        details = (event.get("taskFailedEventDetails") for event in self.history)
        return Counter(detail["error"] for detail in details if detail)


def run_execution(
    client: Any,
    state_machine_arn: str,
    request: dict[str, Any],
    *,
    deadline: Deadline,
    on_poll: Callable[[], None] = lambda: None,
) -> Execution:
    """Run the state machine to its end.

    Raises:
        CHUNK_DEADLINE_EXCEEDED: it took too long; the execution is stopped.
    """
    started = time.monotonic()
    arn = client.start_execution(
        stateMachineArn=state_machine_arn, name=f"render-{uuid.uuid4().hex}", input=json.dumps(request)
    )["executionArn"]
    try:
        while (described := client.describe_execution(executionArn=arn))["status"] == _RUNNING:
            deadline.check("waiting for the execution")
            on_poll()
            time.sleep(_POLL_SECONDS)
    except BaseException:
        client.stop_execution(executionArn=arn)
        raise
    wall_seconds = time.monotonic() - started
    output = described.get("output")
    return Execution(
        arn,
        described["status"],
        json.loads(output) if output else None,
        described.get("error"),
        described.get("cause"),
        wall_seconds,
        list(_history(client, arn)),
    )


def _history(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        page = client.get_execution_history(executionArn=arn, maxResults=1000, **token)
        yield from page["events"]
        if "nextToken" not in page:
            return
        token = {"nextToken": page["nextToken"]}
