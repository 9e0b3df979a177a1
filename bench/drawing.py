"""Draws frames that nobody takes: the least that Chromium can do for a video."""

from typing import Any

from hf_lambda.capture.page import Page
from hf_lambda.capture.shutter import Call, FrameClock, Shutter

_DRAWN = b"drawn"
"""Stands for a picture: pages demand one."""


class DrawingShutter:
    """Begins each frame as the others do, and takes nothing."""

    def __init__(self, call: Call, frame_ms: float, scale: int) -> None:
        self.window_scale = scale
        self._clock = FrameClock(call, frame_ms)

    def target_params(self) -> dict[str, Any]:
        """The target draws when it is told to."""
        return {"enableBeginFrameControl": True}

    def prepare(self) -> None:
        """Nothing to do."""

    def tick_while_loading(self) -> None:
        """One frame that shows nothing."""
        self._clock.while_loading()

    def draw_unseen(self, frame: int) -> None:
        """A frame between those to be seen."""
        self._clock.before(frame)

    def take(self, frame: int) -> bytes:
        """Draw `frame`; what comes back is no picture."""
        self._clock.at(frame)
        return _DRAWN

    def prove(self) -> None:
        """Nothing to prove."""


class DrawnPage(Page):
    """A page whose frames are drawn and not taken."""

    def _make_shutter(self) -> Shutter:
        frame_ms = float(1000 / self._spec.settings.fps)
        return DrawingShutter(self._call_for_frame, frame_ms, self._spec.scale)
