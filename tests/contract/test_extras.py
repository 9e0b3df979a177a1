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
EXTRAS = ("elftools", "packaging", "moto", "brotli", "imageio_ffmpeg", "rich")


def run(argv: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a Python that has none of the extras' packages."""
    code = _WITHOUT.format(missing=EXTRAS, argv=argv, sources=str(Path(hf_lambda.__file__).parents[1]))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("argv", [["errors", "PLAN_HASH_MISMATCH"], ["--help"], ["--version"], ["render", "--help"]])
def test_command_line_needs_no_extra(tmp_path: Path, argv: list[str]) -> None:
    """Commands that need nothing more run, and all commands explain themselves."""
    done = run(argv, tmp_path)
    assert done.returncode == 0, done.stderr


def test_findings_and_progress_are_plain_text_without_rich(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told in colours in a terminal is told without them where nothing can draw them."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    page = tmp_path / "index.html"
    page.write_text('<div data-composition-id="a" data-width="64" data-height="36">words</div>', "utf-8")
    found = run(["lint", str(tmp_path)], tmp_path)
    assert found.returncode == 0
    assert found.stderr.startswith("warning: ")
    page.write_text("no composition", "utf-8")
    begun = run(["render", str(tmp_path), "-o", "out.mp4"], tmp_path)
    assert begun.stderr.startswith("compiling the page")


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
