import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.execution import Execution, run_execution
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED

ROLE = "arn:aws:iam::123456789012:role/any"


@pytest.fixture
def client() -> Iterator[Any]:
    """Step Functions, which runs what is deployed to it."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield boto3.client("stepfunctions", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def deploy(client: Any, states: dict[str, Any]) -> str:
    """A state machine that begins with its first state."""
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    arn: str = client.create_state_machine(name="machine", definition=definition, roleArn=ROLE)["stateMachineArn"]
    return arn


def failed(error: str) -> dict[str, Any]:
    """An event of a history."""
    return {"type": "TaskFailed", "taskFailedEventDetails": {"error": error}}


def test_output_is_that_of_the_last_state(client: Any) -> None:
    """An execution that ends well gives its output, its history, and no error."""
    arn = deploy(client, {"Say": {"Type": "Pass", "Result": {"said": 1}, "ResultPath": "$.Say", "End": True}})
    execution = run_execution(client, arn, {"asked": 2}, deadline=Deadline(60))
    assert (execution.status, execution.output) == ("SUCCEEDED", {"asked": 2, "Say": {"said": 1}})
    assert (execution.error, execution.cause) == (None, None)
    assert execution.history[0]["type"] == "ExecutionStarted"
    assert execution.wall_seconds > 0


def test_failure_keeps_its_name(client: Any) -> None:
    """An execution that fails gives its error and cause, and no output."""
    arn = deploy(client, {"Stop": {"Type": "Fail", "Error": "PLAN_TOO_LARGE", "Cause": "so many"}})
    execution = run_execution(client, arn, {}, deadline=Deadline(60))
    assert (execution.status, execution.output) == ("FAILED", None)
    assert (execution.error, execution.cause) == ("PLAN_TOO_LARGE", "so many")


def test_executions_of_one_machine_do_not_collide(client: Any) -> None:
    """The same request can be run again."""
    arn = deploy(client, {"Say": {"Type": "Pass", "End": True}})
    arns = {run_execution(client, arn, {}, deadline=Deadline(60)).arn for _ in range(2)}
    assert len(arns) == 2


def test_execution_that_takes_too_long_is_stopped(client: Any) -> None:
    """At the deadline the waiting ends, and nothing goes on in the background."""
    arn = deploy(client, {"Wait": {"Type": "Wait", "Seconds": 300, "End": True}})
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED, match="waiting for the execution"):
        run_execution(client, arn, {}, deadline=Deadline(1))
    patience = Deadline(60)
    while (status := client.list_executions(stateMachineArn=arn)["executions"][0]["status"]) == "RUNNING":
        patience.check("waiting for the execution to stop")
        time.sleep(0.05)
    assert status == "ABORTED"


def test_waiting_can_be_watched(client: Any) -> None:
    """Whoever waits is called between looks."""
    arn = deploy(client, {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}})
    calls: list[int] = []
    run_execution(client, arn, {}, deadline=Deadline(60), on_poll=lambda: calls.append(1))
    assert calls


def test_failures_are_counted_by_name() -> None:
    """Every failed attempt counts, other events do not."""
    history = [failed("A"), {"type": "TaskSucceeded"}, failed("B"), failed("A")]
    execution = Execution("arn", "SUCCEEDED", {}, None, None, 1.0, history)
    assert execution.failures() == {"A": 2, "B": 1}


class Pages:
    """Step Functions with a history of several pages."""

    def start_execution(self, **_: object) -> dict[str, str]:
        """An execution."""
        return {"executionArn": "arn"}

    def describe_execution(self, **_: object) -> dict[str, str]:
        """It has ended."""
        return {"status": "SUCCEEDED", "output": "{}"}

    def get_execution_history(self, *, nextToken: str = "0", **_: object) -> dict[str, object]:  # noqa: N803 # the name in boto3
        """Three pages of one event."""
        number = int(nextToken)
        more = {"nextToken": str(number + 1)} if number < 2 else {}
        return {"events": [{"id": number}], **more}


def test_history_of_many_pages_is_whole() -> None:
    """A render of many chunks has more events than one answer holds."""
    execution = run_execution(Pages(), "machine", {}, deadline=Deadline(60))
    assert [event["id"] for event in execution.history] == [0, 1, 2]
