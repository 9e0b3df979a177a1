"""What a render costs before its first and after its last frame: start and plan, and the joining of many chunks.

    python -m bench.startup [--runs 5] [--chunks 300]

The page has no media and three frames, so nearly all of its render is start. Chunks are copies of one that was
rendered, under a plan that has so many of them: what assemble does does not depend on what they show.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.assembling import Assembly, assemble_copies
from bench.cold import ColdOriginal, ColdOurs
from bench.command_line import measuring_parser
from bench.markdown import table
from bench.original import Original, stage_seconds
from bench.ours import Ours, part_seconds, render_summary
from bench.places import CRF
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import Run, load_record, median_parts, run_record, save_record
from bench.renders import Job, Renderer, render
from bench.small_page import FPS, write_small_page
from bench.staged import OriginalStages, OurStages, run_stage
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

FIGURES = "startup.json"
SHORT_FRAMES = 3
_SIZE = 1920, 1080
_LIMIT_SECONDS = 900
_PART_OF_PLAN = "Plan: "
_COMPILING = ("compile", "probe")
"""The original's stages that do what our plan does."""
_CHUNKS = {"64x36, 1 frame": (64, 36, 1), "1920x1080, 30 frames": (1920, 1080, 30)}


@dataclass(frozen=True)
class StartupRecord:
    """What a render costs but for its frames. Runs are in the order in which they ran, in turn."""

    frames: int
    our_plan: Sequence[Run]
    """A process that plans, and ends."""
    original_plan: Sequence[Run]
    our_probed_plan: Sequence[Run]
    """Of a page that does not say how long it is."""
    original_probed_plan: Sequence[Run]
    ours: Sequence[Run]
    original: Sequence[Run]
    ours_cold: Sequence[Run]
    """With nothing unpacked."""
    original_cold: Sequence[Run]
    assemblies: Mapping[str, Assembly]
    """By what each chunk is."""
    provenance: Provenance


def write_startup(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(StartupRecord, folder / FIGURES)
    if record is None:
        return None
    return "\n\n".join(
        [
            "## Start, plan and end",
            f"A 1080p page of {record.frames} frames without media: nearly all of its render is start. Medians of "
            f"{len(record.ours)}, run in turn. *Plan alone* is a process that plans and ends, interpreter and imports "
            "included; of the original by the function that its Lambda handler calls. Ours opens each page, the "
            "original's only where it must, as where nothing but its timeline says how long it is. *Cold* is a worker "
            "that has nothing unpacked: ours unpacks Chromium, ffmpeg and ffprobe, the original Chromium, by the "
            f"package that brings it. {measured_by('bench.startup', [record])}",
            table(
                ["what", "wall s", "CPU s", "peak MB"],
                [
                    _render_row("plan alone, ours", record.our_plan),
                    _render_row("plan alone, the original", record.original_plan),
                    _render_row("plan alone, of a page that says no length, ours", record.our_probed_plan),
                    _render_row("plan alone, of a page that says no length, the original", record.original_probed_plan),
                    _render_row("whole render, ours", record.ours),
                    _render_row("whole render, the original", record.original),
                    _render_row("whole render, cold, ours", record.ours_cold),
                    _render_row("whole render, cold, the original", record.original_cold),
                ],
            ),
            f"Inside those renders, as they say themselves: our plan {_describe_plan(record.ours)}; the original's "
            f"{_describe_parts(record.original)}.",
            "### Many chunks",
            "The assemble stage alone, from chunks on the disk to the file, and for comparison how long it takes to "
            "copy the bytes of all chunks into one file. What assemble reads and writes, it reads and writes more "
            "often than once: chunks are fetched, joined, counted, and the file is stored.",
            table(
                ["each chunk", "chunks", "wall s", "CPU s", "join s", "MB in", "MB out", "plain copy s"],
                (_assembly_row(name, assembly) for name, assembly in record.assemblies.items()),
            ),
        ]
    )


def _render_row(name: str, runs: Sequence[Run]) -> list[str]:
    walls, cpus = [run.wall_seconds for run in runs], [run.cpu_seconds for run in runs]
    peak = statistics.median(run.peak_bytes for run in runs)
    return [name, f"{statistics.median(walls):.2f}", f"{statistics.median(cpus):.2f}", f"{peak / 1e6:.0f}"]


def _describe_plan(runs: Sequence[Run]) -> str:
    parts = median_parts(runs)
    named = [f"{name.removeprefix(_PART_OF_PLAN)} {parts[name]:.2f} s" for name in parts if _PART_OF_PLAN in name]
    return f"{parts['Plan']:.2f} s, of which {', '.join(named) or 'nothing is told'}"


def _describe_parts(runs: Sequence[Run]) -> str:
    parts = median_parts(runs)
    both = sum(seconds for part, seconds in parts.items() if part in _COMPILING)
    named = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in parts.items())
    return f"{named or 'stages are not told'} (compile and probe together {both:.2f} s)"


