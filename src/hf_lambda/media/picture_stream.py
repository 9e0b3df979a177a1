"""Feeds the pictures of a segment to ffmpeg: each one once, however many frames it is shown for.

They travel as IVF (https://wiki.multimedia.cx/index.php/Duck_IVF), the simplest container with a time for each
picture: a header of 32 bytes, then each picture behind its length and its frame number. The gaps are filled after
colours were converted, so a frame in which nothing moved costs next to nothing.
"""

import struct
from fractions import Fraction
from types import TracebackType
from typing import Self

from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.media.runner import PIPE_BYTES, FfmpegProcess

_FILE_HEAD = struct.Struct("<4sHH4sHHIIII")  # signature, version, length, codec, width, height, rate, scale, frames, 0
_PICTURE_HEAD = struct.Struct("<IQ")  # bytes, frame number
_CODEC_TAGS = {"mjpeg": b"MJPG", "png": b"MPNG", "rawvideo": b"BGR\0"}


class PictureStream:
    """Writes the pictures of one segment, in order, to a running ffmpeg that reads IVF."""

    def __init__(
        self, process: FfmpegProcess, recipe: EncoderRecipe, size: tuple[int, int], fps: Fraction, frame_count: int
    ) -> None:
        self._process = process
        self._fed = 0
        self._fills_gaps = recipe.fills_gaps
        self._is_repeating = False
        self._last: bytes | memoryview = b""
        tag, rate = _CODEC_TAGS[recipe.picture_codec], (fps.numerator, fps.denominator)
        self._head = _FILE_HEAD.pack(b"DKIF", 0, _FILE_HEAD.size, tag, *size, *rate, frame_count, 0)

    @property
    def frames(self) -> int:
        """Frames encoded so far, as ffmpeg itself reports them."""
        return self._process.frames

    def __enter__(self) -> Self:
        self._process.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)

    def write(self, data: bytes | memoryview) -> None:
        """Show this picture from the next frame on; it must hold until the next one was written, or the end.

        Raw pictures all have one size. Where it is more than the pipe holds they are not copied: when the next one
        was written, ffmpeg has taken this one.

        Raises:
            ENCODER_FAILED: ffmpeg ended before it took everything.
        """
        self._feed(data, self._fed)
        self._last, self._is_repeating = data, False
        self._fed += 1

    def repeat(self) -> None:
        """Show the last picture for one more frame."""
        if self._fills_gaps:
            self._is_repeating = True
            self._fed += 1
        else:
            self.write(self._last)

    def finish(self) -> None:
        """End the segment and wait until it is written.

        Raises:
            ENCODER_FAILED: ffmpeg failed.
        """
        if self._is_repeating:  # only gaps between pictures are filled, so there is one at the end
            self._feed(self._last, self._fed - 1)
        self._process.finish()

    def _feed(self, data: bytes | memoryview, frame: int) -> None:
        self._process.write(self._head + _PICTURE_HEAD.pack(len(data), frame))
        self._head = b""
        if isinstance(data, memoryview) and not data.readonly and len(data) > PIPE_BYTES:
            self._process.write_in_place(data)
        else:
            self._process.write(data)
