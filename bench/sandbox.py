"""What a render bills in sandboxes of one and of two vCPUs, beside the original's CLI on as many cores.

    python -m bench.sandbox [--case flat] [--zip dist/handler.zip] [--runs 3]
    python -m bench.sandbox --times 10 --vcpus 2 --runs 1

The built zip runs under the Lambda runtime emulator, in one sandbox, which does plan, chunks and assembly one after the
other; a process and all that it starts may use only so many cores. Lambda bills seconds times the memory that brings so
many vCPUs, whatever of it is used. The original is its CLI alone: no sandbox, nothing to unpack, no storage.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.case import load_case
from bench.command_line import add_zip, measuring_parser
from bench.cores import first_cores, on_cores
from bench.lambda_model import cost_usd, memory_mb
from bench.lengthening import play_repeatedly
from bench.markdown import table
from bench.measure import SAMPLE_SECONDS
from bench.memory import PeakMemory
from bench.original import Original
from bench.places import CRF, ROOT, SUITE, suite_stage
from bench.planned import all_cpu_seconds, process_tree, reap_strays
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import load_record, save_record
from bench.renders import Job, render
from hf_lambda.deadline import Deadline
from hf_lambda.emulator.engine import Emulator, EmulatorOptions, emulator
from hf_lambda.emulator.worker import Worker
from hf_lambda.errors import RENDER_FAILED
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

FIGURES = "sandbox.json"
LONG_FIGURES = "sandbox-long.json"
_LIMIT_SECONDS = 1800


@dataclass(frozen=True)
class Usage:
    """What one render used."""

    seconds: float
    """Ours: billed, of all invocations. The original's: wall clock."""
    cpu_seconds: float
    peak_bytes: int
    """Of all processes together, shared pages counted once."""


@dataclass(frozen=True)
class SandboxRun:
    """What was used by what was rendered how, on so many vCPUs; the runs of each in turn."""

    vcpus: int
    cold: Sequence[Usage]
    """The sandbox being new."""
    warm: Sequence[Usage]
    """The same again in the same sandbox."""
    original: Sequence[Usage]
    """With as many workers as cores."""


@dataclass(frozen=True)
class SandboxRecord:
    """A case in sandboxes of several sizes."""

    case: str
    frames: int
    chunks: int
    runs: Sequence[SandboxRun]
    provenance: Provenance


