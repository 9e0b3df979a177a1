"""What `smoke` and `eval` have in common on the command line: where to deploy, and how a run is set up."""

import argparse
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hf_lambda.cli.build import build_default
from hf_lambda.cli.interrupts import cancelled_by
from hf_lambda.cli.usage import CommandParser, positive
from hf_lambda.deadline import Deadline
from hf_lambda.errors import BUILD_FAILED, DEPLOY_FAILED, EMULATOR_UNAVAILABLE
from hf_lambda.quality.deployment import Run, forget_earlier_results
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.target import TARGETS, Target
from hf_lambda.settings import Settings

EXIT_CODES = (
    "Exit codes: 0 everything passed, 1 wrong arguments or something missing, 2 build, 3 deploy, 4 a render failed, "
    "5 quality below a threshold, 7 all well but something was left behind, 130 stopped."
)
_DEFAULT_ZIP = Path("dist/handler.zip")
_DEFAULT_REGION = "us-east-1"


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose and name the deployment."""
    assert isinstance(parser, CommandParser)
    parser.usage_exit_code = ExitCode.PREFLIGHT
    parser.add_argument(
        "--target", choices=TARGETS, help="default: aws where there are AWS credentials, else local, which is free"
    )
    parser.add_argument("--psnr-threshold", type=float, default=40.0, metavar="DB", help="pooled (default: 40)")
    parser.add_argument("--iterations", type=positive, default=1, metavar="N", help="executions; times are medians")
    parser.add_argument("--stack-name", help="default: hf-lambda-smoke- and the run's number")
    parser.add_argument("--region", default=_DEFAULT_REGION, help="of AWS (default: %(default)s)")
    parser.add_argument("--profile", help="of the AWS credentials")
    parser.add_argument(
        "--reserved-concurrency", type=positive, metavar="N", help="most sandboxes at a time (default: no limit)"
    )
    parser.add_argument(
        "--memory", type=positive, default=4096, metavar="MB", help="of the function (%(default)s; new accounts: 3008)"
    )
    parser.add_argument("--workers", type=positive, default=2, metavar="N", help="sandboxes of --target local (2)")
    parser.add_argument("--keep-stack", action="store_true", help="leave the stack there; for --target aws")
    parser.add_argument("--skip-build", action="store_true", help="use the zip that is there")
    parser.add_argument("--zip", type=Path, default=_DEFAULT_ZIP, help="default: %(default)s")
    parser.add_argument(
        "--definition", type=Path, default=Path("statemachine.asl.json"), help="for --target local: %(default)s"
    )
    parser.add_argument("--template", type=Path, default=Path("template.yaml"), help="for --target aws: %(default)s")
    parser.add_argument("--timeout", type=float, default=3 * 3600.0, metavar="SECONDS", help="give up after this")


def run_gate(arguments: argparse.Namespace, artifacts: Path, gate: Callable[[Target, Settings, Run], ExitCode]) -> int:
    """Build the zip, make the target, run `gate` with it.

    Ctrl-C, a plea to terminate and a terminal that hangs up take everything away first.
    """
    target_name = arguments.target or _default_target(arguments.profile)
    if arguments.keep_stack and target_name == "local":
        say("--keep-stack needs --target aws: the emulator ends with this process")
        return ExitCode.PREFLIGHT
    if target_name == "aws" and arguments.zip != _DEFAULT_ZIP:
        say(f"--zip is for --target local; the template names {_DEFAULT_ZIP}")
        return ExitCode.PREFLIGHT
    forget_earlier_results(artifacts)
    if not arguments.skip_build:
        try:
            build_default(arguments.zip)
        except BUILD_FAILED as error:
            say(f"{error.code()}: {error}")
            return ExitCode.BUILD
    deadline = Deadline(arguments.timeout)
    with (
        cancelled_by(deadline, signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
        tempfile.TemporaryDirectory(prefix="hf-lambda-smoke-", ignore_cleanup_errors=True) as work,
    ):
        Path(work).chmod(0o755)  # the sandbox's user reads below it
        run = Run(artifacts, Path(work), deadline, say)
        target = _make_target(target_name, arguments, Path(work))
        return gate(target, Settings.from_environment(), run)


def say(line: str) -> None:
    """Progress and findings are for people, so they go to stderr; a terminal that is gone stops nothing."""
    with suppress(OSError):
        print(line if line.startswith("\n") else f"quality: {line}", file=sys.stderr, flush=True)


def _make_target(name: str, arguments: argparse.Namespace, work: Path) -> Target:
    run_id = uuid.uuid4().hex
    stack_name = arguments.stack_name or f"hf-lambda-smoke-{run_id[:16]}"
    if name == "aws":
        return _aws_target(arguments, stack_name, run_id)
    return _local_target(arguments, stack_name, work)


def _aws_target(arguments: argparse.Namespace, stack_name: str, run_id: str) -> Target:
    import boto3
    from botocore.exceptions import BotoCoreError

    from hf_lambda.quality.aws_target import AwsOptions, AwsTarget

    options = AwsOptions(
        stack_name,
        arguments.template,
        arguments.region,
        profile=arguments.profile,
        reserved_concurrency=arguments.reserved_concurrency,
        memory_mb=arguments.memory,
        run_id=run_id,
    )
    try:
        session = boto3.Session(profile_name=arguments.profile, region_name=arguments.region)
        return AwsTarget(options, session.client)
    except BotoCoreError as error:
        raise DEPLOY_FAILED(f"AWS cannot be used: {error}") from error


def _local_target(arguments: argparse.Namespace, stack_name: str, work: Path) -> Target:
    try:
        from hf_lambda.emulator.engine import EmulatorOptions
        from hf_lambda.quality.local_target import LocalTarget
    except ImportError as error:
        raise EMULATOR_UNAVAILABLE(
            f"{error.name} is not installed; `pip install hf-lambda[emulate]` brings it"
        ) from None

    options = EmulatorOptions(
        arguments.zip,
        arguments.definition,
        Settings.from_environment().cache_dir / "emulator",
        workers=arguments.workers,
        memory_mb=arguments.memory,
        reserved_concurrency=arguments.reserved_concurrency,
        name=stack_name,
    )
    return LocalTarget(options, work / "emulator")


def _default_target(profile: str | None) -> str:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return "aws" if boto3.Session(profile_name=profile).get_credentials() is not None else "local"
    except BotoCoreError:
        return "aws"  # a profile that was asked for and is not there: let the deployment say so


def parse_counts(text: str) -> tuple[int, ...]:
    """Chunk counts such as "2,4,8"."""
    try:
        return tuple(positive(part.strip()) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers with commas between them") from None
