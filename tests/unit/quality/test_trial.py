from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.quality.deployment import Run
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.trial import TrialResult, failed_trial, worst_code


def result(code: ExitCode) -> TrialResult:
    """A result with that end."""
    return TrialResult("N2", 2, Path("o"), Path("h"), code=code)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([ExitCode.OK, ExitCode.OK], ExitCode.OK),
        ([ExitCode.OK, ExitCode.QUALITY], ExitCode.QUALITY),
        ([ExitCode.QUALITY, ExitCode.RENDER, ExitCode.OK], ExitCode.RENDER),
        ([], ExitCode.RENDER),
    ],
)
def test_one_bad_trial_fails_them_all(codes: list[ExitCode], expected: ExitCode) -> None:
    """The earliest stage that failed decides, and a run without trials is no success."""
    assert worst_code([result(code) for code in codes]) is expected


def test_median_is_of_the_executions_that_succeeded() -> None:
    """One cold start does not decide, and no execution has no time."""
    some = result(ExitCode.OK)
    assert some.median_seconds is None
    some.wall_seconds = [9.0, 1.0, 2.0]
    assert some.median_seconds == 2.0


def test_trial_that_could_not_begin_is_a_failure(tmp_path: Path) -> None:
    """It has a reason, and the code of a failed render."""
    run = Run(tmp_path, tmp_path, Deadline(1), lambda _: None)
    failed = failed_trial("title-card", 4, "it does not render", run)
    assert (failed.code, failed.reasons) == (ExitCode.RENDER, ["it does not render"])
