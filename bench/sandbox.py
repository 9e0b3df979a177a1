"""What a render bills in sandboxes of one and of two vCPUs, beside the original's CLI on as many cores.

    python -m bench.sandbox [--case flat] [--zip dist/handler.zip] [--runs 3]
    python -m bench.sandbox --times 10 --vcpus 2 --runs 1

The built zip runs under the Lambda runtime emulator, in one sandbox, which does plan, chunks and assembly one after the
other; a process and all that it starts may use only so many cores. Lambda bills seconds times the memory that brings so
many vCPUs, whatever of it is used. The original is its CLI alone: no sandbox, nothing to unpack, no storage.
"""

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.case import load_case
from bench.cores import first_cores, on_cores
from bench.efficiency import CRF, ROOT, SUITE, suite_stage
from bench.lambda_model import cost_usd, memory_mb
from bench.lengthening import play_repeatedly
from bench.markdown import table
from bench.original import Original
from bench.planned import reap_strays
from bench.records import load_record, save_record
from bench.renders import Job, render
from hf_lambda.deadline import Deadline
from hf_lambda.emulator.engine import Emulator, EmulatorOptions, emulator
from hf_lambda.errors import RENDER_FAILED
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

FIGURES = "sandbox.json"
LONG_FIGURES = "sandbox-long.json"
_LIMIT_SECONDS = 1800


@dataclass(frozen=True)
class SandboxRun:
    """Seconds by what was rendered how, on so many vCPUs; the runs of each in turn."""

    vcpus: int
    cold: Sequence[float]
    """Billed: of all invocations, the sandbox being new."""
    warm: Sequence[float]
    """Billed: the same again in the same sandbox."""
    original: Sequence[float]
    """Wall clock, with as many workers as cores."""


@dataclass(frozen=True)
class SandboxRecord:
    """A case in sandboxes of several sizes."""

    case: str
    frames: int
    chunks: int
    runs: Sequence[SandboxRun]


