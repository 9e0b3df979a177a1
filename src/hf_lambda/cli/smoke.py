"""`hf-lambda smoke`: the gate that proves a deployment."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hf_lambda.cli.targets import EXIT_CODES, add_target_options, parse_counts, run_gate
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.settings import Settings

if TYPE_CHECKING:
    from hf_lambda.quality.deployment import Run
    from hf_lambda.quality.target import Target

_COST = (
    "Cost of --target aws: every chunk is an invocation with 4 GB of memory, 0.0000166667 USD per GB and second. The "
    "default fixture, 90 frames in 2 + 4 + 8 chunks with 3 plans and 3 assemblies, takes about 20 invocations of some "
    "5 seconds: 0.01 USD, and less than a cent for everything else. --iterations multiplies it, longer fixtures too: "
    "14 chunks of 30 seconds cost 0.03 USD. results.json has an estimate for every row. --target local costs nothing."
)


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `smoke` to the command line."""
    parser = commands.add_parser(
        "smoke",
        help="prove a deployment: render through it, compare, take it away",
        description="Build the zip, bring up a deployment under a name of its own, render a project through it at "
        "several chunk counts, compare each output with a render in this process (pictures, frames, length, sound), "
        "take everything away and look that nothing is left. docs/quality.md says what this proves and what not.",
        epilog=f"{_COST} {EXIT_CODES}",
    )
    parser.add_argument("--fixture", type=Path, metavar="DIR", help="project folder (default: a small one of ours)")
    parser.add_argument(
        "--baseline", type=Path, metavar="VIDEO", help="compare with this, not with a render in this process"
    )
    parser.add_argument("--chunk-counts", type=parse_counts, default=(2, 4, 8), metavar="N,N,…", help="default: 2,4,8")
    parser.add_argument(
        "--artifacts", type=Path, default=Path("lambda-smoke-artifacts"), metavar="DIR", help="default: %(default)s"
    )
    add_target_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the gate."""

    def gate(target: "Target", settings: Settings, run: "Run") -> ExitCode:
        from hf_lambda.quality.gates import Thresholds
        from hf_lambda.quality.smoke import DEFAULT_FIXTURE, SmokeOptions, run_smoke

        options = SmokeOptions(
            fixture=arguments.fixture or DEFAULT_FIXTURE,
            chunk_counts=arguments.chunk_counts,
            iterations=arguments.iterations,
            thresholds=Thresholds(pooled_db=arguments.psnr_threshold),
            baseline=arguments.baseline,
            keep_stack=arguments.keep_stack,
        )
        return run_smoke(target, options, settings, run)

    return run_gate(arguments, arguments.artifacts, gate)
