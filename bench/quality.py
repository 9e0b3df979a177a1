"""How much the pictures of two videos differ: PSNR frame by frame, in RGB."""

import json
import math
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hf_lambda.toolchain import Toolchain

EQUAL_DB = 100.0
"""The PSNR of frames that do not differ at all."""
_PEAK = 255.0
_CHANNELS = 3
_WORST_SHARE = 0.01

Frame = npt.NDArray[np.uint8]


class NotComparableError(Exception):
    """Two videos have no frames to compare, or not of one size."""


@dataclass(frozen=True)
class Quality:
    """The difference of two videos over the frames that both have, in dB."""

    frames: tuple[int, int]
    pooled_db: float
    """Of the mean squared error over all frames, never the mean of the frames' dB."""
    worst_db: float
    worst_frame: int
    p01_db: float
    """What 99 % of the frames reach."""


def compare_pictures(toolchain: Toolchain, ours: Path, original: Path) -> Quality:
    """Compare two videos.

    Raises:
        NotComparableError: they differ in size, or one is empty.
    """
    size, other_size = _size(toolchain, ours), _size(toolchain, original)
    if size != other_size:
        raise NotComparableError(f"ours is {size}, the original {other_size}")
    errors: list[float] = []
    counts = [0, 0]
    for pair in zip_longest(_frames(toolchain, ours, size), _frames(toolchain, original, size)):
        counts = [count + (frame is not None) for count, frame in zip(counts, pair, strict=True)]
        if pair[0] is not None and pair[1] is not None:
            errors.append(_squared_error(pair[0], pair[1]))
    if not errors:
        raise NotComparableError(f"ours has {counts[0]} frames, the original {counts[1]}")
    return Quality(
        frames=(counts[0], counts[1]),
        pooled_db=_decibels(float(np.mean(errors))),
        worst_db=_decibels(max(errors)),
        worst_frame=int(np.argmax(errors)),
        p01_db=_decibels(float(np.quantile(errors, 1 - _WORST_SHARE))),
    )


def _size(toolchain: Toolchain, video: Path) -> tuple[int, int]:
    entries = ["-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "json"]
    argv = [str(toolchain.ffprobe), "-v", "error", *entries, str(video)]
    done = subprocess.run(argv, capture_output=True, check=True)
    stream = json.loads(done.stdout)["streams"][0]
    return int(stream["width"]), int(stream["height"])


def _frames(toolchain: Toolchain, video: Path, size: tuple[int, int]) -> Iterator[Frame]:
    """The frames of a video in the colours that its tags declare."""
    argv = [
        *(str(toolchain.ffmpeg), "-v", "error", "-nostdin", "-i", str(video), "-map", "0:v:0"),
        *("-vf", "scale=flags=accurate_rnd+full_chroma_int", "-fps_mode", "passthrough"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
    ]
    frame_bytes = math.prod(size) * _CHANNELS
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while len(data := process.stdout.read(frame_bytes)) == frame_bytes:
            yield np.frombuffer(data, np.uint8)
    if process.returncode != 0 or data:
        raise NotComparableError(f"{video} could not be decoded to its end")


def _squared_error(one: Frame, other: Frame) -> float:
    difference = np.subtract(one, other, dtype=np.int16)
    return float(np.square(difference, dtype=np.int32).mean())


def _decibels(squared_error: float) -> float:
    if squared_error <= 0:
        return EQUAL_DB
    return min(EQUAL_DB, 10 * math.log10(_PEAK**2 / squared_error))
