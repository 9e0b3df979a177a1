"""Which way a page's frames are taken: decided once, while planning, and written into the plan.

The fastest way is tried first. Some sandboxes forbid to read Chromium's memory, and a few pages never finish a frame
under BeginFrame. The plan finds out by taking frames, within a bounded wait, so that no worker has to; a page for
which every way fails is the page's own fault, and the first failure tells.
"""

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Literal, TypeVar

from hf_lambda.capture.flags import WebglDriver, chromium_flags
from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.shutter import CaptureMode, PictureFormat
from hf_lambda.config import RenderConfig
from hf_lambda.errors import (
    EMPTY_SCREENSHOT,
    FRAME_STALLED,
    FRAMEBUFFER_UNREADABLE,
    LIVE_MAP_NOT_SUPPORTED,
    PAGE_SCRIPT_ERROR,
    WEBGPU_NOT_SUPPORTED,
    TerminalError,
)

_LONGEST_SECONDS = 24 * 3600.0
"""What lasts longer will not be rendered; timelines that repeat for ever say that they last a few hundred years."""

_JPEG_QUALITY = {"draft": 80, "standard": 95, "high": 97}

Report = TypeVar("Report")

_REFUSALS: dict[str, type[TerminalError]] = {
    error.code(): error for error in (LIVE_MAP_NOT_SUPPORTED, WEBGPU_NOT_SUPPORTED)
}


def first_mode(config: RenderConfig) -> CaptureMode:
    """The mode that is asked for, or for `auto` the fastest that has the format's pictures."""
    if config.capture_mode != "auto":
        return config.capture_mode
    return "framebuffer" if config.format == "mp4" else "beginframe"


def first_that_works(config: RenderConfig, probe: Callable[[CaptureMode], Report]) -> tuple[CaptureMode, Report]:
    """The mode that is asked for, or for `auto` the first in which `probe` can take frames; and the probe's report.

    Raises:
        FRAME_STALLED, EMPTY_SCREENSHOT, FRAMEBUFFER_UNREADABLE: there is no mode in which frames can be taken.
    """
    mode = first_mode(config)
    if config.capture_mode != "auto":
        return mode, probe(mode)
    if mode == "framebuffer":
        with suppress(FRAMEBUFFER_UNREADABLE):
            return _unless_it_stalls(mode, probe)
    return _unless_it_stalls("beginframe", probe)


def _unless_it_stalls(mode: CaptureMode, probe: Callable[[CaptureMode], Report]) -> tuple[CaptureMode, Report]:
    try:
        return mode, probe(mode)
    except (FRAME_STALLED, EMPTY_SCREENSHOT) as error:
        try:
            return "screenshot", probe("screenshot")
        except (FRAME_STALLED, EMPTY_SCREENSHOT):
            raise error from None


def picture_format(config: RenderConfig, mode: CaptureMode) -> PictureFormat:
    """What the frames of a render in this mode are taken as."""
    if config.format != "mp4":
        return PictureFormat("png", is_transparent=True)
    return PictureFormat("pixels") if mode == "framebuffer" else PictureFormat("jpeg", _JPEG_QUALITY[config.quality])


def probed_frames(duration_seconds: float, fps: Fraction) -> list[int]:
    """Frames that a probe takes: the first, and one halfway, where the page has begun to do what it does."""
    halfway = int(duration_seconds / 2 * fps) if duration_seconds <= _LONGEST_SECONDS else 0
    return [0, halfway] if halfway else [0]


def refuse_or_warn(report: PageReport, strictness: Literal["strict", "best-effort"]) -> None:
    """End the plan because of what a page cannot show, or make it a warning where the best effort is asked for.

    Raises:
        PAGE_SCRIPT_ERROR: a script threw while the page loaded.
        LIVE_MAP_NOT_SUPPORTED, WEBGPU_NOT_SUPPORTED: the page needs what a worker does not have.
    """
    if strictness == "best-effort":
        report.warnings.extend(f"{cause} ({code})" for code, cause in report.refusals)
        return
    for code, cause in report.refusals:
        raise _REFUSALS[code](cause)
    if report.script_errors:
        raise PAGE_SCRIPT_ERROR("; ".join(report.script_errors[:3]))


def flags_for(
    mode: CaptureMode, *, is_blurred: bool = False, webgl_driver: WebglDriver = "swiftshader"
) -> tuple[str, ...]:
    """The flags of the browsers that take frames in this mode, of a page that is full of moving blurs or not."""
    takes_screenshots = mode == "screenshot"
    return tuple(chromium_flags(takes_screenshots=takes_screenshots, is_blurred=is_blurred, webgl_driver=webgl_driver))