def _assembly_row(name: str, assembly: Assembly) -> list[str]:
    seconds = (assembly.wall_seconds, assembly.cpu_seconds, assembly.part_seconds.get("Join", 0.0))
    sizes = (assembly.chunk_bytes, assembly.output_bytes)
    return [
        name,
        str(assembly.chunks),
        *(f"{value:.2f}" for value in seconds),
        *(f"{size / 1e6:.2f}" for size in sizes),
        f"{assembly.copy_seconds:.2f}",
    ]


def measure_renders(runs: int) -> dict[str, list[Run]]:
    """Plan alone, whole renders, and cold ones, of both, in turn; by their names in `StartupRecord`.

    Raises:
        RenderFailedError: one of them fails.
    """
    toolchain = locate_toolchain(Settings.from_environment())
    original = Original(toolchain)
    renderers: dict[str, Renderer] = {
        "ours": Ours(),
        "original": original,
        "ours_cold": ColdOurs(),
        "original_cold": ColdOriginal(toolchain),
    }
    made: dict[str, list[Run]] = defaultdict(list)
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        job, unmeasured = (
            Job(write_small_page(work / name, *_SIZE, SHORT_FRAMES, says_length=says_length), fps=str(FPS), crf=CRF)
            for name, says_length in (("page", True), ("unmeasured", False))
        )
        for number in range(runs):
            for name, planned in {"plan": job, "probed_plan": unmeasured}.items():
                ours = OurStages(planned, work / f"our-{name}-{number}")
                made[f"our_{name}"].append(run_stage(ours, "plan"))
                originals = OriginalStages(original, planned, work / f"original-{name}-{number}", _SIZE)
                made[f"original_{name}"].append(run_stage(originals, "plan"))
            for name, renderer in renderers.items():
                done = render(renderer, job, work / f"{name}-{number}", limit_seconds=_LIMIT_SECONDS)
                is_ours = isinstance(renderer, Ours)
                parts = _our_parts(render_summary(done.log)) if is_ours else stage_seconds(done.log)
                made[name].append(run_record(done, parts))
    return made


def _our_parts(summary: Mapping[str, Any]) -> dict[str, float]:
    """The parts of a render, and those of its plan by names of their own."""
    parts = {_PART_OF_PLAN + name: spent / 1000 for name, spent in summary["Plan"]["Timings"].items()}
    return {**part_seconds(summary), **parts}


def main() -> None:
    """Measure and remember."""
    parser = measuring_parser(__doc__, runs=5, runs_of="of each")
    parser.add_argument("--chunks", type=int, default=300, metavar="N", help="to assemble (300)")
    arguments = parser.parse_args()
    renders = measure_renders(arguments.runs)
    assemblies = {
        name: assemble_copies((width, height), frames, arguments.chunks)
        for name, (width, height, frames) in _CHUNKS.items()
    }
    record = StartupRecord(frames=SHORT_FRAMES, assemblies=assemblies, provenance=present_provenance(), **renders)
    save_record(record, arguments.folder / FIGURES)
    print(write_startup(arguments.folder))


if __name__ == "__main__":
    main()
