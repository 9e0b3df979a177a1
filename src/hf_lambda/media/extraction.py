"""Extracts runs of source frames in the background; each frame can be had as soon as it is written."""

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED, VIDEO_EXTRACTION_FAILED, HfLambdaError
from hf_lambda.media.runner import FfmpegProcess
from hf_lambda.media.source_frames import FrameRun, extraction_command

_DAMAGE = (
    *("corrupt input packet", "Error during demuxing", "partial file"),
    *("File ended prematurely", "exceeds containing master element", "invalid as first byte of an EBML number"),
    *("corrupt decoded frame", "Error submitting packet to decoder", "Decoding error"),
)
"""What ffmpeg says where it cannot read a file, or not decode it, and goes on behind that."""
_POLL_SECONDS = 0.005
_FARTHER = (1, 10, math.inf)
"""How many leads before its frames a run is decoded from, until that was far enough."""


class Extraction:
    """One run of ffmpeg over one run of frames. `work` runs in a thread; `frame` may be called from any other."""

    def __init__(
        self, ffmpeg: Path, find_file: Callable[[], Path], run: FrameRun, folder: Path, *, deadline: Deadline
    ) -> None:
        self._ffmpeg = ffmpeg
        self._find_file = find_file
        self.damage: str | None = None
        """What ffmpeg first said of damage in the file."""
        self._run = run
        self._folder = folder
        self._deadline = deadline
        self._error: HfLambdaError | None = None
        self._ended = threading.Event()

    def __contains__(self, number: int) -> bool:
        return self._run.start <= number < self._run.stop

    def work(self) -> None:
        """Fetch the file and extract; `frame` raises what goes wrong here."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._find_file()
            for factor in _FARTHER:
                self._extract(file, self._run.source.lead * factor)
                if self._path(self._run.start).exists():
                    break
        except ENCODER_FAILED as error:
            self._error = VIDEO_EXTRACTION_FAILED(error.cause)
        except HfLambdaError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 # nobody but `frame` learns of it
            self._error = VIDEO_EXTRACTION_FAILED(f"the frames of a video could not be extracted: {error}")
        finally:
            self._ended.set()

    def frame(self, number: int, deadline: Deadline) -> Path:
        """The file of a frame of the run, once it is there.

        Raises:
            VIDEO_EXTRACTION_FAILED: ffmpeg failed, or did not give this frame.
            HfLambdaError: the file could not be fetched, or `deadline` ended the waiting.
        """
        path = self._path(number)
        while not path.exists():
            if self._ended.wait(deadline.timeout(_POLL_SECONDS, "waiting for a frame of a video")):
                if self._error is not None:
                    raise self._error
                if not path.exists():
                    raise VIDEO_EXTRACTION_FAILED(f"ffmpeg gave no frame {number} of {self._folder.name}")
        return path

    def _extract(self, file: Path, lead: float) -> None:
        run = replace(self._run, source=replace(self._run.source, lead=lead))
        argv = extraction_command(self._ffmpeg, file, run, self._folder)
        with FfmpegProcess(argv, deadline=self._deadline) as process:
            try:
                process.finish()
            finally:
                self.damage = process.first_line(_DAMAGE)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}{self._run.source.suffix}"
