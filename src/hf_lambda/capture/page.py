"""One page that can be seeked: load it, wait until it is ready, take its frames."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.framebuffer import FramebufferShutter
from hf_lambda.capture.media_elements import MediaElement, parse_media_elements
from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.page_scripts import PageSettings, page_scripts
from hf_lambda.capture.pixel_memory import PixelMemory
from hf_lambda.capture.session import Session
from hf_lambda.capture.shutter import (
    BeginFrameShutter,
    CaptureMode,
    Picture,
    PictureFormat,
    ScreenshotShutter,
    Shutter,
)
from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, EMPTY_SCREENSHOT, PAGE_NAVIGATED, PAGE_NOT_READY

_READY_GRACE_SECONDS = 5.0
_FETCH_POLL_SECONDS = 0.01
_FETCHED_SECONDS = 0.05
"""What scripts get to make something of a file that they waited for."""
_ON_THE_WAY = "on the way"
"""What a page answers that is being taken to many moments before the frame, so that no call takes too long."""
_TRIES = 3
"""Of taking a picture: where a machine has far more to do than it can, Chromium may lose one."""


def no_pictures(_: int) -> Mapping[str, str]:
    """The pictures of source video on a page that has none."""
    return {}


@dataclass(frozen=True)
class PageSpec:
    """Which page to open, and how: CSS pixels, picture format, settings of the injected scripts, way to take it.

    `scale` is the number of picture pixels in each direction that draw one CSS pixel.
    """

    url: str
    width: int
    height: int
    picture: PictureFormat
    settings: PageSettings
    capture_mode: CaptureMode = "beginframe"
    video_pictures: Callable[[int], Mapping[str, str]] = field(default=no_pictures)
    """The URLs of the pictures of source video on a frame, by the render id of their elements."""
    scale: int = 1
    is_fetching: Callable[[], bool] = field(default=lambda: False)
    """Whether storage still sends files that the page asked for."""


class Page:
    """A page of one browser, in a context of its own. Frames are taken in ascending order."""

    def __init__(self, browser: Browser, spec: PageSpec, *, deadline: Deadline) -> None:
        self.report = PageReport()
        self._browser = browser
        self._spec = spec
        self._deadline = deadline
        self._session = Session(browser.devtools, self.report, deadline=deadline)
        self._shutter = self._make_shutter()
        scale = self._shutter.window_scale
        self._session.open(spec.width * scale, spec.height * scale, **self._shutter.target_params())
        self._shutter.prepare()
        self._equip()

    def load(self) -> PageReport:
        """Navigate and wait until the page can be seeked.

        Raises:
            PAGE_NOT_READY: it did not become ready in time; the message names what it waits for.
            BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: the browser failed.
        """
        navigation = self._session.call("Page.navigate", url=self._spec.url)
        if "errorText" in navigation:
            raise PAGE_NOT_READY(f"{self._spec.url} could not be opened: {navigation['errorText']}")
        answer = self._answer_while_loading("__hfLambda.ready()", self._spec.settings.ready_seconds)
        self.report.add_ready(answer)
        if not answer["ready"]:
            waiting = ", ".join(answer["waiting"]) or "nothing in particular"
            raise PAGE_NOT_READY(f"the page still waits for {waiting}{self.report.evidence()}")
        self._wait_for_fetches()
        if self._spec.picture.is_transparent:
            self._clear_backgrounds()
        self._session.stays = True
        return self.report

    def capture(self, frame: int) -> Picture:
        """The picture of frame number `frame` as the spec says; the same object again where nothing changed.

        It holds until the one after the next is taken.

        Raises:
            PAGE_SCRIPT_ERROR: the composition threw while it was seeked.
            PAGE_NAVIGATED: it left its document.
            EMPTY_SCREENSHOT: Chromium gave no picture.
            FRAME_STALLED: it never finished the frame.
            BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: the browser failed.
        """
        wants_unseen = self.seek(frame)
        while wants_unseen:
            self._shutter.draw_unseen(frame)
            wants_unseen = self.evaluate("__hfLambda.afterUnseen()")
        for _ in range(_TRIES):
            if picture := self._shutter.take(frame):
                return picture
        raise EMPTY_SCREENSHOT(f"no picture of frame {frame}, {_TRIES} times{self.report.evidence()}")

    def seek(self, frame: int) -> bool:
        """Send the page to frame number `frame`, without drawing it; whether an unseen frame must be drawn before it.

        Raises:
            PAGE_SCRIPT_ERROR, PAGE_NAVIGATED, BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: as `capture`.
        """
        shown = json.dumps(dict(self._spec.video_pictures(frame)))
        seconds = float(frame / self._spec.settings.fps)
        while (answer := self.evaluate(f"__hfLambda.frame({seconds!r}, {shown})")) == _ON_THE_WAY:
            self._deadline.check(f"taking the page to frame {frame}")
        return bool(answer)

    def media(self, duration_seconds: float) -> list[MediaElement]:
        """The media elements of the loaded page, clipped to a composition of `duration_seconds`."""
        parts = urlsplit(self._spec.url)
        return parse_media_elements(
            self.evaluate("__hfLambda.media()"), f"{parts.scheme}://{parts.netloc}", duration_seconds
        )

    def shows_stream(self) -> bool:
        """Whether a video of the page shows a live stream, for which BeginFrame has no pictures once it runs."""
        shows: bool = self.evaluate("[...document.querySelectorAll('video')].some((video) => video.srcObject)")
        return shows

    def audio_groups(self) -> list[dict[str, Any]]:
        """The audio groups of the loaded page, as its script describes them."""
        groups: list[dict[str, Any]] = self.evaluate("__hfLambda.audioGroups()")
        return groups

    def volumes(self, keys: Sequence[str], times: Sequence[float]) -> list[dict[str, Any]]:
        """For each of the ascending `times` (seconds): `volumes`, of media elements in a list parallel to `keys`, and
        `wasSet`, whether scripts set any on the way there; this seeks the page.
        """
        samples: list[dict[str, Any]] = self.evaluate(
            f"__hfLambda.volumes({json.dumps(list(keys))}, {json.dumps(list(times))})"
        )
        return samples

    def evaluate(self, expression: str) -> Any:
        """What `expression` gives in the page, or its promise; JSON values only.

        Raises:
            PAGE_SCRIPT_ERROR, PAGE_NAVIGATED, BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: as `Session.evaluate`.
        """
        return self._session.evaluate(expression)

    def prove(self) -> None:
        """Prove that the pictures taken were right; the page is lost by it.

        Raises:
            FRAMEBUFFER_UNREADABLE: they may not have been.
        """
        self._session.stays = False
        self._shutter.prove()

    def close(self) -> None:
        """Close the page and its context; the browser stays."""
        self._session.close()

    def _make_shutter(self) -> Shutter:
        spec = self._spec
        if spec.capture_mode == "screenshot":
            return ScreenshotShutter(self._session.call, spec.picture, spec.width, spec.height)
        frame_ms = float(1000 / spec.settings.fps)
        if spec.capture_mode == "beginframe":
            return BeginFrameShutter(self._session.call_for_frame, spec.picture, frame_ms, spec.scale)
        memory = PixelMemory(self._browser.compositor_pid(deadline=self._deadline))
        return FramebufferShutter(self._session.call_for_frame, memory, (spec.width, spec.height), frame_ms, spec.scale)

    def _clear_backgrounds(self) -> None:
        """Leave only what the composition draws; after the navigation, which would undo it."""
        self._session.call("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        self.evaluate("__hfLambda.clearBackgrounds()")

    def _equip(self) -> None:
        """Settle what the page will find when it loads."""
        if self._spec.scale != 1:
            self._enlarge()
        # Animations that a page starts while it loads must not run on real time until they are seeked.
        held = ("Animation.setPlaybackRate", {"playbackRate": 0})
        scripts = page_scripts(self._spec.settings)
        added = [("Page.addScriptToEvaluateOnNewDocument", {"source": script}) for script in scripts]
        self._session.call_all([held, *added])

    def _enlarge(self) -> None:
        """Draw the page larger than it is laid out.

        The browser's own scale factor would do so too, but would also lay text out on a finer grid, so that it
        moves by a fraction of a CSS pixel against the page at its own size.
        """
        self._session.call(
            "Emulation.setDeviceMetricsOverride",
            width=self._spec.width,
            height=self._spec.height,
            deviceScaleFactor=self._spec.scale,  # what the page sees, for canvases that want to be sharp
            scale=self._shutter.window_scale,  # what fills the window
            dontSetVisibleSize=True,  # or the window shrinks to the page
            mobile=False,
        )

    def _wait_for_fetches(self) -> None:
        """Wait for what its scripts ask for, which the page itself knows nothing of; storage may send it late."""
        limit = self._deadline.within(self._spec.settings.ready_seconds)
        while self._spec.is_fetching():
            while self._spec.is_fetching() and limit.remaining_seconds() > 0:
                self._let_pass(_FETCH_POLL_SECONDS)
            if limit.remaining_seconds() <= 0:
                self.report.warnings.append("files that scripts fetch were still on their way when it was rendered")
                return
            self._let_pass(_FETCHED_SECONDS)  # scripts make something of it, or ask for more

    def _let_pass(self, seconds: float) -> None:
        pause = f"new Promise((done) => __HF_VIRTUAL_TIME__.realSetTimeout(done, {1000 * seconds}))"
        self._answer_while_loading(pause, seconds)

    def _answer_while_loading(self, expression: str, seconds: float) -> Any:
        """Run frames until the page answers: some of its promises settle in a frame only.

        Raises:
            PAGE_NOT_READY: it did not within `seconds`, or left its document.
        """
        seconds += _READY_GRACE_SECONDS
        limit = self._deadline.within(seconds)
        doing = "waiting for the page"
        try:
            with self._session.frames_within(limit):
                return self._session.evaluate_beside(self._shutter.tick_while_loading, expression, limit, doing)
        except PAGE_NAVIGATED as error:
            raise PAGE_NOT_READY(f"while it loaded {error.cause}") from error
        except CHUNK_DEADLINE_EXCEEDED as error:
            self._deadline.check(doing)
            raise PAGE_NOT_READY(f"the page did not answer within {seconds:.0f} s{self.report.evidence()}") from error
