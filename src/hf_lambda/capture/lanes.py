"""Renders the segments of a chunk, several at a time: each lane is a thread with one browser."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.deadline import Deadline
from hf_lambda.stopwatch import Stopwatch

Piece = TypeVar("Piece")
Rendered = TypeVar("Rendered")


class FrameSink(Protocol):
    """Takes the pictures of one segment in order."""

    def write(self, data: bytes) -> None:
        """Take one encoded picture."""


def run_in_lanes(
    pieces: Sequence[Piece], work: Callable[[Piece, Deadline], Rendered], *, lanes: int, deadline: Deadline
) -> list[Rendered]:
    """The results of `work` for all pieces, in their order; the first error stops all the others at once.

    `work` takes its piece and the deadline that carries that stop.
    """
    shared = deadline.within()
    with ThreadPoolExecutor(max_workers=max(1, min(lanes, len(pieces))), thread_name_prefix="lane") as executor:
        futures: list[Future[Rendered]] = [executor.submit(work, piece, shared) for piece in pieces]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in futures:
                if future in done:  # the others may end with the cancellation that this error causes
                    future.result()
        except BaseException:
            shared.cancel()
            executor.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def capture_segment(
    browser: Browser,
    spec: PageSpec,
    frames: range,
    sink: FrameSink,
    on_frame: Callable[[int, bytes], None],
    *,
    deadline: Deadline,
    stopwatch: Stopwatch,
) -> None:
    """Take `frames` from a freshly loaded page, in order, into `sink`."""
    page = Page(browser, spec, deadline=deadline)
    with stopwatch.part("PageReady"):
        page.load()
    for frame in frames:
        deadline.check(f"taking frame {frame}")
        with stopwatch.part("Capture"):
            picture = page.capture(frame)
        with stopwatch.part("Encode"):
            sink.write(picture)
        on_frame(frame, picture)
    page.close()
