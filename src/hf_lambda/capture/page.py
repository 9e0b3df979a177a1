"""One page that can be seeked: load it, wait until it is ready, take its frames."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.devtools import Event
from hf_lambda.capture.framebuffer import FramebufferShutter
from hf_lambda.capture.media_elements import MediaElement, parse_media_elements
from hf_lambda.capture.page_report import PageReport, describe_exception
from hf_lambda.capture.page_scripts import PageSettings, page_scripts
from hf_lambda.capture.pixel_memory import PixelMemory
from hf_lambda.capture.shutter import (
    BeginFrameShutter,
    CaptureMode,
    Picture,
    PictureFormat,
    ScreenshotShutter,
    Shutter,
)
from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    BROWSER_CRASHED,
    BROWSER_PROTOCOL_ERROR,
    CHUNK_DEADLINE_EXCEEDED,
    EMPTY_SCREENSHOT,
    FRAME_STALLED,
    PAGE_NAVIGATED,
    PAGE_NOT_READY,
    PAGE_SCRIPT_ERROR,
)

_DOMAINS = ("Page", "Runtime", "Log", "Inspector", "Animation", "HeadlessExperimental")
"""Of DevTools, what a page's session needs."""
_SIGNS_OF_NAVIGATION = ("navigated or closed", "context was destroyed", "Cannot find context")
_READY_GRACE_SECONDS = 5.0
_LOADING_POLL_SECONDS = 0.004
STALL_SECONDS = 20.0
"""Longest wait for a frame of a page whose scripts are idle."""
_ALIVE_SECONDS = 2.0
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


