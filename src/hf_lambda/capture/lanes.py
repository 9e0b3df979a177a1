"""Takes the frames of one segment; a lane is a thread that does so with one browser after the other."""

from collections.abc import Callable
from typing import Protocol

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.shutter import Picture
from hf_lambda.deadline import Deadline
from hf_lambda.stopwatch import Stopwatch


class FrameSink(Protocol):
    """Takes the pictures of one segment in order."""

    def write(self, data: Picture) -> None:
        """Take one picture."""

    def repeat(self) -> None:
        """Take the last one again."""

    def end(self) -> None:
        """No more come."""


def capture_segment(
    browser: Browser,
    spec: PageSpec,
    frames: range,
    sink: FrameSink,
    on_frame: Callable[[int, Picture], None],
    *,
    deadline: Deadline,
    stopwatch: Stopwatch,
) -> list[str]:
    """Take `frames` from a freshly loaded page, in order, into `sink`, and end it; gives the page's warnings."""
    page = Page(browser, spec, deadline=deadline)
    with stopwatch.part("PageReady"):
        page.load()
    last: Picture | None = None
    for frame in frames:
        deadline.check(f"taking frame {frame}")
        with stopwatch.part("Capture"):
            picture = page.capture(frame)
        with stopwatch.part("Encode"):
            if picture is last:
                sink.repeat()
            else:
                sink.write(picture)
        on_frame(frame, picture)
        last = picture
    with stopwatch.part("Encode"):
        sink.end()  # the encoder drains while the page is proved
    page.prove()
    page.close()
    return [*page.report.warnings, *page.report.script_errors]
