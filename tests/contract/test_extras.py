"""A plain installation works: what only some commands need is asked for by those commands alone."""

import subprocess
import sys
from pathlib import Path

import pytest

import hf_lambda

_WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
sys.path.insert(0, {sources!r})
from hf_lambda.cli.main import main
sys.exit(main({argv!r}))
"""
EXTRAS = ("elftools", "packaging", "moto", "playwright", "brotli", "imageio_ffmpeg")


def run(argv: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a Python that has none of the extras' packages."""
    code = _WITHOUT.format(missing=EXTRAS, argv=argv, sources=str(Path(hf_lambda.__file__).parents[1]))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)


def test_command_line_needs_no_extra(tmp_path: Path) -> None:
    """Commands that need nothing more run."""
    done = run(["errors", "PLAN_HASH_MISMATCH"], tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("argv", "code", "extra"),
    [
        (["build", "--verify"], "BUILD_FAILED", "deploy"),
        (["emulate", ".", "-o", "out.mp4"], "EMULATOR_UNAVAILABLE", "emulate"),
    ],
)
def test_command_names_the_extra_that_it_needs(tmp_path: Path, argv: list[str], code: str, extra: str) -> None:
    """A command whose packages are missing says how to get them."""
    done = run(argv, tmp_path)
    assert done.returncode == 1
    assert code in done.stderr
    assert f"`pip install hf-lambda[{extra}]`" in done.stderr
