import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from hf_lambda.processes import PipedProcess, scrubbed_environment
from tests.unit.doubles import open_descriptors

SHELL = "/bin/sh"
OPENS_NOTHING = "import os; os.write(4, b'.'); os.read(3, 1)"
"""A child that says that it is there and waits; a shell would move its descriptors about while one looks at them."""


@contextmanager
def program(tmp_path: Path, *argv: str) -> Iterator[PipedProcess]:
    """A program at the other end of the pipes, killed at the end."""
    process = PipedProcess(argv, env=scrubbed_environment(), stderr_path=tmp_path / "stderr")
    try:
        yield process
    finally:
        process.kill()


def shell(tmp_path: Path, script: str) -> AbstractContextManager[PipedProcess]:
    """A shell as the program."""
    return program(tmp_path, SHELL, "-c", script)


def read_all(fd: int) -> bytes:
    """Everything until the other end closes."""
    return b"".join(iter(lambda: os.read(fd, 65536), b""))


def wait_for_exit(process: PipedProcess) -> int:
    """The exit code, once there is one."""
    while (code := process.poll()) is None:
        time.sleep(0.002)
    return code


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_environment_of_tools_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but PATH passes from this process to a tool."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PATH", "/bin")
    assert scrubbed_environment(HOME="/h") == {"PATH": "/bin", "TZ": "UTC", "LANG": "C.UTF-8", "HOME": "/h"}


def test_environment_has_a_path_where_we_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a PATH of our own the system's default is used."""
    monkeypatch.delenv("PATH")
    assert scrubbed_environment()["PATH"] == os.defpath


def test_pipes_reach_the_child_on_three_and_four(tmp_path: Path) -> None:
    """What is written to the child arrives on descriptor 3, what it writes to 4 comes back."""
    with shell(tmp_path, "read line <&3; echo got $line >&4") as process:
        os.write(process.to_child, b"this\n")
        assert read_all(process.from_child) == b"got this\n"


def test_child_inherits_no_file_of_ours(tmp_path: Path) -> None:
    """What this process has open stays its own, and the child's standard streams lead nowhere but to the log."""
    ours = tmp_path / "ours"
    with ours.open("w"), program(tmp_path, sys.executable, "-ISc", OPENS_NOTHING) as process:
        assert os.read(process.from_child, 1) == b"."
        files = {int(link.name): str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert str(ours) not in files.values()
    assert [files[0], files[1], files[2]] == ["/dev/null", "/dev/null", str(tmp_path / "stderr")]


def test_child_gets_the_given_environment_only(tmp_path: Path) -> None:
    """The child sees the environment that it was given."""
    with shell(tmp_path, "/usr/bin/env >&4") as process:
        names = {line.split(b"=")[0] for line in read_all(process.from_child).splitlines()}
    assert names - {b"PWD", b"SHLVL", b"_", b"OLDPWD"} == {b"PATH", b"TZ", b"LANG"}


def test_child_leads_a_session_of_its_own(tmp_path: Path) -> None:
    """A Ctrl-C in our terminal does not reach the child, and its group can be killed."""
    with shell(tmp_path, "read line <&3") as process:
        assert os.getsid(process.pid) == process.pid


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", -signal.SIGKILL)])
def test_poll_gives_the_exit_code(tmp_path: Path, script: str, code: int) -> None:
    """The exit code is the program's, or the negative signal, and stays known."""
    with shell(tmp_path, script) as process:
        assert wait_for_exit(process) == code
        assert process.poll() == code


def test_poll_gives_none_while_the_child_runs(tmp_path: Path) -> None:
    """A child that waits for input has no exit code."""
    with shell(tmp_path, "read line <&3") as process:
        assert process.poll() is None


def test_stderr_tail_is_the_end_of_what_was_said(tmp_path: Path) -> None:
    """Of a long log only the last part is kept for messages."""
    with shell(tmp_path, "yes early | head -n 4000 >&2; echo the end >&2") as process:
        wait_for_exit(process)
        tail = process.stderr_tail()
    assert tail.endswith("the end")
    assert len(tail) <= 4096


def test_stderr_tail_is_empty_without_a_log(tmp_path: Path) -> None:
    """A log that is gone is no error on top of the first."""
    with shell(tmp_path, "exit 1") as process:
        (tmp_path / "stderr").unlink()
        assert process.stderr_tail() == ""


def test_kill_ends_the_child_and_its_children(tmp_path: Path) -> None:
    """Nothing of the child's group outlives a kill."""
    with shell(tmp_path, "sleep 60 & echo $! >&4; wait") as process:
        grandchild = int(os.read(process.from_child, 100))
        process.kill()
    end = time.monotonic() + 10
    while is_running(grandchild) and time.monotonic() < end:
        time.sleep(0.005)
    assert not is_running(grandchild)
    assert process.poll() == -signal.SIGKILL


def test_kill_lets_the_child_end_by_itself_in_its_grace(tmp_path: Path) -> None:
    """A child that ends when its pipe closes does so with its own exit code."""
    with shell(tmp_path, "read line <&3; exit 5") as process:
        process.kill(grace_seconds=10)
        assert process.poll() == 5


def test_kill_after_the_end_does_nothing(tmp_path: Path) -> None:
    """A child that is gone already can be killed."""
    with shell(tmp_path, "exit 3") as process:
        wait_for_exit(process)
        process.kill()
        assert process.poll() == 3


def test_missing_program_is_an_os_error_without_leaks(tmp_path: Path) -> None:
    """A program that cannot be started leaves no descriptor open."""
    before = open_descriptors()
    with pytest.raises(FileNotFoundError):
        PipedProcess([tmp_path / "none"], env={}, stderr_path=tmp_path / "stderr")
    assert open_descriptors() == before


def test_unwritable_log_is_an_os_error_without_leaks(tmp_path: Path) -> None:
    """A log that cannot be created leaves no descriptor open."""
    before = open_descriptors()
    with pytest.raises(FileNotFoundError):
        PipedProcess([SHELL, "-c", "exit"], env={}, stderr_path=tmp_path / "none" / "stderr")
    assert open_descriptors() == before


@pytest.mark.parametrize("more", range(12))
def test_start_that_runs_out_of_descriptors_keeps_none(tmp_path: Path, more: int) -> None:
    """Wherever it fails, this process is as it was."""
    before = open_descriptors()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (10 + more, limits[1]))
    try:
        with suppress(OSError):
            PipedProcess([SHELL, "-c", "exit"], env={}, stderr_path=tmp_path / "stderr").kill()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert open_descriptors() == before


def test_no_descriptor_stays_open_after_a_kill(tmp_path: Path) -> None:
    """Starting and killing leaves this process as it was."""
    before = open_descriptors()
    with shell(tmp_path, "read line <&3"):
        pass
    assert open_descriptors() == before
