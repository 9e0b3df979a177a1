import json
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.deploy.handler_zip import BuiltZip
from hf_lambda.emulator.engine import EmulatorOptions
from hf_lambda.quality.deployment import Run
from hf_lambda.quality.evaluation import EvaluationOptions, run_evaluation
from hf_lambda.quality.local_target import LocalTarget
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.smoke import DEFAULT_FIXTURE
from hf_lambda.settings import Settings
from tests.emulator.runs import CHECKOUT


def test_evaluation_keeps_a_row_for_what_does_not_render(built: BuiltZip, tmp_path: Path) -> None:
    """A project that does not render is a row with its reason and fails the run; the others are measured."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "index.html").write_text("<p>no composition</p>")
    options = EmulatorOptions(
        built.path, CHECKOUT / "statemachine.asl.json", Settings.from_environment().cache_dir / "emulator"
    )
    run = Run(tmp_path / "artifacts", tmp_path / "work", Deadline(600), print)
    code = run_evaluation(
        LocalTarget(options, tmp_path / "work" / "emulator"),
        EvaluationOptions((broken, DEFAULT_FIXTURE), chunks=2),
        Settings.from_environment(),
        run,
    )
    assert code is ExitCode.RENDER
    rows = json.loads((tmp_path / "artifacts" / "results.json").read_text())
    assert [(row["fixture"], row["verdict"]) for row in rows] == [("broken", "render failed"), ("fixture", "ok")]
    assert "COMPOSITION_ROOT_MISSING" in rows[0]["reasons"][0]
    assert rows[1]["localMs"] > 0
    assert rows[1]["speedup"] == pytest.approx(rows[1]["localMs"] / rows[1]["wallClockMs"], abs=0.01)
    table = (tmp_path / "artifacts" / "results.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["fixture", "broken", "fixture"]
    assert json.loads((tmp_path / "artifacts" / "cleanup-verification.json").read_text())["cleanupVerified"]
