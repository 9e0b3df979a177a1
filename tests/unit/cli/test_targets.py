import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from hf_lambda.cli.main import build_parser, main
from hf_lambda.cli.targets import parse_counts, run_gate
from hf_lambda.errors import BUILD_FAILED
from hf_lambda.quality.deployment import CLEANUP_NAME, Run
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.target import Target
from hf_lambda.settings import Settings
from hf_lambda.toolchain import MANIFEST_NAME


def test_counts_are_read() -> None:
    """Numbers with commas between them, spaces allowed."""
    assert parse_counts("2, 4,8") == (2, 4, 8)
    with pytest.raises(argparse.ArgumentTypeError):
        parse_counts("2;4")


def smoke(*arguments: object, folder: Path) -> int:
    """The command's exit code, for a run that ends before anything is deployed."""
    return main(["smoke", "--skip-build", "--artifacts", str(folder / "artifacts"), *map(str, arguments)])


@pytest.mark.parametrize("target_name", ["aws", "local"])
@pytest.mark.parametrize(("option", "memory_mb"), [((), 4096), (("--memory", "3008"), 3008)])
def test_memory_is_the_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target_name: str, option: tuple[str, ...], memory_mb: int
) -> None:
    """Accounts that may have less than the template's default can be deployed to, and costs are of what is used."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nothing")
    targets: list[Target] = []

    def gate(target: Target, _: Settings, __: Run) -> ExitCode:
        targets.append(target)
        return ExitCode.OK

    arguments = build_parser().parse_args(["smoke", "--skip-build", "--target", target_name, *option])
    assert run_gate(arguments, tmp_path, gate) == ExitCode.OK
    assert [target.memory_mb for target in targets] == [memory_mb]


def test_stack_of_an_emulator_cannot_be_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The emulator ends with the process, and says so before it begins."""
    assert smoke("--target", "local", "--keep-stack", folder=tmp_path) == 1
    assert "--keep-stack needs --target aws" in capsys.readouterr().err


def test_missing_zip_is_found_before_anything_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and no artifacts that look like a result."""
    assert smoke("--target", "local", "--zip", tmp_path / "none.zip", folder=tmp_path) == 1
    assert "there is no" in capsys.readouterr().err
    assert not (tmp_path / "artifacts").exists()


@pytest.mark.parametrize(
    ("manifest", "words"),
    [('{"python": "2.6"}', "is for Python 2.6, which is neither on PATH nor in pyenv"), (None, "cannot be used")],
)
def test_zip_that_cannot_run_here_is_found_before_anything_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], manifest: str | None, words: str
) -> None:
    """A zip for a Python that the machine lacks, and one without a manifest, are found before the baseline's render."""
    with ZipFile(tmp_path / "handler.zip", "w") as archive:
        if manifest is not None:
            archive.writestr(MANIFEST_NAME, manifest)
    (tmp_path / "definition.json").write_text("{}")
    files = ("--zip", tmp_path / "handler.zip", "--definition", tmp_path / "definition.json")
    assert smoke("--target", "local", *files, folder=tmp_path) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "artifacts").exists()


def test_target_without_credentials_is_local(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody pays who did not ask: without credentials the emulator is taken, with them AWS."""
    for name, value in {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    missing = ("--zip", tmp_path / "none.zip")
    assert smoke(*missing, folder=tmp_path) == 1
    assert "there is no" in capsys.readouterr().err
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert smoke(*missing, folder=tmp_path) == 1
    assert "--zip is for --target local" in capsys.readouterr().err


# Its terminal is the one that is named, as that of whoever works on another machine.
_ON_A_TERMINAL = """
import os, sys
from pathlib import Path

terminal = os.open(sys.argv[1], os.O_RDWR)
os.dup2(terminal, sys.stderr.fileno())
from hf_lambda.cli.main import build_parser
from hf_lambda.cli.targets import run_gate
from hf_lambda.quality.deployment import use_deployment


class Target:
    stack_name, name, memory_mb = "stack", "local", 0

    def up(self, deadline):
        pass

    def down(self):
        return []


def gate(target, settings, run):
    def use(stack):
        run.report("in use")
        while True:
            run.deadline.check("waiting for the terminal")

    return use_deployment(Target(), use, run)


arguments = build_parser().parse_args(["smoke", "--skip-build", "--target", "local", "--timeout", "20"])
run_gate(arguments, Path(sys.argv[2]), gate)
"""


def test_terminal_that_hangs_up_leaves_nothing(tmp_path: Path) -> None:
    """A connection that drops takes the terminal with it; what was deployed is taken away, though nobody is told."""
    ours, theirs = os.openpty()
    argv = [sys.executable, "-c", _ON_A_TERMINAL, os.ttyname(theirs), str(tmp_path)]
    with subprocess.Popen(argv, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        said = b""
        while b"in use" not in said:
            said += os.read(ours, 1000)
        os.close(theirs)
        os.close(ours)
        process.wait(timeout=30)
    assert json.loads((tmp_path / CLEANUP_NAME).read_text())["cleanupVerified"]


def test_build_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the zip is built nothing looks at a deadline, so signals must end the process as they always do."""
    held_back: list[set[int]] = []

    def build(_: Path) -> None:
        held_back.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        raise BUILD_FAILED("it was only a test")

    monkeypatch.setattr("hf_lambda.cli.targets.build_default", build)
    assert main(["smoke", "--target", "local", "--artifacts", str(tmp_path)]) == ExitCode.BUILD
    assert held_back == [set()]


def test_unknown_profile_is_found_before_anything_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A profile that is not there is one line, not a stack trace."""
    assert smoke("--target", "aws", "--profile", "no-such-profile", folder=tmp_path) == 1
    assert "no-such-profile" in capsys.readouterr().err
