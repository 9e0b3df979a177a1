import math
from fractions import Fraction

import pytest

from hf_lambda.capture.page import PageReport
from hf_lambda.capture.shutter import CaptureMode
from hf_lambda.errors import (
    EMPTY_SCREENSHOT,
    FRAME_STALLED,
    LIVE_MAP_NOT_SUPPORTED,
    PAGE_NOT_READY,
    PAGE_SCRIPT_ERROR,
    WEBGPU_NOT_SUPPORTED,
    HfLambdaError,
)
from hf_lambda.stages.capture_mode import first_that_works, flags_for, probed_frames, refuse_or_warn


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


def test_beginframe_is_preferred() -> None:
    """Where BeginFrame works, nothing else is tried."""
    probe = Probe()
    assert first_that_works("auto", probe) == ("beginframe", "report of beginframe")
    assert probe.tried == ["beginframe"]


@pytest.mark.parametrize("error", [FRAME_STALLED("it stalls"), EMPTY_SCREENSHOT("no picture")])
def test_screenshots_serve_where_beginframe_does_not(error: HfLambdaError) -> None:
    """A stall and a missing picture lead to the other mode, once."""
    probe = Probe(beginframe=error)
    assert first_that_works("auto", probe) == ("screenshot", "report of screenshot")
    assert probe.tried == ["beginframe", "screenshot"]


def test_where_nothing_works_the_first_failure_tells() -> None:
    """The error is that of the preferred mode."""
    with pytest.raises(FRAME_STALLED, match="first"):
        first_that_works("auto", Probe(beginframe=FRAME_STALLED("first"), screenshot=EMPTY_SCREENSHOT("second")))


def test_the_pages_own_errors_are_not_tried_again() -> None:
    """What another mode would not mend ends the plan at once."""
    probe = Probe(beginframe=PAGE_NOT_READY("it waits"))
    with pytest.raises(PAGE_NOT_READY):
        first_that_works("auto", probe)
    assert probe.tried == ["beginframe"]


@pytest.mark.parametrize("mode", ["beginframe", "screenshot"])
def test_a_mode_that_is_asked_for_is_not_doubted(mode: CaptureMode) -> None:
    """It is tried alone, and its failure is the plan's."""
    assert first_that_works(mode, Probe()) == (mode, f"report of {mode}")
    with pytest.raises(EMPTY_SCREENSHOT):
        first_that_works(mode, Probe(**{mode: EMPTY_SCREENSHOT("no picture")}))


def test_each_mode_has_browsers_of_its_own() -> None:
    """Browsers are kept by their flags, so those of the two modes are never confused."""
    assert flags_for("beginframe") != flags_for("screenshot")


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
    report = PageReport(script_errors=["boom"])
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
