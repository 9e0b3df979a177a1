"""How a page's picture is taken, and the ways that let Chromium encode it: by BeginFrame or by plain screenshot.

BeginFrame is exact: we say when a frame begins. A few pages never finish a frame that way; those are photographed
by a browser that draws on its own time. `framebuffer.py` has the fastest way, which encodes nothing. Which one serves
a page is decided once, by the plan.
"""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

CaptureMode = Literal["framebuffer", "beginframe", "screenshot"]
Picture = bytes | memoryview

_LOADING_TICK_MS = 1.0
_SMALLEST_STEP_MS = 0.001
_FRAMES_AFTER_SCREENSHOT = 2
"""Until Chromium says of a page that stands still that nothing is damaged."""
_FIRST_TICK_MS = 1_000_000.0
"""Frame 0's time on the compositor's clock; far beyond every tick that loading can take."""


@dataclass(frozen=True)
class PictureFormat:
    """What a frame is handed on as: pixels or a JPEG for opaque output, PNG where alpha or a file is wanted."""

    kind: Literal["pixels", "jpeg", "png"]
    """Pixels are four bytes each, blue, green, red and one without a meaning, row by row from the top left."""
    quality: int = 95
    """Of a JPEG."""
    is_transparent: bool = False
    """Whether the page's own backgrounds are left out; PNG only. Alpha is straight, not multiplied in."""

    def to_protocol(self) -> dict[str, Any]:
        """The `screenshot` parameter of beginFrame."""
        quality = {"quality": self.quality} if self.kind == "jpeg" else {}
        return {"format": self.kind, "optimizeForSpeed": True, **quality}


class Call(Protocol):
    """Sends a command to the page and gives its answer."""

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """See `DevTools.call`."""


class Shutter(Protocol):
    """Takes pictures of one page."""

    window_scale: int
    """How many times as large as the page its window is."""

    def target_params(self) -> dict[str, Any]:
        """What to create the page's target with."""

    def prepare(self) -> None:
        """Get ready, while the target is still blank."""

    def tick_while_loading(self) -> None:
        """Let time pass on a page that loads: some of its promises settle in a frame only."""

    def draw_unseen(self, frame: int) -> None:
        """Draw the page as it is, for nobody to see, before the picture of `frame` is taken."""

    def take(self, frame: int) -> Picture | None:
        """The picture of `frame`, or None where Chromium gave none; the same object again where nothing changed.

        It holds until the one after the next is taken.
        """

    def prove(self) -> None:
        """Prove that all pictures were right; the page is lost by it."""


class FrameClock:
    """Begins frames at ticks of the compositor's clock, which must always rise: others are never answered."""

    def __init__(self, call: Call, frame_ms: float) -> None:
        self._call = call
        self._frame_ms = frame_ms
        self._last_tick_ms = 0.0
        self._lead_ms = frame_ms / 2

    def while_loading(self, *, is_shown: bool = False) -> dict[str, Any]:
        """A frame before the first that counts; it shows nothing unless it is told to."""
        tick_ms = self._last_tick_ms + _LOADING_TICK_MS
        return self._begin(tick_ms, _LOADING_TICK_MS, **({} if is_shown else {"noDisplayUpdates": True}))

    def before(self, frame: int) -> dict[str, Any]:
        """A frame between those to be seen; each halves what time is left."""
        self._lead_ms /= 2
        return self._begin(self._tick_ms(frame) - self._lead_ms, self._lead_ms)

    def at(self, frame: int, **params: Any) -> dict[str, Any]:
        """The frame at its own time."""
        self._lead_ms = self._frame_ms / 2
        return self._begin(self._tick_ms(frame), self._frame_ms, **params)

    def after(self, frame: int, **params: Any) -> dict[str, Any]:
        """The frame half an interval later, where its own tick may be spent."""
        self._lead_ms = self._frame_ms / 2
        return self._begin(self._tick_ms(frame) + self._frame_ms / 2, self._frame_ms / 2, **params)

    def _tick_ms(self, frame: int) -> float:
        return _FIRST_TICK_MS + frame * self._frame_ms

    def _begin(self, tick_ms: float, interval_ms: float, **params: Any) -> dict[str, Any]:
        self._last_tick_ms = max(tick_ms, self._last_tick_ms + _SMALLEST_STEP_MS)
        return self._call(
            "HeadlessExperimental.beginFrame", frameTimeTicks=self._last_tick_ms, interval=interval_ms, **params
        )


