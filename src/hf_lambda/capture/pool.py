"""Warm browsers, kept between segments, chunks and invocations of one process.

Launching takes longer than capturing a dozen frames, so one can be ordered ahead. A browser is handed out to one lane
at a time and only for the very flags it was started with; one that failed is never handed out again.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from hf_lambda.capture.chromium import Browser
from hf_lambda.deadline import Deadline
from hf_lambda.errors import HfLambdaError


class BrowserPool:
    """At most `capacity` browsers in use at a time; thread-safe. `find_chromium` may unpack, so it waits for a need.

    `find_fonts` gives the folders with the fonts that browsers see beside Chromium's own, `find_mesa` the one with
    Mesa's driver, where there is one; it may unpack too.
    """

    def __init__(
        self,
        find_chromium: Callable[[], Path],
        scratch_dir: Path,
        capacity: int,
        find_fonts: Callable[[], Sequence[Path]] = tuple,
        find_mesa: Callable[[], Path | None] = lambda: None,
    ) -> None:
        self._find_chromium = find_chromium
        self._find_fonts = find_fonts
        self._find_mesa = find_mesa
        self._scratch_dir = scratch_dir
        self._slots = threading.Semaphore(capacity)
        self._lock = threading.Lock()
        self._idle: list[Browser] = []
        self._coming: Future[Browser] | None = None
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="warm-browser")

    def warm(self, flags: Sequence[str], *, deadline: Deadline, is_guess: bool = False) -> None:
        """Start a browser in the background for whoever wants the next one.

        Not where one is idle or on its way, nor where as many as there may be are in use; on a guess, not where any is
        idle, because that may be the right one.
        """
        if not self._slots.acquire(blocking=False):
            return
        try:
            with self._lock:
                is_idle = any(is_guess or browser.flags == tuple(flags) for browser in self._idle)
                if self._coming is None and not is_idle:
                    self._coming = self._starter.submit(self._start, flags, deadline)
        finally:
            self._slots.release()

    @contextmanager
    def browser(self, flags: Sequence[str], *, deadline: Deadline) -> Iterator[Browser]:
        """A browser for the length of the `with` block, warm where one with these flags is idle or on its way."""
        while not self._slots.acquire(timeout=deadline.timeout(0.5, "waiting for a free browser")):
            continue
        try:
            browser = self._take_idle(flags) or self._take_coming(flags) or self._start(flags, deadline)
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
        """Stop every browser that is idle or on its way."""
        with self._lock:
            coming, self._coming = self._coming, None
            idle, self._idle = self._idle, []
        _close_all([*idle, _once_started(coming)])

    def _start(self, flags: Sequence[str], deadline: Deadline) -> Browser:
        return Browser(
            self._find_chromium(),
            flags,
            self._scratch_dir,
            deadline=deadline,
            font_dirs=self._find_fonts(),
            find_mesa=self._find_mesa,
        )

    def _take_coming(self, flags: Sequence[str]) -> Browser | None:
        with self._lock:
            coming, self._coming = self._coming, None
        browser = _once_started(coming)
        if browser is None or _is_fit(browser, flags):
            return browser
        _close_all([browser])
        return None

    def _take_idle(self, flags: Sequence[str]) -> Browser | None:
        stale: list[Browser] = []
        found = None
        with self._lock:
            while self._idle and found is None:
                browser = self._idle.pop()
                if _is_fit(browser, flags):
                    found = browser
                else:
                    stale.append(browser)
        _close_all(stale)
        return found


def _is_fit(browser: Browser, flags: Sequence[str]) -> bool:
    return browser.flags == tuple(flags) and browser.is_alive()


def _close_all(browsers: Iterable[Browser | None]) -> None:
    """Side by side: each takes a moment to end."""
    threads = [threading.Thread(target=_close, args=[browser]) for browser in browsers if browser is not None]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _close(browser: Browser) -> None:
    with suppress(OSError):
        browser.close()


def _once_started(coming: Future[Browser] | None) -> Browser | None:
    """The browser, once it is up; None where there is none or it failed: whoever starts the next one learns why."""
    if coming is None:
        return None
    try:
        return coming.result()
    except (HfLambdaError, OSError):
        return None
