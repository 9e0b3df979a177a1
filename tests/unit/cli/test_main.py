import argparse
import subprocess
import sys

import pytest

from hf_lambda import __version__
from hf_lambda.cli import errors
from hf_lambda.cli.main import build_parser, main
from hf_lambda.errors import BROWSER_CRASHED, RENDER_CANCELLED


def make_command_raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the command `errors` end with an exception."""

    def run(_: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(errors, "run", run)


def exit_code(argv: list[str]) -> object:
    """The code that argparse ends the program with."""
    with pytest.raises(SystemExit) as caught:
        main(argv)
    return caught.value.code


def test_error_of_the_table_is_one_readable_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error is printed with its code, cause and cure on stderr, and the program fails."""
    make_command_raise(monkeypatch, BROWSER_CRASHED("it died"))
    assert main(["errors"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"hf-lambda: BROWSER_CRASHED: it died. {BROWSER_CRASHED.cure}\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RENDER_CANCELLED("stopped")])
def test_stopped_program_ends_as_shells_expect(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """A program that its user stopped ends with 130."""
    make_command_raise(monkeypatch, error)
    assert main(["errors"]) == 130


def test_unforeseen_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is not of the table is not hidden."""
    make_command_raise(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["errors"])


@pytest.mark.parametrize("argv", [[], ["none"], ["--none"], ["render"], ["render", "."], ["setup", "extra"]])
def test_wrong_usage_ends_with_two(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that cannot be understood is answered with the usage."""
    assert exit_code(argv) == 2
    assert "usage: hf-lambda" in capsys.readouterr().err


def test_version_is_the_package_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints the version as data."""
    assert exit_code(["--version"]) == 0
    assert capsys.readouterr().out == f"hf-lambda {__version__}\n"


@pytest.mark.parametrize("argv", [["--help"], ["render", "--help"], ["setup", "--help"], ["errors", "--help"]])
def test_help_is_data(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Help can be formatted, and goes to stdout."""
    assert exit_code(argv) == 0
    assert capsys.readouterr().out.startswith("usage: hf-lambda")


def test_every_command_knows_what_to_run() -> None:
    """A parsed command carries the function that runs it."""
    parser = build_parser()
    for argv in (["errors"], ["setup"], ["render", ".", "-o", "a.mp4"]):
        assert callable(parser.parse_args(argv).run)


def test_plea_to_terminate_is_taken_like_ctrl_c() -> None:
    """A process that is the program and is told to end ends as a stopped one, having tidied up."""
    script = """
import os, signal, time
from hf_lambda.cli import errors
from hf_lambda.cli.main import program

def run(_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    finally:
        print("tidied up")

errors.run = run
raise SystemExit(program(["errors"]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "tidied up\n", "")


def test_program_keeps_what_it_imports_from_the_garbage_collector() -> None:
    """A process that is the program collects its own garbage, but never looks through what was imported."""
    script = (
        "import gc, sys; sys.argv[1:] = ['errors']; from hf_lambda.cli.main import program; "
        "code = program(); print(code, gc.isenabled(), gc.get_freeze_count() > 1000)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 True True"
