import sys
from pathlib import Path

import pytest

from hf_lambda.deploy.interpreters import find_python
from tests.unit.doubles import write_program

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no Python but the running one; its folder of programs."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def test_running_python_is_taken_where_it_is_the_one() -> None:
    """No search where the answer is at hand."""
    assert find_python(THIS) == Path(sys.executable)


def test_machine_without_that_python_has_none() -> None:
    """A version that nobody has gives None."""
    assert find_python("3.99") is None


def test_python_of_the_path_is_found(machine: Path) -> None:
    """A program with the version in its name that says the version is it."""
    program = write_program(machine / "bin" / "python3.99", "echo 3.99")
    assert find_python("3.99") == program


def test_python_of_pyenv_is_found_behind_a_shim_that_refuses(machine: Path) -> None:
    """pyenv's stand-in for a version that is not switched on is passed over for the version itself."""
    write_program(machine / "bin" / "python3.99", "echo 'pyenv: python3.99: command not found' >&2; exit 127")
    folder = machine / "pyenv" / "versions" / "3.99.1" / "bin"
    folder.mkdir(parents=True)
    assert find_python("3.99") is None
    program = write_program(folder / "python3.99", "echo 3.99")
    assert find_python("3.99") == program


@pytest.mark.parametrize("script", ["echo 3.98", "echo 3.99; exit 1", "echo"])
def test_program_that_does_not_prove_its_version_is_not_taken(machine: Path, script: str) -> None:
    """The name alone is not believed."""
    write_program(machine / "bin" / "python3.99", script)
    assert find_python("3.99") is None
