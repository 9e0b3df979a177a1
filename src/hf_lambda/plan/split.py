"""How many frames, and how they are split into chunks and segments. Pure arithmetic."""

import math
from dataclasses import dataclass
from fractions import Fraction

from hf_lambda.config import RenderConfig
from hf_lambda.errors import DISTRIBUTED_DURATION_OUT_OF_RANGE
from hf_lambda.media.recipes.h26x import preset_of

DEFAULT_CHUNK_FRAMES = 240
_SEGMENT_FRAMES = 240
"""By default, and at the most: a video can be sought by its segments."""
_BLURRED_SEGMENT_FRAMES = 60
"""Of a page full of moving blurs: drawing takes longer than all else, and a lane has one CPU for it."""
_LANE_CORES = 2
"""What one lane of any other page keeps busy: while one CPU draws, the other encodes, unless it has little to do."""
_SHORTEST_SEGMENT_FRAMES = 60
"""Opening a page costs as much as many frames, so fewer are not worth a lane of their own …"""
_SHORTEST_BLURRED_SEGMENT_FRAMES = 30
"""… but of a blurred page, whose frames cost more."""
_LONGEST_SECONDS = 24 * 3600
_WHOLE_FRAME_TOLERANCE = 1e-3


@dataclass(frozen=True)
class FrameRange:
    """Frames [start, stop)."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Chunk:
    """The frames of one invocation, in segments that follow one another without a gap."""

    index: int
    segments: tuple[FrameRange, ...]

    @property
    def frames(self) -> FrameRange:
        """All frames of the chunk."""
        return FrameRange(self.segments[0].start, self.segments[-1].stop)


def count_frames(duration_seconds: float, fps: Fraction) -> int:
    """Frames of a composition: its duration rounded up to whole frames, but for rounding noise.

    Raises:
        DISTRIBUTED_DURATION_OUT_OF_RANGE: not a finite number above 0 and up to 24 hours.
    """
    if not math.isfinite(duration_seconds) or not 0 < duration_seconds <= _LONGEST_SECONDS:
        raise DISTRIBUTED_DURATION_OUT_OF_RANGE(f"the composition's duration is {duration_seconds:g} seconds")
    exact = Fraction(duration_seconds) * fps
    nearest = math.floor(exact + Fraction(1, 2))
    frames = nearest if abs(exact - nearest) <= _WHOLE_FRAME_TOLERANCE else math.ceil(exact)
    return max(1, frames)


def split_frames(total_frames: int, config: RenderConfig, *, is_blurred: bool = False) -> tuple[Chunk, ...]:
    """Chunks whose lengths differ by at most one frame, each split into segments likewise.

    `is_blurred` says whether the page is full of moving blurs.
    """
    wanted = config.chunk_size or config.target_chunk_frames or DEFAULT_CHUNK_FRAMES
    chunk_count = min(math.ceil(total_frames / wanted), config.max_parallel_chunks)
    segment_frames = config.segment_frames or _default_segment_frames(total_frames, config, is_blurred=is_blurred)
    return tuple(
        Chunk(index, tuple(_spread(frames, max(1, math.floor(len(frames) / segment_frames + 0.5)))))
        for index, frames in enumerate(_spread(FrameRange(0, total_frames), chunk_count))
    )


def _default_segment_frames(total_frames: int, config: RenderConfig, *, is_blurred: bool) -> float:
    """So many that there are as few segments as keep all cores busy, where it is known how many share the frames."""
    cores = config.cores
    if cores is None:
        return _BLURRED_SEGMENT_FRAMES if is_blurred else _SEGMENT_FRAMES
    lanes = cores if is_blurred or _is_soon_encoded(config) else math.ceil(cores / _LANE_CORES)
    shortest = _SHORTEST_BLURRED_SEGMENT_FRAMES if is_blurred else _SHORTEST_SEGMENT_FRAMES
    return min(max(total_frames / lanes, shortest), _SEGMENT_FRAMES)


def _is_soon_encoded(config: RenderConfig) -> bool:
    """Whether encoding is so little work that it leaves a lane's second CPU idle."""
    if config.format == "mp4" and config.codec != "h265":
        return preset_of(config) == "ultrafast"
    return config.format == "png-sequence"  # Chromium makes the pictures, in one thread


def _spread(frames: FrameRange, parts: int) -> list[FrameRange]:
    """`parts` ranges that cover `frames`, the longer ones first."""
    short, extra = divmod(len(frames), parts)
    ranges = []
    start = frames.start
    for index in range(parts):
        stop = start + short + (index < extra)
        ranges.append(FrameRange(start, stop))
        start = stop
    return ranges
