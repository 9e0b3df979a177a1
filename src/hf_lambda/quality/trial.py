"""One comparison: a project rendered here, and by a deployment, once or several times."""

import json
import math
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.execution import Execution
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import RENDER_CANCELLED, HfLambdaError
from hf_lambda.invocation import NoObserver
from hf_lambda.local.engine import LocalObserver, render_project
from hf_lambda.media.probing import probe_video
from hf_lambda.quality.comparing import Comparison, compare_videos
from hf_lambda.quality.cost import Cost, estimate_cost
from hf_lambda.quality.deployment import Run
from hf_lambda.quality.gates import Thresholds, find_reasons
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

_EXECUTION_SECONDS = 30 * 60.0


@dataclass(frozen=True)
class Baseline:
    """What a render in this process made, and how long it took; `seconds` is None for a file that was there."""

    path: Path
    frames: int
    seconds: float | None


@dataclass(frozen=True)
class Trial:
    """What to render through a deployment, how often, and what it must reach."""

    name: str
    project_uri: str
    chunks: int
    """Asked for; short videos get fewer."""
    config: dict[str, Any]
    baseline: Baseline
    thresholds: Thresholds
    memory_mb: int
    iterations: int = 1


@dataclass
class TrialResult:
    """What came of a trial. `comparison`, `cost` and the files are those of its last execution."""

    name: str
    chunks_requested: int
    output: Path
    history: Path
    baseline_seconds: float | None = None
    code: ExitCode = ExitCode.RENDER
    chunk_count: int | None = None
    wall_seconds: list[float] = field(default_factory=list)
    comparison: Comparison | None = None
    cost: Cost | None = None
    failures: Counter[str] = field(default_factory=Counter)
    """Errors of attempts, by name; retried ones too."""
    reasons: list[str] = field(default_factory=list)

    @property
    def median_seconds(self) -> float | None:
        """Of the executions that succeeded."""
        return statistics.median(self.wall_seconds) if self.wall_seconds else None


class _Silent(NoObserver, LocalObserver):
    """Nobody watches the baseline."""


def render_baseline(project: Path, config: dict[str, Any], settings: Settings, run: Run, name: str) -> Baseline:
    """Render `project` in this process, split as its config says and no further.

    Raises:
        HfLambdaError: it does not render.
    """
    path = run.work / f"{name}-baseline.mp4"
    settings = replace(settings, scratch_dir=run.work / "scratch")
    started = time.monotonic()
    summary = render_project(project, path, config, settings=settings, deadline=run.deadline, observer=_Silent())
    return Baseline(path, summary.assembled["FramesEncoded"], time.monotonic() - started)


def existing_baseline(path: Path, settings: Settings, run: Run) -> Baseline:
    """A video that was rendered before.

    Raises:
        MEDIA_UNREADABLE: it is none.
    """
    facts = probe_video(locate_toolchain(settings).ffprobe, path, deadline=run.deadline)
    return Baseline(path, facts.frame_count, None)


def run_trial(stack: RenderStack, trial: Trial, settings: Settings, run: Run) -> TrialResult:
    """Render and compare; a failure is a result.

    Raises:
        RENDER_CANCELLED: the run was stopped.
    """
    result = _empty_result(trial.name, trial.chunks, run)
    result.baseline_seconds = trial.baseline.seconds
    try:
        for iteration in range(1, trial.iterations + 1):
            run.report(f"{trial.name}: {trial.chunks} chunks, execution {iteration} of {trial.iterations}")
            execution = _execute(stack, trial, f"{trial.name}-{iteration}", run.deadline)
            _record(result, execution, trial.memory_mb)
            if execution.output is None:
                result.reasons.append(
                    f"the execution ended as {execution.status}: {execution.error}: {execution.cause}"
                )
                return result
            stack.download(execution.output["Output"]["OutputS3Uri"], result.output)
            result.comparison = compare_videos(
                locate_toolchain(settings),
                trial.baseline.path,
                result.output,
                scratch=run.work / "compared",
                deadline=run.deadline,
            )
            result.reasons += find_reasons(result.comparison, trial.thresholds)
    except RENDER_CANCELLED:
        raise
    except HfLambdaError as error:
        result.reasons.append(f"{error.code()}: {error}")
        return result
    result.code = ExitCode.QUALITY if result.reasons else ExitCode.OK
    return result


def failed_trial(name: str, chunks: int, reason: str, run: Run) -> TrialResult:
    """The result of a trial that could not begin."""
    result = _empty_result(name, chunks, run)
    result.reasons.append(reason)
    return result


def worst_code(results: list[TrialResult]) -> ExitCode:
    """The exit code of several trials; none at all are a failure, not a success."""
    codes = {result.code for result in results}
    return min(codes - {ExitCode.OK}, default=ExitCode.OK if codes else ExitCode.RENDER)


def _empty_result(name: str, chunks: int, run: Run) -> TrialResult:
    renders = run.artifacts / "renders"
    renders.mkdir(parents=True, exist_ok=True)
    return TrialResult(name, chunks, renders / f"{name}-output.mp4", renders / f"{name}-history.json")


def _execute(stack: RenderStack, trial: Trial, name: str, deadline: Deadline) -> Execution:
    config = {
        **trial.config,
        "chunkSize": math.ceil(trial.baseline.frames / trial.chunks),
        "maxParallelChunks": trial.chunks,
    }
    return stack.render(trial.project_uri, name, config, deadline=deadline.within(_EXECUTION_SECONDS))


def _record(result: TrialResult, execution: Execution, memory_mb: int) -> None:
    result.history.write_text(json.dumps(execution.history, indent=1, default=str) + "\n")
    result.failures += execution.failures()
    result.cost = estimate_cost(execution.history, memory_mb=memory_mb)
    if execution.output is not None:
        result.wall_seconds.append(execution.wall_seconds)
        result.chunk_count = execution.output["Plan"]["ChunkCount"]
