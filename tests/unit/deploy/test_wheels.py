import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from hf_lambda.deploy.runtime_packages import PROVIDED
from hf_lambda.deploy.wheels import install_wheels, required_packages
from hf_lambda.errors import BUILD_FAILED
from tests.unit.doubles import write_program

PYTHON = "3.13"


def test_requirements_are_the_packages_own() -> None:
    """Everything that the package declares without an extra is installed, but for what the runtime brings."""
    declared = {Requirement(text).name for text in requires("hf-lambda") or () if "extra ==" not in text}
    names = {Requirement(text).name for text in required_packages(PYTHON)}
    assert names == declared - set(PROVIDED)
    assert {"msgspec", "zstandard", "aws-lambda-powertools"} <= names


def test_requirements_keep_their_versions() -> None:
    """The bounds of the declaration reach pip."""
    assert all(Requirement(text).specifier for text in required_packages(PYTHON))
    assert required_packages(PYTHON) == sorted(required_packages(PYTHON))


def test_extras_stay_at_home() -> None:
    """What only a laptop or a build needs is not deployed."""
    names = {Requirement(text).name for text in required_packages(PYTHON)}
    assert names & {"brotli", "rich", "pyelftools", "packaging", "moto", "playwright", "boto3"} == set()


@pytest.fixture
def pip_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file into which a Python in the place of ours writes how it was called."""
    record = tmp_path / "arguments"
    program = write_program(tmp_path / "python", f'printf "%s\\n" "$@" > {record}; mkdir -p "$8"')
    monkeypatch.setattr(sys, "executable", str(program))
    return record


def test_wheels_are_those_of_the_runtime(pip_arguments: Path, tmp_path: Path) -> None:
    """pip is asked for binary wheels of Lambda's Python, at the constraints' versions."""
    (tmp_path / "target").mkdir()
    install_wheels(tmp_path / "target", constraints=tmp_path / "constraints.txt", python_version=PYTHON)
    arguments = pip_arguments.read_text().split("\n")
    assert arguments[arguments.index("--python-version") + 1] == PYTHON
    assert arguments[arguments.index("--only-binary") + 1] == ":all:"
    assert arguments[arguments.index("--constraint") + 1] == str(tmp_path / "constraints.txt")
    assert "manylinux_2_34_x86_64" in arguments
    assert "manylinux_2_35_x86_64" not in arguments


def test_unused_parts_are_removed(pip_arguments: Path, tmp_path: Path) -> None:
    """What no Lambda function runs goes; what is imported stays."""
    target = tmp_path / "target"
    for name in ("bin/x", "zstandard/_cffi.so", "zstandard/backend_c.so", "a/__pycache__/a.pyc", "a/a.py", "a/a.pyi"):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    install_wheels(target, constraints=None, python_version=PYTHON)
    left = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert left == {"zstandard/backend_c.so", "a/a.py"}


def test_missing_wheel_is_named_with_pips_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When pip fails, the message holds its last words and the Python that was asked for."""
    monkeypatch.setattr(
        sys, "executable", str(write_program(tmp_path / "python", "echo no matching distribution >&2; exit 1"))
    )
    with pytest.raises(BUILD_FAILED, match=r"wheels for Python 3\.13: no matching distribution"):
        install_wheels(tmp_path, constraints=None, python_version=PYTHON)
