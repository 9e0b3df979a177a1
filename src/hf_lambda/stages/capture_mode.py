"""Which way a page's frames are taken: decided once, while planning, and written into the plan.

A few pages never finish a frame under BeginFrame. The plan finds out by taking frames, within a bounded wait, so
that no worker has to; a page for which both ways fail is the page's own fault, and the first failure tells.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.shutter import CaptureMode
from hf_lambda.errors import EMPTY_SCREENSHOT, FRAME_STALLED

Report = TypeVar("Report")


def first_that_works(
    requested: Literal["auto", "beginframe", "screenshot"], probe: Callable[[CaptureMode], Report]
) -> tuple[CaptureMode, Report]:
    """The mode that is asked for, or for `auto` the first in which `probe` can take frames; and the probe's report.

    Raises:
        FRAME_STALLED, EMPTY_SCREENSHOT: there is no mode in which frames can be taken.
    """
    if requested != "auto":
        return requested, probe(requested)
    try:
        return "beginframe", probe("beginframe")
    except (FRAME_STALLED, EMPTY_SCREENSHOT) as error:
        try:
            return "screenshot", probe("screenshot")
        except (FRAME_STALLED, EMPTY_SCREENSHOT):
            raise error from None


def flags_for(mode: CaptureMode) -> tuple[str, ...]:
    """The flags of the browsers that take frames in this mode."""
    return tuple(chromium_flags(takes_screenshots=mode == "screenshot"))
