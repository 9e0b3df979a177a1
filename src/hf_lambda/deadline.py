"""One time budget for a whole invocation, handed down to everything that waits.

A wait that invents its own timeout either gives up too early or outlives the Lambda sandbox. Every
wait for a browser, for ffmpeg or for a lane takes its timeout from the invocation's `Deadline` instead, which also
carries cancellation (Ctrl-C on a laptop) to all threads of a render.
"""

import math
import threading
import time
from collections.abc import Callable

from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, RENDER_CANCELLED


class Deadline:
    """Seconds left until the work must have ended; thread-safe."""

    def __init__(
        self, seconds: float, *, clock: Callable[[], float] = time.monotonic, parent: "Deadline | None" = None
    ) -> None:
        self._clock = clock
        self._end = clock() + seconds
        self._cancelled = threading.Event()
        self._parent = parent

    def within(self, seconds: float = math.inf) -> "Deadline":
        """A part of this deadline: it ends no later, is cancelled with it, and can be cancelled alone."""
        return Deadline(min(seconds, self.remaining_seconds()), clock=self._clock, parent=self)

    def is_cancelled(self) -> bool:
        """Whether the work, or the work that it is a part of, was cancelled."""
        return self._cancelled.is_set() or (self._parent is not None and self._parent.is_cancelled())

    def cancel(self) -> None:
        """Make every later `check` in every thread raise `RENDER_CANCELLED`."""
        self._cancelled.set()

    def remaining_seconds(self) -> float:
        """Seconds left; negative once the deadline has passed."""
        return self._end - self._clock()

    def check(self, doing: str) -> None:
        """Raise when the work was cancelled or no time is left; `doing` names the work in the message.

        Raises:
            RENDER_CANCELLED: `cancel` was called.
            CHUNK_DEADLINE_EXCEEDED: no time is left.
        """
        if self.is_cancelled():
            raise RENDER_CANCELLED(f"stopped while {doing}")
        if self.remaining_seconds() <= 0:
            raise CHUNK_DEADLINE_EXCEEDED(f"the time allowed for this invocation ran out while {doing}")

    def timeout(self, limit_seconds: float, doing: str) -> float:
        """Seconds that one wait may take: `limit_seconds`, or less where less is left. Checks first."""
        self.check(doing)
        return min(limit_seconds, self.remaining_seconds())
