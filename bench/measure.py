"""Runs a command and counts what its whole process tree used: wall clock, CPU seconds and memory.

Both renderers start browsers in sessions of their own, and a killed parent leaves its children to
somebody else. This process therefore adopts every orphan below it (PR_SET_CHILD_SUBREAPER) and reaps until
nobody is left: what `wait4` says of each adds up to the CPU time of all. A sampler beside it reads the
memory of the living, and their CPU times, which may never exceed the sum.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.5
"""Between two readings of memory, which take time; at first there are more, for what is over sooner."""
_FIRST_SAMPLE_SECONDS, _LONGER = 0.05, 1.25
_GRACE_SECONDS = 5.0
"""How long processes may outlive the command before they are killed."""
_POLL_SECONDS = 0.02
_LOST_SECONDS = 0.1
"""By how much the sampled CPU seconds may exceed the reaped ones: the clock's ticks."""


class UncountedCpuError(Exception):
    """A process used CPU time that the sum lacks: its parent did not wait for it."""


@dataclass(frozen=True)
class Measurement:
    """What one run of a command used. Memory is proportional (PSS): shared pages count once."""

    exit_code: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass
class _Sampler:
    """Samples the processes below this one until stopped."""

    peak_bytes: int = 0
    _cpu_seconds: dict[psutil.Process, float] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def cpu_seconds(self) -> float:
        """The sum of each seen process's own CPU time when it was last seen."""
        return sum(self._cpu_seconds.values())

    def run(self) -> None:
        pause = _FIRST_SAMPLE_SECONDS
        while not self._stopped.wait(pause):
            pause = min(pause * _LONGER, SAMPLE_SECONDS)
            self.peak_bytes = max(self.peak_bytes, sum(map(self._read, _descendants())))

    def stop(self) -> None:
        self._stopped.set()

    def _read(self, process: psutil.Process) -> int:
        with suppress(psutil.Error, OSError):
            times = process.cpu_times()
            self._cpu_seconds[process] = times.user + times.system
            return int(process.memory_full_info().pss)
        return 0


def run_measured(argv: Sequence[str | Path], *, env: Mapping[str, str], log_path: Path) -> Measurement:
    """Run `argv` to its end, its output in `log_path`. This process may have no other children meanwhile.

    From then on it adopts every orphan below it, and must reap what others start and leave to it.

    Raises:
        UncountedCpuError: the CPU seconds are not complete.
    """
    _adopt_orphans()
    with _sampling() as sampler:
        started = time.monotonic()
        try:
            exit_code, cpu_seconds = _reap_until(_spawn(argv, env, log_path))
            wall_seconds = time.monotonic() - started
        except BaseException:
            _kill_descendants()
            raise
        cpu_seconds += _reap_remaining()
    if sampler.cpu_seconds > cpu_seconds + _LOST_SECONDS:
        raise UncountedCpuError(f"{sampler.cpu_seconds:.2f} CPU s were seen, {cpu_seconds:.2f} counted: {argv}")
    return Measurement(exit_code, wall_seconds, cpu_seconds, sampler.peak_bytes)


def _adopt_orphans() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


@contextmanager
def _sampling() -> Iterator[_Sampler]:
    sampler = _Sampler()
    thread = threading.Thread(target=sampler.run, name="sampler")
    thread.start()
    try:
        yield sampler
    finally:
        sampler.stop()
        thread.join()


def _spawn(argv: Sequence[str | Path], env: Mapping[str, str], log_path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        argv[0],
        [str(argument) for argument in argv],
        env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log_path), flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def _reap_until(last_pid: int) -> tuple[int, float]:
    """Reap children up to and with `last_pid`; its exit code and the CPU seconds of all."""
    cpu_seconds = 0.0
    while True:
        pid, status, usage = os.wait4(-1, 0)
        cpu_seconds += usage.ru_utime + usage.ru_stime
        if pid == last_pid:
            return os.waitstatus_to_exitcode(status), cpu_seconds


def _reap_remaining() -> float:
    """Reap whoever outlived the command, by force after a while; the CPU seconds of all."""
    cpu_seconds = 0.0
    end = time.monotonic() + _GRACE_SECONDS
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu_seconds
        if pid:
            cpu_seconds += usage.ru_utime + usage.ru_stime
            continue
        if time.monotonic() > end:
            _kill_descendants()
        time.sleep(_POLL_SECONDS)


def _kill_descendants() -> None:
    for process in _descendants():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)


def _descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)