def write_sandbox(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(SandboxRecord, folder / FIGURES)
    if record is None:
        return None
    long = load_record(SandboxRecord, folder / LONG_FIGURES)
    longer = [] if long is None else [f"And of {long.frames} frames, the case played again and again:", _table(long)]
    return "\n\n".join(
        [
            "## One and two vCPUs",
            f"All of `{record.case}` ({record.frames} frames) with the built zip in one sandbox under the Lambda "
            "runtime emulator, plan, chunks and assembly one after the other, and by the original's CLI, on the same "
            "cores. Billed are seconds times the memory that brings so many vCPUs in Lambda; of the original its wall "
            "clock is taken, as if starting and storing cost it nothing. Medians of the runs. Dollars are of a warm "
            "render. Lambda itself was not measured. Measured by `python -m bench.sandbox`.",
            _table(record),
            f"{_comparison(record)} The template's default, 4096 MB, is for the lane of a chunk: while one vCPU draws, "
            "the other encodes. Further ones would have nothing to do.",
            *longer,
        ]
    )


def _comparison(record: SandboxRecord) -> str:
    """What most vCPUs are worth beside the fewest."""
    few, many = (min(record.runs, key=lambda run: run.vcpus), max(record.runs, key=lambda run: run.vcpus))
    faster = statistics.median(few.warm) / statistics.median(many.warm)
    dearer = memory_mb(many.vcpus) / memory_mb(few.vcpus) / faster
    return (
        f"Warm, {many.vcpus} vCPUs are {faster:.2f} times as fast as {few.vcpus}, and bill {dearer:.2f} times as much."
    )


def _table(record: SandboxRecord) -> str:
    header = [
        *("vCPUs", "memory MB", "chunks", "runs", "cold s", "warm s", "original s", "warm GB s", "original GB s"),
        *("original / cold", "original / warm", "USD"),
    ]
    return table(header, (_row(run, record.chunks) for run in record.runs))


def _row(run: SandboxRun, chunks: int) -> list[str]:
    memory = memory_mb(run.vcpus)
    cold, warm, original = (statistics.median(seconds) for seconds in (run.cold, run.warm, run.original))
    return [
        str(run.vcpus),
        str(memory),
        str(chunks),
        str(len(run.cold)),
        *(f"{seconds:.1f}" for seconds in (cold, warm, original)),
        *(f"{seconds * memory / 1024:.1f}" for seconds in (warm, original)),
        f"**{original / cold:.2f}**",
        f"**{original / warm:.2f}**",
        f"{cost_usd(warm, chunks, memory):.4f}",
    ]


def measure(case_name: str, zip_path: Path, runs: int, *, times: int, vcpu_counts: Sequence[int]) -> SandboxRecord:
    """Both renderers on so many cores; the case is played `times` over.

    Raises:
        RENDER_FAILED, RenderFailedError: one of them fails.
        NotRepeatableError: the case cannot be played several times.
    """
    case = load_case(SUITE / case_name)
    measured = []
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        project = Path(folder) / "project"
        suite_stage().put(case, project)
        if times > 1:
            play_repeatedly(project, case_name, times)
        job = Job(project, fps=case.fps, crf=CRF)
        for vcpus in vcpu_counts:
            with on_cores(first_cores(vcpus)):
                run, frames, chunks = _measure(job, vcpus, zip_path, runs, Path(folder))
            measured.append(run)
    return SandboxRecord(case_name, frames, chunks, measured)


def _measure(job: Job, vcpus: int, zip_path: Path, runs: int, folder: Path) -> tuple[SandboxRun, int, int]:
    original = Original(locate_toolchain(Settings.from_environment()), workers=str(vcpus))
    options = EmulatorOptions(
        zip_path,
        ROOT / "statemachine.asl.json",
        Settings.from_environment().cache_dir / "emulator",
        workers=1,
        memory_mb=memory_mb(vcpus),
        environment={"HF_LAMBDA_LANES": str(vcpus)},
    )
    cold, warm, others = [], [], []
    for number in range(runs):
        with emulator(options) as emulated:
            cold.append(_billed(emulated, job, f"cold-{number}")[0])
            seconds, frames, chunks = _billed(emulated, job, f"warm-{number}")
            warm.append(seconds)
        reap_strays()
        done = render(original, job, folder / f"original-{vcpus}-{number}", limit_seconds=_LIMIT_SECONDS)
        others.append(done.measurement.wall_seconds)
    return SandboxRun(vcpus, cold, warm, others), frames, chunks


def _billed(emulated: Emulator, job: Job, name: str) -> tuple[float, int, int]:
    """Seconds of all invocations of one render, its frames and its chunks."""
    before = len(emulated.pool.log)
    uri, config = emulated.upload_project(job.project, name), {"fps": job.fps, "crf": job.crf}
    execution = emulated.render(uri, name, config, suffix=".mp4", deadline=Deadline(_LIMIT_SECONDS))
    if execution.output is None:
        raise RENDER_FAILED(f"the execution ended as {execution.status}: {execution.error}: {execution.cause}")
    entries = emulated.pool.log[before:]
    chunks = sum(entry.payload["Action"] == "render-chunk" for entry in entries)
    seconds = sum(entry.result.seconds for entry in entries)
    return seconds, execution.output["Output"]["FramesEncoded"], chunks


def main() -> None:
    """Measure and remember."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", default="flat", metavar="NAME", help="of the suite (flat)")
    parser.add_argument("--zip", type=Path, default=ROOT / "dist" / "handler.zip", metavar="ZIP")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="play the case N times over (once)")
    parser.add_argument("--vcpus", default="1,2", metavar="N,N", help="on so many cores (1,2)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of each (3)")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "measurements", metavar="DIR")
    arguments = parser.parse_args()
    vcpu_counts = [int(count) for count in arguments.vcpus.split(",")]
    record = measure(arguments.case, arguments.zip, arguments.runs, times=arguments.times, vcpu_counts=vcpu_counts)
    save_record(record, arguments.folder / (FIGURES if arguments.times == 1 else LONG_FIGURES))
    print(write_sandbox(arguments.folder))


if __name__ == "__main__":
    main()
