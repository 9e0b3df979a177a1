"""The wire contract: what each action takes and gives, in PascalCase JSON.

Requests come wrapped by Step Functions or by hand, `{"Payload": …}` or `{"Input": …}`, at most four deep.
Unknown keys are ignored; wrong types and missing keys are `INVALID_EVENT`.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from hf_lambda.errors import INVALID_EVENT
from hf_lambda.wire import parse_struct

_ENVELOPES = ("Payload", "Input")
_MAX_ENVELOPES = 4
_WARNINGS_BYTES = 32 << 10
"""Of a plan: Step Functions carries them beside the results of all chunks, 256 KB in all."""

Format = Literal["mp4", "mov", "webm", "png-sequence"]
Action = Literal["plan", "render-chunk", "assemble"]


class _Wire(Struct, frozen=True, rename="pascal"):
    pass


class PlanRequest(_Wire, frozen=True, kw_only=True):
    """Compile a project archive and split it into chunks. OutputS3Uri, of the later assemble, is only checked."""

    project_s3_uri: str
    plan_output_s3_prefix: str
    output_s3_uri: str | None = None
    config: dict[str, Any]

    def uris(self) -> list[str]:
        """Every URI that this request names."""
        output = [] if self.output_s3_uri is None else [self.output_s3_uri]
        return [self.project_s3_uri, self.plan_output_s3_prefix, *output]


class RenderChunkRequest(_Wire, frozen=True, kw_only=True):
    """Render one chunk of a plan."""

    plan_s3_uri: str
    plan_hash: str
    chunk_index: int
    chunk_output_s3_prefix: str
    format: Format

    def uris(self) -> list[str]:
        """Every URI that this request names."""
        return [self.plan_s3_uri, self.chunk_output_s3_prefix]


class AssembleRequest(_Wire, frozen=True, kw_only=True):
    """Join the chunks of a plan into the final file."""

    plan_s3_uri: str
    plan_hash: str | None = None
    chunk_s3_uris: Annotated[list[str], Meta(min_length=1)]
    audio_s3_uri: str | None = None
    output_s3_uri: str
    format: Format
    cfr: bool = False

    def uris(self) -> list[str]:
        """Every URI that this request names."""
        audio = [] if self.audio_s3_uri is None else [self.audio_s3_uri]
        return [self.plan_s3_uri, *self.chunk_s3_uris, *audio, self.output_s3_uri]


Request = PlanRequest | RenderChunkRequest | AssembleRequest


class PlanFinding(_Wire, frozen=True, kw_only=True):
    """A place in the author's files that will not render as written. `line` counts from 1."""

    file: str
    line: int
    code: str
    message: str


class PlanResult(_Wire, frozen=True, kw_only=True):
    """What later stages and callers need to know of a plan. Fps is 30 or "30000/1001"."""

    action: Action = "plan"
    plan_s3_uri: str
    plan_hash: str
    chunk_count: int
    chunk_indexes: list[int]
    max_concurrency: int
    total_frames: int
    fps: int | str
    width: int
    height: int
    format: Format
    has_audio: bool
    audio_s3_uri: str | None
    ffmpeg_version: str
    producer_version: str
    warnings: list[str]
    findings: list[PlanFinding]
    timings: dict[str, int] = field(default_factory=dict)
    duration_ms: int


def warnings_that_fit(warnings: Sequence[str], findings: Sequence[str]) -> list[str]:
    """As many of a plan's warnings as its result may hold, and of its findings, which stand elsewhere in it as well.

    Where warnings are left out, the last one says how many.
    """
    room = _WARNINGS_BYTES
    kept: list[list[str]] = []
    for texts in (warnings, findings):
        kept.append([])
        for text in texts:
            if (length := len(json.dumps(text))) <= room:
                kept[-1].append(text)
                room -= length
    left_out = len(warnings) - len(kept[0])
    return [*kept[0], *kept[1], *([f"{left_out} more warnings are left out"] if left_out else [])]


class RenderChunkResult(_Wire, frozen=True, kw_only=True):
    """One rendered chunk. FramesEncoded is counted in the file, not copied from the plan.

    Warnings are those of its pages and of its source videos; a chunk that was found stored has none.
    """

    action: Action = "render-chunk"
    chunk_s3_uri: str
    chunk_index: int
    sha256: str
    frames_encoded: int
    capture_mode: str
    warnings: list[str] = field(default_factory=list)
    timings: dict[str, int] = field(default_factory=dict)
    duration_ms: int


class AssembleResult(_Wire, frozen=True, kw_only=True):
    """The final file. FramesEncoded is counted in the file; FileSize is in bytes."""

    action: Action = "assemble"
    output_s3_uri: str
    frames_encoded: int
    file_size: int
    timings: dict[str, int] = field(default_factory=dict)
    duration_ms: int


Result = PlanResult | RenderChunkResult | AssembleResult

_REQUESTS: dict[str, type[Request]] = {
    "plan": PlanRequest,
    "render-chunk": RenderChunkRequest,
    "renderChunk": RenderChunkRequest,
    "render_chunk": RenderChunkRequest,
    "assemble": AssembleRequest,
}


def parse_event(event: object) -> Request:
    """The request inside `event`, checked.

    Raises:
        INVALID_EVENT: no known action, or the request does not follow its contract.
    """
    body = _unwrap(event)
    action = body.get("Action")
    model = _REQUESTS.get(action) if isinstance(action, str) else None
    if model is None:
        known = ", ".join(_REQUESTS)
        raise INVALID_EVENT(f"Action is {action!r}; known actions are {known}" if action else "the event has no Action")
    try:
        return parse_struct(model, body, "event")
    except ValueError as error:
        raise INVALID_EVENT(str(error)) from None


def _unwrap(event: object) -> dict[str, Any]:
    for _ in range(_MAX_ENVELOPES + 1):
        if not isinstance(event, dict):
            raise INVALID_EVENT(f"the event is {type(event).__name__}, not an object")
        if "Action" in event:
            return event
        inner = [event[name] for name in _ENVELOPES if name in event]
        if not inner:
            return event
        event = inner[0]
    raise INVALID_EVENT(f"the event is wrapped more than {_MAX_ENVELOPES} times")
