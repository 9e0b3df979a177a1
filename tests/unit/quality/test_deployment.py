import json
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import DEPLOY_FAILED, RENDER_CANCELLED, HfLambdaError
from hf_lambda.quality.deployment import CLEANUP_NAME, Run, forget_earlier_results, use_deployment
from hf_lambda.quality.outcome import ExitCode


class Recorded:
    """A target that remembers what was done to it."""

    name = "local"
    stack_name = "recorded"
    memory_mb = 1024

    def __init__(self, *, leaks: list[str] | None = None, fails: HfLambdaError | None = None) -> None:
        self.steps: list[str] = []
        self._leaks, self._fails = leaks or [], fails

    def check(self) -> list[str]:
        """See `Target.check`."""
        return []

    def up(self, deadline: Deadline) -> RenderStack:
        """See `Target.up`."""
        self.steps.append("up")
        if self._fails is not None:
            raise self._fails
        return RenderStack(None, None, "bucket", "arn")

    def down(self) -> list[str]:
        """See `Target.down`."""
        self.steps.append("down")
        return self._leaks


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose results lie in the test's folder."""
    (tmp_path / "work").mkdir()
    return Run(tmp_path / "artifacts", tmp_path / "work", Deadline(60), lambda _: None)


def cleanup(run: Run) -> dict[str, object]:
    """What the run wrote about its end."""
    written: dict[str, object] = json.loads((run.artifacts / CLEANUP_NAME).read_text())
    return written


@pytest.mark.parametrize("code", [ExitCode.OK, ExitCode.RENDER, ExitCode.QUALITY])
def test_verdict_is_what_was_found(run: Run, code: ExitCode) -> None:
    """The result of the use is the result of the whole, and the target goes either way."""
    target = Recorded()
    assert use_deployment(target, lambda _: code, run) is code
    assert target.steps == ["up", "down"]
    assert (cleanup(run)["cleanupVerified"], cleanup(run)["originalExitCode"]) == (True, code)
    assert not run.work.exists()


def test_what_is_left_fails_a_green_run_only(run: Run) -> None:
    """A leak is exit code 7 where all else went well; a worse finding keeps its own code."""
    assert use_deployment(Recorded(leaks=["bucket b"]), lambda _: ExitCode.OK, run) is ExitCode.LEAK
    assert (cleanup(run)["cleanupVerified"], cleanup(run)["leaks"]) == (False, ["bucket b"])
    assert use_deployment(Recorded(leaks=["bucket b"]), lambda _: ExitCode.QUALITY, run) is ExitCode.QUALITY


def test_deployment_that_fails_is_taken_away(run: Run) -> None:
    """What was made before the failure goes too."""
    target = Recorded(fails=DEPLOY_FAILED("no"))
    assert use_deployment(target, lambda _: ExitCode.OK, run) is ExitCode.DEPLOY
    assert target.steps == ["up", "down"]


@pytest.mark.parametrize("error", [RENDER_CANCELLED("stopped"), KeyboardInterrupt(), ZeroDivisionError()])
def test_nothing_prevents_the_teardown(run: Run, error: BaseException) -> None:
    """Somebody's wish to stop, or a fault of ours, passes on after the target is gone."""
    target = Recorded()

    def use(_: RenderStack) -> ExitCode:
        raise error

    with pytest.raises(type(error)):
        use_deployment(target, use, run)
    assert target.steps == ["up", "down"]


def test_stack_is_kept_on_request(run: Run) -> None:
    """With --keep-stack nothing is taken away, and nothing claims that it was."""
    target = Recorded()
    assert use_deployment(target, lambda _: ExitCode.OK, run, keep_stack=True) is ExitCode.OK
    assert target.steps == ["up"]
    assert not (run.artifacts / CLEANUP_NAME).exists()


def test_earlier_results_go_and_other_files_stay(tmp_path: Path) -> None:
    """Nobody takes an earlier run's files for this one's, and nobody loses files of their own."""
    (tmp_path / "renders").mkdir()
    ours = ["results.json", CLEANUP_NAME, "renders/N2-output.mp4", "renders/N2-history.json"]
    for name in (*ours, "notes.txt", "renders/mine.mp4"):
        (tmp_path / name).write_text("")
    forget_earlier_results(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["mine.mp4", "notes.txt"]
