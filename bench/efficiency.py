"""How far we are from the physical limit: what drawing and encoding alone cost, beside what we use in all.

    python -m bench.efficiency [--case flat --case text] [--frames N] [--runs 3]

The limit is Chromium drawing the frames without anybody taking them, and ffmpeg encoding them from a file of raw
video. Neither can be had for less while the pictures are Chromium's and the encoder is x264 with these settings.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from bench.case import Case, Stage
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.drawing import DrawnPage
from bench.in_turn import render_in_turn
from bench.markdown import table
from bench.original import Original
from bench.places import CRF, SUITE, suite_stage
from bench.planned import Planned, planned, tree_cpu_seconds
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import load_record, save_record, with_measured
from bench.renders import Job
from hf_lambda.capture.page import Page
from hf_lambda.media.commands import Input, build_command
from hf_lambda.media.encoding import segment_command
from hf_lambda.media.picture_stream import PictureStream
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.media.runner import FfmpegProcess
from hf_lambda.plan.split import DEFAULT_CHUNK_FRAMES
from hf_lambda.processes import static_tool_environment
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

FIGURES = "efficiency.json"
_WINDOW_FRAMES = 60
"""Raw 1080p frames take 8 MB each, so only so many lie on the disk at a time."""


class EncodingFailedError(Exception):
    """ffmpeg did not encode what it was given."""


class NoPixelsError(Exception):
    """The page's pictures do not come as pixels, so there is no raw video of it."""


@dataclass(frozen=True)
class CaseEfficiency:
    """CPU seconds of one case for each frame."""

    name: str
    frames: int
    draw: float
    """Chromium, drawing without anybody taking the frames."""
    encode_pixels: float
    """ffmpeg, from pixels as they come from Chromium, so it converts their colours too."""
    encode_converted: float
    """ffmpeg, from pictures in the video's own colours."""
    ours: float
    """All processes of a whole render, from its start to its end."""
    original: float
    """The same of the original, with as many workers as there are cores."""
    provenance: Provenance

    @property
    def by_pixels(self) -> float:
        """Our distance from the limit, where the encoder is given pixels."""
        return (self.draw + self.encode_pixels) / self.ours

    @property
    def by_converted(self) -> float:
        """The same where somebody else has converted the colours, for nothing."""
        return (self.draw + self.encode_converted) / self.ours

    @property
    def best_ratio(self) -> float:
        """How many times less than the original a renderer would use that costs nothing itself."""
        return self.original / (self.draw + self.encode_pixels)


@dataclass(frozen=True)
class EfficiencyRecord:
    """The efficiency of cases."""

    crf: int
    cases: Sequence[CaseEfficiency]

    def with_case(self, measured: CaseEfficiency) -> "EfficiencyRecord":
        """The same with the case measured anew, or for the first time."""
        return replace(self, cases=with_measured(self.cases, measured))


