import os
import subprocess
import sys

from bench.planned import all_cpu_seconds, tree_cpu_seconds

BURNED_SECONDS = 0.3
_BURN = f"import time\nwhile time.process_time() < {BURNED_SECONDS}: pass"


def test_ended_children_count_with_those_who_waited_for_them() -> None:
    """A child that is gone is in one sum and not in the other."""
    own = os.getpid()
    before, living = all_cpu_seconds(own), tree_cpu_seconds(own)
    subprocess.run([sys.executable, "-c", _BURN], check=True)
    more, more_living = all_cpu_seconds(own) - before, tree_cpu_seconds(own) - living
    assert more - more_living >= BURNED_SECONDS - 0.05
