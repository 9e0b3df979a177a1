"""Runs executions for tests, and reads what came out."""

import hashlib
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.engine import BUCKET, Emulator
from hf_lambda.emulator.execution import Execution, run_execution
from hf_lambda.emulator.worker import FunctionResult, Worker
from hf_lambda.toolchain import Toolchain

CHECKOUT = Path(__file__).parents[2]
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LONGEST_SECONDS = 600.0


@dataclass(frozen=True)
class Runs:
    """Executions on one emulator, each below a prefix of its own."""

    emulated: Emulator
    work: Path
    state_machine_arn: str

    def deploy(self, definition: str) -> str:
        """Another state machine around the same function; gives its ARN."""
        client = self.emulated.aws.client("stepfunctions")
        described = client.describe_state_machine(stateMachineArn=self.state_machine_arn)
        function = self.emulated.aws.client("lambda").list_functions()["Functions"][0]["FunctionArn"]
        arn: str = client.create_state_machine(
            name=f"machine-{uuid.uuid4().hex}",
            definition=definition.replace("${RenderFunctionArn}", function),
            roleArn=described["roleArn"],
        )["stateMachineArn"]
        return arn

    def request(self, project: Path, **config: Any) -> dict[str, Any]:
        """The input of an execution that renders a project."""
        name = uuid.uuid4().hex
        return {
            "ProjectS3Uri": self.emulated.upload_project(project, name),
            "PlanOutputS3Prefix": f"s3://{BUCKET}/renders/{name}",
            "OutputS3Uri": f"s3://{BUCKET}/outputs/{name}.mp4",
            "Config": {"fps": 30, "quality": "draft", **config},
        }

    def execute(self, request: dict[str, Any]) -> Execution:
        """Run the state machine to its end."""
        client = self.emulated.aws.client("stepfunctions")
        return run_execution(client, self.state_machine_arn, request, deadline=Deadline(LONGEST_SECONDS))

    def video(self, execution: Execution) -> Path:
        """The file that an execution made."""
        assert execution.output is not None, (execution.error, execution.cause)
        path = self.work / f"{uuid.uuid4().hex}.mp4"
        self.emulated.download(execution.output["Output"]["OutputS3Uri"], path)
        return path

    def invoke(self, **payload: Any) -> FunctionResult:
        """One action, without the state machine."""
        return self.emulated.pool.invoke(payload)

    def plan(self, project: Path, **config: Any) -> dict[str, Any]:
        """The result of planning a project."""
        request = self.request(project, **config)
        del request["OutputS3Uri"]
        result = self.invoke(Action="plan", **request)
        assert not result.is_error, result.payload
        return result.payload

    def before_first(self, action: str, act: Callable[[Worker], None]) -> None:
        """Do something to the sandbox that is about to run the first request with that action."""
        done: list[bool] = []

        def before(payload: dict[str, Any], worker: Worker) -> None:
            if payload["Action"] == action and not done:
                done.append(True)
                act(worker)

        self.emulated.pool.before = before


def frame_digests(toolchain: Toolchain, video: Path) -> list[str]:
    """A digest of each decoded frame."""
    argv = [str(toolchain.ffmpeg), "-v", "error", "-i", str(video), "-map", "0:v", "-f", "framemd5", "-"]
    lines = subprocess.run(argv, capture_output=True, check=True, text=True).stdout.splitlines()
    return [line.rpartition(",")[2].strip() for line in lines if not line.startswith("#")]


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def processes_of(worker: Worker) -> list[psutil.Process]:
    """Every process of a sandbox."""
    return psutil.Process(worker.pid).children(recursive=True) if worker.pid is not None else []


def processes_named(worker: Worker, name: str) -> list[psutil.Process]:
    """Those of that name; they may have ended since."""
    found = []
    for process in processes_of(worker):
        with suppress(psutil.NoSuchProcess):
            if process.name() == name:
                found.append(process)
    return found


def still_there(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that run, or could: one that only waits to be reaped does not count."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds."""
    deadline = Deadline(LONGEST_SECONDS)
    while not condition():
        deadline.check(what)
        time.sleep(0.02)


ENDPOINT_THAT_REFUSES = "http://127.0.0.1:9"
"""The discard port, where nothing listens."""
