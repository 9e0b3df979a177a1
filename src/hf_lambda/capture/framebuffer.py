"""Takes frames out of the memory that Chromium's compositor draws into, without a screenshot.

A BeginFrame with a screenshot draws the whole picture anew, copies it twice between processes and encodes it: 44 ms
of CPU at 1080p where drawing takes 10 (docs/architecture.md). Without a GPU the compositor draws into one block of
plain memory, which the process that started the browser may read: 2 ms, and lossless.

Where the block lies is found out for each page: the blank target is painted in one colour, then in another, and
exactly one place in memory must follow. When the page is done the same is proved once more.
"""

import itertools
import mmap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hf_lambda.capture.pixel_memory import PIXEL_BYTES, PixelMemory
from hf_lambda.capture.shutter import Call, ClockedShutter
from hf_lambda.errors import BROWSER_CRASHED, FRAMEBUFFER_UNREADABLE
from hf_lambda.system_calls import are_equal

_COLOURS = ((17, 99, 201), (203, 31, 43))
"""Red, green and blue; nothing else in a blank browser is filled with either."""
_PAINT_SECONDS = 10.0
"""How long a colour may take to be shown: a blank page needs a moment until it draws at all."""
_PAINT_POLL_SECONDS = 0.001
_PROOF_SECONDS = 2.0
"""How long a page that is left may take until its place in memory follows a colour again."""
_SMALLEST_SCREENSHOT = {"format": "jpeg", "quality": 1, "optimizeForSpeed": True}


class FramebufferShutter(ClockedShutter):
    """Tells the compositor when each frame begins, and reads what it drew; opaque pages only."""

    def __init__(self, call: Call, memory: PixelMemory, size: tuple[int, int], frame_ms: float, scale: int = 1) -> None:
        super().__init__(call, frame_ms, scale)
        self._call = call
        self._memory = memory
        self._pixels = size[0] * size[1] * scale * scale
        self._address = 0
        # Not filled with zeros first, as a bytearray is.
        self._buffers = [memoryview(mmap.mmap(-1, PIXEL_BYTES * self._pixels)) for _ in range(2)]
        self._picture: memoryview | None = None
        self._has_changed = False

    def prepare(self) -> None:
        """Find the place that is drawn into.

        Raises:
            FRAMEBUFFER_UNREADABLE: it cannot be read, or more or fewer than one place could be it.
        """
        first, *others = _COLOURS
        self._paint(first)
        with _translated():
            places = self._memory.find_filled(_pixel(first), self._pixels)
        for colour in others:
            self._paint(colour)
            places = [place for place in places if self._shows(colour, place)]
        if len(places) != 1:
            raise FRAMEBUFFER_UNREADABLE(f"{len(places)} places in Chromium's memory could hold its picture")
        self._address = places[0]

    def draw_unseen(self, frame: int) -> None:
        """A frame between those to be seen; what it changes is there for the next one to see."""
        self._has_changed |= self._clock.before(frame)["hasDamage"]

    def take(self, frame: int) -> memoryview | None:
        """The pixels of `frame`; the same object again where nothing changed, None where Chromium did not draw.

        A page's first frame is proved by a screenshot, which Chromium does not give where it cannot draw a page, such
        as one with a live stream; and which has all of the page drawn.
        """
        is_first = self._picture is None
        answer = self._clock.at(frame, **({"screenshot": _SMALLEST_SCREENSHOT} if is_first else {}))
        if is_first and "screenshotData" not in answer:
            return None
        if is_first or self._has_changed or answer["hasDamage"]:
            self._look_again()
        self._has_changed = False
        return self._picture

    def prove(self) -> None:
        """Show that the same place is drawn into still.

        Raises:
            FRAMEBUFFER_UNREADABLE: it is not, so what was read may not have been the page.
        """
        self._call("Page.navigate", url="about:blank")
        end = time.monotonic() + _PROOF_SECONDS
        for colour in itertools.cycle(_COLOURS):  # the first may be lost with the page that is left
            self._paint(colour)
            if self._shows(colour, self._address):
                return
            if time.monotonic() > end:
                raise FRAMEBUFFER_UNREADABLE("Chromium moved its picture while the page was rendered")

    def _look_again(self) -> None:
        """Read the picture; where all that was drawn anew is as it was, the last one stays the last."""
        unused = self._buffers[0]  # the other one is on its way to the encoder
        try:
            self._memory.read_into(unused, self._address)
        except OSError as error:
            raise BROWSER_CRASHED(f"Chromium's picture is gone: {error}") from error
        if self._picture is None or not are_equal(self._picture, unused):
            self._buffers.reverse()
            self._picture = unused

    def _shows(self, colour: Sequence[int], address: int) -> bool:
        with _translated():
            return self._memory.is_filled(address, _pixel(colour), self._pixels)

    def _paint(self, colour: Sequence[int]) -> None:
        """Fill the blank page, and wait until that is drawn."""
        self._call(
            "Runtime.evaluate",
            expression=f"document.documentElement.style.background = 'rgb({','.join(map(str, colour))})'",
        )
        end = time.monotonic() + _PAINT_SECONDS
        while not self._clock.while_loading(is_shown=True)["hasDamage"]:
            if time.monotonic() > end:
                raise FRAMEBUFFER_UNREADABLE(f"Chromium did not draw a blank page within {_PAINT_SECONDS:.0f} s")
            time.sleep(_PAINT_POLL_SECONDS)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FRAMEBUFFER_UNREADABLE(f"Chromium's memory cannot be read: {error}") from error


def _pixel(colour: Sequence[int]) -> bytes:
    red, green, blue = colour
    return bytes((blue, green, red, 255))
