"""What must be true of an assembled file before it is delivered."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from hf_lambda.config import check_cfr
from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_EVENT, OUTPUT_VERIFICATION_FAILED
from hf_lambda.media.probing import VideoFacts, probe_packets
from hf_lambda.plan.document import Plan

_TOLERANCE_SECONDS = 0.001
"""webm counts milliseconds; all others are exact."""
_FRAME_TOLERANCE_SECONDS = Fraction(1, 10**9)
"""webm keeps the length of a frame in whole nanoseconds."""


def check_cfr_request(plan: Plan) -> None:
    """Refuse a request for Cfr where Config.cfr would be refused.

    Raises:
        INVALID_EVENT: the plan's output is not h264 in mp4.
    """
    try:
        check_cfr(plan.format, "h265" if plan.recipe.options.get("c:v") == "libx265" else None)
    except ValueError as error:
        raise INVALID_EVENT(f"Cfr: {error}") from None


def verify_output(facts: VideoFacts, plan: Plan, *, has_audio: bool) -> None:
    """Hold the output against its plan.

    Raises:
        OUTPUT_VERIFICATION_FAILED: everything that differs.
    """
    findings = [*_time_findings(facts, plan), *_stream_findings(facts, plan, has_audio=has_audio)]
    if findings:
        raise OUTPUT_VERIFICATION_FAILED(f"the assembled file has {', '.join(findings)}")


def verify_constant_rate(ffprobe: Path, path: Path, plan: Plan, *, deadline: Deadline) -> None:
    """Look at every frame's time: each must last equally long, and begin where the one before ends.

    Raises:
        OUTPUT_VERIFICATION_FAILED: one does not.
        MEDIA_UNREADABLE: the file cannot be read.
    """
    packets = probe_packets(ffprobe, path, deadline=deadline)
    length = packets[0].duration_seconds
    if any(packet.duration_seconds != length for packet in packets):
        raise OUTPUT_VERIFICATION_FAILED("the assembled file has frames of different lengths")
    if any(after.start_seconds - before.start_seconds != length for before, after in pairwise(packets)):
        raise OUTPUT_VERIFICATION_FAILED("the assembled file has gaps between its frames")
    if length != 1 / plan.fps:
        raise OUTPUT_VERIFICATION_FAILED(f"the assembled file has frames of {length} s instead of {1 / plan.fps} s")


def _time_findings(facts: VideoFacts, plan: Plan) -> list[str]:
    expected = float(plan.duration_seconds)
    findings = []
    if facts.frame_count != plan.total_frames:
        findings.append(f"{facts.frame_count} frames instead of {plan.total_frames}")
    for name, fps in (("", facts.fps), (" on average", facts.average_fps)):
        if fps <= 0 or abs(1 / fps - 1 / plan.fps) > _FRAME_TOLERANCE_SECONDS:
            findings.append(f"{fps} frames a second{name} instead of {plan.fps}")
    if abs(facts.duration_seconds - expected) > _TOLERANCE_SECONDS:
        findings.append(f"{facts.duration_seconds:.6f} s instead of {expected:.6f} s")
    if abs(facts.start_seconds) > _TOLERANCE_SECONDS:
        findings.append(f"a stream that starts at {facts.start_seconds:.6f} s instead of 0")
    return findings


def _stream_findings(facts: VideoFacts, plan: Plan, *, has_audio: bool) -> list[str]:
    findings = []
    if (facts.width, facts.height) != (plan.width, plan.height):
        findings.append(f"{facts.width}x{facts.height} instead of {plan.width}x{plan.height}")
    # Chromium leaves alpha out of a PNG that is opaque throughout.
    if facts.codec != "png" and facts.has_alpha != plan.picture.is_transparent:
        findings.append("alpha that nobody asked for" if facts.has_alpha else "no alpha")
    if facts.has_audio != has_audio:
        findings.append("sound is missing" if has_audio else "sound that nobody asked for")
    return findings