class Page:
    """A page of one browser, in a context of its own. Frames are taken in ascending order."""

    def __init__(self, browser: Browser, spec: PageSpec, *, deadline: Deadline) -> None:
        self.report = PageReport()
        self._browser = browser
        self._devtools = browser.devtools
        self._spec = spec
        self._deadline = deadline
        self._frame_limit = deadline
        self._loaded = False
        self._shutter = self._make_shutter()
        self._context_id = self._devtools.call("Target.createBrowserContext", deadline=deadline)["browserContextId"]
        self._session_id = self._create()
        self._shutter.prepare()
        self._equip()

    def load(self) -> PageReport:
        """Navigate and wait until the page can be seeked.

        Raises:
            PAGE_NOT_READY: it did not become ready in time; the message names what it waits for.
            BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: the browser failed.
        """
        navigation = self._call("Page.navigate", url=self._spec.url)
        if "errorText" in navigation:
            raise PAGE_NOT_READY(f"{self._spec.url} could not be opened: {navigation['errorText']}")
        answer = self._wait_until_ready()
        self.report.add_ready(answer)
        if not answer["ready"]:
            waiting = ", ".join(answer["waiting"]) or "nothing in particular"
            raise PAGE_NOT_READY(f"the page still waits for {waiting}{self.report.evidence()}")
        if self._spec.picture.is_transparent:
            self._clear_backgrounds()
        self._loaded = True
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
        wants_unseen: bool = self.evaluate(f"__hfLambda.frame({seconds!r}, {shown})")
        return wants_unseen

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

    def prove(self) -> None:
        """Prove that the pictures taken were right; the page is lost by it.

        Raises:
            FRAMEBUFFER_UNREADABLE: they may not have been.
        """
        self._loaded = False
        self._shutter.prove()

    def close(self) -> None:
        """Close the page and its context; the browser stays."""
        self._devtools.listen(self._session_id, None)
        self._devtools.call("Target.disposeBrowserContext", browserContextId=self._context_id, deadline=self._deadline)
        del self._shutter  # which knows us, so that its 16 MB of pictures would wait for the collector of cycles

    def _make_shutter(self) -> Shutter:
        spec = self._spec
        if spec.capture_mode == "screenshot":
            return ScreenshotShutter(self._call, spec.picture, spec.width, spec.height)
        frame_ms = float(1000 / spec.settings.fps)
        if spec.capture_mode == "beginframe":
            return BeginFrameShutter(self._call_for_frame, spec.picture, frame_ms, spec.scale)
        memory = PixelMemory(self._browser.compositor_pid(deadline=self._deadline))
        return FramebufferShutter(self._call_for_frame, memory, (spec.width, spec.height), frame_ms, spec.scale)

    def _clear_backgrounds(self) -> None:
        """Leave only what the composition draws; after the navigation, which would undo it."""
        self._call("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        self.evaluate("__hfLambda.clearBackgrounds()")

    def _create(self) -> str:
        target = self._devtools.call(
            "Target.createTarget",
            url="about:blank",
            width=self._spec.width * self._shutter.window_scale,
            height=self._spec.height * self._shutter.window_scale,
            browserContextId=self._context_id,
            **self._shutter.target_params(),
            deadline=self._deadline,
        )
        session_id: str = self._devtools.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True, deadline=self._deadline
        )["sessionId"]
        self._devtools.listen(session_id, self._on_event)
        self._devtools.call_all(
            [(f"{domain}.enable", {}) for domain in _DOMAINS], session_id=session_id, deadline=self._deadline
        )
        return session_id

    def _equip(self) -> None:
        """Settle what the page will find when it loads."""
        if self._spec.scale != 1:
            self._enlarge()
        # Animations that a page starts while it loads must not run on real time until they are seeked.
        held = ("Animation.setPlaybackRate", {"playbackRate": 0})
        scripts = page_scripts(self._spec.settings)
        added = [("Page.addScriptToEvaluateOnNewDocument", {"source": script}) for script in scripts]
        self._devtools.call_all([held, *added], session_id=self._session_id, deadline=self._deadline)

    def _enlarge(self) -> None:
        """Draw the page larger than it is laid out.

        The browser's own scale factor would do so too, but would also lay text out on a finer grid, so that it
        moves by a fraction of a CSS pixel against the page at its own size.
        """
        self._devtools.call(
            "Emulation.setDeviceMetricsOverride",
            session_id=self._session_id,
            width=self._spec.width,
            height=self._spec.height,
            deviceScaleFactor=self._spec.scale,  # what the page sees, for canvases that want to be sharp
            scale=self._shutter.window_scale,  # what fills the window
            dontSetVisibleSize=True,  # or the window shrinks to the page
            mobile=False,
            deadline=self._deadline,
        )

    def _wait_until_ready(self) -> dict[str, Any]:
        """Run frames while the page loads: some of its promises settle in a frame only."""
        seconds = self._spec.settings.ready_seconds + _READY_GRACE_SECONDS
        self._frame_limit = self._deadline.within(seconds)
        try:
            return self._run_until_ready(self._frame_limit)
        except CHUNK_DEADLINE_EXCEEDED as error:
            self._deadline.check("waiting for the page")
            raise PAGE_NOT_READY(f"the page did not answer within {seconds:.0f} s{self.report.evidence()}") from error
        finally:
            self._frame_limit = self._deadline

    def _run_until_ready(self, limit: Deadline) -> dict[str, Any]:
        number = self._devtools.send(
            "Runtime.evaluate",
            deadline=self._deadline,
            session_id=self._session_id,
            expression="__hfLambda.ready()",
            awaitPromise=True,
            returnByValue=True,
        )
        while (answer := self._devtools.take(number)) is None:
            limit.check("waiting for the page")
            self._shutter.tick_while_loading()
            self._devtools.pump(_LOADING_POLL_SECONDS, "waiting for the page")
        if "error" in answer:
            raise PAGE_NOT_READY(f"the page was replaced while it loaded: {answer['error'].get('message')}")
        value: dict[str, Any] = self._value(answer["result"])
        return value

    def evaluate(self, expression: str) -> Any:
        """What `expression` gives in the page, or its promise; JSON values only.

        Raises:
            PAGE_SCRIPT_ERROR: it threw.
        """
        answer = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return self._value(answer)

    def _value(self, answer: dict[str, Any]) -> Any:
        if "exceptionDetails" in answer:
            raise PAGE_SCRIPT_ERROR(describe_exception(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        try:
            return self._devtools.call(method, session_id=self._session_id, deadline=self._deadline, **params)
        except BROWSER_PROTOCOL_ERROR as error:
            if any(sign in error.cause for sign in _SIGNS_OF_NAVIGATION):
                raise PAGE_NAVIGATED(f"the page left its document during {method}{self.report.evidence()}") from error
            raise BROWSER_PROTOCOL_ERROR(f"{error.cause}{self.report.evidence()}") from error

    def _call_for_frame(self, method: str, **params: Any) -> dict[str, Any]:
        """As `_call`, for what may never be answered although the page is well."""
        limit = self._frame_limit
        number = self._devtools.send(method, session_id=self._session_id, deadline=limit, **params)
        answer = self._devtools.wait_at_most(number, STALL_SECONDS, method, deadline=limit)
        if answer is None and self._answers():
            raise FRAME_STALLED(f"{method} was not answered within {STALL_SECONDS:.0f} s{self.report.evidence()}")
        if answer is None:
            return self._devtools.wait(number, method, deadline=limit)
        if "error" in answer:
            raise BROWSER_PROTOCOL_ERROR(f"{method}: {answer['error'].get('message')}{self.report.evidence()}")
        result: dict[str, Any] = answer["result"]
        return result

    def _answers(self) -> bool:
        """Whether the page's main thread is free: then a frame that does not end is the compositor's doing."""
        number = self._devtools.send(
            "Runtime.evaluate", session_id=self._session_id, deadline=self._frame_limit, expression="1"
        )
        answer = self._devtools.wait_at_most(number, _ALIVE_SECONDS, "Runtime.evaluate", deadline=self._frame_limit)
        return answer is not None

    def _on_event(self, method: str, params: Event) -> None:
        if method == "Inspector.targetCrashed":
            raise BROWSER_CRASHED(f"the page crashed{self.report.evidence()}")
        if method == "Page.frameNavigated" and self._loaded and "parentId" not in params["frame"]:
            raise PAGE_NAVIGATED(f"the page went to {params['frame']['url']}")
        if method == "Page.javascriptDialogOpening":
            self._devtools.send(
                "Page.handleJavaScriptDialog", deadline=self._deadline, session_id=self._session_id, accept=True
            )
        else:
            self.report.hear(method, params)
