"""Keeps work on some of the cores, and says how much more several do than one: the most that lanes can gain here.

A virtual machine's cores may be threads of one real core, and then two of them are less than two.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_ROUNDS = 3_000_000
_WORK = f"""
import os, sys
os.sched_setaffinity(0, {{int(sys.argv[1])}})
total = 0
for number in range({_ROUNDS}):
    total += number * number % 7
"""
_RUNS = 9


def first_cores(count: int) -> list[int]:
    """So many of the cores that this thread may use."""
    return sorted(os.sched_getaffinity(0))[:count]


@contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Keep this thread, and what it starts, on these cores while the block lasts."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def core_scaling(cores: int) -> float:
    """The work that `cores` cores do at the same time, over that of one: `cores` where none disturbs another.

    The fastest of several runs of either is taken, for what else the machine does can only slow them down.
    """
    alone = min(_seconds(1) for _ in range(_RUNS))
    together = min(_seconds(cores) for _ in range(_RUNS))
    return cores * alone / together


def _seconds(cores: int) -> float:
    started = time.monotonic()
    workers = [subprocess.Popen([sys.executable, "-c", _WORK, str(core)]) for core in range(cores)]
    for worker in workers:
        worker.wait()
    return time.monotonic() - started
