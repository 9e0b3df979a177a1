"""How much more several cores do than one, by a program that only computes: the most that lanes can gain here.

A virtual machine's cores may be threads of one real core, and then two of them are less than two.
"""

import subprocess
import sys
import time

_ROUNDS = 3_000_000
_WORK = f"""
import os, sys
os.sched_setaffinity(0, {{int(sys.argv[1])}})
total = 0
for number in range({_ROUNDS}):
    total += number * number % 7
"""
_RUNS = 9


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
