"""What surrounds one invocation: its time, its scratch folder, its tools, and who watches."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hf_lambda.capture.chromium import FOLDER_PREFIX
from hf_lambda.deadline import Deadline
from hf_lambda.errors import SCRATCH_UNAVAILABLE, SYSTEM_REFUSED
from hf_lambda.files import is_of_disk
from hf_lambda.settings import Settings
from hf_lambda.stopwatch import Stopwatch
from hf_lambda.toolchain import Toolchain, locate_toolchain

_SCRATCH_PREFIX = "hf-lambda-"


class Observer(Protocol):
    """Watches a render from inside the process; called from several threads."""

    def stage_started(self, stage: str) -> None:
        """A stage (or a part of one) began."""

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """Frame number `frame` was taken and handed to its encoder as `picture`, which holds until this returns."""


class NoObserver:
    """Watches nothing: what Lambda has."""

    def stage_started(self, stage: str) -> None:
        """Nothing."""

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Invocation:
    """One invocation of a stage."""

    settings: Settings
    toolchain: Toolchain
    deadline: Deadline
    scratch: Path
    observer: Observer = field(default_factory=NoObserver)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)


@contextmanager
def invocation(settings: Settings, deadline: Deadline, observer: Observer) -> Iterator[Invocation]:
    """An invocation whose scratch folder is gone when the block ends, however it ends.

    Raises:
        SCRATCH_UNAVAILABLE, SYSTEM_REFUSED: any OSError of the block that nobody else translated.
    """
    with scratch_folder(settings.scratch_dir, _SCRATCH_PREFIX) as scratch:
        try:
            yield Invocation(settings, locate_toolchain(settings), deadline, scratch, observer)
        except OSError as error:
            if is_of_disk(error):
                raise SCRATCH_UNAVAILABLE(f"the work stopped because of the disk: {error}") from error
            raise SYSTEM_REFUSED(f"the work stopped: {error}") from error


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent` that is gone when the block ends, however it ends.

    Raises:
        SCRATCH_UNAVAILABLE: it cannot be made.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    except OSError as error:
        raise SCRATCH_UNAVAILABLE(f"{parent} cannot be written to: {error}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(scratch_dir: Path) -> None:
    """Remove what invocations and browsers left in a scratch folder when their process was killed."""
    for prefix in (_SCRATCH_PREFIX, FOLDER_PREFIX):
        for folder in scratch_dir.glob(f"{prefix}*"):
            shutil.rmtree(folder, ignore_errors=True)
