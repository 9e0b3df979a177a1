"""How lanes scale and what they take: frames captured, none encoded, on one core and on two.

    python -m bench.lanes [--case flat] [--frames 120]

A lane is one browser with one page and the thread that takes its frames. Every lane takes the same frames, so no
lane has the easier ones.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.case import load_case
from bench.cores import core_scaling
from bench.efficiency import CRF, ROOT, SUITE, suite_stage
from bench.markdown import table
from bench.memory import Groups, PeakMemory
from bench.planned import Planned, planned, process_tree
from bench.records import load_record, save_record
from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.lanes import capture_segment
from hf_lambda.capture.page import Page
from hf_lambda.capture.shutter import Picture
from hf_lambda.stages.serving import plan_container

FIGURES = "lanes.json"
_SHORT_FRAMES, _LONG_FRAMES = 60, 240
_DENSE_FPS = "60"
"""So that a case of some seconds has the long run's frames."""
_CORES = 2
_LANES_AND_CORES = ((1, 1), (1, _CORES), (2, _CORES))


@dataclass(frozen=True)
class LaneRun:
    """Lanes at work on some cores."""

    lanes: int
    cores: int
    frames: int
    """Of each lane."""
    seconds: float
    """Wall clock of taking them, pages being ready."""
    peak_bytes: int
    """Of all their browsers, in a run of its own."""

    @property
    def fps(self) -> float:
        """Frames of all lanes in a second."""
        return self.lanes * self.frames / self.seconds


@dataclass(frozen=True)
class LanesRecord:
    """How lanes scale, and what one of them needs."""

    case: str
    runs: Sequence[LaneRun]
    peak_bytes_by_frames: Mapping[int, int]
    """Of one lane's browser, by the length of what it takes."""
    encoded_frames: int
    """Of the lane with an encoder."""
    peak_bytes_by_program: Mapping[str, int]
    """Its browser's, its encoder's, and our own process's, which all lanes share."""
    peak_bytes_together: int
    """Of all three at the same time."""
    core_scaling: float
    """What two cores do, over what one does, in a program that only computes."""


