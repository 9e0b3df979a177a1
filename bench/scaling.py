"""The model's part of the page: fitted to what the suite and the short renders measured, it plans longer videos.

python -m bench.scaling [--folder docs/measurements]
"""

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import lambda_model as model
from bench.cold_start import FIGURES as COLD_START_FIGURES
from bench.cold_start import ColdStartRecord
from bench.command_line import add_folder
from bench.markdown import table
from bench.provenance import at_and_on
from bench.records import CaseRecord, SuiteRecord, load_record
from bench.startup import FIGURES as STARTUP_FIGURES
from bench.startup import StartupRecord
from bench.suite_section import FIGURES as SUITE_FIGURES
from hf_lambda.plan.split import DEFAULT_CHUNK_FRAMES

_CASES = ("flat", "text", "photo")
_VIDEOS = {"1 minute": 1_800, "10 minutes": 18_000, "2 hours": 216_000}
"""Frames at 30 fps."""
_VCPUS = (1, 2, 4, 6)
_SIZES = ", ".join(map(str, _VCPUS))
_DEFAULT_CONCURRENCY = 40
_FRAMES_PER_HOUR = 108_000
_ACCOUNT_CONCURRENCY = 1000


@dataclass(frozen=True)
class Fitted:
    """The model with its figures."""

    pages: Sequence[model.Page]
    cpu: Sequence[model.Line]
    """CPU seconds of a whole local render by its frames, for each page."""
    start_seconds: float
    """Wall clock of the short render."""
    join_seconds: float
    """What one chunk more costs assemble."""
    sandboxes: Sequence[model.Sandbox]
    """By their size."""


def write_scaling(folder: Path) -> str | None:
    """The section; None where the suite, the start or new sandboxes were not measured."""
    suite = load_record(SuiteRecord, folder / SUITE_FIGURES)
    startup = load_record(StartupRecord, folder / STARTUP_FIGURES)
    cold_start = load_record(ColdStartRecord, folder / COLD_START_FIGURES)
    if suite is None or startup is None or cold_start is None:
        return None
    cases = [case for case in suite.cases if case.name in _CASES]
    if not cases:
        return None
    fitted = fit(cases, startup, cold_start)
    return "\n\n".join(
        [
            "## Longer videos, by a model",
            "**Nothing in this section was measured in Lambda.** It is a model, fitted to figures that were measured "
            f"{at_and_on([*cases, startup, cold_start])}: a line through two renders, the short one of *Start, plan "
            "and end* and the suite's, gives CPU seconds of start and of each frame.",
            table(["page", "start, CPU s", "a frame, CPU ms"], map(_line_row, fitted.pages, fitted.cpu)),
            "The model's own check: wall clock = that of the short render + frames x CPU of a frame / the cores it was "
            "measured on, beside what was measured.",
            table(["case", "model, wall s", "measured", "model / measured"], _check_rows(cases, fitted)),
            _formulas(fitted),
            *(text for page in fitted.pages for text in (f"### {page.name}, 1080p30", _plan_table(page, fitted))),
            _limits(fitted),
        ]
    )


def fit(cases: Sequence[CaseRecord], startup: StartupRecord, cold_start: ColdStartRecord) -> Fitted:
    """The model from saved figures."""
    short_cpu = statistics.median(run.cpu_seconds for run in startup.ours)
    plan_cpu = statistics.median(run.cpu_seconds for run in startup.our_plan)
    plan_wall = statistics.median(run.wall_seconds for run in startup.our_plan)
    lines = [
        model.fit_line([(startup.frames, short_cpu), (case.frames, case.medians(lambda run: run.cpu_seconds)[0])])
        for case in cases
    ]
    pages = [
        model.Page(case.name, plan_wall, model.Line(max(0.0, line.start - plan_cpu), line.per_frame), _bytes(case))
        for case, line in zip(cases, lines, strict=True)
    ]
    smallest = min(startup.assemblies.values(), key=lambda assembly: assembly.output_bytes)
    start_seconds = statistics.median(run.wall_seconds for run in startup.ours)
    sandboxes = [model.Sandbox(vcpus, cold_start.new_sandbox_seconds(vcpus)) for vcpus in _VCPUS]
    return Fitted(pages, lines, start_seconds, smallest.wall_seconds / smallest.chunks, sandboxes)


def _bytes(case: CaseRecord) -> float:
    return case.medians(lambda run: run.file_bytes)[0] / case.frames


def _line_row(page: model.Page, line: model.Line) -> list[str]:
    return [page.name, f"{line.start:.2f}", f"{1000 * line.per_frame:.1f}"]


def _check_rows(cases: Sequence[CaseRecord], fitted: Fitted) -> list[list[str]]:
    rows = []
    for case, line in zip(cases, fitted.cpu, strict=True):
        expected = fitted.start_seconds + case.frames * line.per_frame / case.provenance.cores
        measured, _ = case.medians(lambda run: run.wall_seconds)
        rows.append([case.name, f"{expected:.2f}", f"{measured:.2f}", f"{expected / measured:.2f}"])
    return rows


