"""The deployed definition from start to end, around a function that checks its requests and renders nothing."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from msgspec import to_builtins

from hf_lambda.deadline import Deadline
from hf_lambda.deploy.state_machine import MOST_INLINE_CHUNKS, retriers
from hf_lambda.emulator.aws import EmulatedAws, emulated_aws
from hf_lambda.emulator.execution import Execution, run_execution
from hf_lambda.emulator.pool import ThrottledError, WorkerPool
from hf_lambda.emulator.worker import FunctionResult
from hf_lambda.errors import HfLambdaError
from hf_lambda.events import (
    AssembleRequest,
    AssembleResult,
    PlanRequest,
    PlanResult,
    RenderChunkRequest,
    RenderChunkResult,
    Result,
    parse_event,
)
from hf_lambda.settings import Settings
from hf_lambda.storage.base import check_uris_allowed

DEFINITION = (Path(__file__).parents[2] / "statemachine.asl.json").read_text("utf-8")
BUCKET = "renders-of-a-stack-with-a-rather-long-name"
REQUEST: dict[str, Any] = {
    "ProjectS3Uri": f"s3://{BUCKET}/sites/1/project.tar.gz",
    "PlanOutputS3Prefix": f"s3://{BUCKET}/renders/1",
    "OutputS3Uri": f"s3://{BUCKET}/outputs/1.mp4",
    "Config": {},
}
MOST_EVENTS = 25_000
"""Of an execution's history."""
DIGEST = hashlib.sha256().hexdigest()


class Function(WorkerPool):
    """Answers without sandboxes."""

    def __init__(self) -> None:
        super().__init__([])
        self.chunks = 2
        self.throttled_attempts = 0
        self.requests: list[object] = []
        self._settings = dataclasses.replace(Settings.from_environment(), render_bucket=BUCKET)

    def invoke(self, payload: object) -> FunctionResult:
        """A result of the wire contract, or the handler's error for a request that it would not take.

        Raises:
            ThrottledError: there is no worker yet.
        """
        if self.throttled < self.throttled_attempts:
            self.throttled += 1
            raise ThrottledError
        try:
            request = parse_event(payload)
            check_uris_allowed(request.uris(), self._settings)
        except HfLambdaError as error:
            described = {"errorType": error.code(), "errorMessage": str(error)}
            return FunctionResult(described, is_error=True, seconds=0.0)
        self.requests.append(request)
        return FunctionResult(to_builtins(self._result(request)), is_error=False, seconds=0.0)

    def _result(self, request: PlanRequest | RenderChunkRequest | AssembleRequest) -> Result:
        match request:
            case PlanRequest():
                return PlanResult(
                    plan_s3_uri=f"{request.plan_output_s3_prefix}/plan.tar.gz",
                    plan_hash=DIGEST,
                    chunk_count=self.chunks,
                    chunk_indexes=list(range(self.chunks)),
                    max_concurrency=40,
                    total_frames=self.chunks,
                    fps=30,
                    width=640,
                    height=360,
                    format="mp4",
                    has_audio=False,
                    audio_s3_uri=None,
                    ffmpeg_version="7",
                    producer_version="1",
                    warnings=[],
                    findings=[],
                    duration_ms=1,
                )
            case RenderChunkRequest():
                return RenderChunkResult(
                    chunk_s3_uri=f"{request.chunk_output_s3_prefix}/chunks/{DIGEST[:12]}/{request.chunk_index:04}.mp4",
                    chunk_index=request.chunk_index,
                    sha256=DIGEST,
                    frames_encoded=1,
                    capture_mode="framebuffer",
                    duration_ms=1,
                )
            case AssembleRequest():
                return AssembleResult(
                    output_s3_uri=request.output_s3_uri,
                    frames_encoded=len(request.chunk_s3_uris),
                    file_size=1,
                    duration_ms=1,
                )


@pytest.fixture
def function() -> Function:
    """The function."""
    return Function()


@pytest.fixture
def aws(function: Function) -> Iterator[EmulatedAws]:
    """Step Functions, and the function in the place of Lambda's."""
    with emulated_aws(function) as services:
        yield services


def execute(aws: EmulatedAws, request: dict[str, Any], definition: str = DEFINITION) -> Execution:
    """An execution that has ended."""
    aws.deploy("render", definition)
    return run_execution(aws.client("stepfunctions"), aws.state_machine_arn, request, deadline=Deadline(60))


def without_retry(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A state that gives up at once."""
    return {name: value for name, value in pairs if name != "Retry"}


@pytest.mark.parametrize("chunks", [2, 41])
def test_request_becomes_an_output(aws: EmulatedAws, function: Function, chunks: int) -> None:
    """One plan, its chunks by either Map, and one assembly of all of them in order, to where the request says."""
    function.chunks = chunks
    execution = execute(aws, REQUEST)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert execution.output is not None
    assert execution.output["Output"]["OutputS3Uri"] == REQUEST["OutputS3Uri"]
    first, *_, last = function.requests
    assert len(function.requests) == chunks + 2
    assert isinstance(first, PlanRequest)
    assert isinstance(last, AssembleRequest)
    assert [uri[-8:-4] for uri in last.chunk_s3_uris] == [f"{index:04}" for index in range(chunks)]


def test_large_variables_are_not_carried_beside_the_chunks(aws: EmulatedAws, function: Function) -> None:
    """A state gives no more than 256 KiB: variables that the plan can be given do not end a render of many chunks."""
    function.chunks = 40
    execution = execute(aws, {**REQUEST, "Config": {"variables": {"text": "x" * 250_000}}})
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert execution.output is not None
    assert set(execution.output) == {"Plan", "PlanOutputS3Prefix", "OutputS3Uri", "Chunks", "Output"}


def test_workers_are_waited_for_through_most_of_an_hour(
    aws: EmulatedAws, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a small account a task may find no worker a hundred times, and so may 40 chunks within one history."""
    waits: list[float] = []
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=waits.append))
    function.throttled_attempts = 100
    execution = execute(aws, REQUEST)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert execution.failures() == {"Lambda.TooManyRequestsException": 100}
    assert 1800 < sum(waits) < 4200
    events = len(execution.history) / 100
    most_attempts = max(retrier["MaxAttempts"] for retrier in retriers())
    assert MOST_INLINE_CHUNKS * most_attempts * events < 0.7 * MOST_EVENTS


def test_output_in_another_bucket_is_refused_before_anything_is_rendered(aws: EmulatedAws, function: Function) -> None:
    """Where the video would go is looked at by the plan, not after the last chunk."""
    execution = execute(aws, {**REQUEST, "OutputS3Uri": "s3://elsewhere/outputs/1.mp4"})
    assert (execution.status, execution.error) == ("FAILED", "S3_URI_NOT_ALLOWED")
    assert function.requests == []


@pytest.mark.parametrize("key", REQUEST)
def test_missing_key_ends_the_execution_at_once(aws: EmulatedAws, function: Function, key: str) -> None:
    """A key that is misspelt or left out ends the execution before the function is called."""
    # Step Functions never tries this error again; its stand-in would.
    definition = json.dumps(json.loads(DEFINITION, object_pairs_hook=without_retry))
    execution = execute(aws, {name: value for name, value in REQUEST.items() if name != key}, definition)
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert key in str(execution.cause)
    assert function.requests == []
