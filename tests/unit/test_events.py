import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.errors import INVALID_EVENT
from hf_lambda.events import (
    AssembleRequest,
    AssembleResult,
    PlanFinding,
    PlanRequest,
    PlanResult,
    RenderChunkRequest,
    RenderChunkResult,
    parse_event,
    warnings_that_fit,
)

PLAN = {"Action": "plan", "ProjectS3Uri": "s3://b/p.tar.gz", "PlanOutputS3Prefix": "s3://b/out", "Config": {"fps": 30}}
RENDER = {
    "Action": "render-chunk",
    "PlanS3Uri": "s3://b/plan.tar.gz",
    "PlanHash": "ab" * 32,
    "ChunkIndex": 0,
    "ChunkOutputS3Prefix": "s3://b/out",
    "Format": "mp4",
}
ASSEMBLE = {
    "Action": "assemble",
    "PlanS3Uri": "s3://b/plan.tar.gz",
    "ChunkS3Uris": ["s3://b/0.mp4", "s3://b/1.mp4"],
    "AudioS3Uri": None,
    "OutputS3Uri": "s3://b/out.mp4",
    "Format": "mp4",
}
KEYS = sorted({*PLAN, *RENDER, *ASSEMBLE, "PlanHash", "Cfr", "Payload", "Input"})
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def finding(event: object) -> str:
    """What is wrong with an event that is refused."""
    with pytest.raises(INVALID_EVENT) as caught:
        parse_event(event)
    return caught.value.cause


def wrapped(event: object, *envelopes: str) -> object:
    """The event inside envelopes, the last one innermost."""
    for envelope in reversed(envelopes):
        event = {envelope: event}
    return event


def test_plan_request_is_read() -> None:
    """A plan event becomes a plan request."""
    assert parse_event(PLAN) == PlanRequest(
        project_s3_uri="s3://b/p.tar.gz", plan_output_s3_prefix="s3://b/out", config={"fps": 30}
    )


def test_render_chunk_request_is_read() -> None:
    """A render-chunk event becomes a render-chunk request."""
    assert parse_event(RENDER) == RenderChunkRequest(
        plan_s3_uri="s3://b/plan.tar.gz",
        plan_hash="ab" * 32,
        chunk_index=0,
        chunk_output_s3_prefix="s3://b/out",
        format="mp4",
    )


def test_assemble_request_is_read() -> None:
    """An assemble event becomes an assemble request; what may be left out is left out."""
    assert parse_event(ASSEMBLE) == AssembleRequest(
        plan_s3_uri="s3://b/plan.tar.gz",
        plan_hash=None,
        chunk_s3_uris=["s3://b/0.mp4", "s3://b/1.mp4"],
        audio_s3_uri=None,
        output_s3_uri="s3://b/out.mp4",
        format="mp4",
        cfr=False,
    )


@pytest.mark.parametrize("action", ["render-chunk", "renderChunk", "render_chunk"])
def test_spellings_of_an_action_mean_the_same(action: str) -> None:
    """The spellings of older clients are accepted."""
    assert parse_event({**RENDER, "Action": action}) == parse_event(RENDER)


@pytest.mark.parametrize(
    ("event", "uris"),
    [
        (PLAN, ["s3://b/p.tar.gz", "s3://b/out"]),
        ({**PLAN, "OutputS3Uri": "s3://b/o.mp4"}, ["s3://b/p.tar.gz", "s3://b/out", "s3://b/o.mp4"]),
        (RENDER, ["s3://b/plan.tar.gz", "s3://b/out"]),
        (ASSEMBLE, ["s3://b/plan.tar.gz", "s3://b/0.mp4", "s3://b/1.mp4", "s3://b/out.mp4"]),
        (
            {**ASSEMBLE, "AudioS3Uri": "s3://b/a.m4a"},
            ["s3://b/plan.tar.gz", "s3://b/0.mp4", "s3://b/1.mp4", "s3://b/a.m4a", "s3://b/out.mp4"],
        ),
    ],
)
def test_request_names_all_its_uris(event: dict[str, Any], uris: list[str]) -> None:
    """Every URI of a request can be checked before anything is touched."""
    assert parse_event(event).uris() == uris