def _formulas(fitted: Fitted) -> str:
    cold = ", ".join(f"{sandbox.cold_seconds:.2f}" for sandbox in fitted.sandboxes)
    return "\n".join(
        [
            f"With F frames in N = min(⌈F / {DEFAULT_CHUNK_FRAMES}⌉, {model.MOST_CHUNKS}) chunks (by default), v = "
            f"memory / {model.MB_PER_VCPU} MB vCPUs, a the start of a chunk, b the CPU seconds of a frame, C chunks at "
            f"a time, and c = {cold} s for a new sandbox with {_SIZES} vCPUs (*A cold and a warm sandbox*; what was "
            "not measured is taken from the largest that was):",
            "",
            "- chunk of f frames: c + a + f b / v seconds; a is not divided: what starts keeps one vCPU busy.",
            f"- plan: c + {fitted.pages[0].plan_seconds:.2f} s, and what its sound takes (*Sound*), which is left out. "
            f"Assemble: c + {1000 * fitted.join_seconds:.1f} ms a chunk + twice the file at "
            f"{model.TRANSFER_BYTES_PER_SECOND / 1e6:.0f} MB/s (an assumption).",
            "- wall clock: plan + ⌈N / C⌉ chunks + assemble.",
            "- dollars: seconds of all invocations x (GB of memory x 0.0000166667 + GB of /tmp above 0.5 x "
            "0.0000000309) + (N + 2) x 0.0000002 + (N + 4) x 0.000025. Every sandbox is taken to be new.",
        ]
    )


def _plan_table(page: model.Page, fitted: Fitted) -> str:
    header = [
        *("video", "vCPU", "memory MB", "chunks", "frames a chunk", "s a chunk"),
        *(f"s in all, {_DEFAULT_CONCURRENCY} at a time", "all at a time", "USD"),
    ]
    rows = [_plan_row(name, page, sandbox, fitted) for name in _VIDEOS for sandbox in fitted.sandboxes]
    return table(header, rows)


def _plan_row(video: str, page: model.Page, sandbox: model.Sandbox, fitted: Fitted) -> list[str]:
    few, all_at_once = (
        model.estimate(
            page,
            _VIDEOS[video],
            sandbox,
            chunk_frames=DEFAULT_CHUNK_FRAMES,
            concurrency=concurrency,
            join_seconds=fitted.join_seconds,
        )
        for concurrency in (_DEFAULT_CONCURRENCY, model.MOST_CHUNKS)
    )
    counts = (sandbox.vcpus, model.memory_mb(sandbox.vcpus), few.chunks, few.chunk_frames)
    seconds = (few.chunk_seconds, few.seconds, all_at_once.seconds)
    price = f"{few.usd:.4f}" if few.fits else "breaks: longer than 15 minutes"
    return [video, *map(str, counts), *(f"{value:.0f}" for value in seconds), price]


def _limits(fitted: Fitted) -> str:
    longest = "; ".join(f"{page.name}: {_longest(page, fitted.sandboxes)}" for page in fitted.pages)
    busiest = _ACCOUNT_CONCURRENCY // model.MOST_CHUNKS
    return "\n".join(
        [
            "### Where it breaks",
            "",
            f"- **15 minutes** an invocation, and {model.MOST_CHUNKS} chunks at the most (`maxParallelChunks`), which "
            f"grow with the video: so much video can there be, at {_SIZES} vCPUs: {longest} "
            "(and no composition may be longer than 24 h).",
            f"- **Segments**: a chunk of {DEFAULT_CHUNK_FRAMES} frames is one, so it has one lane, which keeps two "
            "vCPUs busy: while one draws, the other encodes. At 4 and 6 vCPUs more segments are needed "
            "(`segmentFrames`), each with a page to open. The model divides by all vCPUs and leaves that out, so there "
            "it is a lower bound of seconds and of dollars.",
            f"- **1000 invocations** of an account at a time, by default: {busiest} renders with all their chunks at "
            f"once, or {_ACCOUNT_CONCURRENCY // _DEFAULT_CONCURRENCY} at {_DEFAULT_CONCURRENCY} each; further ones "
            "wait, and the model's seconds do not know it. A new account may have 10.",
            f"- **10,000 items** that a distributed map runs at a time, and **25,000 events** of an execution: "
            f"{model.MOST_CHUNKS} chunks are far below either.",
            f"- **{model.STORAGE_GB:.0f} GB of /tmp** in assemble, which holds all chunks and the file: a file of "
            f"about {model.STORAGE_GB / 2:.0f} GB.",
            "- A page of many blurs costs more by the frame, so its limits are nearer; memory of a lane is bounded "
            "(*Lanes*), but 1769 MB hold one lane with its encoder and little else.",
        ]
    )


def _longest(page: model.Page, sandboxes: Sequence[model.Sandbox]) -> str:
    longest = (model.MOST_CHUNKS * model.longest_chunk_frames(page, sandbox) for sandbox in sandboxes)
    hours = (frames / _FRAMES_PER_HOUR for frames in longest)
    return ", ".join(f"{value:.0f}" for value in hours) + " h"


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_folder(parser)
    print(write_scaling(parser.parse_args().folder) or "the suite, the start or new sandboxes were not measured")


if __name__ == "__main__":
    main()
