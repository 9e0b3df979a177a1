"""The peak memory of running processes. It is proportional (PSS): pages that processes share count once."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

import psutil

_SAMPLE_SECONDS = 0.1

Groups = Mapping[str, Sequence[psutil.Process]]
"""Processes by what they are."""


@dataclass
class PeakMemory:
    """The most memory that groups of processes had, each for itself and all at the same time."""

    find: Callable[[], Groups]
    interval_seconds: float = _SAMPLE_SECONDS
    """Reading takes time, of which less is taken by reading less often."""
    by_group: dict[str, int] = field(default_factory=dict)
    together: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def sampling(self) -> Iterator[Self]:
        """Sample while the block lasts, and once more at its end."""
        thread = threading.Thread(target=self._run, name="memory")
        thread.start()
        try:
            yield self
        finally:
            self._stopped.set()
            thread.join()
            self._sample()

    def _run(self) -> None:
        while not self._stopped.wait(self.interval_seconds):
            self._sample()

    def _sample(self) -> None:
        sizes = {name: sum(map(_pss_bytes, processes)) for name, processes in self.find().items()}
        for name, size in sizes.items():
            self.by_group[name] = max(self.by_group.get(name, 0), size)
        self.together = max(self.together, sum(sizes.values()))


def _pss_bytes(process: psutil.Process) -> int:
    with suppress(psutil.Error, OSError):
        return int(process.memory_full_info().pss)
    return 0
