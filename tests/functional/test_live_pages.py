"""Pages that move by other means than GSAP show the same frame whichever way it is reached and taken."""

import dataclasses
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.page_scripts import PageSettings
from hf_lambda.capture.pixel_memory import PIXEL_BYTES
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import CaptureMode, PictureFormat
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    EMPTY_SCREENSHOT,
    LIVE_MAP_NOT_SUPPORTED,
    PAGE_SCRIPT_ERROR,
    WEBGPU_NOT_SUPPORTED,
    HfLambdaError,
)
from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.stages.capture_mode import flags_for
from hf_lambda.toolchain import Toolchain
from tests.functional.live_project import write_live_project
from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.renders import decoded_frames, render
from tests.functional.sites import compile_site, serve

pytestmark = pytest.mark.browser


@dataclasses.dataclass
class Shown:
    """What a page showed and said, by frame."""

    pictures: dict[int, bytes]
    values: dict[int, Any]
    report: PageReport


@dataclasses.dataclass
class Site:
    """A compiled project that is served."""

    server: PageServer
    session: Settings

    def show(self, frames: list[int], expression: str = "null", mode: CaptureMode = "beginframe") -> Shown:
        """Take frames, losslessly, from a freshly loaded page; evaluate `expression` after each."""
        deadline = Deadline(60)
        spec = PageSpec(
            f"{self.server.origin}/index.html",
            *(320, 180),
            PictureFormat("pixels" if mode == "framebuffer" else "png"),
            PageSettings(RenderConfig().fps, {}, 20),
            capture_mode=mode,
        )
        with browser_pool(self.session).browser(flags_for(mode), deadline=deadline) as browser:
            page = Page(browser, spec, deadline=deadline)
            shown = Shown({}, {}, page.load())
            for frame in frames:
                shown.pictures[frame] = bytes(page.capture(frame))
                shown.values[frame] = page.evaluate(expression)
            page.close()
        return shown


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, session_settings: Settings, toolchain: Toolchain) -> Iterator[Site]:
    """The page in which everything moves."""
    folder = tmp_path_factory.mktemp("live")
    site = compile_site(write_live_project(folder / "project"), folder / "site", toolchain)
    with serve(site, toolchain) as server:
        yield Site(server, session_settings)


@pytest.fixture(scope="module")
def step_by_step(live: Site) -> Shown:
    """Every frame of that page, in order."""
    return live.show(list(range(58)), _PLACES)


_PLACES = """(() => {
  const at = (id) => Math.round(document.getElementById(id).getBoundingClientRect().left);
  return {
    ...Object.fromEntries([...document.querySelectorAll("[id].box, [id].small")].map(({ id }) => [id, at(id)])),
    typed: document.getElementById("typed").offsetWidth,
    smil: Math.round(document.querySelector("animate").targetElement.x.animVal.value),
    d3: Math.round(document.querySelector("#d3 rect").getAttribute("x")),
    seen,
  };
})()"""


def test_every_frame_of_it_differs_from_the_one_before(step_by_step: Shown) -> None:
    """Nothing stands still: the page is worth testing with."""
    assert len(set(step_by_step.pictures.values())) == len(step_by_step.pictures)
    assert step_by_step.report.warnings == []
    assert step_by_step.report.script_errors == []


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.lists(st.integers(0, 57), min_size=1, max_size=4, unique=True).map(sorted))
def test_a_frame_does_not_depend_on_those_before(live: Site, step_by_step: Shown, frames: list[int]) -> None:
    """Whatever frames a page was sent to before, it shows the same: pixel for pixel, value for value."""
    shown = live.show(frames, _PLACES)
    for frame in frames:
        assert shown.values[frame] == step_by_step.values[frame]
        assert shown.pictures[frame] == step_by_step.pictures[frame], f"frame {frame} of {frames}"


def test_things_are_where_their_author_put_them(step_by_step: Shown) -> None:
    """A second into it, each animation is as far as its own clock says; what starts late counts from its moment."""
    places = step_by_step.values[30]
    assert places["smil"] == 150
    assert places["scrolled"] == 24 + 150
    assert places["steps"] == 0
    assert places["d3"] == 160
    assert places["moved"] == pytest.approx(150, abs=11)  # a frame later than its callback at most
    assert places["called"] == pytest.approx(90, abs=11)
    assert places["timed"] == pytest.approx(310 - 200 * 0.36 / 0.9, abs=11)
    assert places["ticks"] == 100 + 5 * 20
    assert places["late"] > places["moved"]
    assert places["typed"] == 6 + 4 * 9
    assert places["slides"] == pytest.approx(100, abs=1)
    assert places["put-off"] == pytest.approx(50, abs=21)
    assert places["since"] == 20 + 100
    assert places["twice"] == pytest.approx(150, abs=11)
    assert places["loose"] == pytest.approx(150, abs=6)


