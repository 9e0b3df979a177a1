"""A deployment in an AWS account: a stack of one run, that carries the run's tag and is deleted with it.

Nothing without the tag is ever deleted: not by name, not by prefix, not because an earlier run left it.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import DEPLOY_FAILED
from hf_lambda.quality.purging import Clients, Resources, find_leaks, is_absence, purge_bucket, stop_executions
from hf_lambda.quality.stacks import RUN_TAG, Stacks

_SAM_SECONDS = 30 * 60.0
_POLL_SECONDS = 0.5
_TAIL = 3000
_SAM_CONFIG = "hf-lambda-smoke"


@dataclass(frozen=True)
class AwsOptions:
    """What to deploy and under which name."""

    stack_name: str
    template: Path
    region: str
    profile: str | None = None
    reserved_concurrency: int | None = None
    memory_mb: int = 4096
    run_id: str = ""
    """Value of the run's tag; made up where it is empty."""


class AwsTarget:
    """See `Target`."""

    name = "aws"

    def __init__(self, options: AwsOptions, clients: Clients) -> None:
        self.stack_name = options.stack_name
        self.memory_mb = options.memory_mb
        self.run_id = options.run_id or uuid.uuid4().hex
        self._options = options
        self._clients = clients
        self._stacks = Stacks(clients("cloudformation"), self.run_id)
        self._artifact_bucket = f"hf-lambda-smoke-{self.run_id[:32]}"
        self._made_bucket = False

    def check(self) -> list[str]:
        """See `Target.check`: `sam` is there, the credentials work, and nobody has the name."""
        if shutil.which("sam") is None:
            raise DEPLOY_FAILED("`sam` is not on PATH; install the AWS SAM CLI, or use --target local")
        if not self._options.template.is_file():
            raise DEPLOY_FAILED(f"there is no {self._options.template}")
        try:
            account = self._clients("sts").get_caller_identity()["Account"]
            if self._stacks.find(self.stack_name) is not None:
                raise DEPLOY_FAILED(f"there is a stack {self.stack_name} already, and it is not this run's")
        except (ClientError, BotoCoreError) as error:
            raise DEPLOY_FAILED(f"AWS does not let us look: {error}") from error
        return [f"this deploys to account {account}, {self._options.region}, and costs money"]

    def up(self, deadline: Deadline) -> RenderStack:
        """See `Target.up`."""
        try:
            self._stacks.claim(self.stack_name)
            self._make_artifact_bucket()
            try:
                _run_sam(self._sam_command(), self._environment(), deadline)
            finally:  # Lambda has a copy of its own; where this fails, `down` says so
                _attempt("artifact bucket", partial(self._delete_bucket, self._artifact_bucket))
            outputs = self._stacks.outputs(self.stack_name)
        except (ClientError, BotoCoreError, WaiterError) as error:
            raise DEPLOY_FAILED(f"{self.stack_name} could not be deployed: {error}") from error
        try:
            bucket, machine = outputs["RenderBucketName"], outputs["RenderStateMachineArn"]
        except KeyError as error:
            raise DEPLOY_FAILED(f"{self.stack_name} has no output {error}") from error
        return RenderStack(self._clients("s3"), self._clients("stepfunctions"), bucket, machine)

    def down(self) -> list[str]:
        """See `Target.down`."""
        leaks: list[str] = []
        made = Resources(buckets=(self._artifact_bucket,) if self._made_bucket else ())
        if self._made_bucket:
            leaks += _attempt("artifact bucket", partial(self._delete_bucket, self._artifact_bucket))
        try:
            owned = self._stacks.is_owned(self.stack_name)
        except (ClientError, BotoCoreError) as error:
            return [*leaks, f"verification-error: stack {self.stack_name}: {error}", *find_leaks(self._clients, made)]
        if owned:
            leaks += self._delete_stack()
        return leaks + find_leaks(self._clients, made)

    def _delete_stack(self) -> list[str]:
        """Bucket contents first, because the bucket outlives its stack; then again, for what was written meanwhile.

        A deployment that was stopped may make its bucket yet, so it is let come to rest before anybody looks.
        """
        s3 = self._clients("s3")
        leaks = _attempt(f"stack {self.stack_name}", partial(self._stacks.settle, self.stack_name))
        try:
            found = self._stacks.resources(self.stack_name)
        except (ClientError, BotoCoreError) as error:
            return [*leaks, f"stack {self.stack_name}: what is in it could not be read: {error}"]
        for arn in found.state_machines:
            leaks += _attempt(f"executions of {arn}", partial(stop_executions, self._clients("stepfunctions"), arn))
        for bucket in found.buckets:
            leaks += _attempt(f"bucket {bucket}", partial(purge_bucket, s3, bucket))
        leaks += _attempt(f"stack {self.stack_name}", partial(self._stacks.delete, self.stack_name))
        for bucket in found.buckets:
            leaks += _attempt(f"bucket {bucket}", partial(self._delete_bucket, bucket))
        leaks += _attempt(f"stack {self.stack_name}", self._check_stack_is_gone)
        return leaks + find_leaks(self._clients, found)

    def _check_stack_is_gone(self) -> None:
        if self._stacks.find(self.stack_name) is not None:
            raise DEPLOY_FAILED("it is still there")

    def _make_artifact_bucket(self) -> None:
        """For the zip: the bucket that sam keeps for everybody would keep it for ever."""
        location = {} if self._options.region == "us-east-1" else {"LocationConstraint": self._options.region}
        extra: dict[str, Any] = {"CreateBucketConfiguration": location} if location else {}
        self._clients("s3").create_bucket(Bucket=self._artifact_bucket, **extra)
        self._made_bucket = True

    def _delete_bucket(self, bucket: str) -> None:
        s3 = self._clients("s3")
        purge_bucket(s3, bucket)
        try:
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if not is_absence(error):
                raise

    def _sam_command(self) -> list[str]:
        options = self._options
        overrides: dict[str, object] = {"ProjectName": "hf-lambda-smoke", "LambdaMemoryMb": options.memory_mb}
        if options.reserved_concurrency is not None:
            overrides |= dict.fromkeys(("ReservedConcurrency", "MapConcurrency"), options.reserved_concurrency)
        return [
            *("sam", "deploy", "--template-file", str(options.template), "--stack-name", options.stack_name),
            *("--s3-bucket", self._artifact_bucket, "--region", options.region, "--capabilities", "CAPABILITY_IAM"),
            # No samconfig.toml has this one: what somebody saved there for a deployment of their own is not for ours.
            *("--config-env", _SAM_CONFIG),
            *("--no-confirm-changeset", "--no-progressbar", "--tags", f"{RUN_TAG}={self.run_id}"),
            *(("--profile", options.profile) if options.profile else ()),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in overrides.items())),
        ]

    def _environment(self) -> dict[str, str]:
        """Of ours, because credentials are in it; sam is AWS's own program."""
        return {**os.environ, "AWS_DEFAULT_REGION": self._options.region, "SAM_CLI_TELEMETRY": "0"}


def _attempt(what: str, step: Callable[[], None]) -> list[str]:
    """Take a step of the teardown; the next is taken whatever comes of it."""
    try:
        step()
    except (ClientError, BotoCoreError, WaiterError, DEPLOY_FAILED) as error:
        return [f"{what}: {error}"]
    return []


def _run_sam(argv: list[str], environment: dict[str, str], deadline: Deadline) -> None:
    """Run sam to its end.

    Raises:
        DEPLOY_FAILED: it failed.
        RENDER_CANCELLED: the run was stopped; so is sam.
    """
    limit = deadline.within(_SAM_SECONDS)
    with subprocess.Popen(
        argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            while True:
                try:
                    said, _ = process.communicate(timeout=limit.timeout(_POLL_SECONDS, "deploying with sam"))
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode != 0:
        raise DEPLOY_FAILED(f"sam deploy ended with code {process.returncode}: {said.strip()[-_TAIL:]}")
