"""Where the time of a cold and of a warm sandbox goes, on one vCPU and on two.

    python -m bench.cold_start [--zip dist/handler.zip] [--project examples/title-card] [--runs 3]

The built zip runs under the Lambda runtime emulator, in two sandboxes. One makes the plan, so that the other is new and
has nothing unpacked when it renders the plan's first chunk: cold. Then it renders that again, under another prefix, so
that nothing is found stored: warm.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.command_line import add_zip, measuring_parser
from bench.cores import first_cores, on_cores
from bench.markdown import table
from bench.places import ROOT
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import load_record, save_record
from bench.sandbox import sandbox_options
from hf_lambda.emulator.engine import emulator
from hf_lambda.emulator.worker import FunctionResult, Worker
from hf_lambda.errors import RENDER_FAILED

FIGURES = "cold-start.json"
_VCPUS = (1, 2)
_TOTAL = "Total"
PARTS = {
    "Init": "interpreter and imports, and the way to the function and back",
    "Fetch": "plan from S3, Chromium being unpacked and started beside it",
    "Unpack": "Chromium, ffmpeg and ffprobe to /tmp, side by side",
    "Launch": "Chromium, until it answers (summed over lanes)",
    "PageReady": "page loaded and ready to be seeked (summed over segments)",
    "Capture": "pictures (summed over lanes)",
    "Encode": "waiting for the encoder (summed over lanes)",
    "Join": "segments to a chunk",
    "Upload": "chunk to S3",
    _TOTAL: "as the caller sees it",
}

Split = Mapping[str, float]
"""Seconds by `PARTS`."""


@dataclass(frozen=True)
class ColdStartRun:
    """The same chunk in a new sandbox and once more in the same one, on so many vCPUs."""

    vcpus: int
    cold: Sequence[Split]
    warm: Sequence[Split]

    @property
    def new_sandbox_seconds(self) -> float:
        """By how much the new one took longer."""
        return _median(self.cold, _TOTAL) - _median(self.warm, _TOTAL)


@dataclass(frozen=True)
class ColdStartRecord:
    """A project's first chunk in sandboxes of several sizes, the smallest first."""

    project: str
    frames: int
    runs: Sequence[ColdStartRun]
    provenance: Provenance

    def new_sandbox_seconds(self, vcpus: int) -> float:
        """By how much a new sandbox takes longer; of more vCPUs than were measured, as many as the most took."""
        return [run for run in self.runs if run.vcpus <= vcpus][-1].new_sandbox_seconds


def write_cold_start(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(ColdStartRecord, folder / FIGURES)
    if record is None:
        return None
    costs = (f"{run.new_sandbox_seconds:.2f} s on {run.vcpus}" for run in record.runs)
    return "\n\n".join(
        [
            "## A cold and a warm sandbox",
            f"The first {record.frames} frames of `examples/{record.project}`, rendered by the built zip under the "
            "Lambda runtime emulator in a new sandbox, the plan being made in another one, and once more in the same: "
            f"seconds, medians of {len(record.runs[0].cold)} runs. Parts that several lanes do side by side add up to "
            "more than their total. Lambda itself was not measured, which also has to fetch the zip. "
            + measured_by("bench.cold_start", [record]),
            table(
                ["part", "what", *(cell for run in record.runs for cell in (f"{run.vcpus} vCPU, cold", "warm"))],
                ([part, what, *_cells(record.runs, part)] for part, what in PARTS.items()),
            ),
            f"So a new sandbox takes longer by {', '.join(costs)} vCPUs.",
        ]
    )


def _cells(runs: Sequence[ColdStartRun], part: str) -> list[str]:
    return [f"{_median(splits, part):.2f}" for run in runs for splits in (run.cold, run.warm)]


def _median(splits: Sequence[Split], part: str) -> float:
    return statistics.median(split.get(part, 0.0) for split in splits)


def measure(project: Path, zip_path: Path, runs: int, chunk_frames: int) -> ColdStartRecord:
    """The project's first chunk on each number of vCPUs.

    Raises:
        RENDER_FAILED: an invocation fails.
    """
    measured = []
    for vcpus in _VCPUS:
        with on_cores(first_cores(vcpus)):
            pairs = [_measure_pair(project, zip_path, vcpus, chunk_frames) for _ in range(runs)]
        cold, warm = zip(*pairs, strict=True)
        measured.append(ColdStartRun(vcpus, [*map(_split, cold)], [*map(_split, warm)]))
    return ColdStartRecord(project.name, cold[0].payload["FramesEncoded"], measured, present_provenance())


def _measure_pair(
    project: Path, zip_path: Path, vcpus: int, chunk_frames: int
) -> tuple[FunctionResult, FunctionResult]:
    with emulator(sandbox_options(zip_path, vcpus, workers=2)) as emulated:
        plan = {
            "ProjectS3Uri": emulated.upload_project(project, "bench"),
            "PlanOutputS3Prefix": f"s3://{emulated.bucket}/renders/bench",
            "Config": {"chunkSize": chunk_frames},
        }
        planner, renderer = emulated.pool.workers
        return render_cold_and_warm(planner, renderer, plan)


def render_cold_and_warm(
    planner: Worker, renderer: Worker, plan: Mapping[str, object]
) -> tuple[FunctionResult, FunctionResult]:
    """Plan in one sandbox, and render the first chunk twice in the other, which is to be new.

    Raises:
        RENDER_FAILED: an invocation fails.
    """
    planned = _invoke(planner, {"Action": "plan", **plan}).payload
    chunk = {
        "Action": "render-chunk",
        "ChunkIndex": 0,
        **{name: planned[name] for name in ("PlanS3Uri", "PlanHash", "Format")},
    }
    prefix = plan["PlanOutputS3Prefix"]
    cold, warm = (_invoke(renderer, {**chunk, "ChunkOutputS3Prefix": f"{prefix}/{kind}"}) for kind in ("cold", "warm"))
    assert (cold.is_cold, warm.is_cold) == (True, False)
    return cold, warm


def _invoke(worker: Worker, payload: Mapping[str, object]) -> FunctionResult:
    result = worker.invoke(payload)
    if result.is_error:
        raise RENDER_FAILED(str(result.payload))
    return result


def _split(result: FunctionResult) -> Split:
    seconds = {part: milliseconds / 1000 for part, milliseconds in result.payload["Timings"].items()}
    return {"Init": result.seconds - result.payload["DurationMs"] / 1000, **seconds, _TOTAL: result.seconds}


def main() -> None:
    """Measure and remember."""
    parser = measuring_parser(__doc__, runs=3, runs_of="new sandboxes of each size")
    parser.add_argument("--project", type=Path, default=ROOT / "examples" / "title-card", metavar="DIR")
    parser.add_argument("--chunk-size", type=int, default=60, metavar="N", help="frames of the chunk (60)")
    add_zip(parser)
    arguments = parser.parse_args()
    record = measure(arguments.project, arguments.zip, arguments.runs, arguments.chunk_size)
    save_record(record, arguments.folder / FIGURES)
    print(write_cold_start(arguments.folder))


if __name__ == "__main__":
    main()
