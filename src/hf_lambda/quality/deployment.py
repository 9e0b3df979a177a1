"""Brings a target up, lets it be used, and takes it away again, whatever happens in between."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import RENDER_CANCELLED, HfLambdaError
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.target import Target

CLEANUP_NAME = "cleanup-verification.json"
_RESULTS = ("results.json", "results.csv", CLEANUP_NAME, "renders/*-output.mp4", "renders/*-history.json")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """What every step of a run is given: where results go, how long there is, and who is told what happens."""

    artifacts: Path
    work: Path
    """For what nobody wants to keep; goes with the run."""
    deadline: Deadline
    report: Report


def is_usable(target: Target, run: Run) -> bool:
    """Whether the target can be used; its remarks, or what is in the way, are reported."""
    try:
        for remark in target.check():
            run.report(remark)
    except HfLambdaError as error:
        run.report(f"{error.code()}: {error}")
        return False
    return True


def use_deployment(
    target: Target, use: Callable[[RenderStack], ExitCode], run: Run, *, keep_stack: bool = False
) -> ExitCode:
    """Deploy, call `use`, take the deployment away, and look that it is gone; the result is the first failure.

    Raises:
        RENDER_CANCELLED: somebody stopped the run; everything is taken away first.
    """
    code = ExitCode.DEPLOY
    leaks: list[str] = []
    try:
        run.report(f"bringing up {target.stack_name} ({target.name})")
        stack = target.up(run.deadline)
        code = ExitCode.RENDER
        code = use(stack)
    except RENDER_CANCELLED:
        raise
    except HfLambdaError as error:
        run.report(f"{error.code()}: {error}")
    except (ClientError, BotoCoreError, Boto3Error) as error:
        run.report(f"AWS: {error}")
    finally:
        if keep_stack:
            run.report(
                f"{target.stack_name} stays, and costs what it stores, until you delete it; its bucket outlives it"
            )
        else:
            leaks = _take_down(target, run, code)
    return ExitCode.LEAK if leaks and code is ExitCode.OK else code


def forget_earlier_results(artifacts: Path) -> None:
    """Delete what an earlier run wrote, so that nobody takes it for this one's; other files stay."""
    for pattern in _RESULTS:
        for path in artifacts.glob(pattern):
            path.unlink()


def _take_down(target: Target, run: Run, code: ExitCode) -> list[str]:
    run.report(f"taking {target.stack_name} away")
    leaks = target.down()
    shutil.rmtree(run.work, ignore_errors=True)
    leaks += [f"file {path}" for path in sorted(run.work.rglob("*"))]
    for leak in leaks:
        run.report(f"left behind: {leak}")
    verification = {
        "stackName": target.stack_name,
        "target": target.name,
        "checkedAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "originalExitCode": int(code),
        "leaks": leaks,
        "cleanupVerified": not leaks,
    }
    run.artifacts.mkdir(parents=True, exist_ok=True)
    (run.artifacts / CLEANUP_NAME).write_text(json.dumps(verification, indent=2) + "\n")
    return leaks
