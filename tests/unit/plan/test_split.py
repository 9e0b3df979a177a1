import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hf_lambda.config import INTEGER_FPS, NTSC_FPS, RenderConfig, parse_config, parse_fps
from hf_lambda.errors import DISTRIBUTED_DURATION_OUT_OF_RANGE
from hf_lambda.plan.split import Chunk, FrameRange, count_frames, split_frames

RATES = st.sampled_from([parse_fps(fps) for fps in (*INTEGER_FPS, *NTSC_FPS)])
LENGTHS = st.integers(1, 3600)
DAY_SECONDS = 24 * 3600
CONFIGS = st.builds(
    RenderConfig,
    chunk_size=st.none() | LENGTHS,
    target_chunk_frames=st.none() | LENGTHS,
    max_parallel_chunks=st.integers(1, 256),
    segment_frames=st.none() | LENGTHS,
)


def lengths(total_frames: int, config: dict[str, Any], *, is_blurred: bool = False) -> list[list[int]]:
    """The lengths of the segments of each chunk."""
    chunks = split_frames(total_frames, parse_config(config), is_blurred=is_blurred)
    return [[len(segment) for segment in chunk.segments] for chunk in chunks]


@given(st.integers(1, 10**5), RATES)
def test_duration_of_whole_frames_gives_these_frames(frames: int, fps: Fraction) -> None:
    """A duration that was computed from a frame count leads back to it, at every rate."""
    seconds = float(frames / fps)
    assume(seconds <= DAY_SECONDS)
    assert count_frames(seconds, fps) == frames


@given(st.floats(1e-6, DAY_SECONDS), RATES)
def test_frames_cover_the_duration(seconds: float, fps: Fraction) -> None:
    """No part of the composition is cut off, and no frame begins after its end, but for rounding noise."""
    frames = count_frames(seconds, fps)
    exact = Fraction(seconds) * fps
    assert frames >= 1
    assert frames >= exact - Fraction(1, 1000)
    assert frames - 1 < exact


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"),
    [
        (5, 30, 150),
        (0.1 + 0.2, 30, 9),
        (5.001, 30, 151),
        (5.00001, 30, 150),
        (4.99999, 30, 150),
        (1e-9, 30, 1),
        (1 / 60, 30, 1),
        (10, "30000/1001", 300),
        (10.01, "30000/1001", 300),
        (DAY_SECONDS, 60, 5_184_000),
    ],
)
def test_frames_of_a_duration(seconds: float, fps: int | str, frames: int) -> None:
    """Durations are rounded up to whole frames, where they are not whole but for noise."""
    assert count_frames(seconds, parse_fps(fps)) == frames


@pytest.mark.parametrize("seconds", [0, -0.0, -1, math.nan, math.inf, -math.inf, DAY_SECONDS + 0.001, 1e300])
def test_duration_out_of_range_is_refused(seconds: float) -> None:
    """Nothing, less than nothing, endless and longer than a day cannot be rendered."""
    with pytest.raises(DISTRIBUTED_DURATION_OUT_OF_RANGE, match="duration is"):
        count_frames(seconds, Fraction(30))


@given(st.integers(1, 200_000), CONFIGS)
def test_chunks_and_segments_cover_all_frames_once(total_frames: int, config: RenderConfig) -> None:
    """Segments follow one another from 0 to the end, without a gap, an overlap or an empty one."""
    chunks = split_frames(total_frames, config)
    segments = [segment for chunk in chunks for segment in chunk.segments]
    assert segments[0].start == 0
    assert segments[-1].stop == total_frames
    assert all(one.stop == other.start for one, other in pairwise(segments))
    assert all(segment.start < segment.stop for segment in segments)
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert sum(len(chunk.frames) for chunk in chunks) == total_frames


@given(st.integers(1, 200_000), CONFIGS)
def test_lengths_differ_by_at_most_one(total_frames: int, config: RenderConfig) -> None:
    """Chunks are equally long but for one frame, and so are the segments of each chunk."""
    chunks = split_frames(total_frames, config)
    spans = [[len(chunk.frames) for chunk in chunks]]
    spans += [[len(segment) for segment in chunk.segments] for chunk in chunks]
    assert all(max(span) - min(span) <= 1 for span in spans)


