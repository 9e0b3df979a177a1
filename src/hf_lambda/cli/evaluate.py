"""`hf-lambda eval`: measures several projects here and through a deployment."""

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hf_lambda.cli.targets import EXIT_CODES, add_target_options, run_gate, say
from hf_lambda.cli.usage import positive
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.settings import Settings

if TYPE_CHECKING:
    from hf_lambda.quality.deployment import Run
    from hf_lambda.quality.target import Target


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `eval` to the command line."""
    parser = commands.add_parser(
        "eval",
        help="measure projects here and through a deployment: time, cost, quality",
        description="Render each project in this process and through a deployment, and write a table: wall clock of "
        "both, cost by a documented model, PSNR, sound. A project that does not render is a row that fails the gate. "
        "What was deployed is taken away as `hf-lambda smoke` does it. docs/quality.md explains every column.",
        epilog=f"Cost of --target aws: as for `hf-lambda smoke`, for each project and iteration. {EXIT_CODES}",
    )
    parser.add_argument("fixtures", type=Path, nargs="+", metavar="DIR", help="project folders, of different names")
    parser.add_argument("--chunk-count", type=positive, default=4, metavar="N", help="chunks (default: %(default)s)")
    parser.add_argument(
        "--artifacts", type=Path, default=Path("lambda-eval-artifacts"), metavar="DIR", help="default: %(default)s"
    )
    add_target_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure."""
    name, times = Counter(fixture.resolve().name for fixture in arguments.fixtures).most_common(1)[0]
    if times > 1:
        say(f"{times} of the projects are named {name}, and so would be what is written of them")
        return ExitCode.PREFLIGHT

    def gate(target: "Target", settings: Settings, run: "Run") -> ExitCode:
        from hf_lambda.quality.evaluation import EvaluationOptions, run_evaluation
        from hf_lambda.quality.gates import Thresholds

        options = EvaluationOptions(
            tuple(arguments.fixtures),
            chunks=arguments.chunk_count,
            iterations=arguments.iterations,
            thresholds=Thresholds(pooled_db=arguments.psnr_threshold),
            keep_stack=arguments.keep_stack,
        )
        return run_evaluation(target, options, settings, run)

    return run_gate(arguments, arguments.artifacts, gate)
