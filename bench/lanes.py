"""How lanes scale and what they take: frames captured, none encoded, on one core and on two.

    python -m bench.lanes [--case flat] [--frames 120] [--runs 5]

A lane is one browser with one page and the thread that takes its frames. Every lane takes the same frames, so no
lane has the easier ones.
"""

import os
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.case import load_case
from bench.command_line import measuring_parser
from bench.cores import core_scaling, first_cores, on_cores
from bench.markdown import table
from bench.memory import Groups, PeakMemory
from bench.places import CRF, SUITE, suite_stage
from bench.planned import Planned, planned, process_tree
from bench.provenance import Provenance, measured_by, present_provenance
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


@dataclass(frozen=True)
class Setting:
    """Lanes at work on some cores."""

    lanes: int
    cores: int
    is_parted: bool = False
    """Whether each lane keeps to a core of its own."""


SETTINGS = (Setting(1, 1), Setting(1, _CORES), Setting(_CORES, _CORES), Setting(_CORES, _CORES, is_parted=True))


@dataclass(frozen=True)
class LaneRun:
    """What lanes did in one setting."""

    setting: Setting
    frames: int
    """Of each lane."""
    seconds: float
    """Wall clock of taking them, pages being ready: the median of several runs."""
    peak_bytes: int
    """Of all their browsers, in a run of its own."""

    @property
    def fps(self) -> float:
        """Frames of all lanes in a second."""
        return self.setting.lanes * self.frames / self.seconds


@dataclass(frozen=True)
class LanesRecord:
    """How lanes scale, and what one of them needs."""

    case: str
    runs: Sequence[LaneRun]
    peak_bytes_by_frames: Mapping[int, int]
    """Of one lane's browser, by the length of what it takes."""
    encoded_frames: int
    """Of each lane with an encoder."""
    peak_bytes_by_program: Mapping[int, Mapping[str, int]]
    """Of so many lanes with encoders: the browsers', the encoders', and our own process's, which all lanes share."""
    core_scaling: float
    """What two cores do, over what one does, in a program that only computes."""
    provenance: Provenance


