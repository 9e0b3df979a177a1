"""CloudFormation stacks of one run: claimed before anything is deployed, recognised by their tag."""

import json
import time
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from hf_lambda.errors import DEPLOY_FAILED
from hf_lambda.quality.purging import Resources

RUN_TAG = "HfLambdaSmokeRun"
"""Its value is the run; a stack with another value, or without it, belongs to somebody else."""
_PLACEHOLDER = {"Resources": {"Claim": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
"""A stack has to have something; this costs nothing."""
_SETTLE_SECONDS = 1800.0
_KINDS = {
    "AWS::S3::Bucket": "buckets",
    "AWS::Lambda::Function": "functions",
    "AWS::StepFunctions::StateMachine": "state_machines",
    "AWS::IAM::Role": "roles",
    "AWS::Logs::LogGroup": "log_groups",
}


class Stacks:
    """The stacks that carry `run_id` in their tag."""

    def __init__(self, cloudformation: Any, run_id: str, *, poll_seconds: float = 5.0) -> None:
        self._client = cloudformation
        self._run_id = run_id
        self._poll_seconds = poll_seconds

    def claim(self, name: str) -> None:
        """Take the name by making an almost empty stack: of two runs with one name, only one can.

        Raises:
            DEPLOY_FAILED: somebody has it.
            ClientError: CloudFormation refuses.
        """
        try:
            self._client.create_stack(
                StackName=name,
                TemplateBody=json.dumps(_PLACEHOLDER),
                Tags=[{"Key": RUN_TAG, "Value": self._run_id}],
            )
        except ClientError as error:
            if self.find(name) is not None and not self.is_owned(name):
                raise DEPLOY_FAILED(f"there is a stack {name} already, and it is not this run's") from error
            raise
        self._client.get_waiter("stack_create_complete").wait(StackName=name)

    def find(self, name: str) -> dict[str, Any] | None:
        """The stack as CloudFormation describes it; None where there is none.

        Raises:
            ClientError: CloudFormation does not say whether there is one.
        """
        try:
            described: list[dict[str, Any]] = self._client.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return described[0] if described else None

    def is_owned(self, name: str) -> bool:
        """Whether there is a stack of that name that carries this run's tag."""
        stack = self.find(name)
        tags = stack.get("Tags", ()) if stack is not None else ()
        return any(tag["Key"] == RUN_TAG and tag["Value"] == self._run_id for tag in tags)

    def outputs(self, name: str) -> dict[str, str]:
        """The outputs of a stack that exists."""
        stack = self.find(name) or {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}

    def resources(self, name: str) -> Resources:
        """What the stack is made of, and what it ever made.

        Its outputs would not do: a half-made stack has none. Its resources alone would not do either: a bucket that a
        failed deployment made and retained is in its events only.
        """
        found: dict[str, dict[str, None]] = {kind: {} for kind in _KINDS.values()}
        for operation, field in (
            ("list_stack_resources", "StackResourceSummaries"),
            ("describe_stack_events", "StackEvents"),
        ):
            for page in self._client.get_paginator(operation).paginate(StackName=name):
                for item in page[field]:
                    kind = _KINDS.get(item["ResourceType"])
                    if kind is not None and item.get("PhysicalResourceId"):
                        found[kind][item["PhysicalResourceId"]] = None
        return Resources(**{kind: tuple(names) for kind, names in found.items()})

    def delete(self, name: str) -> None:
        """Delete a stack, if it is this run's, and wait until it is gone.

        Raises:
            DEPLOY_FAILED: it is somebody else's, or does not come to rest.
            ClientError, WaiterError: CloudFormation refuses, or fails.
        """
        if not self.is_owned(name):
            raise DEPLOY_FAILED(f"{name} does not carry {RUN_TAG}={self._run_id}, so it is not deleted")
        self.settle(name)
        self._client.delete_stack(StackName=name)
        self._client.get_waiter("stack_delete_complete").wait(StackName=name)

    def settle(self, name: str) -> None:
        """Wait until nothing is being done to the stack: a run that was stopped leaves a deployment under way.

        Raises:
            DEPLOY_FAILED: it does not come to rest.
            ClientError: CloudFormation does not say.
        """
        if (self.find(name) or {}).get("StackStatus") == "UPDATE_IN_PROGRESS":
            with suppress(ClientError):  # past being called off
                self._client.cancel_update_stack(StackName=name)
        end = time.monotonic() + _SETTLE_SECONDS
        while (stack := self.find(name)) is not None and stack["StackStatus"].endswith("_IN_PROGRESS"):
            if time.monotonic() > end:
                raise DEPLOY_FAILED(f"{name} has been {stack['StackStatus']} for {_SETTLE_SECONDS:.0f} s")
            time.sleep(self._poll_seconds)
