"""assemble: the chunks of a plan, and its sound, become the final file in one pass, nothing encoded again.

In: the plan, every chunk in order, the audio if there is one. Out: the file at OutputS3Uri, uploaded only
after its frames, its length and its streams were verified.
"""

import time

from hf_lambda.errors import CHUNK_LIST_INVALID, MEDIA_UNREADABLE, OUTPUT_VERIFICATION_FAILED
from hf_lambda.events import AssembleRequest, AssembleResult
from hf_lambda.invocation import Invocation
from hf_lambda.parallel import run_in_lanes
from hf_lambda.plan.packing import StoredPlan, read_plan
from hf_lambda.stages.serving import plan_container
from hf_lambda.stages.sound_delivery import fetch_sound, verify_sound
from hf_lambda.stages.verification import check_cfr_request, verify_constant_rate, verify_output
from hf_lambda.storage.base import TRANSFERS_AT_ONCE, Storage


def run(request: AssembleRequest, invocation: Invocation, storage: Storage) -> AssembleResult:
    """Verify, join, verify and store; see the module."""
    started = time.monotonic()
    stored = read_plan(storage, request.plan_s3_uri, invocation.scratch / "plan", expected_hash=request.plan_hash)
    plan = stored.plan
    plan.check_format(request.format)
    if request.cfr:
        check_cfr_request(plan)
    _check_chunk_list(request.chunk_s3_uris, stored)
    invocation.observer.stage_started("assemble")
    parts = [invocation.scratch / f"{chunk.index:04d}{plan.recipe.suffix}" for chunk in plan.chunks]
    with invocation.stopwatch.part("Fetch"):
        run_in_lanes(
            list(zip(request.chunk_s3_uris, parts, strict=True)),
            lambda chunk, _: storage.download(*chunk),
            lanes=TRANSFERS_AT_ONCE,
            deadline=invocation.deadline,
        )
        audio = fetch_sound(request.audio_s3_uri, plan, invocation, storage)
    output = invocation.scratch / f"output{plan.recipe.suffix}"
    container = plan_container(plan, invocation.toolchain)
    with invocation.stopwatch.part("Join"):
        container.join(parts, output, audio=audio, deadline=invocation.deadline)
    try:
        facts = container.inspect(output, deadline=invocation.deadline)
    except MEDIA_UNREADABLE as error:
        raise OUTPUT_VERIFICATION_FAILED(f"the assembled file cannot be read: {error.cause}") from error
    verify_output(facts, plan, has_audio=audio is not None)
    if audio is not None:
        verify_sound(output, audio, plan, invocation)
    if request.cfr or plan.cfr:
        verify_constant_rate(invocation.toolchain.ffprobe, output, plan, deadline=invocation.deadline)
    with invocation.stopwatch.part("Upload"):
        storage.upload(output, request.output_s3_uri)
    return AssembleResult(
        output_s3_uri=request.output_s3_uri,
        frames_encoded=facts.frame_count,
        file_size=output.stat().st_size,
        timings=invocation.stopwatch.milliseconds(),
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def _check_chunk_list(uris: list[str], stored: StoredPlan) -> None:
    """Every chunk of this plan, in order, once."""
    expected = [f"/{stored.chunk_path(chunk)}" for chunk in stored.plan.chunks]
    if len(uris) != len(expected):
        raise CHUNK_LIST_INVALID(f"the list has {len(uris)} chunks, the plan {len(expected)}")
    for uri, ending in zip(uris, expected, strict=True):
        if not uri.endswith(ending):
            raise CHUNK_LIST_INVALID(f"{uri!r} stands where the chunk …{ending} of the plan belongs")
