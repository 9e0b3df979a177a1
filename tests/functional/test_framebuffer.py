"""What is read from Chromium's memory is what Chromium itself says that it drew, to the pixel."""

import dataclasses
import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import CaptureMode, FrameClock, PictureFormat
from hf_lambda.deadline import Deadline
from hf_lambda.errors import EMPTY_SCREENSHOT, FRAMEBUFFER_UNREADABLE, INVALID_CONFIG
from hf_lambda.media.probing import probe_video
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import decoded_frames, render
from tests.functional.sites import compile_site, serve

pytestmark = pytest.mark.browser

Pixels = npt.NDArray[np.uint8]

BODY = """
  <div id="turned" style="left:4%;top:8%;width:30%;height:40%;background:linear-gradient(40deg,#f36,#36f)"></div>
  <div id="veiled" style="left:25%;top:20%;width:40%;height:50%;background:#0c8;opacity:.37"></div>
  <div id="blurred" style="left:60%;top:5%;width:20%;height:40%;background:#fc0;filter:blur(6px)"></div>
  <div id="raised" style="left:55%;top:55%;width:25%;height:25%;background:#fff;border-radius:9px;
    box-shadow:0 8px 24px 4px rgba(120,160,255,.6)"></div>
  <div id="glass" style="left:10%;top:40%;width:50%;height:30%;backdrop-filter:blur(4px) hue-rotate(80deg)"></div>
  <svg style="left:80%;top:50%;width:20%;height:50%" viewBox="0 0 100 100">
    <circle id="dot" cx="30" cy="50" r="27.3" fill="none" stroke="#f0f" stroke-width="7.7"/>
    <path d="M5 95 C 40 10 65 10 95 95" fill="#08f8"/>
  </svg>
  <canvas width="200" height="100" style="left:0;top:60%;width:40%;height:40%"></canvas>
  <p style="left:5%;top:5%;margin:0;font:600 22px Inter;color:#fff">Text, très fin</p>
"""
SCRIPT = """
  const context = document.querySelector("canvas").getContext("2d");
  let drawn = -1;
  const draw = (time) => {
    if (time === drawn) return;
    drawn = time;
    context.clearRect(0, 0, 200, 100);
    context.fillStyle = "#9f5";
    context.fillRect(10 + 90 * time, 20.5, 60, 40);
    context.strokeStyle = "#fff";
    context.beginPath();
    context.arc(100, 50, 20 + 20 * time, 0, 5);
    context.stroke();
  };
  const tl = gsap.timeline({ paused: true, onUpdate: () => draw(tl.time()) });
  tl.to("#turned", { rotation: 75, scale: 1.3, x: 40.5, duration: 0.5, ease: "power3.out" }, 0);
  tl.to("#veiled", { opacity: 0.9, skewX: 20, duration: 0.5, ease: "none" }, 0);
  tl.to("#blurred", { filter: "blur(2px)", y: 15, duration: 0.4 }, 0);
  tl.to("#raised", { x: -30, boxShadow: "0 2px 4px 0 rgba(255,80,0,1)", duration: 0.5 }, 0);
  tl.to("#dot", { x: 40, duration: 0.5, ease: "none" }, 0);
  draw(0);
  window.__timelines["main"] = tl;
"""
HEAD = "<style>#root, #root > * { position: absolute; } #root { background: #123; }</style>"
"""Everything moves until half a second, then all stands still."""


def write_page(folder: Path, width: int, height: int) -> Path:
    """A composition of that size with everything that compositors find hard."""
    return write_project(
        folder,
        BODY,
        script=SCRIPT,
        head=f"{HEAD}<style>#root {{ width: {width}px; height: {height}px; }}</style>",
        width=width,
        height=height,
        duration=0.8,
    )


class Studio:
    """Opens one served composition as pages of a browser, in any capture mode."""

    def __init__(self, server: PageServer, width: int, height: int) -> None:
        self._server = server
        self.width, self.height = width, height

    def open(self, browser: Browser, mode: CaptureMode, scale: int = 1) -> Page:
        """A page that is ready."""
        spec = PageSpec(
            f"{self._server.origin}/index.html",
            *(self.width, self.height),
            PictureFormat("pixels" if mode == "framebuffer" else "png"),
            PageSettings(Fraction(30), {}, 20),
            capture_mode=mode,
            scale=scale,
        )
        page = Page(browser, spec, deadline=Deadline(120))
        page.load()
        return page

    def photographs(self, browser: Browser, frames: list[int], scale: int = 1) -> dict[int, Pixels]:
        """What Chromium itself says that it drew: its lossless screenshots, as (height, width, 3)."""
        page = self.open(browser, "beginframe", scale)
        pictures = {frame: Image.open(io.BytesIO(page.capture(frame))) for frame in frames}
        page.close()
        return {frame: np.asarray(picture.convert("RGB")) for frame, picture in pictures.items()}

    def readings(self, browser: Browser, frames: list[int], scale: int = 1) -> dict[int, Pixels]:
        """What was read from its memory, likewise; the place is proved afterwards."""
        page = self.open(browser, "framebuffer", scale)
        pictures = {frame: self.shaped(page.capture(frame), scale) for frame in frames}
        page.prove()
        page.close()
        return pictures

    def shaped(self, picture: bytes | memoryview, scale: int = 1) -> Pixels:
        """A copy of raw pixels as (height, width, 3), red first."""
        pixels = np.frombuffer(bytes(picture), np.uint8).reshape(self.height * scale, self.width * scale, 4)
        return pixels[..., 2::-1]


