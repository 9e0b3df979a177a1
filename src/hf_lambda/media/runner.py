"""Runs ffmpeg: feeds it, reads its progress, keeps the tail of its stderr, reaps it whatever happens."""

import fcntl
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED, SCRATCH_UNAVAILABLE, RetryableError
from hf_lambda.processes import splice_all, static_tool_environment, write_all
from hf_lambda.system_calls import give_up_huge_pages

_SPEAKERS = re.compile(r"^(\[[^]]*\] ?)+")
"""Such as `[h264 @ 0x55d1c0]`, which is another one in each run."""
_DISK_IS_FULL = "No space left on device"
_TAIL_BYTES = 4096
_HEAD_BYTES = 1 << 20
_WAIT_SECONDS = 0.5
PIPE_BYTES = 1 << 20
"""The pipe to a process that is fed holds this at the most, which is what any user may have."""


class FfmpegProcess:
    """One run of ffmpeg. Inside a `with` block: left early, the process is killed."""

    def __init__(
        self, argv: Sequence[str], *, deadline: Deadline, fed: bool = False, meaningless: Sequence[str] = ()
    ) -> None:
        """Lines of its messages that contain one of `meaningless` are no part of an error."""
        self.frames = 0
        """Frames written so far, as ffmpeg itself reports them."""
        self._argv = list(argv)
        self._deadline = deadline
        self._meaningless = meaningless
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 # closed in __exit__
        give_up_huge_pages()  # x264 asks for them, and on Firecracker's machines they may double its time
        try:
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=static_tool_environment(),
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            self._log.close()
            raise ENCODER_FAILED(f"{argv[0]} could not be started: {error}") from error
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)
            with suppress(OSError):  # a user has only so much; it works with less
                fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._progress = threading.Thread(target=self._read_progress, daemon=True)
        self._progress.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._progress.join()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def write(self, data: bytes | memoryview) -> None:
        """Feed `data`, waiting while ffmpeg is busy.

        Raises:
            ENCODER_FAILED: ffmpeg ended before it took everything.
        """
        self._feed(write_all, data)

    def write_in_place(self, data: memoryview) -> None:
        """As `write`, without a copy: `data` must not change before `PIPE_BYTES` more were written, or the end.

        Raises:
            ENCODER_FAILED: ffmpeg ended before it took everything.
        """
        self._feed(splice_all, data)

    def end(self) -> None:
        """End the input."""
        if self._process.stdin is not None:
            with suppress(OSError):  # its exit code says what happened
                self._process.stdin.close()

    def finish(self) -> None:
        """End the input and wait until the output is written.

        Raises:
            ENCODER_FAILED: ffmpeg failed.
            SCRATCH_UNAVAILABLE: the disk is full.
        """
        self.end()
        # Its progress ends with it. `Popen.wait` alone would find out by looking, up to 50 ms late.
        while self._progress.is_alive():
            self._progress.join(self._deadline.timeout(_WAIT_SECONDS, "waiting for ffmpeg"))
        self._wait()
        if self._process.returncode != 0:
            raise self._failed()

    @property
    def was_killed(self) -> bool:
        """Whether it ended by a signal, and not with an answer about its input."""
        return self._process.returncode is not None and self._process.returncode < 0

    def first_line(self, markers: Sequence[str]) -> str | None:
        """The first line of its messages so far that contains one of `markers`, without the name of who says it."""
        head = os.pread(self._log.fileno(), _HEAD_BYTES, 0)  # where ffmpeg writes on is not to be moved
        lines = head.decode("utf-8", "replace").splitlines()
        found = next((line for line in lines if any(marker in line for marker in markers)), None)
        return None if found is None else _SPEAKERS.sub("", found)

    def _feed(self, write: Callable[..., None], data: bytes | memoryview) -> None:
        assert self._process.stdin is not None
        try:
            write(self._process.stdin.fileno(), data, deadline=self._deadline, doing="feeding ffmpeg")
        except OSError as error:
            self._wait()
            raise self._failed() from error

    def _wait(self) -> None:
        while self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self._deadline.timeout(_WAIT_SECONDS, "waiting for ffmpeg"))

    def _failed(self) -> RetryableError:
        size = self._log.seek(0, 2)
        self._log.seek(max(0, size - _TAIL_BYTES))
        lines = self._log.read().decode("utf-8", "replace").splitlines()
        said = [line for line in lines if not any(words in line for words in self._meaningless)]
        tail = "\n".join(said).strip() or "nothing"
        kind = SCRATCH_UNAVAILABLE if _DISK_IS_FULL in tail else ENCODER_FAILED
        return kind(f"ffmpeg ended with code {self._process.returncode}: {tail} [{' '.join(self._argv)}]")

    def _read_progress(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            name, _, value = line.decode("ascii", "replace").strip().partition("=")
            if name == "frame" and value.isdigit():
                self.frames = int(value)


def run_ffmpeg(argv: Sequence[str], *, deadline: Deadline, meaningless: Sequence[str] = ()) -> None:
    """Run ffmpeg to its end; `meaningless` as of `FfmpegProcess`.

    Raises:
        ENCODER_FAILED: it failed.
    """
    with FfmpegProcess(argv, deadline=deadline, meaningless=meaningless) as process:
        process.finish()
