from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_EVENT, OUTPUT_VERIFICATION_FAILED
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.media.probing import VideoFacts
from hf_lambda.plan.document import Plan
from hf_lambda.plan.split import split_frames
from hf_lambda.stages.verification import check_cfr_request, verify_constant_rate, verify_output
from tests.unit.doubles import write_program

NTSC = Fraction(60000, 1001)


def plan(**wanted: Any) -> Plan:
    """A plan of 25 frames of 640x360 for a configuration."""
    config = parse_config({"fps": "60000/1001", **wanted})
    is_opaque = config.format == "mp4"
    return Plan(
        entry_file="index.html",
        width=640,
        height=360,
        scale=1,
        fps=config.fps,
        total_frames=25,
        variables={},
        format=config.format,
        cfr=config.cfr,
        chunks=split_frames(25, config),
        recipe=encoder_recipe(config, "jpeg"),
        picture=PictureFormat("jpeg") if is_opaque else PictureFormat("png", is_transparent=True),
        capture_mode="beginframe",
        chromium_flags=(),
        files={},
        tools={},
    )


RIGHT = VideoFacts(
    codec="h264",
    width=640,
    height=360,
    fps=NTSC,
    average_fps=NTSC,
    frame_count=25,
    duration_seconds=float(25 / NTSC),
    start_seconds=0.0,
    has_alpha=False,
    has_audio=False,
)


def test_what_the_plan_says_is_accepted() -> None:
    """An output that is what its plan says passes, with sound where there is some."""
    verify_output(RIGHT, plan(), has_audio=False)
    verify_output(replace(RIGHT, has_audio=True), plan(), has_audio=True)
    verify_output(replace(RIGHT, has_alpha=True), plan(format="webm"), has_audio=False)


def test_pictures_may_be_opaque() -> None:
    """A picture sequence without a transparent pixel has no alpha to be missed."""
    verify_output(replace(RIGHT, codec="png"), plan(format="png-sequence"), has_audio=False)


def test_what_webm_cannot_say_exactly_is_accepted() -> None:
    """webm's milliseconds, and nanoseconds of a frame, are no deviation."""
    rounded = Fraction(19001, 317)  # what ffprobe makes of 60000/1001
    facts = replace(RIGHT, has_alpha=True, fps=rounded, average_fps=rounded, duration_seconds=0.417)
    verify_output(facts, plan(format="webm"), has_audio=False)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(RIGHT, frame_count=24), "24 frames instead of 25"),
        (replace(RIGHT, fps=Fraction(60)), "60 frames a second instead of 60000/1001"),
        (replace(RIGHT, fps=Fraction(0)), "0 frames a second instead of"),
        (replace(RIGHT, average_fps=Fraction(59)), "59 frames a second on average instead of 60000/1001"),
        (replace(RIGHT, duration_seconds=0.4187), "0.418700 s instead of 0.417083 s"),
        (replace(RIGHT, start_seconds=-0.021), "a stream that starts at -0.021000 s instead of 0"),
        (replace(RIGHT, width=320), "320x360 instead of 640x360"),
        (replace(RIGHT, has_alpha=True), "alpha that nobody asked for"),
        (replace(RIGHT, has_audio=True), "sound that nobody asked for"),
    ],
)
def test_every_deviation_is_named(facts: VideoFacts, reason: str) -> None:
    """Whatever differs from the plan is said with both values."""
    with pytest.raises(OUTPUT_VERIFICATION_FAILED) as caught:
        verify_output(facts, plan(), has_audio=False)
    assert reason in caught.value.cause


def test_what_is_missing_is_named() -> None:
    """Lost alpha and lost sound are found, together."""
    with pytest.raises(OUTPUT_VERIFICATION_FAILED, match="no alpha, sound is missing"):
        verify_output(RIGHT, plan(format="mov"), has_audio=True)


def test_request_for_a_constant_rate_is_for_h264() -> None:
    """Cfr on assemble has the rule of Config.cfr."""
    check_cfr_request(plan())
    for config in ({"codec": "h265"}, {"format": "webm"}, {"format": "mov"}, {"format": "png-sequence"}):
        with pytest.raises(INVALID_EVENT, match="Cfr: cfr applies to h264 in mp4 only"):
            check_cfr_request(plan(**config))


@pytest.fixture
def verify_packets(tmp_path: Path) -> Callable[[str], None]:
    """Verifies a file of which ffprobe says these packets, in ticks of 1/60000 s."""

    def verify(packets: str) -> None:
        answer = tmp_path / "answer"
        answer.write_text(f'{{"streams": [{{"time_base": "1/60000"}}], "packets": [{packets}]}}')
        ffprobe = write_program(tmp_path / "ffprobe", f"cat '{answer}'")
        verify_constant_rate(ffprobe, tmp_path / "x.mp4", plan(), deadline=Deadline(60))

    return verify


def test_equal_frames_are_a_constant_rate(verify_packets: Callable[[str], None]) -> None:
    """Frames of equal length, one after the other, pass."""
    verify_packets('{"pts": 0, "duration": 1001}, {"pts": 1001, "duration": 1001}')


@pytest.mark.parametrize(
    ("packets", "reason"),
    [
        ('{"pts": 0, "duration": 1001}, {"pts": 1001, "duration": 1000}', "of different lengths"),
        ('{"pts": 0, "duration": 1001}, {"pts": 1002, "duration": 1001}', "has gaps"),
        ('{"pts": 0, "duration": 1000}, {"pts": 1000, "duration": 1000}', "frames of 1/60 s instead of 1001/60000 s"),
    ],
)
def test_unequal_frames_are_refused(verify_packets: Callable[[str], None], packets: str, reason: str) -> None:
    """A frame that is longer, late, or of another rate, is no constant rate."""
    with pytest.raises(OUTPUT_VERIFICATION_FAILED, match=reason):
        verify_packets(packets)
