"""Warm browsers, kept between segments, chunks and invocations of one process.

Launching takes longer than capturing a dozen frames. A browser is handed out to one lane at a time and
only for the very flags it was started with; one that failed is never handed out again.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hf_lambda.capture.chromium import Browser
from hf_lambda.deadline import Deadline


class BrowserPool:
    """At most `capacity` browsers in use at a time; thread-safe. `find_chromium` may unpack, so it waits for a need.

    `find_fonts` gives the folders with the fonts that browsers see beside Chromium's own.
    """

    def __init__(
        self,
        find_chromium: Callable[[], Path],
        scratch_dir: Path,
        capacity: int,
        find_fonts: Callable[[], Sequence[Path]] = tuple,
    ) -> None:
        self._find_chromium = find_chromium
        self._find_fonts = find_fonts
        self._scratch_dir = scratch_dir
        self._slots = threading.Semaphore(capacity)
        self._lock = threading.Lock()
        self._idle: list[Browser] = []

    @contextmanager
    def browser(self, flags: Sequence[str], *, deadline: Deadline) -> Iterator[Browser]:
        """A browser for the length of the `with` block, warm where one with these flags is idle."""
        while not self._slots.acquire(timeout=deadline.timeout(0.5, "waiting for a free browser")):
            continue
        try:
            browser = self._take_idle(flags)
            if browser is None:
                browser = Browser(
                    self._find_chromium(), flags, self._scratch_dir, deadline=deadline, font_dirs=self._find_fonts()
                )
            try:
                yield browser
            except BaseException:
                browser.close()
                raise
            with self._lock:
                self._idle.append(browser)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Stop every idle browser."""
        with self._lock:
            idle, self._idle = self._idle, []
        for browser in idle:
            with suppress(OSError):
                browser.close()

    def _take_idle(self, flags: Sequence[str]) -> Browser | None:
        stale: list[Browser] = []
        found = None
        with self._lock:
            while self._idle and found is None:
                browser = self._idle.pop()
                if browser.flags == tuple(flags) and browser.is_alive():
                    found = browser
                else:
                    stale.append(browser)
        for browser in stale:
            browser.close()
        return found
