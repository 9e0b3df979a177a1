"""Feeds the pictures of a segment to ffmpeg, which encodes each once; then each is shown as long as it should be."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from hf_lambda.media.picture_stream import PictureStream
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.media.runner import FfmpegProcess

Hold = Callable[[Path, Path, Sequence[int]], int]
"""Copies a video, each of its pictures for as many frames as the numbers say; gives the number of frames."""


class HeldPictureStream(PictureStream):
    """A `PictureStream` whose process writes a video of the pictures alone to `encoded`."""

    def __init__(
        self,
        process: FfmpegProcess,
        recipe: EncoderRecipe,
        size: tuple[int, int],
        fps: Fraction,
        *,
        encoded: Path,
        output: Path,
        hold: Hold,
    ) -> None:
        super().__init__(process, recipe, size, fps)
        self._encoded = encoded
        self._output = output
        self._hold = hold
        self._frames = 0

    @property
    def frames(self) -> int:
        """Frames in the finished segment, as they were counted when it was written."""
        return self._frames

    def finish(self) -> None:
        """End the segment, wait until its pictures are encoded, and write all of its frames to `output`.

        Raises:
            ENCODER_FAILED: ffmpeg failed, or did not encode each picture.
        """
        super().finish()
        self._frames = self._hold(self._encoded, self._output, self._shown())
        self._encoded.unlink()