def write_sandbox(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(SandboxRecord, folder / FIGURES)
    if record is None:
        return None
    long = load_record(SandboxRecord, folder / LONG_FIGURES)
    records = [record] if long is None else [record, long]
    return "\n\n".join(
        [
            "## One and two vCPUs",
            f"All of `{record.case}` ({record.frames} frames) with the built zip in one sandbox under the Lambda "
            "runtime emulator, plan, chunks and assembly one after the other, and by the original's CLI, on the same "
            "cores. Billed are seconds times the memory that brings so many vCPUs in Lambda; of the original its wall "
            "clock is taken, as if starting and storing cost it nothing. Medians of the runs. Dollars are of a warm "
            "render. Lambda itself was not measured. " + measured_by("bench.sandbox", records),
            _billed_table(record),
            f"{_comparison(record)} The template's default, 4096 MB, is for the lane of a chunk: while one vCPU draws, "
            "the other encodes. Further ones would have nothing to do.",
            *([f"And of {long.frames} frames, the case played again and again:", _billed_table(long)] if long else []),
            "What those renders used, whatever is billed for it: CPU seconds of all processes, the peak of their "
            "memory (PSS), and the product of both, which counts where many renders share a machine.",
            _used_table(records),
        ]
    )


def _comparison(record: SandboxRecord) -> str:
    """What most vCPUs are worth beside the fewest."""
    few, many = (min(record.runs, key=lambda run: run.vcpus), max(record.runs, key=lambda run: run.vcpus))
    faster = _median_seconds(few.warm) / _median_seconds(many.warm)
    dearer = memory_mb(many.vcpus) / memory_mb(few.vcpus) / faster
    return (
        f"Warm, {many.vcpus} vCPUs are {faster:.2f} times as fast as {few.vcpus}, and bill {dearer:.2f} times as much."
    )


def _billed_table(record: SandboxRecord) -> str:
    header = [
        *("vCPUs", "memory MB", "chunks", "runs", "cold s", "warm s", "original s", "warm GB s", "original GB s"),
        *("original / cold", "original / warm", "USD"),
    ]
    return table(header, (_billed_row(run, record.chunks) for run in record.runs))


def _billed_row(run: SandboxRun, chunks: int) -> list[str]:
    memory = memory_mb(run.vcpus)
    cold, warm, original = map(_median_seconds, (run.cold, run.warm, run.original))
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


def _used_table(records: Sequence[SandboxRecord]) -> str:
    header = [
        *("frames", "vCPUs", "CPU s, warm", "original", "peak MB, warm", "original"),
        *("CPU s x GB, warm", "original", "original / warm"),
    ]
    return table(header, (_used_row(run, record.frames) for record in records for run in record.runs))


def _used_row(run: SandboxRun, frames: int) -> list[str]:
    sides = run.warm, run.original
    cpu = [statistics.median(usage.cpu_seconds for usage in side) for side in sides]
    peak = [statistics.median(usage.peak_bytes for usage in side) for side in sides]
    used = [seconds * size / 1e9 for seconds, size in zip(cpu, peak, strict=True)]
    return [
        str(frames),
        str(run.vcpus),
        *(f"{seconds:.1f}" for seconds in cpu),
        *(f"{size / 1e6:.0f}" for size in peak),
        *(f"{product:.1f}" for product in used),
        f"**{used[1] / used[0]:.2f}**",
    ]


def _median_seconds(usages: Sequence[Usage]) -> float:
    return statistics.median(usage.seconds for usage in usages)


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
    return SandboxRecord(case_name, frames, chunks, measured, present_provenance())


def _measure(job: Job, vcpus: int, zip_path: Path, runs: int, folder: Path) -> tuple[SandboxRun, int, int]:
    original = Original(locate_toolchain(Settings.from_environment()), workers=str(vcpus))
    cold, warm, others = [], [], []
    for number in range(runs):
        with emulator(sandbox_options(zip_path, vcpus)) as emulated:
            cold.append(_use(emulated, job, f"cold-{number}")[0])
            usage, frames, chunks = _use(emulated, job, f"warm-{number}")
            warm.append(usage)
        reap_strays()
        done = render(original, job, folder / f"original-{vcpus}-{number}", limit_seconds=_LIMIT_SECONDS).measurement
        others.append(Usage(done.wall_seconds, done.cpu_seconds, done.peak_bytes))
    return SandboxRun(vcpus, cold, warm, others), frames, chunks


def sandbox_options(zip_path: Path, vcpus: int, *, workers: int = 1) -> EmulatorOptions:
    """Sandboxes of the built zip with the memory that brings so many vCPUs."""
    return EmulatorOptions(
        zip_path,
        ROOT / "statemachine.asl.json",
        Settings.from_environment().cache_dir / "emulator",
        workers=workers,
        memory_mb=memory_mb(vcpus),
        environment={"HF_LAMBDA_LANES": str(vcpus)},
    )


def _use(emulated: Emulator, job: Job, name: str) -> tuple[Usage, int, int]:
    """What one render uses, its frames and its chunks."""
    (worker,) = emulated.pool.workers
    before = len(emulated.pool.log)
    uri, config = emulated.upload_project(job.project, name), {"fps": job.fps, "crf": job.crf}
    cpu_before = _cpu_seconds(worker)
    with PeakMemory(lambda: {"sandbox": _processes(worker)}, SAMPLE_SECONDS).sampling() as peak:
        execution = emulated.render(uri, name, config, suffix=".mp4", deadline=Deadline(_LIMIT_SECONDS))
    if execution.output is None:
        raise RENDER_FAILED(f"the execution ended as {execution.status}: {execution.error}: {execution.cause}")
    entries = emulated.pool.log[before:]
    chunks = sum(entry.payload["Action"] == "render-chunk" for entry in entries)
    seconds = sum(entry.result.seconds for entry in entries)
    usage = Usage(seconds, _cpu_seconds(worker) - cpu_before, peak.together)
    return usage, execution.output["Output"]["FramesEncoded"], chunks


def _cpu_seconds(worker: Worker) -> float:
    return 0.0 if worker.pid is None else all_cpu_seconds(worker.pid)


def _processes(worker: Worker) -> Sequence[psutil.Process]:
    return () if worker.pid is None else process_tree(worker.pid)


def main() -> None:
    """Measure and remember."""
    parser = measuring_parser(__doc__, runs=3, runs_of="of each")
    parser.add_argument("--case", default="flat", metavar="NAME", help="of the suite (flat)")
    add_zip(parser)
    parser.add_argument("--times", type=int, default=1, metavar="N", help="play the case N times over (once)")
    parser.add_argument("--vcpus", default="1,2", metavar="N,N", help="on so many cores (1,2)")
    arguments = parser.parse_args()
    vcpu_counts = [int(count) for count in arguments.vcpus.split(",")]
    record = measure(arguments.case, arguments.zip, arguments.runs, times=arguments.times, vcpu_counts=vcpu_counts)
    save_record(record, arguments.folder / (FIGURES if arguments.times == 1 else LONG_FIGURES))
    print(write_sandbox(arguments.folder))


if __name__ == "__main__":
    main()