@pytest.mark.parametrize(
    "envelopes",
    [(), ("Payload",), ("Input",), ("Payload", "Input"), ("Input", "Payload", "Payload", "Input")],
)
def test_envelopes_are_unwrapped(envelopes: tuple[str, ...]) -> None:
    """Up to four envelopes around an event are taken off."""
    assert parse_event(wrapped(PLAN, *envelopes)) == parse_event(PLAN)


def test_five_envelopes_are_too_many() -> None:
    """A fifth envelope is refused, so that nesting cannot go on without end."""
    assert finding(wrapped(PLAN, *["Payload"] * 5)) == "the event is wrapped more than 4 times"


def test_event_with_an_action_is_not_unwrapped() -> None:
    """A request that happens to have a key named like an envelope is still the request."""
    assert parse_event({**PLAN, "Payload": {"Action": "assemble"}}) == parse_event(PLAN)


@pytest.mark.parametrize("event", [None, [], "plan", 1, True, [PLAN], {"Payload": None}, {"Input": [PLAN]}])
def test_event_is_an_object(event: object) -> None:
    """Anything but an object, in an envelope too, is refused with its type."""
    assert finding(event).endswith("not an object")


@pytest.mark.parametrize("event", [{}, {"Payload": {}}, {"action": "plan"}, {**PLAN, "Action": None}])
def test_event_without_action_is_refused(event: object) -> None:
    """An event that names no action is told so."""
    assert finding(event) == "the event has no Action"


@pytest.mark.parametrize("action", ["destroy", "PLAN", "plan ", "RenderChunk", 1, ["plan"], {"plan": 1}, True])
def test_unknown_action_is_refused(action: object) -> None:
    """An unknown action is named, beside the known ones."""
    message = finding({**PLAN, "Action": action})
    assert message.startswith(f"Action is {action!r}")
    assert "plan, render-chunk" in message
    assert "assemble" in message


@pytest.mark.parametrize(
    ("event", "key"),
    [
        *((PLAN, key) for key in ("ProjectS3Uri", "PlanOutputS3Prefix", "Config")),
        *((RENDER, key) for key in ("PlanS3Uri", "PlanHash", "ChunkIndex", "ChunkOutputS3Prefix", "Format")),
        *((ASSEMBLE, key) for key in ("PlanS3Uri", "ChunkS3Uris", "OutputS3Uri", "Format")),
    ],
)
def test_missing_key_is_named(event: dict[str, Any], key: str) -> None:
    """A request without one of its keys is refused with the key's name."""
    assert finding({name: value for name, value in event.items() if name != key}).startswith(f"event.{key}: ")


WRONG_TYPES: list[tuple[dict[str, Any], str, list[Any]]] = [
    (PLAN, "ProjectS3Uri", [None, 1, ["s3://b/p"], {}, True]),
    (PLAN, "OutputS3Uri", [1, [], False]),
    (PLAN, "Config", [None, [], "{}", 30]),
    (RENDER, "ChunkIndex", [None, "0", 0.0, 1.5, True, [0]]),
    (RENDER, "PlanHash", [None, 1, ["ab"]]),
    (RENDER, "Format", [None, "avi", "MP4", 4, ["mp4"]]),
    (ASSEMBLE, "ChunkS3Uris", [None, [], "s3://b/0.mp4", [None], [1], {"0": "s3://b/0"}]),
    (ASSEMBLE, "AudioS3Uri", [1, [], False]),
    (ASSEMBLE, "PlanHash", [1, []]),
    (ASSEMBLE, "Cfr", ["yes", "true", 1, 0, "", []]),
]


@pytest.mark.parametrize(
    ("event", "key", "value"),
    [pytest.param(event, key, value, id=f"{key}={value!r}") for event, key, values in WRONG_TYPES for value in values],
)
def test_wrong_type_is_named(event: dict[str, Any], key: str, value: object) -> None:
    """A value of another type is refused, never converted."""
    assert finding({**event, key: value}).startswith(f"event.{key}")


