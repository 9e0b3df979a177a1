"""A measurement of several projects: this machine against a deployment, in time, cost and quality."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import RENDER_CANCELLED, HfLambdaError
from hf_lambda.quality.deployment import Run, is_usable, use_deployment
from hf_lambda.quality.gates import Thresholds
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.report import findings, result_row, sound_cell, write_csv, write_json
from hf_lambda.quality.target import Target
from hf_lambda.quality.trial import Trial, TrialResult, failed_trial, render_baseline, run_trial, worst_code
from hf_lambda.settings import Settings

RESULTS_NAMES = ("results.json", "results.csv")
_COLUMNS = {
    "fixture": "fixture",
    "chunkCount": "chunks",
    "localMs": "here ms",
    "wallClockMs": "deployed ms",
    "speedup": "speedup",
    "costUsd": "USD",
    "psnrPooledDb": "pooled dB",
    "psnrMinDb": "worst dB",
    "sound": "sound",
    "verdict": "verdict",
}


@dataclass(frozen=True)
class EvaluationOptions:
    """What to render, in how many chunks, and what it must reach. Fixtures are known by their folders' names."""

    fixtures: tuple[Path, ...]
    chunks: int = 4
    iterations: int = 1
    thresholds: Thresholds = field(default_factory=Thresholds)
    config: dict[str, Any] = field(default_factory=dict)
    keep_stack: bool = False


def run_evaluation(target: Target, options: EvaluationOptions, settings: Settings, run: Run) -> ExitCode:
    """Measure; a fixture that does not render is a row too, and the first failure is the result.

    Raises:
        RENDER_CANCELLED: somebody stopped it; nothing is left.
    """
    if not is_usable(target, run):
        return ExitCode.PREFLIGHT

    def use(stack: RenderStack) -> ExitCode:
        return _measure_all(stack, target, options, settings, run)

    return use_deployment(target, use, run, keep_stack=options.keep_stack)


def _measure_all(
    stack: RenderStack, target: Target, options: EvaluationOptions, settings: Settings, run: Run
) -> ExitCode:
    results, rows = [], []
    for fixture in options.fixtures:
        result = _measure(stack, target, fixture, options, settings, run)
        results.append(result)
        rows.append(_row(result, run.artifacts))
        write_json(run.artifacts / RESULTS_NAMES[0], rows)
        write_csv(run.artifacts / RESULTS_NAMES[1], rows, tuple(_COLUMNS))
    for line in findings(rows, _COLUMNS, label="fixture"):
        run.report(line)
    return worst_code(results)


def _measure(
    stack: RenderStack, target: Target, fixture: Path, options: EvaluationOptions, settings: Settings, run: Run
) -> TrialResult:
    name = fixture.resolve().name
    try:
        run.report(f"{name}: rendering in this process")
        baseline = render_baseline(fixture, options.config, settings, run, name)
    except RENDER_CANCELLED:
        raise
    except HfLambdaError as error:
        return failed_trial(name, options.chunks, f"it does not render in this process: {error.code()}: {error}", run)
    trial = Trial(
        name=name,
        project_uri=stack.upload_project(fixture, name),
        chunks=options.chunks,
        config=options.config,
        baseline=baseline,
        thresholds=options.thresholds,
        memory_mb=target.memory_mb,
        iterations=options.iterations,
    )
    return run_trial(stack, trial, settings, run)


def _row(result: TrialResult, artifacts: Path) -> dict[str, Any]:
    row = result_row(result, artifacts)
    here, deployed = result.baseline_seconds, result.median_seconds
    return {
        "fixture": row.pop("name"),
        "localMs": None if here is None else round(1000 * here),
        "speedup": None if here is None or deployed is None else round(here / deployed, 2),
        "sound": sound_cell(row),
        **row,
    }
