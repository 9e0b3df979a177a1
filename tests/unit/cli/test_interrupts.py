import os
import signal
import time

import pytest

from hf_lambda.cli.interrupts import cancelled_by
from hf_lambda.deadline import Deadline


@pytest.fixture(autouse=True)
def _unblocked() -> "object":
    """The signals' mask of this thread is as it was, whatever the test does to it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_cancels_and_does_nothing_else(number: signal.Signals) -> None:
    """Neither does the process end nor is anything raised; the deadline is cancelled."""
    deadline = Deadline(60)
    with cancelled_by(deadline, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
        end = time.monotonic() + 30
        while not deadline.is_cancelled() and time.monotonic() < end:
            time.sleep(0.01)
    assert deadline.is_cancelled()


def test_without_a_signal_all_is_as_before() -> None:
    """The mask is restored, and the deadline goes on."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    deadline = Deadline(60)
    with cancelled_by(deadline, signal.SIGINT, signal.SIGTERM):
        assert signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert not deadline.is_cancelled()


def test_handlers_of_others_are_left_alone() -> None:
    """Who handles a signal by themselves goes on handling it."""
    heard: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        deadline = Deadline(60)
        with cancelled_by(deadline, signal.SIGTERM):
            os.kill(os.getpid(), signal.SIGTERM)
        assert heard == [signal.SIGTERM]
        assert not deadline.is_cancelled()
    finally:
        signal.signal(signal.SIGTERM, previous)
