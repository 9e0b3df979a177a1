import threading

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, RENDER_CANCELLED
from tests.unit.doubles import StandingClock


def test_remaining_seconds_follow_the_clock() -> None:
    """What is left shrinks with the clock and goes below zero after the end."""
    clock = StandingClock()
    deadline = Deadline(10, clock=clock)
    clock.now += 4
    assert deadline.remaining_seconds() == 6
    clock.now += 7
    assert deadline.remaining_seconds() == -1


def test_check_passes_while_time_is_left() -> None:
    """A check before the end does nothing."""
    clock = StandingClock()
    deadline = Deadline(10, clock=clock)
    clock.now += 9.9
    deadline.check("working")
    assert deadline.remaining_seconds() > 0


@pytest.mark.parametrize("seconds", [10, 10.5, 4000])
def test_check_raises_once_the_time_is_up(seconds: float) -> None:
    """At the end and after it a check raises and names the work."""
    clock = StandingClock()
    deadline = Deadline(10, clock=clock)
    clock.now += seconds
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED, match="while taking frame 7"):
        deadline.check("taking frame 7")


@pytest.mark.parametrize("seconds", [0, -3])
def test_deadline_without_time_is_over_at_once(seconds: float) -> None:
    """A budget of nothing is spent when it begins."""
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        Deadline(seconds, clock=StandingClock()).check("starting")


def test_timeout_is_the_limit_while_more_time_is_left() -> None:
    """A wait takes its own limit when the budget allows it."""
    assert Deadline(10, clock=StandingClock()).timeout(3, "waiting") == 3


def test_timeout_is_cut_to_what_is_left() -> None:
    """A wait never outlives the budget."""
    clock = StandingClock()
    deadline = Deadline(10, clock=clock)
    clock.now += 8
    assert deadline.timeout(3, "waiting") == 2


def test_timeout_raises_when_nothing_is_left() -> None:
    """A wait does not begin after the end."""
    clock = StandingClock()
    deadline = Deadline(1, clock=clock)
    clock.now += 1
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED, match="waiting for ffmpeg"):
        deadline.timeout(3, "waiting for ffmpeg")


def test_cancelling_stops_the_work() -> None:
    """After a cancellation every check raises, though time is left."""
    deadline = Deadline(10, clock=StandingClock())
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED, match="stopped while encoding"):
        deadline.check("encoding")
    with pytest.raises(RENDER_CANCELLED):
        deadline.timeout(1, "encoding")


def test_cancelling_wins_over_a_deadline_that_passed() -> None:
    """Who stopped a render is not told that it was too slow."""
    deadline = Deadline(0, clock=StandingClock())
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED):
        deadline.check("encoding")


def test_cancelling_reaches_other_threads() -> None:
    """A cancellation from one thread is seen by another."""
    deadline = Deadline(10)
    thread = threading.Thread(target=deadline.cancel)
    thread.start()
    thread.join()
    with pytest.raises(RENDER_CANCELLED):
        deadline.check("encoding")
