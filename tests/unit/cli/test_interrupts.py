import subprocess
import sys

import pytest

# In a process of its own: here other threads may be at work, to which the system may hand the signal.
_PROGRAM = """
import os, signal, threading, time
from hf_lambda.cli.interrupts import cancelled_by
from hf_lambda.deadline import Deadline

heard = []
signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background was started without
{before}
deadline = Deadline(60)
mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
with cancelled_by(deadline, signal.SIGINT, signal.SIGTERM):
    threading.Thread(target=time.sleep, args=(0.01,)).start()
    {inside}
    end = time.monotonic() + {wait}
    while not deadline.is_cancelled() and time.monotonic() < end:
        time.sleep(0.01)
print(deadline.is_cancelled(), len(heard), signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask)
"""


def run(*, before: str = "", inside: str = "pass", wait: float = 0.3) -> str:
    """What the program says: whether the deadline was cancelled, how often its handler was called, its mask is back."""
    program = _PROGRAM.format(before=before, inside=inside, wait=wait)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signal_cancels_and_does_nothing_else(name: str) -> None:
    """The process neither ends nor raises anything: the deadline is cancelled, and more signals are held back."""
    assert run(inside=f"os.kill(os.getpid(), signal.{name})", wait=30) == "True 0 False"


def test_without_a_signal_all_is_as_before() -> None:
    """The mask is restored, and the deadline goes on."""
    assert run() == "False 0 True"


def test_handlers_of_others_are_left_alone() -> None:
    """Who handles a signal by themselves goes on handling it."""
    before = "signal.signal(signal.SIGTERM, lambda *_: heard.append(1))"
    assert run(before=before, inside="os.kill(os.getpid(), signal.SIGTERM)") == "False 1 True"
