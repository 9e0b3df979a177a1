"""How much the pictures of two videos, or of two folders of PNG files, differ: PSNR frame by frame, in RGB.

Where both have alpha, pictures are compared as premultiplied RGBA: what a colour is where nothing shows does not
matter. Where one has none, the other must be opaque.
"""

import json
import math
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hf_lambda.packs import extraction_filter
from hf_lambda.toolchain import Toolchain

EQUAL_DB = 100.0
"""The PSNR of frames that do not differ at all."""
_PEAK = 255.0
_OPAQUE = 255
_ALPHA_FORMATS = (".mov", ".webm", ".png-sequence")
_ALPHA_DECODERS = {".webm": ("-c:v", "libvpx-vp9")}
"""ffmpeg's own VP9 decoder leaves the alpha plane out."""

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
    frame_db: Sequence[float]
    """Of each frame that both have."""


def compare_pictures(toolchain: Toolchain, ours: Path, original: Path) -> Quality:
    """Compare two videos, or two PNG sequences (a folder or a tar file each).

    Raises:
        NotComparableError: they differ in size, one is empty, or one alone has alpha and makes use of it.
    """
    with _opened(toolchain, ours) as one, _opened(toolchain, original) as other:
        if one.size != other.size:
            raise NotComparableError(f"ours is {one.size}, the original {other.size}")
        keeps_alpha = one.has_alpha and other.has_alpha
        return compare_frames(one.frames(keeps_alpha=keeps_alpha), other.frames(keeps_alpha=keeps_alpha))


def compare_frames(ours: Iterator[Frame], original: Iterator[Frame]) -> Quality:
    """Compare frame by frame.

    Raises:
        NotComparableError: one has no frames.
    """
    errors: list[float] = []
    counts = [0, 0]
    for pair in zip_longest(ours, original):
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
        frame_db=[_decibels(error) for error in errors],
    )


def frame_pair(toolchain: Toolchain, ours: Path, original: Path, number: int) -> tuple[Frame, Frame]:
    """Frame `number` of either, of shape (height, width, channels).

    Raises:
        NotComparableError: one has no such frame.
    """
    found = []
    for pictures in (ours, original):
        with _opened(toolchain, pictures) as source:
            frame = next(islice(source.frames(keeps_alpha=source.has_alpha), number, None), None)
            if frame is None:
                raise NotComparableError(f"{pictures} has no frame {number}")
            found.append(frame.reshape(source.size[1], source.size[0], -1))
    return found[0], found[1]


@dataclass(frozen=True)
class _Source:
    """Pictures that ffmpeg can read: the words that name the input, and how they are decoded."""

    toolchain: Toolchain
    words: Sequence[str]
    size: tuple[int, int]
    has_alpha: bool

    def frames(self, *, keeps_alpha: bool) -> Iterator[Frame]:
        """The pictures, in the colours that the tags declare, with or without the alpha that they have."""
        argv = [
            *(str(self.toolchain.ffmpeg), "-v", "error", "-nostdin", *self.words, "-map", "0:v:0"),
            *("-vf", "scale=flags=accurate_rnd+full_chroma_int", "-fps_mode", "passthrough"),
            *("-f", "rawvideo", "-pix_fmt", "rgba" if self.has_alpha else "rgb24", "-"),
        ]
        frame_bytes = math.prod(self.size) * (4 if self.has_alpha else 3)
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                while len(data := process.stdout.read(frame_bytes)) == frame_bytes:
                    frame = np.frombuffer(data, np.uint8)
                    yield self._shown(frame, keeps_alpha=keeps_alpha)
            except GeneratorExit:
                process.kill()
                raise
        if process.returncode != 0 or data:
            raise NotComparableError(f"{self.words[-1]} could not be decoded to its end")

    def _shown(self, frame: Frame, *, keeps_alpha: bool) -> Frame:
        if not self.has_alpha:
            return frame
        if keeps_alpha:
            return premultiply(frame)
        pixels = frame.reshape(-1, 4)
        if not (pixels[:, 3] == _OPAQUE).all():
            raise NotComparableError(f"{self.words[-1]} shows through, the other has no alpha")
        return np.ascontiguousarray(pixels[:, :3]).reshape(-1)


@contextmanager
def _opened(toolchain: Toolchain, pictures: Path) -> Iterator[_Source]:
    """The pictures of a video, of a folder of PNG files or of a tar file of them."""
    with tempfile.TemporaryDirectory(prefix="hf-lambda-pictures-") as folder:
        words = [*_ALPHA_DECODERS.get(pictures.suffix, ()), "-i", str(pictures)]
        if pictures.suffix == ".png-sequence":
            if pictures.is_file():
                with tarfile.open(pictures) as archive:
                    archive.extractall(folder, **extraction_filter("data"))
            files = sorted((pictures if pictures.is_dir() else Path(folder)).rglob("*.png"))
            if not files:
                raise NotComparableError(f"{pictures} holds no PNG file")
            words = ["-pattern_type", "glob", "-i", f"{files[0].parent}/*.png"]
            yield _Source(toolchain, words, _size(toolchain, files[0]), has_alpha=True)
            return
        yield _Source(toolchain, words, _size(toolchain, pictures), has_alpha=pictures.suffix in _ALPHA_FORMATS)


def _size(toolchain: Toolchain, video: Path) -> tuple[int, int]:
    entries = ["-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "json"]
    argv = [str(toolchain.ffprobe), "-v", "error", *entries, str(video)]
    done = subprocess.run(argv, capture_output=True, check=True)
    stream = json.loads(done.stdout)["streams"][0]
    return int(stream["width"]), int(stream["height"])


def premultiply(frame: Frame) -> Frame:
    """RGBA bytes with the colours scaled by their alpha."""
    pixels = frame.reshape(-1, 4).astype(np.uint16)
    pixels[:, :3] = (pixels[:, :3] * pixels[:, 3:] + 127) // 255
    return pixels.astype(np.uint8).reshape(-1)


def _squared_error(one: Frame, other: Frame) -> float:
    difference = np.subtract(one, other, dtype=np.int16)
    return float(np.square(difference, dtype=np.int32).mean())


def _decibels(squared_error: float) -> float:
    if squared_error <= 0:
        return EQUAL_DB
    return min(EQUAL_DB, 10 * math.log10(_PEAK**2 / squared_error))
