from pathlib import Path

import pytest

from hf_lambda.cli.main import main


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder to render."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def emulate(project: Path, output: Path, *options: object) -> int:
    """The command's exit code, for runs that end before a sandbox is started."""
    return main(["emulate", str(project), "-o", str(output), *map(str, options)])


def test_missing_state_machine_is_named(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with its path, before the zip is unpacked."""
    assert emulate(project, tmp_path / "out.mp4", "--definition", tmp_path / "none.json") == 1
    assert f"EMULATOR_UNAVAILABLE: there is no state machine at {tmp_path / 'none.json'}" in capsys.readouterr().err


def test_project_and_outputs_are_looked_at_first(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing project, and a place that cannot be written to, are found before anything is started."""
    assert emulate(tmp_path / "none", tmp_path / "out.mp4") == 1
    assert "PROJECT_NOT_FOUND" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    for outputs in (["file/out.mp4"], ["out.mp4", "--history", str(tmp_path / "file" / "history.json")]):
        assert emulate(project, tmp_path / outputs[0], *outputs[1:]) == 1
        assert "STORAGE_UNAVAILABLE" in capsys.readouterr().err


def test_there_is_at_least_one_sandbox(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None would be no emulator."""
    with pytest.raises(SystemExit) as ended:
        emulate(project, tmp_path / "out.mp4", "--workers", "0")
    assert ended.value.code == 2
    assert "0 is not at least 1" in capsys.readouterr().err