@pytest.fixture(scope="module", params=[(16, 16), (320, 180), (1918, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def studio(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> Iterator[Studio]:
    """The composition in one of its sizes."""
    yield from _studio(tmp_path_factory.mktemp("studio"), toolchain, *request.param)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Studio]:
    """The composition at 320x180."""
    yield from _studio(tmp_path_factory.mktemp("small"), toolchain, 320, 180)


def _studio(folder: Path, toolchain: Toolchain, width: int, height: int) -> Iterator[Studio]:
    site = compile_site(write_page(folder / "project", width, height), folder / "site", toolchain)
    with serve(site, toolchain) as server:
        yield Studio(server, width, height)


def assert_equal(ours: dict[int, Pixels], theirs: dict[int, Pixels]) -> None:
    """Every pixel of every frame is the same."""
    assert list(ours) == list(theirs)
    for frame, picture in ours.items():
        assert picture.shape == theirs[frame].shape
        differing = (picture != theirs[frame]).any(axis=2)
        assert not differing.any(), f"frame {frame}: {differing.sum()} pixels differ"


@pytest.mark.parametrize("frames", [[0, 1, 2, 3, 4], [0, 7, 8, 14, 23], [11]], ids=["in order", "with gaps", "alone"])
def test_memory_holds_what_chromium_says_it_drew(studio: Studio, session_browser: Browser, frames: list[int]) -> None:
    """Frames in order, with gaps and alone equal lossless screenshots, in every size."""
    theirs = studio.photographs(session_browser, frames)
    assert len({picture.tobytes() for picture in theirs.values()}) == len(frames)
    assert_equal(studio.readings(session_browser, frames), theirs)


def test_enlarged_frames_are_read_whole(small: Studio, session_browser: Browser) -> None:
    """At twice the size there are four times as many pixels, all of them right."""
    frames = [0, 1, 9, 14]
    ours = small.readings(session_browser, frames, scale=2)
    assert ours[0].shape == (360, 640, 3)
    assert_equal(ours, small.photographs(session_browser, frames, scale=2))


def test_frames_at_rest_are_one_object(small: Studio, session_browser: Browser) -> None:
    """Nothing is read where nothing moved, so nobody need compare or copy a picture."""
    page = small.open(session_browser, "framebuffer")
    pictures = [page.capture(frame) for frame in (0, 5, 16, 17, 18, 19)]
    page.prove()
    page.close()
    assert pictures[0] is not pictures[1] is not pictures[2]
    assert pictures[3] is pictures[4] is pictures[5]


def test_a_page_at_rest_is_not_photographed_again(
    small: Studio, session_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a picture equals the one before, Chromium says itself that nothing changes."""
    photographed: list[int] = []
    begin = FrameClock.after

    def remember(clock: FrameClock, frame: int, **params: Any) -> dict[str, Any]:
        photographed.extend([frame] if "screenshot" in params else [])
        return begin(clock, frame, **params)

    monkeypatch.setattr(FrameClock, "after", remember)
    page = small.open(session_browser, "beginframe")
    pictures = [page.capture(frame) for frame in range(24)]
    page.close()
    assert photographed == list(range(17))
    assert len(set(pictures[:16])) == 16
    assert all(picture is pictures[15] for picture in pictures[16:])


@pytest.mark.parametrize("mode", ["framebuffer", "beginframe"])
def test_a_picture_that_chromium_loses_is_taken_again(
    mode: CaptureMode, small: Studio, session_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice in a row; a third time is an error."""
    losses = 2
    begin = FrameClock._begin

    def lose(clock: FrameClock, *args: Any, **params: Any) -> dict[str, Any]:
        nonlocal losses
        answer = begin(clock, *args, **params)
        if "screenshotData" in answer and losses:
            losses -= 1
            del answer["screenshotData"]
        return answer

    page = small.open(session_browser, mode)
    whole = bytes(page.capture(7))
    page.close()
    monkeypatch.setattr(FrameClock, "_begin", lose)
    page = small.open(session_browser, mode)
    assert bytes(page.capture(7)) == whole
    page.close()
    losses = 3
    page = small.open(session_browser, mode)
    with pytest.raises(EMPTY_SCREENSHOT):
        page.capture(9)
    page.close()


def test_pages_of_one_browser_are_told_apart(small: Studio, session_browser: Browser) -> None:
    """Two that are open at once are found each for itself, and so is one that comes after them."""
    theirs = small.photographs(session_browser, [3, 12])
    first, second = (small.open(session_browser, "framebuffer") for _ in range(2))
    ours = {3: small.shaped(first.capture(3)), 12: small.shaped(second.capture(12))}
    assert_equal(ours, theirs)
    assert_equal({12: small.shaped(first.capture(12))}, {12: theirs[12]})
    for page in (first, second):
        page.prove()
        page.close()
    assert_equal(small.readings(session_browser, [3, 12]), theirs)


HIDDEN_DRIFT = """
  const tl = gsap.timeline({ paused: true });
  tl.to("#seen", { x: 200, duration: 1, ease: "steps(10)" }, 0);
  tl.to("#hidden", { x: 0.3, duration: 1, ease: "none" }, 0);
  window.__timelines["main"] = tl;
"""


def test_a_frame_that_an_unseen_one_drew_already_is_read(
    session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """A drifting element that is hidden has a frame drawn unseen; what else moved with it is then drawn already."""
    square = 'style="position:absolute;top:20px;width:40px;height:40px;background:#fff'
    body = f'<b id="seen" {square}"></b><b id="hidden" {square};visibility:hidden"></b>'
    project = write_project(tmp_path / "project", body, script=HIDDEN_DRIFT, duration=1)
    with serve(compile_site(project, tmp_path / "site", toolchain), toolchain) as server:
        studio, frames = Studio(server, 320, 180), list(range(30))
        theirs = {frame: studio.photographs(session_browser, [frame])[frame] for frame in frames}
        assert_equal(studio.readings(session_browser, frames), theirs)
        assert_equal(studio.photographs(session_browser, frames), theirs)


class MisledBrowser(Browser):
    """A browser that takes its main process for the one that draws."""

    def compositor_pid(self, *, deadline: Deadline) -> int:
        """The wrong process."""
        return self.pid


def test_a_process_that_does_not_draw_is_unreadable(
    small: Studio, fresh_settings: Settings, toolchain: Toolchain
) -> None:
    """No picture of the page is in its memory, so none is made up; the browser still serves other ways."""
    scratch = fresh_settings.scratch_dir
    browser = MisledBrowser(toolchain.chromium_dir, chromium_flags(), scratch, deadline=Deadline(60))
    try:
        with pytest.raises(FRAMEBUFFER_UNREADABLE, match="0 places"):
            small.open(browser, "framebuffer")
        assert small.photographs(browser, [0])[0].any()
    finally:
        browser.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The composition at 320x180, unserved."""
    return write_page(tmp_path_factory.mktemp("render") / "project", 320, 180)


def test_videos_of_both_modes_agree(
    project: Path, session_settings: Settings, toolchain: Toolchain, tmp_path: Path
) -> None:
    """The same frames at the same times; what differs is what the JPEG lost."""
    videos = {}
    for mode in ("framebuffer", "beginframe"):
        config = {"quality": "high", "crf": 4, "captureMode": mode, "segmentFrames": 10}
        made = render(project, tmp_path / mode, session_settings, **config)
        assert [chunk["CaptureMode"] for chunk in made.summary.chunks] == [mode]
        facts = probe_video(toolchain.ffprobe, made.summary.output, deadline=Deadline(60))
        assert facts.frame_count == 24
        assert facts.duration_seconds == pytest.approx(0.8, abs=1e-4)
        videos[mode] = list(decoded_frames(toolchain, made.summary.output, 320, 180))
    ours, theirs = (np.stack(frames).astype(float) for frames in videos.values())
    errors = ((ours - theirs) ** 2).mean(axis=(1, 2, 3))
    assert (10 * np.log10(255**2 / np.maximum(errors, 1e-9))).min() >= 40


@pytest.mark.parametrize(("container", "mode"), [("mp4", "framebuffer"), ("webm", "beginframe")])
def test_format_decides_the_way_by_default(
    container: str, mode: CaptureMode, project: Path, session_settings: Settings, tmp_path: Path
) -> None:
    """Opaque frames are read from memory; alpha is in screenshots only. Chunks say which way was taken."""
    made = render(project, tmp_path / "work", session_settings, format=container, chunkSize=12)
    assert [chunk["CaptureMode"] for chunk in made.summary.chunks] == [mode, mode]
    assert made.summary.assembled["FramesEncoded"] == 24


def test_rendering_twice_gives_the_same_bytes(project: Path, session_settings: Settings, tmp_path: Path) -> None:
    """With any number of browsers at work."""
    outputs = []
    for lanes in (1, 2):
        settings = dataclasses.replace(session_settings, lanes=lanes)
        made = render(project, tmp_path / str(lanes), settings, captureMode="framebuffer", segmentFrames=8)
        outputs.append((made.summary.output.read_bytes(), made.pictures))
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("container", ["webm", "mov", "png-sequence"])
def test_alpha_cannot_be_read_from_memory(
    container: str, project: Path, session_settings: Settings, tmp_path: Path
) -> None:
    """To ask for it is a mistake that is told before anything starts."""
    with pytest.raises(INVALID_CONFIG, match="framebuffer"):
        render(project, tmp_path / "work", session_settings, captureMode="framebuffer", format=container)
