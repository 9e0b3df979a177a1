"""Feeds the pictures of a segment to ffmpeg: each one once, however many frames it is shown for.

They travel as Matroska, each with its time. The gaps are filled behind the encoder (`held_picture_stream.py`), or at
least behind the filters, so a frame in which nothing moved costs next to nothing.
"""

from fractions import Fraction
from itertools import pairwise
from types import TracebackType
from typing import Self

from hf_lambda.media.matroska import file_head, picture_head
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.media.runner import PIPE_BYTES, FfmpegProcess


class PictureStream:
    """Writes the pictures of one segment, in order, to a running ffmpeg that reads Matroska."""

    def __init__(self, process: FfmpegProcess, recipe: EncoderRecipe, size: tuple[int, int], fps: Fraction) -> None:
        self._process = process
        self._fps = fps
        self._fed = 0
        self._starts: list[int] = []
        self._time_frames = 0
        self._longest_frames = recipe.longest_frames
        self._last: bytes | memoryview = b""
        self._head = file_head(recipe.picture_codec, size, fps)

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
        self._last = data
        self._fed += 1

    def repeat(self) -> None:
        """Show the last picture for one more frame."""
        self._fed += 1

    def end(self) -> None:
        """No more pictures come: ffmpeg may finish by itself.

        Raises:
            ENCODER_FAILED: ffmpeg ended before it took everything.
        """
        if self._starts and self._starts[-1] < self._fed - 1:  # how long a picture is shown only the next one says
            self._feed(self._last, self._fed - 1)
        self._process.end()

    def finish(self) -> None:
        """End the segment and wait until it is written.

        Raises:
            ENCODER_FAILED: ffmpeg failed.
        """
        self.end()
        self._process.finish()

    def _shown(self) -> list[int]:
        """For how many frames each picture that was sent is shown."""
        return [stop - start for start, stop in pairwise([*self._starts, self._fed])]

    def _feed(self, data: bytes | memoryview, frame: int) -> None:
        if self._starts:
            elapsed = frame - self._starts[-1]
            self._time_frames += min(elapsed, self._longest_frames or elapsed)
        self._starts.append(frame)
        self._process.write(self._head + picture_head(self._time_frames, self._fps, len(data)))
        self._head = b""
        if isinstance(data, memoryview) and not data.readonly and len(data) > PIPE_BYTES:
            self._process.write_in_place(data)
        else:
            self._process.write(data)
