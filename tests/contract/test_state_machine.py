"""statemachine.asl.json against its generator, the error table and the wire contract."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields

from hf_lambda.cli.state_machine import state_machine_json
from hf_lambda.errors import HfLambdaError, RetryableError, TerminalError, error_table
from hf_lambda.events import PlanResult, parse_event

FILE = Path(__file__).parents[2] / "statemachine.asl.json"
DEFINITION: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
STATES_OF_MAPS = "RenderChunks", "RenderManyChunks"
_SAMPLES: dict[str, Any] = {
    "$.ProjectS3Uri": "s3://b/p.tar.gz",
    "$.PlanOutputS3Prefix": "s3://b/renders/1",
    "$.Config": {},
    "$.PlanS3Uri": "s3://b/plan",
    "$.Plan.PlanS3Uri": "s3://b/plan",
    "$.PlanHash": "ab",
    "$.Plan.PlanHash": "ab",
    "$.ChunkIndex": 0,
    "$.ChunkOutputS3Prefix": "s3://b/renders/1",
    "$.Format": "mp4",
    "$.Plan.Format": "mp4",
    "$.Chunks[*].ChunkS3Uri": ["s3://b/0000.mp4"],
    "$.Plan.AudioS3Uri": None,
    "$.OutputS3Uri": "s3://b/outputs/1.mp4",
}


def tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task of the machine and its maps, by a name that says where it is."""
    for name, state in DEFINITION["States"].items():
        inner = state.get("ItemProcessor", {}).get("States", {})
        for place, found in ((name, state), *((f"{name}/{child}", found) for child, found in inner.items())):
            if found["Type"] == "Task":
                yield place, found


def retrier_of(task: dict[str, Any], code: str) -> dict[str, Any]:
    """The retrier that decides on an error: the first that names it, or all."""
    found: dict[str, Any] = next(
        item for item in task["Retry"] if code in item["ErrorEquals"] or item["ErrorEquals"] == ["States.ALL"]
    )
    return found


@pytest.fixture(params=list(tasks()), ids=lambda item: item[0])
def task(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each task."""
    found: dict[str, Any] = request.param[1]
    return found


def test_file_is_what_the_command_prints() -> None:
    """statemachine.asl.json is what `hf-lambda state-machine` prints."""
    assert FILE.read_text("utf-8") == f"{state_machine_json()}\n"


def test_there_are_four_tasks() -> None:
    """The three actions, the chunks in either map."""
    assert [name for name, _ in tasks()] == [
        "Plan",
        "RenderChunks/RenderChunk",
        "RenderManyChunks/RenderChunk",
        "Assemble",
    ]


@pytest.mark.parametrize("error", error_table(), ids=lambda error: error.__name__)
def test_error_is_retried_exactly_where_the_table_says(error: type[HfLambdaError], task: dict[str, Any]) -> None:
    """A terminal code is given up at once in every task, a retryable one gets at least one more attempt."""
    attempts = retrier_of(task, error.code())["MaxAttempts"]
    assert issubclass(error, TerminalError) or issubclass(error, RetryableError)
    assert (attempts == 0) == issubclass(error, TerminalError)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("Lambda.TooManyRequestsException", 100),
        ("Lambda.ServiceException", 3),
        ("Runtime.ExitError", 2),
        ("Sandbox.Timedout", 1),
        ("States.Timeout", 1),
    ],
)
def test_platform_error_is_retried(name: str, least: int, task: dict[str, Any]) -> None:
    """What Lambda itself does wrong is tried again, throttling for about an hour."""
    retrier = retrier_of(task, name)
    assert retrier["MaxAttempts"] >= least
    if name == "Lambda.TooManyRequestsException":
        assert retrier["JitterStrategy"] == "FULL"
        assert 3000 < mean_wait_seconds(retrier) < 4200


def mean_wait_seconds(retrier: dict[str, Any]) -> float:
    """What all waits of a retrier take together, as a mean: full jitter draws each from 0 to its interval."""
    first, rate, longest = (float(retrier[name]) for name in ("IntervalSeconds", "BackoffRate", "MaxDelaySeconds"))
    return sum(min(first * rate**number, longest) for number in range(retrier["MaxAttempts"])) / 2


def test_catch_all_comes_last_and_alone(task: dict[str, Any]) -> None:
    """Step Functions wants States.ALL by itself in the last retrier."""
    assert [index for index, item in enumerate(task["Retry"]) if "States.ALL" in item["ErrorEquals"]] == [
        len(task["Retry"]) - 1
    ]
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]


def test_no_retrier_names_an_unknown_code() -> None:
    """Every name in a retrier is of the table, or Lambda's or Step Functions' own."""
    names = {name for _, task in tasks() for item in task["Retry"] for name in item["ErrorEquals"]}
    known = {error.code() for error in error_table()}
    assert {name for name in names - known if not name.startswith(("Lambda.", "States.", "Sandbox."))} == set()


def test_payload_follows_the_wire_contract(task: dict[str, Any]) -> None:
    """The handler understands what each task sends."""
    payload = {
        name.removesuffix(".$"): _SAMPLES[value] if name.endswith(".$") else value
        for name, value in task["Parameters"]["Payload"].items()
    }
    assert set(payload) <= {field.encode_name for field in fields(parse_event(payload))} | {"Action"}


def test_every_later_state_finds_what_it_reads() -> None:
    """What the maps and assemble read of the plan, the plan's selector keeps, and the plan's result has."""
    kept = {name.removesuffix(".$") for name in DEFINITION["States"]["Plan"]["ResultSelector"]["Plan"]}
    text = json.dumps(DEFINITION)
    read = {word.split('"')[0].split("[")[0] for word in text.split("$.Plan.")[1:]}
    assert read <= kept
    assert kept <= {field.encode_name for field in fields(PlanResult)}


def test_causes_of_chunks_are_carried_once() -> None:
    """Beside the chunks, which have them, they could be more than the 256 KiB that a state may give."""
    readers = [state for state in DEFINITION["States"].values() if "$.Chunks[*].Cause" in json.dumps(state)]
    assert len(readers) == 1
    assert "ResultPath" not in readers[0]


def test_maps_differ_only_in_how_they_report() -> None:
    """Inline or distributed, a chunk is rendered by the same task with the same items."""
    inline, distributed = (DEFINITION["States"][name] for name in STATES_OF_MAPS)
    chunk, child = (state["ItemProcessor"]["States"]["RenderChunk"] for state in (inline, distributed))
    for name in ("Parameters", "ResultSelector", "Retry", "TimeoutSeconds"):
        assert chunk[name] == child[name]
    for name in ("ItemsPath", "MaxConcurrencyPath", "ItemSelector", "ResultPath"):
        assert inline[name] == distributed[name]
    assert distributed["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_every_task_is_bounded(task: dict[str, Any]) -> None:
    """No task waits for longer than any function may run, and the execution has an end too."""
    assert 900 < task["TimeoutSeconds"] < DEFINITION["TimeoutSeconds"]