def write_lanes(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(LanesRecord, folder / FIGURES)
    if record is None:
        return None
    short, long = sorted(record.peak_bytes_by_frames)
    peaks, programs = record.peak_bytes_by_frames, record.peak_bytes_by_program
    return "\n\n".join(
        [
            "## Lanes",
            f"Capture of `{record.case}` alone, no encoder, {record.runs[0].frames} frames in each lane, the same ones "
            "in all, the clock started when every page was ready. Memory is the peak of the browsers (PSS, in a run of "
            "its own). Two lanes are to be compared with one lane on one core; one lane on two cores already uses "
            "more than one of them, because Chromium is several processes. This machine's two cores are worth "
            f"**{record.core_scaling:.2f}** of one to a program that only computes and shares nothing: no lanes can "
            "be expected to gain more. Measured by `python -m bench.lanes`.",
            table(
                ["lanes", "cores", "frames/s", "times one lane on one core", "times one lane on as many", "MiB a lane"],
                (_row(run, record.runs) for run in record.runs),
            ),
            f"One lane's browser peaks at {_mib(peaks[short])} MiB over {short} frames and at {_mib(peaks[long])} MiB "
            f"over {long} (at {_DENSE_FPS} fps). With its encoder, over {record.encoded_frames} frames, the browser "
            f"peaks at {_mib(programs['browser'])} MiB, ffmpeg at {_mib(programs['encoder'])} MiB, and our own "
            f"process, which all lanes share, at {_mib(programs['program'])} MiB: all three together at "
            f"{_mib(record.peak_bytes_together)} MiB.",
        ]
    )


def _row(run: LaneRun, runs: Sequence[LaneRun]) -> list[str]:
    alone = next(other for other in runs if (other.lanes, other.cores) == (1, 1))
    likewise = next(other for other in runs if (other.lanes, other.cores) == (1, run.cores))
    ratios = (f"{run.fps / other.fps:.2f}" for other in (alone, likewise))
    return [str(run.lanes), str(run.cores), f"{run.fps:.1f}", *ratios, _mib(run.peak_bytes / run.lanes)]


def _mib(size_bytes: float) -> str:
    return f"{size_bytes / 2**20:.0f}"


def measure_lanes(case_name: str, frame_count: int) -> LanesRecord:
    """Measure everything of one case of the suite."""
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        project = Path(folder) / case_name
        case = load_case(SUITE / case_name)
        suite_stage().put(case, project)
        with planned(project, {"fps": case.fps, "crf": CRF}) as ready:
            frames = range(min(frame_count, len(ready.plan.chunks[0].frames)))
            runs = [_measure_run(ready, lanes, cores, frames) for lanes, cores in _LANES_AND_CORES]
            peaks = _encoded_peaks(ready, frames)
        with planned(project, {"fps": _DENSE_FPS, "crf": CRF}) as ready:
            lengths = {
                count: _peak_bytes(ready, 1, range(min(count, len(ready.plan.chunks[0].frames))))
                for count in (_SHORT_FRAMES, _LONG_FRAMES)
            }
    scaling = round(core_scaling(_CORES), 2)
    return LanesRecord(case_name, runs, lengths, len(frames), peaks.by_group, peaks.together, scaling)


def _measure_run(ready: Planned, lanes: int, cores: int, frames: range) -> LaneRun:
    with _on_cores(cores):
        seconds = _capture_seconds(ready, lanes, frames)
        return LaneRun(lanes, cores, len(frames), round(seconds, 3), _peak_bytes(ready, lanes, frames))


def _capture_seconds(ready: Planned, lanes: int, frames: range) -> float:
    """Wall clock from when all pages are ready until all frames of all lanes are taken."""
    with ExitStack() as stack:
        pages = [_load_page(ready, stack.enter_context(ready.browser())) for _ in range(lanes)]
        executor = stack.enter_context(ThreadPoolExecutor(lanes))
        started = time.monotonic()
        for future in [executor.submit(_capture, page, frames) for page in pages]:
            future.result()
        return time.monotonic() - started


def _peak_bytes(ready: Planned, lanes: int, frames: range) -> int:
    """The peak of the browsers of such a run: one of its own, because reading memory takes time."""
    own = psutil.Process()
    with PeakMemory(lambda: {"browsers": own.children(recursive=True)}).sampling() as peak:
        _capture_seconds(ready, lanes, frames)
    return peak.together


def _load_page(ready: Planned, browser: Browser) -> Page:
    page = Page(browser, ready.spec, deadline=ready.invocation.deadline)
    page.load()
    return page


def _capture(page: Page, frames: range) -> None:
    for frame in frames:
        page.capture(frame)


def _encoded_peaks(ready: Planned, frames: range) -> PeakMemory:
    """Peaks of a lane that is encoded: of its browser, of its encoder, of this process."""
    own, deadline = psutil.Process(), ready.invocation.deadline
    container = plan_container(ready.plan, ready.invocation.toolchain)
    output = ready.invocation.scratch / "lane.mp4"
    with ready.browser() as browser, container.write_segment(output, frames, deadline=deadline) as encoder:

        def find() -> Groups:
            encoders = [child for child in own.children() if child.pid != browser.pid]
            return {"browser": process_tree(browser.pid), "encoder": encoders, "program": [own]}

        with PeakMemory(find).sampling() as peak:
            watch = ready.invocation.stopwatch
            capture_segment(browser, ready.spec, frames, encoder, _ignore, deadline=deadline, stopwatch=watch)
            encoder.finish()
    return peak


def _ignore(frame: int, picture: Picture) -> None:
    """Nobody watches the frames."""


@contextmanager
def _on_cores(count: int) -> Iterator[None]:
    """Keep this thread, and what it starts, on some of the cores."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def main() -> None:
    """Measure and remember."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", default="flat", metavar="NAME", help="of the suite (flat)")
    parser.add_argument("--frames", type=int, default=120, metavar="N", help="of each lane (120)")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "measurements", metavar="DIR")
    arguments = parser.parse_args()
    save_record(measure_lanes(arguments.case, arguments.frames), arguments.folder / FIGURES)
    print(write_lanes(arguments.folder))


if __name__ == "__main__":
    main()