def write_efficiency(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(EfficiencyRecord, folder / FIGURES)
    if record is None or not record.cases:
        return None
    header = [
        *("case", "frames", "draw", "encode from pixels", "encode from yuv420p", "ours in all"),
        *("efficiency by pixels", "efficiency by yuv420p"),
        *("the original in all", "original / ours", "original / limit"),
    ]
    return "\n\n".join(
        [
            "## Distance from the limit",
            "CPU milliseconds for each frame. *Draw* is Chromium drawing the same frames, the page seeked as in a "
            "render, but without anybody taking them; its start and the loading of the page are left out. *Encode* is "
            f"ffmpeg with the plan's own options (CRF {record.crf}) on a file of raw video, {_WINDOW_FRAMES} frames at "
            "a time: from pixels as Chromium has them, and from yuv420p that was converted before. *Ours in all* is "
            "the whole of `hf-lambda render`, every process from the first to the last, start, plan and joining "
            "included, and of all frames; draw and encode are of the first chunk's (*frames*), which are fewer in a "
            f"case of more than {DEFAULT_CHUNK_FRAMES}. *Efficiency* is draw and encode over ours in all: 1 would be a "
            "renderer that costs nothing itself, and a page that often stands still may have more, because frames in "
            "which nothing moves are encoded here, and not in ours. The decoding of source video is in ours only. "
            "*Original / limit* is what such a renderer would reach with our encoder's settings: no work on ours but "
            f"on the encoder can bring *original / ours* beyond it. {measured_by('bench.efficiency', record.cases)}",
            table(header, map(_row, record.cases)),
        ]
    )


def _row(case: CaseEfficiency) -> list[str]:
    seconds = (case.draw, case.encode_pixels, case.encode_converted, case.ours)
    return [
        case.name,
        str(case.frames),
        *(f"{1000 * value:.1f}" for value in seconds),
        *(f"**{ratio:.2f}**" for ratio in (case.by_pixels, case.by_converted)),
        f"{1000 * case.original:.1f}",
        *(f"{ratio:.2f}" for ratio in (case.original / case.ours, case.best_ratio)),
    ]


def measure_case(stage: Stage, case: Case, *, frame_limit: int | None, runs: int) -> CaseEfficiency:
    """Measure one case, all of its first chunk's frames or the first `frame_limit` of them.

    Raises:
        NoPixelsError, EncodingFailedError: it cannot be measured.
    """
    with tempfile.TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        stage.put(case, work / case.name)
        job = replace(case.job(work / case.name), format="mp4", crf=CRF)
        ours_seconds, original_seconds = _render_cpu_seconds(job, work, runs)
        with planned(job.project, {"fps": job.fps, "crf": job.crf}) as ready:
            if ready.plan.picture.kind != "pixels":
                raise NoPixelsError(f"{case.name} is taken as {ready.plan.picture.kind}")
            frames = range(min(len(ready.plan.chunks[0].frames), frame_limit or sys.maxsize))
            draw = _draw_cpu_seconds(ready, frames)
            pixels, converted = _encode_cpu_seconds(ready, frames, work)
        draw, pixels, converted = (seconds / len(frames) for seconds in (draw, pixels, converted))
        ours, original = (seconds / ready.plan.total_frames for seconds in (ours_seconds, original_seconds))
        return CaseEfficiency(case.name, len(frames), draw, pixels, converted, ours, original, present_provenance())


def _render_cpu_seconds(job: Job, work: Path, runs: int) -> tuple[float, float]:
    """Ours, the original's; medians of runs in turn."""
    original = Original(locate_toolchain(Settings.from_environment()), workers=str(os.cpu_count()))
    return render_in_turn(job, original, work, runs).medians(lambda run: run.cpu_seconds)


def _draw_cpu_seconds(ready: Planned, frames: range) -> float:
    with ready.browser() as browser:
        page = DrawnPage(browser, ready.spec, deadline=ready.invocation.deadline)
        page.load()
        before = tree_cpu_seconds(browser.pid)
        for frame in frames:
            page.capture(frame)
        return tree_cpu_seconds(browser.pid) - before


def _encode_cpu_seconds(ready: Planned, frames: range, work: Path) -> tuple[float, float]:
    """From pixels, from yuv420p."""
    pixels = converted = 0.0
    with ready.browser() as browser:
        page = Page(browser, ready.spec, deadline=ready.invocation.deadline)
        page.load()
        for start in frames[::_WINDOW_FRAMES]:
            window = frames[start : start + _WINDOW_FRAMES]
            with tempfile.TemporaryDirectory(dir=work) as folder:
                raw = Path(folder) / "pixels.mkv"
                _take(ready, page, window, raw)
                pixels += encode_cpu_seconds(segment_argv(ready, len(window), raw.with_suffix(".mp4")), raw)
                smooth = _convert(ready, len(window), raw)
                converted += encode_cpu_seconds(_converted_argv(ready, len(window), smooth), smooth)
    return pixels, converted


def _take(ready: Planned, page: Page, frames: range, path: Path) -> None:
    """Write to a file what a render would feed to ffmpeg."""
    plan, last = ready.plan, None
    with _stream_to(ready, path) as stream:
        for frame in frames:
            picture = page.capture(frame)
            if picture is last:
                stream.repeat()
            else:
                stream.write(picture)
            last = picture
        stream.finish()
    if path.stat().st_size < plan.width * plan.height:
        raise EncodingFailedError(f"there are no pictures in {path}")


@contextmanager
def _stream_to(ready: Planned, path: Path) -> Iterator[PictureStream]:
    plan, copier = ready.plan, shutil.which("dd")
    if copier is None:
        raise EncodingFailedError("there is no dd to write raw video with")
    process = FfmpegProcess(
        [copier, f"of={path}", "bs=1M", "status=none"], deadline=ready.invocation.deadline, fed=True
    )
    with PictureStream(process, _every_frame(plan.recipe), (plan.width, plan.height), plan.fps) as stream:
        yield stream


def _every_frame(recipe: EncoderRecipe) -> EncoderRecipe:
    """The recipe for an encoder that encodes frames too in which nothing moved."""
    return replace(recipe, fills_gaps=True, longest_frames=None)


def segment_argv(ready: Planned, frame_count: int, output: Path) -> list[str]:
    """The command that encodes every frame of a segment, those too in which nothing moved."""
    return segment_command(
        ready.invocation.toolchain.ffmpeg,
        _every_frame(ready.plan.recipe),
        fps=ready.plan.fps,
        frame_count=frame_count,
        output=output,
    )


def _convert(ready: Planned, frame_count: int, raw: Path) -> Path:
    """The frames of `raw` in the video's colours, each of them however often it is shown."""
    converted = raw.with_suffix(".converted.mkv")
    argv = build_command(
        ready.invocation.toolchain.ffmpeg,
        [Input("pipe:0", "v", {"f": "matroska", "c:v": ready.plan.recipe.picture_codec})],
        converted,
        filters=[*ready.plan.recipe.filters, ("fps", {"fps": _rate(ready.plan.fps)})],
        output_options={"c:v": "rawvideo", "frames:v": str(frame_count), "r": _rate(ready.plan.fps)},
    )
    encode_cpu_seconds(argv, raw)
    return converted


def _converted_argv(ready: Planned, frame_count: int, converted: Path) -> list[str]:
    """As `segment_argv`, but for a file that needs neither colours converted nor gaps filled."""
    return segment_command(
        ready.invocation.toolchain.ffmpeg,
        replace(ready.plan.recipe, filters=[], fills_gaps=False),
        fps=ready.plan.fps,
        frame_count=frame_count,
        output=converted.with_suffix(".mp4"),
    )


def encode_cpu_seconds(argv: Sequence[str], source: Path) -> float:
    """CPU seconds of one run of ffmpeg, which has no children, on `source`.

    Raises:
        EncodingFailedError: it failed.
    """
    with source.open("rb") as stdin, tempfile.TemporaryFile() as log:
        environment = static_tool_environment()
        process = subprocess.Popen(argv, stdin=stdin, stdout=subprocess.DEVNULL, stderr=log, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            log.seek(0)
            raise EncodingFailedError(f"{' '.join(argv)}: {log.read().decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime


def _rate(fps: Fraction) -> str:
    return f"{fps.numerator}/{fps.denominator}"


def main() -> None:
    """Measure, and remember each case at once."""
    parser = measuring_parser(__doc__, runs=3, runs_of="whole renders of each case")
    add_cases(parser)
    parser.add_argument("--frames", type=int, metavar="N", help="draw and encode only the first N (all of a chunk)")
    arguments = parser.parse_args()
    path, stage = arguments.folder / FIGURES, suite_stage()
    for case in chosen_cases(SUITE, arguments.case):
        try:
            measured = measure_case(stage, case, frame_limit=arguments.frames, runs=arguments.runs)
        except NoPixelsError as error:
            print(f"not measured: {error}", file=sys.stderr)
            continue
        record = load_record(EfficiencyRecord, path) or EfficiencyRecord(CRF, [])
        save_record(record.with_case(measured), path)
        print(" | ".join(_row(measured)), flush=True)


if __name__ == "__main__":
    main()