def test_unknown_keys_are_ignored() -> None:
    """Keys that Step Functions or newer clients add do no harm."""
    assert parse_event({**RENDER, "Extra": {"a": 1}}) == parse_event(RENDER)


def test_messages_never_hold_values_of_the_configuration() -> None:
    """A refused event is described without what its Config says."""
    message = finding({**PLAN, "PlanOutputS3Prefix": 1, "Config": {"variables": {"password": "hunter2"}}})
    assert "hunter2" not in message


def test_results_speak_pascal_case() -> None:
    """Results carry the names of the contract, and can be written as JSON."""
    plan = PlanResult(
        plan_s3_uri="s3://b/plan.tar.gz",
        plan_hash="ab",
        chunk_count=1,
        chunk_indexes=[0],
        max_concurrency=1,
        total_frames=30,
        fps="30000/1001",
        width=640,
        height=360,
        format="mp4",
        has_audio=False,
        audio_s3_uri=None,
        ffmpeg_version="7",
        producer_version="0",
        warnings=["index.html:3: invalid_start: …"],
        findings=[PlanFinding(file="index.html", line=3, code="invalid_start", message="…")],
        duration_ms=5,
    )
    chunk = RenderChunkResult(
        chunk_s3_uri="s3://b/0.mp4",
        chunk_index=0,
        sha256="cd",
        frames_encoded=30,
        capture_mode="beginframe",
        duration_ms=5,
    )
    final = AssembleResult(output_s3_uri="s3://b/o.mp4", frames_encoded=30, file_size=9, duration_ms=5)
    dumped = [json.loads(json.dumps(msgspec.to_builtins(result))) for result in (plan, chunk, final)]
    assert [result["Action"] for result in dumped] == ["plan", "render-chunk", "assemble"]
    assert set(dumped[0]) == {
        *(
            "Action",
            "PlanS3Uri",
            "PlanHash",
            "ChunkCount",
            "ChunkIndexes",
            "MaxConcurrency",
            "TotalFrames",
            "Fps",
            "Width",
            "Height",
        ),
        *("Format", "HasAudio", "AudioS3Uri", "FfmpegVersion", "ProducerVersion", "Warnings", "Findings"),
        "Timings",
        "DurationMs",
    }
    assert dumped[0]["Findings"] == [{"File": "index.html", "Line": 3, "Code": "invalid_start", "Message": "…"}]
    assert set(dumped[1]) == {
        *("Action", "ChunkS3Uri", "ChunkIndex", "Sha256", "FramesEncoded", "CaptureMode", "Warnings"),
        *("Timings", "DurationMs"),
    }
    assert set(dumped[2]) == {"Action", "OutputS3Uri", "FramesEncoded", "FileSize", "Timings", "DurationMs"}


def test_warnings_of_a_plan_are_bounded() -> None:
    """A plan's warnings leave room for its chunks; those that fit stay, in order, and the others are counted;
    findings are not, which stand elsewhere too."""
    few = ["one", "two"]
    assert warnings_that_fit(few, ["found"]) == [*few, "found"]
    kept = warnings_that_fit(["first", "ü" * 40_000, *["a" * 1000] * 50, "last"], ["f" * 1000] * 50)
    assert (kept[0], kept[-2:]) == ("first", ["last", "19 more warnings are left out"])
    assert 30_000 < len(json.dumps(kept)) < 34_000


@given(
    JSON_VALUES
    | st.dictionaries(st.sampled_from(KEYS), JSON_VALUES, max_size=5)
    | st.tuples(
        st.sampled_from([PLAN, RENDER, ASSEMBLE]), st.dictionaries(st.sampled_from(KEYS), JSON_VALUES, max_size=3)
    ).map(lambda pair: {**pair[0], **pair[1]})
)
def test_any_json_is_a_request_or_an_invalid_event(event: object) -> None:
    """Whatever comes in, the outcome is a request or INVALID_EVENT."""
    try:
        request = parse_event(event)
    except INVALID_EVENT:
        return
    assert all(isinstance(uri, str) for uri in request.uris())
