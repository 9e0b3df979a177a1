import math
from fractions import Fraction
from typing import Any

import pytest

from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.shutter import CaptureMode, PictureFormat
from hf_lambda.config import RenderConfig, parse_config
from hf_lambda.errors import (
    EMPTY_SCREENSHOT,
    FRAME_STALLED,
    FRAMEBUFFER_UNREADABLE,
    LIVE_MAP_NOT_SUPPORTED,
    PAGE_NOT_READY,
    PAGE_SCRIPT_ERROR,
    WEBGPU_NOT_SUPPORTED,
    HfLambdaError,
)
from hf_lambda.stages.capture_mode import (
    first_that_works,
    flags_for,
    picture_format,
    probed_frames,
    refuse_or_warn,
)


class Probe:
    """Takes frames in some modes, and fails with the given error in the others."""

    def __init__(self, **failures: HfLambdaError) -> None:
        self.failures = failures
        self.tried: list[str] = []

    def __call__(self, mode: CaptureMode) -> str:
        """Probe one mode."""
        self.tried.append(mode)
        if mode in self.failures:
            raise self.failures[mode]
        return f"report of {mode}"


OPAQUE = parse_config({})
WITH_ALPHA = parse_config({"format": "webm"})


@pytest.mark.parametrize(("config", "mode"), [(OPAQUE, "framebuffer"), (WITH_ALPHA, "beginframe")])
def test_the_fastest_mode_is_preferred(config: RenderConfig, mode: str) -> None:
    """Where the fastest way that the format can have works, nothing else is tried."""
    probe = Probe()
    assert first_that_works(config, probe) == (mode, f"report of {mode}")
    assert probe.tried == [mode]


def test_where_memory_cannot_be_read_chromium_encodes_frames() -> None:
    """A sandbox that forbids it costs speed, not the render; what comes after is as ever."""
    probe = Probe(framebuffer=FRAMEBUFFER_UNREADABLE("forbidden"))
    assert first_that_works(OPAQUE, probe) == ("beginframe", "report of beginframe")
    probe = Probe(framebuffer=FRAMEBUFFER_UNREADABLE("forbidden"), beginframe=FRAME_STALLED("it stalls"))
    assert first_that_works(OPAQUE, probe) == ("screenshot", "report of screenshot")
    assert probe.tried == ["framebuffer", "beginframe", "screenshot"]


@pytest.mark.parametrize("error", [FRAME_STALLED("it stalls"), EMPTY_SCREENSHOT("no picture")])
@pytest.mark.parametrize(("config", "mode"), [(OPAQUE, "framebuffer"), (WITH_ALPHA, "beginframe")])
def test_screenshots_serve_where_frames_stall(error: HfLambdaError, config: RenderConfig, mode: str) -> None:
    """A stall and a missing picture lead to screenshots, at once."""
    probe = Probe(**{mode: error})
    assert first_that_works(config, probe) == ("screenshot", "report of screenshot")
    assert probe.tried == [mode, "screenshot"]


def test_where_nothing_works_the_first_failure_tells() -> None:
    """The error is that of the preferred mode."""
    with pytest.raises(FRAME_STALLED, match="first"):
        first_that_works(WITH_ALPHA, Probe(beginframe=FRAME_STALLED("first"), screenshot=EMPTY_SCREENSHOT("second")))


def test_the_pages_own_errors_are_not_tried_again() -> None:
    """What another mode would not mend ends the plan at once."""
    probe = Probe(framebuffer=PAGE_NOT_READY("it waits"))
    with pytest.raises(PAGE_NOT_READY):
        first_that_works(OPAQUE, probe)
    assert probe.tried == ["framebuffer"]


@pytest.mark.parametrize("mode", ["framebuffer", "beginframe", "screenshot"])
def test_a_mode_that_is_asked_for_is_not_doubted(mode: CaptureMode) -> None:
    """It is tried alone, and its failure is the plan's."""
    config = parse_config({"captureMode": mode})
    assert first_that_works(config, Probe()) == (mode, f"report of {mode}")
    with pytest.raises(EMPTY_SCREENSHOT):
        first_that_works(config, Probe(**{mode: EMPTY_SCREENSHOT("no picture")}))


@pytest.mark.parametrize(
    ("config", "mode", "picture"),
    [
        ({}, "framebuffer", PictureFormat("pixels")),
        ({}, "beginframe", PictureFormat("jpeg", 95)),
        ({"quality": "high"}, "screenshot", PictureFormat("jpeg", 97)),
        ({"format": "webm"}, "beginframe", PictureFormat("png", is_transparent=True)),
        ({"format": "png-sequence"}, "screenshot", PictureFormat("png", is_transparent=True)),
    ],
)
def test_format_and_mode_decide_the_pictures(config: dict[str, Any], mode: CaptureMode, picture: PictureFormat) -> None:
    """Formats with alpha take PNG whatever the mode; opaque ones the pixels themselves, or JPEG."""
    assert picture_format(parse_config(config), mode) == picture


def test_each_mode_has_browsers_of_its_own() -> None:
    """Browsers are kept by their flags, so those that draw on their own time are never confused with others."""
    assert flags_for("framebuffer") == flags_for("beginframe") != flags_for("screenshot")


@pytest.mark.parametrize(
    ("code", "error"),
    [("LIVE_MAP_NOT_SUPPORTED", LIVE_MAP_NOT_SUPPORTED), ("WEBGPU_NOT_SUPPORTED", WEBGPU_NOT_SUPPORTED)],
)
def test_what_cannot_be_shown_ends_a_strict_plan(code: str, error: type[HfLambdaError]) -> None:
    """Strict plans end with the code that the page gave, others with a warning that has both."""
    report = PageReport(refusals=[(code, "the page shows it")])
    with pytest.raises(error, match="the page shows it"):
        refuse_or_warn(report, "strict")
    refuse_or_warn(report, "best-effort")
    assert report.warnings == [f"the page shows it ({code})"]


def test_script_errors_end_a_strict_plan_only() -> None:
    """They are no warnings of the page's own, since the plan's result lists them anyway."""
    report = PageReport(thrown={1: "boom"})
    with pytest.raises(PAGE_SCRIPT_ERROR, match="boom"):
        refuse_or_warn(report, "strict")
    refuse_or_warn(report, "best-effort")
    assert report.warnings == []


@pytest.mark.parametrize(
    ("seconds", "frames"), [(2.0, [0, 30]), (0.05, [0]), (0.0, [0]), (math.inf, [0]), (1e12, [0]), (3600.0, [0, 54000])]
)
def test_the_start_and_the_middle_are_probed(seconds: float, frames: list[int]) -> None:
    """Where there is no middle, the start is enough."""
    assert probed_frames(seconds, Fraction(30)) == frames
