"""Which frame of which source video each frame of the output shows. Pure arithmetic; the page is told, not asked."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hf_lambda.media.source_frames import FrameSource
from hf_lambda.plan.split import FrameRange

_SNAP_FRAMES = 1e-3
"""Starts and ends this close to a frame are on it, as the runtime sees them."""
_NOISE = 1e-9
_SAME_RUN_FRAMES = 9
"""Decoding a few frames that nobody shows costs less than starting anew behind them; the fastest rate leaves nine."""


@dataclass(frozen=True)
class VideoClip:
    """One `<video>` that is seen. Seconds; `shown` counts frames of the output."""

    key: str
    """The render id of its element."""
    source: FrameSource
    files: tuple[str | None, ...]
    """By chunk: the plan's file with the frames that the chunk shows, None where it shows none."""
    shown: FrameRange
    origin: float
    """Where its own time begins, on the output's clock."""
    media_start: float
    rate: float
    loop: bool

    def source_frame(self, frame: int, fps: Fraction) -> int | None:
        """The number of the source's frame, at `fps` from its trim point on, that frame `frame` shows; or None."""
        if not self.shown.start <= frame < self.shown.stop:
            return None
        local = max(0.0, frame - snap_to_frames(self.origin, fps))
        playable = max(0.0, self.source.length - self.media_start)
        cycle = playable / self.rate * float(fps)
        if self.loop and cycle > 0:
            local = max(0.0, local - cycle * math.floor((local + _NOISE) / cycle))
        index = math.floor(local * self.rate + _NOISE)
        # The last frame is held; behind it there is nothing else to extract.
        return min(index, math.ceil(playable * float(fps) - _NOISE))

    def to_json(self) -> dict[str, Any]:
        """The clip as JSON values."""
        return {
            "key": self.key,
            "source": self.source.to_json(),
            "files": list(self.files),
            "shown": [self.shown.start, self.shown.stop],
            "origin": self.origin,
            "mediaStart": self.media_start,
            "rate": self.rate,
            "loop": self.loop,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "VideoClip":
        """The clip from `to_json`."""
        return cls(
            key=values["key"],
            source=FrameSource.from_json(values["source"]),
            files=tuple(values["files"]),
            shown=FrameRange(*values["shown"]),
            origin=values["origin"],
            media_start=values["mediaStart"],
            rate=values["rate"],
            loop=values["loop"],
        )


def snap_to_frames(seconds: float, fps: Fraction) -> float:
    """A time in frames; a whole number where it is one but for noise."""
    frames = seconds * float(fps)
    nearest = round(frames)
    return float(nearest) if abs(frames - nearest) < _SNAP_FRAMES else frames


def shown_frames(start: float, stop: float | None, *, duration: float, fps: Fraction, total_frames: int) -> FrameRange:
    """The frames on which a clip is seen: from its start to before its stop; to the very end if it stops there."""
    first = max(0, math.ceil(snap_to_frames(start, fps)))
    last = total_frames
    if stop is not None and stop < duration - 1e-6:
        last = min(total_frames, math.ceil(snap_to_frames(stop, fps)))
    return FrameRange(min(first, last), last)


def needed_seconds(clip: VideoClip, runs: Iterable[FrameRange], fps: Fraction) -> tuple[float, float]:
    """The part of the source that holds these runs, in seconds since the file's beginning."""
    known = list(runs)
    start, stop = min(run.start for run in known), max(run.stop for run in known)
    return clip.media_start + float(start / fps), clip.media_start + float((stop + 1) / fps)


def needed_runs(clip: VideoClip, frames: FrameRange, fps: Fraction) -> list[FrameRange]:
    """The source frames that a clip shows during `frames`, in the fewest runs that are worth decoding."""
    found = (clip.source_frame(frame, fps) for frame in range(frames.start, frames.stop))
    return list(_join(sorted({index for index in found if index is not None})))


def _join(numbers: Iterable[int]) -> Iterator[FrameRange]:
    start = stop = None
    for number in numbers:
        if stop is not None and start is not None and number > stop + _SAME_RUN_FRAMES:
            yield FrameRange(start, stop)
            start = None
        start = number if start is None else start
        stop = number + 1
    if start is not None and stop is not None:
        yield FrameRange(start, stop)