def test_every_clock_shows_the_frames_time(step_by_step: Shown) -> None:
    """Date, performance, the document's timeline and events agree on it, and randomness follows from it."""
    seen = step_by_step.values[30]["seen"]
    assert seen["times"] == [1000, 1000, 0, 1000, 1000]
    assert seen["ticks"] == 20
    assert seen["idle"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", seen["uuid"])
    assert seen["uuid"] != step_by_step.values[31]["seen"]["uuid"]


CALENDAR = """(() => {
  const format = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });
  const parts = format.formatToParts().map(({ value }) => value).join("");
  const { instant, plainDateTimeISO, plainDateISO, plainTimeISO, zonedDateTimeISO } = Temporal.Now;
  const isoNow = [plainDateTimeISO, plainDateISO, plainTimeISO, zonedDateTimeISO].map((now) => `${now("UTC")}`);
  return { formats: [format.format(), parts, format.format(5000)], instant: instant().epochMilliseconds, isoNow };
})()"""


def test_calendars_show_the_frames_time(live: Site) -> None:
    """What is asked to format no date in particular takes the frame's, and Temporal counts from it."""
    assert live.show([30], CALENDAR).values[30] == {
        "formats": ["00:00:01", "00:00:01", "00:00:05"],
        "instant": 1000,
        "isoNow": ["1970-01-01T00:00:01", "1970-01-01", "00:00:01", "1970-01-01T00:00:01+00:00[UTC]"],
    }


def test_screenshots_show_what_beginframe_shows(live: Site, step_by_step: Shown) -> None:
    """The two ways to take a frame give the same pixels, step by step and sent straight there."""
    shown = live.show([0, 1, 29, 30, 57], mode="screenshot")
    assert [shown.pictures[frame] == step_by_step.pictures[frame] for frame in shown.pictures] == [True] * 5


SCROLLED = """
  const tl = gsap.timeline({ paused: true });
  tl.to(document.documentElement, { scrollTop: 411.3, scrollLeft: 33.5, duration: 1, ease: "none" }, 0);
  window.__timelines["main"] = tl;
"""
STRIPES = (
    '<div style="width:400px;height:700px;background:repeating-linear-gradient(37deg,#f00,#0f0 50px,#00f 113px)"></div>'
)


def rgb(picture: bytes) -> bytes:
    """The pixels of a PNG or of what is read from memory, red first."""
    if len(picture) == 320 * 180 * PIXEL_BYTES:
        return Image.frombytes("RGB", (320, 180), picture, "raw", "BGRX").tobytes()
    return Image.open(io.BytesIO(picture)).convert("RGB").tobytes()


def test_a_page_that_is_scrolled_shows_the_same_in_each_mode(
    session_settings: Settings, toolchain: Toolchain, tmp_path: Path
) -> None:
    """What the window shows, not the top of the document."""
    head = "<style>#root { position: static !important; } #root div { position: absolute; top: 0; }</style>"
    project = write_project(tmp_path / "project", STRIPES, script=SCROLLED, head=head)
    site = compile_site(project, tmp_path / "site", toolchain)
    modes: list[CaptureMode] = ["beginframe", "framebuffer", "screenshot"]
    with serve(site, toolchain) as server:
        shown = [Site(server, session_settings).show([0, 7, 22], mode=mode).pictures for mode in modes]
    frames = [[rgb(picture) for picture in pictures.values()] for pictures in shown]
    assert frames[1:] == frames[:1] * 2
    assert len(set(frames[0])) == 3


COMPOSITED = """
  window.__timelines["main"] = gsap.timeline({ paused: true });
  const canvas = document.querySelector("canvas");
  const context = canvas.getContext("2d");
  const box = canvas.firstElementChild;
  addEventListener("hf-seek", ({ detail }) => {
    detail.waitUntil(new Promise((resolve) => setTimeout(resolve, 10)));
    box.style.background = `rgb(0 ${Math.round(detail.time * 100)} 0)`;
    window.__hf_page_composite_pending = true;
  });
  window.__hf_page_composite_prepare = async () => { box.textContent = " "; };
  window.__hf_page_composite_resolve = () => {
    window.__hf_page_composite_pending = false;
    try {
      context.drawElementImage(box, 0, 0, 320, 180);
    } catch {
      return false;
    }
    return true;
  };
"""


def test_elements_are_drawn_into_canvases_as_they_are_at_the_frame(
    session_settings: Settings, toolchain: Toolchain, tmp_path: Path
) -> None:
    """What shader transitions and effect chains do: frame by frame, from the first frame of any segment on."""
    body = '<canvas layoutsubtree width="320" height="180"><div style="width:320px;height:180px"></div></canvas>'
    project = write_project(tmp_path / "project", body, script=COMPOSITED, duration=2)
    made = render(project, tmp_path / "work", session_settings, quality="high", chunkSize=30, segmentFrames=15)
    frames = list(decoded_frames(toolchain, made.summary.output, 320, 180))
    assert len(frames) == 60
    greens = [int(frame[90, 160, 1]) for frame in frames]
    assert greens == pytest.approx([round(index / 30 * 100) for index in range(60)], abs=4)


STREAM = f"""
  const source = document.createElement("canvas");
  source.getContext("2d").fillRect(0, 0, 9, 9);
  const video = document.querySelector("video");
  video.srcObject = source.captureStream(30);
  video.play();
  {EMPTY_TIMELINE}
"""


def test_a_page_that_beginframe_cannot_serve_is_photographed(session_settings: Settings, tmp_path: Path) -> None:
    """A live stream leaves BeginFrame without pictures; the plan finds out, and workers follow it."""
    project = write_project(tmp_path / "project", "<p>Live</p><video muted></video>", script=STREAM, duration=0.2)
    made = render(project, tmp_path / "auto", session_settings)
    assert [chunk["CaptureMode"] for chunk in made.summary.chunks] == ["screenshot"]
    assert made.summary.assembled["FramesEncoded"] == 6
    with pytest.raises(EMPTY_SCREENSHOT):
        render(project, tmp_path / "fixed", session_settings, captureMode="beginframe")


REMOTE_TILE = f'document.querySelector("img").src = "https://tiles.invalid/1/1/1.png"; {EMPTY_TIMELINE}'
TILE = '<div class="leaflet-container"><img class="leaflet-tile" alt="" src="{}"></div>'


@pytest.mark.parametrize(
    ("error", "changes", "named"),
    [
        (LIVE_MAP_NOT_SUPPORTED, {"body": TILE.format("data:,"), "script": REMOTE_TILE}, "Leaflet"),
        (LIVE_MAP_NOT_SUPPORTED, {"body": '<div class="maplibregl-map"></div>'}, "MapLibre"),
        (WEBGPU_NOT_SUPPORTED, {"body": '<p data-composition-id="x" data-requires-webgpu>x</p>'}, "webgpu"),
        (
            PAGE_SCRIPT_ERROR,
            {
                "body": "<p>x</p>",
                "script": f"addEventListener('hf-seek', (e) => e.detail.time && oops()); {EMPTY_TIMELINE}",
            },
            "oops",
        ),
    ],
)
def test_what_cannot_be_rendered_is_refused_by_the_plan(
    error: type[HfLambdaError], changes: dict[str, Any], named: str, session_settings: Settings, tmp_path: Path
) -> None:
    """Maps of the network, WebGPU and handlers that throw end a strict plan, and are warnings on request."""
    project = write_project(tmp_path / "project", **changes, duration=0.4)
    with pytest.raises(error, match=named):
        render(project, tmp_path / "strict", session_settings)
    made = render(project, tmp_path / "best", session_settings, strictness="best-effort")
    assert any(named in warning for warning in made.summary.plan["Warnings"])


def test_local_tiles_are_no_live_map(session_settings: Settings, tmp_path: Path) -> None:
    """Leaflet over tiles of the project's own is a page like any other."""
    project = write_project(tmp_path / "project", TILE.format("dot.png"), duration=0.1)
    (project / "dot.png").write_bytes((Path(__file__).parent / "dot.png").read_bytes())
    assert render(project, tmp_path / "work", session_settings).summary.plan["Warnings"] == []
