"""Draws frames that nobody takes: the least that Chromium can do for a video."""

from hf_lambda.capture.page import Page
from hf_lambda.capture.shutter import ClockedShutter, Shutter

_DRAWN = b"drawn"
"""Stands for a picture: pages demand one."""


class DrawingShutter(ClockedShutter):
    """Begins each frame as the others do, and takes nothing."""

    def draw_unseen(self, frame: int) -> None:
        """A frame between those to be seen."""
        self._clock.before(frame)

    def take(self, frame: int) -> bytes:
        """Draw `frame`; what comes back is no picture."""
        self._clock.at(frame)
        return _DRAWN


class DrawnPage(Page):
    """A page whose frames are drawn and not taken."""

    def _make_shutter(self) -> Shutter:
        frame_ms = float(1000 / self._spec.settings.fps)
        return DrawingShutter(self._session.call_for_frame, frame_ms, self._spec.scale)
