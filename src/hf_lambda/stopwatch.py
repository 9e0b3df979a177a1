"""Where an invocation's time went: seconds by part of the work, added up over threads."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the time of named parts; thread-safe. Parts that run side by side add up to more than the clock shows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the block as a part of the work, also where it fails."""
        started = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._seconds[name] = self._seconds.get(name, 0.0) + self._clock() - started

    def milliseconds(self) -> dict[str, int]:
        """The parts so far, in the order in which they first ended, in milliseconds."""
        with self._lock:
            return {name: round(seconds * 1000) for name, seconds in self._seconds.items()}
