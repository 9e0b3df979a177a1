from pathlib import Path

import pytest

from hf_lambda.cli.main import main
from hf_lambda.quality.outcome import ExitCode


@pytest.mark.parametrize("count", ["0", "-1", "some"])
def test_number_of_chunks_is_positive(count: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A number of chunks that there cannot be is wrong usage."""
    with pytest.raises(SystemExit) as ended:
        main(["eval", str(tmp_path), "--target", "local", "--skip-build", "--chunk-count", count])
    assert ended.value.code == ExitCode.PREFLIGHT
    assert "--chunk-count" in capsys.readouterr().err


def test_projects_of_one_name_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two folders of one name would write over each other's artifacts."""
    projects = [str(tmp_path / path) for path in ("a/intro", "other", "b/intro")]
    assert main(["eval", *projects, "--target", "local", "--skip-build"]) == ExitCode.PREFLIGHT
    assert "2 of the projects are named intro" in capsys.readouterr().err
