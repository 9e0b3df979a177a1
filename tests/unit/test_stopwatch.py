import threading

import pytest

from hf_lambda.stopwatch import Stopwatch


class Clock:
    """Moves on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


def test_parts_add_up_by_name() -> None:
    """Each part has the time of all its blocks, in the order in which parts first ended."""
    clock = Clock()
    watch = Stopwatch(clock)
    for name, seconds in (("Fetch", 1.0), ("Capture", 0.25), ("Fetch", 0.5), ("Capture", 0.0004)):
        with watch.part(name):
            clock.seconds += seconds
    assert watch.milliseconds() == {"Fetch": 1500, "Capture": 250}
    assert list(watch.milliseconds()) == ["Fetch", "Capture"]


def test_part_that_fails_counts() -> None:
    """The time of a block that raises is not lost, and the error goes on."""
    clock = Clock()
    watch = Stopwatch(clock)

    def fail() -> None:
        with watch.part("Launch"):
            clock.seconds += 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert watch.milliseconds() == {"Launch": 2000}


def test_threads_do_not_lose_each_others_time() -> None:
    """Lanes that work side by side all count."""
    ticks = threading.local()

    def clock() -> float:
        ticks.count = getattr(ticks, "count", 0) + 1
        return float(ticks.count)

    watch = Stopwatch(clock)

    def work() -> None:
        for _ in range(500):
            with watch.part("Capture"):
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watch.milliseconds() == {"Capture": 8 * 500 * 1000}


def test_nothing_measured_is_nothing() -> None:
    """A stopwatch that was never used has no parts."""
    assert Stopwatch().milliseconds() == {}
