"""Writes the result of the benchmark as markdown."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.benchmark import CaseResult, Options
from bench.renders import Render


@dataclass(frozen=True)
class Subject:
    """What was compared, and on what."""

    our_version: str
    original_version: str
    node_version: str
    chromium_version: str
    ffmpeg_version: str
    cores: int
    self_check: str


def write_report(subject: Subject, options: Options, command: str, results: Sequence[CaseResult]) -> str:
    """The whole file."""
    parts = [
        "# Measurements",
        f"Written by `{command}`; run it again rather than editing this.",
        _describe(subject, options),
        f"## Speed, memory and size at CRF {options.crf}",
        "Medians. A ratio is the original's figure over ours, taken pair by pair: 2.0 means that the original took "
        "twice as much. Memory is the peak of the whole process tree, shared pages counted once.",
        _speed_table(results),
        f"## Pictures at CRF {options.quality_crf}",
        "Both renderers at a rate so fine that the encoders hardly matter; PSNR between their decoded frames in RGB. "
        "*Pooled* is of the mean squared error over all frames, *worst* of the worst frame, and 99 % of the frames "
        "reach *p01*. Equal frames count as 100 dB.",
        _quality_table(results),
        "## Every run",
        "In the order in which they ran. *Left behind* are processes that outlived their renderer by seconds "
        "and had to be killed.",
        _runs_table(results),
    ]
    return "\n\n".join(parts) + "\n"


def _describe(subject: Subject, options: Options) -> str:
    lines = [
        f"- **Ours**: hf-lambda {subject.our_version}, `hf-lambda render` as installed.",
        f"- **The original**: npm package hyperframes {subject.original_version} on Node.js {subject.node_version}, "
        "`hyperframes render` with its own choice of workers and capture; telemetry and update checks off.",
        f"- **The same for both**: Chromium (@sparticuz/chromium {subject.chromium_version}), ffmpeg "
        f"({subject.ffmpeg_version}), the projects in `examples/`, {options.fps} frames a second, CRF, and everything "
        "else at its default. Each run is a new process with an empty temporary folder.",
        f"- **Machine**: {subject.cores} cores, no GPU. The ratios matter, not the absolute times.",
        f"- **Runs**: {options.runs} of each per project, in turn (ours, original, ours, original, …), after one of "
        "each that is not counted here.",
        "- **Counting**: wall clock, and the user and system CPU seconds of every process that a renderer started, "
        f"orphans too, counted by the same code for both. Checked on the spot: {subject.self_check}.",
    ]
    return "\n".join(lines)


def _speed_table(results: Sequence[CaseResult]) -> str:
    header = [
        *("project", "wall s, ours", "original", "ratio", "CPU s, ours", "original", "ratio"),
        *("peak MB, ours", "original", "file MB, ours", "original", "original's capture"),
    ]
    return table(header, (_speed_row(result) for result in results))


def _speed_row(result: CaseResult) -> list[str]:
    return [
        result.name,
        *_compared(result, _wall_seconds),
        *_compared(result, _cpu_seconds),
        *(f"{value:.0f}" for value in _medians(result, lambda run: run.measurement.peak_bytes / 1e6)),
        *(f"{value:.2f}" for value in _medians(result, lambda run: run.size_bytes / 1e6)),
        result.original_capture,
    ]


def _compared(result: CaseResult, value: Callable[[Render], float]) -> list[str]:
    ratio = statistics.median(value(original) / value(ours) for ours, original in result.pairs)
    return [*(f"{median:.1f}" for median in _medians(result, value)), f"**{ratio:.2f}**"]


def _medians(result: CaseResult, value: Callable[[Render], float]) -> list[float]:
    """Of ours, of the original."""
    return [statistics.median(map(value, renders)) for renders in zip(*result.pairs, strict=True)]


def _quality_table(results: Sequence[CaseResult]) -> str:
    header = [
        *("project", "frames, ours", "original", "pooled dB", "worst dB", "worst frame", "p01 dB"),
        *("file MB, ours", "original"),
    ]
    return table(header, (_quality_row(result) for result in results))


def _quality_row(result: CaseResult) -> list[str]:
    quality = result.quality
    return [
        result.name,
        *map(str, quality.frames),
        f"{quality.pooled_db:.1f}",
        f"{quality.worst_db:.1f}",
        str(quality.worst_frame),
        f"{quality.p01_db:.1f}",
        *(f"{size / 1e6:.2f}" for size in result.quality_bytes),
    ]


def _runs_table(results: Sequence[CaseResult]) -> str:
    header = ["project", "run", "renderer", "wall s", "CPU s", "peak MB", "left behind"]
    rows = (
        [result.name, str(number), name, *_run_cells(run)]
        for result in results
        for number, pair in enumerate(result.pairs, 1)
        for name, run in zip(("ours", "original"), pair, strict=True)
    )
    return table(header, rows)


def _run_cells(run: Render) -> list[str]:
    used = run.measurement
    memory = f"{used.peak_bytes / 1e6:.0f}"
    return [f"{used.wall_seconds:.1f}", f"{used.cpu_seconds:.1f}", memory, str(used.killed)]


def _wall_seconds(run: Render) -> float:
    return run.measurement.wall_seconds


def _cpu_seconds(run: Render) -> float:
    return run.measurement.cpu_seconds


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table, its first column to the left and the others to the right."""
    divider = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, divider, *rows))
