"""The gate that proves a deployment: one project, several chunk counts, each compared with a render in this process."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import RENDER_CANCELLED, HfLambdaError
from hf_lambda.quality.deployment import Run, is_usable, use_deployment
from hf_lambda.quality.gates import Thresholds
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.report import findings, result_row, sound_cell, write_json
from hf_lambda.quality.target import Target
from hf_lambda.quality.trial import Baseline, Trial, existing_baseline, render_baseline, run_trial, worst_code
from hf_lambda.settings import Settings

DEFAULT_FIXTURE = Path(__file__).parent / "fixture"
DEFAULT_CHUNK_COUNTS = (2, 4, 8)
RESULTS_NAME = "results.json"
_SITE = "smoke"
_COLUMNS = {
    "chunkCountRequested": "asked",
    "chunkCount": "chunks",
    "wallClockMs": "wall ms",
    "frames": "frames",
    "identicalFrames": "equal",
    "psnrPooledDb": "pooled dB",
    "psnrAvgDb": "avg dB",
    "psnrMinDb": "worst dB",
    "sound": "sound",
    "costUsd": "USD",
    "verdict": "verdict",
}


@dataclass(frozen=True)
class SmokeOptions:
    """What to render and what it must reach."""

    fixture: Path = DEFAULT_FIXTURE
    chunk_counts: tuple[int, ...] = DEFAULT_CHUNK_COUNTS
    iterations: int = 1
    thresholds: Thresholds = field(default_factory=Thresholds)
    config: dict[str, Any] = field(default_factory=dict)
    baseline: Path | None = None
    """A video to compare with, in place of a render in this process."""
    keep_stack: bool = False


def run_smoke(target: Target, options: SmokeOptions, settings: Settings, run: Run) -> ExitCode:
    """Run the gate; its verdict is the result, its findings are files below `run.artifacts`.

    Raises:
        RENDER_CANCELLED: somebody stopped it; nothing is left.
    """
    if not is_usable(target, run):
        return ExitCode.PREFLIGHT
    try:
        baseline = _baseline(options, settings, run)
    except RENDER_CANCELLED:
        raise
    except HfLambdaError as error:
        run.report(f"the baseline does not render: {error.code()}: {error}")
        return ExitCode.RENDER

    def use(stack: RenderStack) -> ExitCode:
        return _render_all(stack, target, baseline, options, settings, run)

    return use_deployment(target, use, run, keep_stack=options.keep_stack)


def _baseline(options: SmokeOptions, settings: Settings, run: Run) -> Baseline:
    if options.baseline is not None:
        return existing_baseline(options.baseline, settings, run)
    run.report("rendering the baseline in this process")
    return render_baseline(options.fixture, options.config, settings, run, _SITE)


def _render_all(
    stack: RenderStack, target: Target, baseline: Baseline, options: SmokeOptions, settings: Settings, run: Run
) -> ExitCode:
    uri = stack.upload_project(options.fixture, _SITE)
    results = []
    rows: list[dict[str, Any]] = []
    for chunks in options.chunk_counts:
        trial = Trial(
            name=f"N{chunks}",
            project_uri=uri,
            chunks=chunks,
            config=options.config,
            baseline=baseline,
            thresholds=options.thresholds,
            memory_mb=target.memory_mb,
            iterations=options.iterations,
        )
        results.append(run_trial(stack, trial, settings, run))
        rows.append(result_row(results[-1], run.artifacts))
        write_json(run.artifacts / RESULTS_NAME, rows)
    for line in findings([{**row, "sound": sound_cell(row)} for row in rows], _COLUMNS, label="name"):
        run.report(line)
    return worst_code(results)
