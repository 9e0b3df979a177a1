"""Child processes that leave nothing behind: a scrubbed environment, a group to kill, a tail of stderr."""

import fcntl
import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.system_calls import vmsplice

_POLL_SECONDS = 0.005
_WAIT_SECONDS = 0.5
_TAIL_BYTES = 4096


def is_ready(descriptor: int, event: int, seconds: float) -> bool:
    """Wait at most `seconds` until a descriptor can be read (`select.POLLIN`) or written (`select.POLLOUT`).

    `select.select` takes no descriptor above 1023.
    """
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(0.0, seconds) * 1000))


def write_all(descriptor: int, data: bytes | memoryview, *, deadline: Deadline, doing: str) -> None:
    """Write all of `data` to a pipe in non-blocking mode, waiting for its reader until the deadline.

    Raises:
        OSError: the reader is gone.
    """
    remaining = memoryview(data)
    while remaining:
        try:
            remaining = remaining[os.write(descriptor, remaining) :]
        except BlockingIOError:
            is_ready(descriptor, select.POLLOUT, deadline.timeout(_WAIT_SECONDS, doing))


def splice_all(pipe: int, data: memoryview, *, deadline: Deadline, doing: str) -> None:
    """As `write_all`, without a copy where the kernel can: see `vmsplice` for what `data` must be.

    Raises:
        OSError: the reader is gone.
    """
    remaining = data
    while remaining:
        try:
            remaining = remaining[vmsplice(pipe, remaining) :]
        except BlockingIOError:
            is_ready(pipe, select.POLLOUT, deadline.timeout(_WAIT_SECONDS, doing))
        except BrokenPipeError:
            raise
        except OSError:
            write_all(pipe, remaining, deadline=deadline, doing=doing)
            return


def scrubbed_environment(**extra: str) -> dict[str, str]:
    """The environment for a tool: nothing of ours passes but PATH, so no credential can leak into a page."""
    return {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LANG": "C.UTF-8", **extra}


def static_tool_environment() -> dict[str, str]:
    """As `scrubbed_environment`, for statically linked tools: they crash when they load this machine's converters."""
    return scrubbed_environment(GCONV_PATH="/nonexistent")


class PipedProcess:
    """A process in a session of its own, with two extra pipes on its file descriptors 3 and 4.

    `subprocess` cannot place descriptors without `preexec_fn`, which is unsafe beside threads;
    `posix_spawn` can. The parent's ends are `to_child` and `from_child`.
    """

    def __init__(self, argv: Sequence[str | Path], *, env: dict[str, str], stderr_path: Path) -> None:
        with ExitStack() as given, ExitStack() as kept:
            log = _closed_by(given, os.open(stderr_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            null = _closed_by(given, os.open(os.devnull, os.O_RDWR))
            child_reads, self.to_child = os.pipe()
            _closed_by(given, child_reads)
            _closed_by(kept, self.to_child)
            self.from_child, child_writes = os.pipe()
            _closed_by(kept, self.from_child)
            _closed_by(given, child_writes)
            os.set_blocking(self.to_child, False)
            # Moved above 9 first, so that no dup2 below overwrites a descriptor that a later one reads.
            ends = (null, null, log, child_reads, child_writes)
            sources = [_closed_by(given, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)) for fd in ends]
            self.pid = os.posix_spawn(
                argv[0],
                [str(argument) for argument in argv],
                env,
                file_actions=[(os.POSIX_SPAWN_DUP2, source, target) for target, source in enumerate(sources)],
                setsid=True,
            )
            kept.pop_all()
        self._stderr_path = stderr_path
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        """The exit code (negative: the signal), or None while the process runs."""
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    def stderr_tail(self) -> str:
        """The last lines that the process wrote to stderr."""
        with suppress(OSError), self._stderr_path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return log.read().decode("utf-8", "replace").strip()
        return ""

    def kill(self, *, grace_seconds: float = 0.0) -> None:
        """Close the pipes, give the process a moment to end, then kill its whole group and reap it."""
        for fd in (self.to_child, self.from_child):
            with suppress(OSError):
                os.close(fd)
        end = time.monotonic() + grace_seconds
        while self.poll() is None and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        while self.poll() is None:
            time.sleep(_POLL_SECONDS)


def _closed_by(stack: ExitStack, fd: int) -> int:
    stack.callback(os.close, fd)
    return fd
