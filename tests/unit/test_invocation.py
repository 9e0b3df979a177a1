import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import SCRATCH_UNAVAILABLE, SYSTEM_REFUSED, TOOLCHAIN_MISSING, HfLambdaError
from hf_lambda.invocation import NoObserver, invocation
from hf_lambda.settings import Settings
from tests.unit.doubles import RecordingObserver


@pytest.fixture
def with_tools(settings: Settings) -> Settings:
    """Settings whose toolchain has a manifest."""
    settings.toolchain_dir.mkdir()
    names = ("chromium", "ffmpeg", "ffprobe", "runtime", "fonts")
    parts = ", ".join(f'"{name}": {{"version": "1", "sha256": "ab"}}' for name in names)
    (settings.toolchain_dir / "MANIFEST.json").write_text(f"{{{parts}}}")
    return settings


def test_invocation_carries_what_surrounds_it(with_tools: Settings) -> None:
    """A stage gets settings, time, tools and observer, and an empty folder of its own."""
    deadline, observer = Deadline(10), RecordingObserver()
    with invocation(with_tools, deadline, observer) as current:
        assert (current.settings, current.deadline, current.observer) == (with_tools, deadline, observer)
        assert current.toolchain.folder == with_tools.toolchain_dir
        assert list(current.scratch.iterdir()) == []
        assert current.scratch.parent == with_tools.scratch_dir


def test_scratch_folder_goes_with_everything_in_it(with_tools: Settings) -> None:
    """After the block nothing is left."""
    with invocation(with_tools, Deadline(10), NoObserver()) as current:
        (current.scratch / "deep").mkdir()
        (current.scratch / "deep" / "file").write_text("x")
    assert list(with_tools.scratch_dir.iterdir()) == []


def fail_inside(settings: Settings) -> None:
    """An invocation whose stage fails."""
    with invocation(settings, Deadline(10), NoObserver()) as current:
        (current.scratch / "file").write_text("x")
        raise ZeroDivisionError


def test_scratch_folder_goes_after_an_error(with_tools: Settings) -> None:
    """An error ends the block and leaves nothing."""
    with pytest.raises(ZeroDivisionError):
        fail_inside(with_tools)
    assert list(with_tools.scratch_dir.iterdir()) == []


def test_scratch_folder_goes_without_a_toolchain(settings: Settings) -> None:
    """A worker without tools leaves nothing behind either."""
    with pytest.raises(TOOLCHAIN_MISSING), invocation(settings, Deadline(10), NoObserver()):
        pass
    assert list(settings.scratch_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "error"),
    [
        *((number, SCRATCH_UNAVAILABLE) for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)),
        *((number, SYSTEM_REFUSED) for number in (errno.EMFILE, errno.ENOMEM, errno.EACCES, errno.EADDRNOTAVAIL)),
    ],
)
def test_disk_is_blamed_for_its_own_faults_only(with_tools: Settings, number: int, error: type[HfLambdaError]) -> None:
    """What else the system refuses has another remedy than a larger disk."""
    with pytest.raises(error, match="work stopped"), invocation(with_tools, Deadline(10), NoObserver()):
        raise OSError(number, os.strerror(number))
    assert list(with_tools.scratch_dir.iterdir()) == []


def test_scratch_folder_that_cannot_be_made_is_named(with_tools: Settings) -> None:
    """Whatever the reason, it is the scratch folder's."""
    with_tools.scratch_dir.write_text("a file")
    with pytest.raises(SCRATCH_UNAVAILABLE, match="scratch cannot be written to"):
        fail_inside(with_tools)


def test_two_invocations_do_not_share_a_folder(with_tools: Settings) -> None:
    """Invocations that run side by side keep apart."""
    with invocation(with_tools, Deadline(10), NoObserver()) as one:
        with invocation(with_tools, Deadline(10), NoObserver()) as other:
            assert one.scratch != other.scratch
        assert isinstance(one.scratch, Path)
        assert one.scratch.is_dir()


FIRST_INVOCATION = """
from types import SimpleNamespace
from hf_lambda.handler import handler
handler({}, SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 60_000))
"""


@pytest.mark.parametrize(
    ("function", "left"),
    [("render", ["hf_lambda", "mine"]), (None, ["chromium-b", "hf-lambda-a", "hf_lambda", "mine"])],
)
def test_sandbox_begins_with_what_it_may_keep(function: str | None, left: list[str], tmp_path: Path) -> None:
    """A killed process's /tmp comes to the next one, which removes its scratch folders; a laptop's are shared."""
    for name in ("hf-lambda-a", "chromium-b", "hf_lambda", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    env = {**os.environ, "TMPDIR": str(tmp_path), **({"AWS_LAMBDA_FUNCTION_NAME": function} if function else {})}
    ended = subprocess.run(
        [sys.executable, "-c", FIRST_INVOCATION], env=env, capture_output=True, text=True, check=False
    )
    assert "INVALID_EVENT" in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == left