class ClockedShutter:
    """What all share that say when a frame begins."""

    def __init__(self, call: Call, frame_ms: float, scale: int) -> None:
        self.window_scale = scale  # the picture is what the window shows
        self._clock = FrameClock(call, frame_ms)

    def target_params(self) -> dict[str, Any]:
        """The target draws when it is told to."""
        return {"enableBeginFrameControl": True}

    def prepare(self) -> None:
        """Nothing to do."""

    def tick_while_loading(self) -> None:
        """One frame that shows nothing."""
        self._clock.while_loading()

    def prove(self) -> None:
        """Nothing to prove: Chromium says itself what each picture is."""


class BeginFrameShutter(ClockedShutter):
    """Has Chromium encode each frame; asks first whether anything moved where that is likely not so."""

    def __init__(self, call: Call, picture: PictureFormat, frame_ms: float, scale: int = 1) -> None:
        super().__init__(call, frame_ms, scale)
        self._picture = picture
        self._last_picture: bytes | None = None
        self._is_still = False

    def draw_unseen(self, frame: int) -> None:
        """A frame between those to be seen; what it changes is there for the next one to see."""
        self._is_still &= not self._clock.before(frame)["hasDamage"]

    def take(self, frame: int) -> bytes | None:
        """The picture of `frame`; the last one again where nothing changed."""
        if self._is_still and not self._clock.at(frame)["hasDamage"]:
            return self._last_picture
        answer = self._clock.after(frame, screenshot=self._picture.to_protocol())
        picture: bytes | None = answer.get("screenshotData")
        # Asking costs a fifth of a frame on pages that always move: ask only after a frame that did not.
        self._is_still = picture is not None and picture == self._last_picture
        if not self._is_still:
            self._last_picture = picture
            return picture
        self._let_damage_pass(frame)
        return self._last_picture

    def _let_damage_pass(self, frame: int) -> None:
        """Begin the frames that Chromium says are damaged only because there was a screenshot before them."""
        for _ in range(_FRAMES_AFTER_SCREENSHOT):
            if not self._clock.after(frame)["hasDamage"]:
                return


class ScreenshotShutter:
    """Asks a browser that draws on its own time for a picture of what the page is now."""

    def __init__(self, call: Call, picture: PictureFormat, width: int, height: int) -> None:
        self.window_scale = 1  # the picture is drawn anew, at the scale that the page is drawn at
        self._call = call
        self._picture = picture
        self._size = {"width": width, "height": height}

    def target_params(self) -> dict[str, Any]:
        """Nothing but the usual."""
        return {}

    def prepare(self) -> None:
        """Nothing to do."""

    def tick_while_loading(self) -> None:
        """Nothing to do: time passes by itself."""

    def draw_unseen(self, frame: int) -> None:
        """One pixel is enough to have the page drawn."""
        self._screenshot({"format": "jpeg", "quality": 1}, {"width": 1, "height": 1})

    def take(self, frame: int) -> bytes | None:
        """The picture of the page as it is now."""
        return self._screenshot(self._picture.to_protocol(), self._size)

    def prove(self) -> None:
        """Nothing to prove: Chromium says itself what each picture is."""

    def _screenshot(self, encoding: dict[str, Any], size: dict[str, int]) -> bytes | None:
        window = self._call("Page.getLayoutMetrics")["cssVisualViewport"]  # scripts may have scrolled it
        answer = self._call(
            "Page.captureScreenshot",
            **encoding,
            clip={"x": window["pageX"], "y": window["pageY"], "scale": 1, **size},
            fromSurface=True,
            captureBeyondViewport=False,
        )
        data: bytes | None = answer.get("data")
        return data
