"""render-chunk: one chunk of a plan becomes one video file that can be concatenated by copying.

In: the plan and a chunk index. Out: the chunk below the output prefix. While the plan is fetched a browser starts;
all else is verified before it is spent on. A chunk that is already stored whole is returned, and none is stored that
lacks a frame.
"""

import time
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from hf_lambda.capture.lanes import capture_segment
from hf_lambda.capture.page import PageSpec
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.capture.server import PageServer
from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_FRAMES_MISSING, MEDIA_UNREADABLE
from hf_lambda.events import RenderChunkRequest, RenderChunkResult
from hf_lambda.hashing import file_sha256
from hf_lambda.invocation import Invocation
from hf_lambda.parallel import run_in_lanes
from hf_lambda.plan.document import Plan, check_tools
from hf_lambda.plan.packing import StoredPlan, read_plan
from hf_lambda.plan.split import Chunk, FrameRange
from hf_lambda.stages.capture_mode import flags_for
from hf_lambda.stages.serving import plan_container, plan_page_spec, site_resolver
from hf_lambda.stages.timed_browser import browser_packs, timed_browser
from hf_lambda.stages.video_frames import ChunkVideos
from hf_lambda.storage.base import Storage, join_uri


def run(
    request: RenderChunkRequest, invocation: Invocation, storage: Storage, browsers: BrowserPool
) -> RenderChunkResult:
    """Verify, render, count and store; see the module."""
    started = time.monotonic()
    watch = invocation.stopwatch
    browsers.warm(flags_for("framebuffer"), deadline=invocation.deadline, is_guess=True)  # most plans' flags
    with watch.part("Fetch"):
        stored = read_plan(storage, request.plan_s3_uri, invocation.scratch / "plan", expected_hash=request.plan_hash)
    plan = stored.plan
    plan.check_format(request.format)
    chunk = plan.chunk(request.chunk_index)
    check_tools(plan, invocation.toolchain)
    chunk_uri = join_uri(request.chunk_output_s3_prefix, "chunks", stored.chunk_path(chunk))
    warnings: list[str] = []
    found = storage.find_intact(chunk_uri)
    if found is not None and found.metadata.get("planhash") == stored.hash:
        sha256, frames = found.sha256, int(found.metadata["frames"])
    else:
        with watch.part("Unpack"):
            invocation.toolchain.unpack(*browser_packs(plan.chromium_flags), "ffmpeg", "ffprobe")
        stored.use_blobs_of(invocation.settings.blob_prefix)
        path, warnings = _render(stored, chunk, invocation, browsers)
        sha256, frames = file_sha256(path), _count_frames(path, plan, chunk, invocation)
        with watch.part("Upload"):
            storage.upload(path, chunk_uri, metadata={"planhash": stored.hash, "frames": str(frames)})
    return RenderChunkResult(
        chunk_s3_uri=chunk_uri,
        chunk_index=chunk.index,
        sha256=sha256,
        frames_encoded=frames,
        capture_mode=plan.capture_mode,
        warnings=warnings,
        timings=watch.milliseconds(),
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def _render(stored: StoredPlan, chunk: Chunk, invocation: Invocation, browsers: BrowserPool) -> tuple[Path, list[str]]:
    """The chunk, and its warnings."""
    plan = stored.plan
    output = invocation.scratch / f"chunk{plan.recipe.suffix}"
    videos = ChunkVideos(stored, chunk, invocation)
    resolve = videos.resolver(site_resolver(stored.file, invocation.toolchain))
    # One more than there are browsers: while an encoder drains, its browser takes the next segment.
    lanes = invocation.settings.lanes + 1
    with PageServer(resolve) as server, videos.extracting(lanes), closing(stored), server.nothing_lost():

        def render(segment: FrameRange, deadline: Deadline) -> tuple[Path, list[str]]:
            pictures = partial(videos.pictures, deadline=deadline)
            spec = plan_page_spec(plan, server, invocation.settings, pictures)
            return _render_segment(plan, segment, spec, replace(invocation, deadline=deadline), browsers)

        rendered = run_in_lanes(chunk.segments, render, lanes=lanes, deadline=invocation.deadline)
    with invocation.stopwatch.part("Join"):
        parts = [part for part, _ in rendered]
        plan_container(plan, invocation.toolchain).join(parts, output, deadline=invocation.deadline)
    return output, [*dict.fromkeys(warning for _, warnings in rendered for warning in warnings), *videos.warnings()]


def _render_segment(
    plan: Plan, segment: FrameRange, spec: PageSpec, invocation: Invocation, browsers: BrowserPool
) -> tuple[Path, list[str]]:
    """One segment and its page's warnings: pictures go into the encoder while the next ones are taken."""
    deadline = invocation.deadline
    output = invocation.scratch / f"segment-{segment.start:07d}{plan.recipe.segment_suffix}"
    frames = range(segment.start, segment.stop)
    container = plan_container(plan, invocation.toolchain)
    with ExitStack() as stack:
        with timed_browser(browsers, plan.chromium_flags, invocation) as browser:
            encoder = stack.enter_context(container.write_segment(output, frames, deadline=deadline))
            on_frame, watch = invocation.observer.frame_captured, invocation.stopwatch
            warnings = capture_segment(browser, spec, frames, encoder, on_frame, deadline=deadline, stopwatch=watch)
        with watch.part("Encode"):
            encoder.finish()  # the browser is free for the next segment meanwhile
        if encoder.frames != len(segment):
            raise CHUNK_FRAMES_MISSING(f"{encoder.frames} of {len(segment)} frames from {segment.start} were encoded")
    return output, warnings


def _count_frames(path: Path, plan: Plan, chunk: Chunk, invocation: Invocation) -> int:
    try:
        facts = plan_container(plan, invocation.toolchain).inspect(path, deadline=invocation.deadline)
    except MEDIA_UNREADABLE as error:
        raise CHUNK_FRAMES_MISSING(f"chunk {chunk.index} cannot be read: {error.cause}") from error
    if facts.frame_count != len(chunk.frames):
        raise CHUNK_FRAMES_MISSING(
            f"chunk {chunk.index} holds {facts.frame_count} frames, its plan says {len(chunk.frames)}"
        )
    return facts.frame_count