def write_lanes(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(LanesRecord, folder / FIGURES)
    if record is None:
        return None
    short, long = sorted(record.peak_bytes_by_frames)
    peaks = record.peak_bytes_by_frames
    return "\n\n".join(
        [
            "## Lanes",
            f"Capture of `{record.case}` alone, no encoder, {record.runs[0].frames} frames in each lane, the same ones "
            "in all, the clock started when every page was ready; medians of runs in turn. Memory is the peak of the "
            "browsers (PSS, in a run of its own). Two lanes are to be compared with one lane on one core; one lane on "
            "two cores already uses more than one of them, because Chromium is several processes. What two lanes lack "
            "where the kernel places their processes, and not where each keeps to a core, is most likely the waking of "
            "cores that fell asleep; a render, whose encoders keep them awake, gains nothing by it. This machine's two "
            f"cores are worth **{record.core_scaling:.2f}** of one to a program that only computes and shares nothing: "
            f"no lanes can be expected to gain more. {measured_by('bench.lanes', [record])}",
            table(
                ["lanes", "cores", "frames/s", "times one lane on one core", "times one lane on as many", "MiB a lane"],
                (_row(run, record.runs) for run in record.runs),
            ),
            f"One lane's browser peaks at {_mib(peaks[short])} MiB over {short} frames and at {_mib(peaks[long])} MiB "
            f"over {long} (at {_DENSE_FPS} fps). With encoders, over {record.encoded_frames} frames:",
            table(
                ["lanes", "browser, MiB a lane", "ffmpeg", "both", "our own process, for all lanes"],
                (_memory_row(lanes, peaks) for lanes, peaks in sorted(record.peak_bytes_by_program.items())),
            ),
        ]
    )


def _row(run: LaneRun, runs: Sequence[LaneRun]) -> list[str]:
    by_setting = {other.setting: other for other in runs}
    setting = run.setting
    ratios = (f"{run.fps / by_setting[Setting(1, cores)].fps:.2f}" for cores in (1, setting.cores))
    cores = f"{setting.cores}, one for each lane" if setting.is_parted else str(setting.cores)
    return [str(setting.lanes), cores, f"{run.fps:.1f}", *ratios, _mib(run.peak_bytes / setting.lanes)]


def _memory_row(lanes: int, peaks: Mapping[str, int]) -> list[str]:
    browser, encoder = peaks["browser"] / lanes, peaks["encoder"] / lanes
    return [str(lanes), *map(_mib, (browser, encoder, browser + encoder, peaks["program"]))]


def _mib(size_bytes: float) -> str:
    return f"{size_bytes / 2**20:.0f}"


def measure_lanes(case_name: str, frame_count: int, run_count: int) -> LanesRecord:
    """Measure everything of one case of the suite."""
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        project = Path(folder) / case_name
        case = load_case(SUITE / case_name)
        suite_stage().put(case, project)
        with planned(project, {"fps": case.fps, "crf": CRF}) as ready:
            frames = range(min(frame_count, len(ready.plan.chunks[0].frames)))
            runs = _measure_runs(ready, frames, run_count)
            encoded = {lanes: _encoded_peaks(ready, lanes, frames).by_group for lanes in (1, _CORES)}
        with planned(project, {"fps": _DENSE_FPS, "crf": CRF}) as ready:
            lengths = {
                count: _peak_bytes(ready, Setting(1, _CORES), range(min(count, len(ready.plan.chunks[0].frames))))
                for count in (_SHORT_FRAMES, _LONG_FRAMES)
            }
    scaling = round(core_scaling(_CORES), 2)
    return LanesRecord(case_name, runs, lengths, len(frames), encoded, scaling, present_provenance())


def _measure_runs(ready: Planned, frames: range, run_count: int) -> list[LaneRun]:
    seconds: dict[Setting, list[float]] = {setting: [] for setting in SETTINGS}
    for _ in range(run_count):
        for setting, taken in seconds.items():
            taken.append(_capture_seconds(ready, setting, frames))
    return [
        LaneRun(setting, len(frames), round(statistics.median(taken), 3), _peak_bytes(ready, setting, frames))
        for setting, taken in seconds.items()
    ]


def _capture_seconds(ready: Planned, setting: Setting, frames: range) -> float:
    """Wall clock from when all pages are ready until all frames of all lanes are taken."""
    allowed = first_cores(setting.cores)
    with ExitStack() as stack:
        stack.enter_context(on_cores(allowed))
        browsers = [stack.enter_context(ready.browser()) for _ in range(setting.lanes)]
        pages = [_load_page(ready, browser) for browser in browsers]
        cores = [[allowed[lane]] if setting.is_parted else allowed for lane in range(setting.lanes)]
        for browser, own in zip(browsers, cores, strict=True):
            _move(browser, own)
        executor = stack.enter_context(ThreadPoolExecutor(setting.lanes))
        started = time.monotonic()
        for future in [executor.submit(_capture, page, frames, own) for page, own in zip(pages, cores, strict=True)]:
            future.result()
        seconds = time.monotonic() - started
        for page in pages:
            page.close()  # or its pictures would count where our own memory is measured
        return seconds


def _peak_bytes(ready: Planned, setting: Setting, frames: range) -> int:
    """The peak of the browsers of such a run: one of its own, because reading memory takes time."""
    own = psutil.Process()
    with PeakMemory(lambda: {"browsers": own.children(recursive=True)}).sampling() as peak:
        _capture_seconds(ready, setting, frames)
    return peak.together


def _load_page(ready: Planned, browser: Browser) -> Page:
    page = Page(browser, ready.spec, deadline=ready.invocation.deadline)
    page.load()
    return page


def _move(browser: Browser, cores: Sequence[int]) -> None:
    """Keep every thread of a browser on these cores."""
    for process in process_tree(browser.pid):
        with suppress(psutil.Error):
            for thread in process.threads():
                with suppress(OSError):  # it ended
                    os.sched_setaffinity(thread.id, cores)


def _capture(page: Page, frames: range, cores: Sequence[int]) -> None:
    os.sched_setaffinity(0, cores)  # of this thread only
    for frame in frames:
        page.capture(frame)


def _encoded_peaks(ready: Planned, lanes: int, frames: range) -> PeakMemory:
    """Peaks of lanes that are encoded: of their browsers, of their encoders, of this process."""
    own = psutil.Process()
    with ExitStack() as stack:
        browsers = [stack.enter_context(ready.browser()) for _ in range(lanes)]

        def find() -> Groups:
            started = {browser.pid for browser in browsers}
            encoders = [child for child in own.children() if child.pid not in started]
            return {"browser": [p for pid in started for p in process_tree(pid)], "encoder": encoders, "program": [own]}

        executor = stack.enter_context(ThreadPoolExecutor(lanes))
        with PeakMemory(find).sampling() as peak:
            for future in [executor.submit(_encode, ready, browser, frames) for browser in browsers]:
                future.result()
    return peak


def _encode(ready: Planned, browser: Browser, frames: range) -> None:
    deadline, watch = ready.invocation.deadline, ready.invocation.stopwatch
    container = plan_container(ready.plan, ready.invocation.toolchain)
    output = ready.invocation.scratch / f"lane-{browser.pid}{ready.plan.recipe.segment_suffix}"
    with container.write_segment(output, frames, deadline=deadline) as encoder:
        capture_segment(browser, ready.spec, frames, encoder, _ignore, deadline=deadline, stopwatch=watch)
        encoder.finish()


def _ignore(frame: int, picture: Picture) -> None:
    """Nobody watches the frames."""


def main() -> None:
    """Measure and remember."""
    parser = measuring_parser(__doc__, runs=5, runs_of="of each number of lanes")
    parser.add_argument("--case", default="flat", metavar="NAME", help="of the suite (flat)")
    parser.add_argument("--frames", type=int, default=120, metavar="N", help="of each lane (120)")
    arguments = parser.parse_args()
    save_record(measure_lanes(arguments.case, arguments.frames, arguments.runs), arguments.folder / FIGURES)
    print(write_lanes(arguments.folder))


if __name__ == "__main__":
    main()
