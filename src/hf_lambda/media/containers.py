"""What files of a plan's format are written, joined and read with: ffmpeg, or tar for picture sequences."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Protocol

from hf_lambda.deadline import Deadline
from hf_lambda.media.encoding import segment_command
from hf_lambda.media.h264.holding import hold_pictures
from hf_lambda.media.held_packets import hold_packets
from hf_lambda.media.held_picture_stream import HeldPictureStream, Hold
from hf_lambda.media.joining import join_videos
from hf_lambda.media.picture_archive import PictureArchive, inspect_archive, join_archives
from hf_lambda.media.picture_stream import PictureStream
from hf_lambda.media.probing import VideoFacts, probe_video
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.media.runner import FfmpegProcess
from hf_lambda.media.vp9 import shown_again

_HOLD: Mapping[str, Hold] = {
    "libx264": hold_pictures,
    "libvpx-vp9": partial(hold_packets, again=shown_again),
    "prores_ks": partial(hold_packets, again=bytes),  # every frame stands alone
}
"""How videos of an encoder are held."""


class SegmentWriter(Protocol):
    """Takes the pictures of one segment in order."""

    @property
    def frames(self) -> int:
        """Frames written so far, as the writer itself counts them."""

    def write(self, data: bytes | memoryview) -> None:
        """Take one picture; it must hold until the next one was written, or the end."""

    def repeat(self) -> None:
        """Take the last picture again."""

    def end(self) -> None:
        """No more pictures come."""

    def finish(self) -> None:
        """End and complete the file."""


class Container(Protocol):
    """The files of one plan: segments, chunks and output."""

    def write_segment(
        self, output: Path, frames: range, *, deadline: Deadline
    ) -> AbstractContextManager[SegmentWriter]:
        """A writer of these frames; left early, its file is incomplete.

        Raises:
            ENCODER_FAILED: from the writer.
        """

    def join(self, parts: Sequence[Path], output: Path, *, audio: Path | None = None, deadline: Deadline) -> None:
        """Copy `parts`, one after the other, and the `audio` into `output`.

        Raises:
            ENCODER_FAILED, MEDIA_UNREADABLE: a part could not be read, or the output not be written.
        """

    def inspect(self, path: Path, *, deadline: Deadline) -> VideoFacts:
        """Read `path` to its end and say what it holds.

        Raises:
            MEDIA_UNREADABLE: it is damaged or something else.
        """


def open_container(
    recipe: EncoderRecipe, size: tuple[int, int], fps: Fraction, *, ffmpeg: Path, ffprobe: Path
) -> Container:
    """The container that a recipe's suffix names; `size` is the pictures' width and height."""
    return _Pictures(fps) if recipe.suffix == ".tar" else _Video(recipe, size, fps, ffmpeg, ffprobe)


@dataclass(frozen=True)
class _Video:
    recipe: EncoderRecipe
    size: tuple[int, int]
    fps: Fraction
    ffmpeg: Path
    ffprobe: Path

    def write_segment(self, output: Path, frames: range, *, deadline: Deadline) -> PictureStream:
        hold = None if self.recipe.fills_gaps else _HOLD[self.recipe.options["c:v"]]
        encoded = output if hold is None else output.with_stem(f"{output.stem}-pictures")
        argv = segment_command(self.ffmpeg, self.recipe, fps=self.fps, frame_count=len(frames), output=encoded)
        process = FfmpegProcess(argv, deadline=deadline, fed=True)
        if hold is None:
            return PictureStream(process, self.recipe, self.size, self.fps)
        return HeldPictureStream(process, self.recipe, self.size, self.fps, encoded=encoded, output=output, hold=hold)

    def join(self, parts: Sequence[Path], output: Path, *, audio: Path | None = None, deadline: Deadline) -> None:
        join_videos(self.ffmpeg, parts, output, fps=self.fps, audio=audio, deadline=deadline)

    def inspect(self, path: Path, *, deadline: Deadline) -> VideoFacts:
        return probe_video(self.ffprobe, path, deadline=deadline)


@dataclass(frozen=True)
class _Pictures:
    fps: Fraction

    def write_segment(self, output: Path, frames: range, *, deadline: Deadline) -> PictureArchive:
        return PictureArchive(output, frames)

    def join(self, parts: Sequence[Path], output: Path, *, audio: Path | None = None, deadline: Deadline) -> None:
        join_archives(parts, output, audio=audio, deadline=deadline)

    def inspect(self, path: Path, *, deadline: Deadline) -> VideoFacts:
        return inspect_archive(path, fps=self.fps, deadline=deadline)