@given(st.integers(1, 200_000), CONFIGS)
def test_numbers_of_chunks_and_segments_follow_the_rule(total_frames: int, config: RenderConfig) -> None:
    """There are as many chunks as their size asks for, up to the limit; segments round to theirs."""
    chunks = split_frames(total_frames, config)
    wanted = config.chunk_size or config.target_chunk_frames or 240
    assert len(chunks) == min(-(-total_frames // wanted), config.max_parallel_chunks)
    for chunk in chunks:
        exact = Fraction(len(chunk.frames), config.segment_frames or 240)
        assert len(chunk.segments) == max(1, math.floor(exact + Fraction(1, 2)))


@pytest.mark.parametrize(
    ("total_frames", "config", "expected"),
    [
        (1, {}, [[1]]),
        (240, {}, [[240]]),
        (241, {}, [[121], [120]]),
        (359, {"chunkSize": 3600}, [[359]]),
        (360, {"chunkSize": 3600}, [[180, 180]]),
        (10, {"chunkSize": 4}, [[4], [3], [3]]),
        (10, {"chunkSize": 4, "targetChunkFrames": 10}, [[4], [3], [3]]),
        (10, {"targetChunkFrames": 5}, [[5], [5]]),
        (10, {"chunkSize": 1, "maxParallelChunks": 2}, [[5], [5]]),
        (10, {"segmentFrames": 4}, [[4, 3, 3]]),
        (9, {"segmentFrames": 6}, [[5, 4]]),
        (8, {"segmentFrames": 6}, [[8]]),
        (3, {"segmentFrames": 1}, [[1, 1, 1]]),
    ],
)
def test_splits_by_example(total_frames: int, config: dict[str, int], expected: list[list[int]]) -> None:
    """Longer parts come first; halves round up."""
    assert lengths(total_frames, config) == expected


def test_frames_of_a_chunk_reach_from_first_to_last_segment() -> None:
    """A chunk's frames are those of its segments."""
    chunk = Chunk(1, (FrameRange(10, 14), FrameRange(14, 17)))
    assert chunk.frames == FrameRange(10, 17)
    assert len(chunk.frames) == 7


@pytest.mark.parametrize(
    ("total_frames", "config", "expected"),
    [
        (89, {}, [[89]]),
        (90, {}, [[45, 45]]),
        (240, {}, [[60, 60, 60, 60]]),
        (240, {"segmentFrames": 120}, [[120, 120]]),
    ],
)
def test_moving_blurs_are_split_sooner(total_frames: int, config: dict[str, int], expected: list[list[int]]) -> None:
    """Where nobody says how long segments are to be, they are a quarter as long as others."""
    assert lengths(total_frames, config, is_blurred=True) == expected


@pytest.mark.parametrize(
    ("total_frames", "cores", "plain", "blurred"),
    [
        (180, 1, [180], [180]),
        (180, 2, [180], [90, 90]),
        (180, 3, [90, 90], [60, 60, 60]),
        (180, 8, [60, 60, 60], [30] * 6),
        (60, 2, [60], [30, 30]),
        (600, 2, [200] * 3, [200] * 3),
        (600, 8, [200] * 3, [67, 67, 66] * 3),
        (600, 16, [67, 67, 66] * 3, [40] * 15),
        (7200, 64, [240] * 30, [120] * 60),
    ],
)
def test_known_cores_are_kept_busy(total_frames: int, cores: int, plain: list[int], blurred: list[int]) -> None:
    """Two by each lane, one by each lane of a blurred page; by segments that are neither too short nor too long."""
    for expected, is_blurred in ((plain, False), (blurred, True)):
        chunks = lengths(total_frames, {"cores": cores}, is_blurred=is_blurred)
        assert [length for chunk in chunks for length in chunk] == expected


@pytest.mark.parametrize(
    ("config", "segments"),
    [
        ({"quality": "draft"}, [90, 90]),
        ({"encoderPreset": "ultrafast"}, [90, 90]),
        ({"quality": "draft", "encoderPreset": "fast"}, [180]),
        ({"quality": "draft", "codec": "h265"}, [180]),
        ({"quality": "draft", "format": "webm"}, [180]),
        ({"format": "mov"}, [180]),
        ({"format": "png-sequence"}, [90, 90]),
        ({"quality": "standard"}, [180]),
    ],
)
def test_encoder_with_little_to_do_leaves_its_core_to_another_lane(config: dict[str, Any], segments: list[int]) -> None:
    """Where x264 hardly searches, or there is no encoder, one lane leaves a core idle."""
    assert lengths(180, {"cores": 2, **config}) == [segments]
    assert lengths(180, config) == [[180]]


def test_segments_that_are_asked_for_count_more_than_cores() -> None:
    """Whoever names a length gets it."""
    assert lengths(180, {"cores": 8, "segmentFrames": 180}) == [[180]]
