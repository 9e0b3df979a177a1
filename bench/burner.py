"""Uses a known amount of CPU and memory in an awkward way, to check `measure` with.

It starts a child that leaves at once; the grandchild, an orphan in a session of its own, burns CPU while
this process does, and both hold the same memory.
"""

import os
import time

BURNERS = 2
BURN_SECONDS = 1.5
HELD_BYTES = 200_000_000


def main() -> None:
    """Burn in two processes that do not know each other."""
    held = b"\1" * HELD_BYTES
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            _burn()
        os._exit(0)
    os.waitpid(child, 0)
    _burn()
    assert len(held) == HELD_BYTES


def _burn() -> None:
    while time.process_time() < BURN_SECONDS:
        pass


if __name__ == "__main__":
    main()
