"""The page tells every media element with its window in the time of the whole video."""

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.capture.page import Page
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.stages.serving import page_spec
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.sites import OpenScreen, compile_site, serve

pytestmark = pytest.mark.browser

SCENE = """<template><div data-composition-id="scene" data-width="320" data-height="180" data-duration="2">
<video id="v" src="clip.mp4" data-start="0.5" muted></video>
<audio id="a" src="clip.mp4" data-start="1" data-duration="9" data-volume="0.5" data-fade-in="0.2"></audio>
</div></template>"""
BODY = """
<video id="whole" src="./clip.mp4"></video>
<video id="late" data-start="whole + 1" loop data-playback-rate="2" data-media-start="0.25">
  <source src="clip.mp4"></video>
<div id="h1" data-composition-id="scene" data-composition-src="scene.html" data-start="1" data-duration="2"></div>
<div data-hidden><div id="h2" data-composition-id="scene" data-composition-src="scene.html" data-start="2"
  data-duration="2"></div></div>
"""
SCRIPT = f"""{EMPTY_TIMELINE}
const made = document.createElement("audio");
made.src = "https://example.com/far.mp3";
made.dataset.start = "1";
made.dataset.duration = "2";
document.getElementById("root").append(made);
"""


@pytest.fixture(scope="module")
def elements(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, session_settings: Settings
) -> Iterator[dict[str, MediaElement]]:
    """The elements of one page by their keys."""
    work = tmp_path_factory.mktemp("media")
    project = write_project(work / "project", BODY, script=SCRIPT, duration=3.5)
    (project / "scene.html").write_text(SCENE)
    sources = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=30:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    subprocess.run([toolchain.ffmpeg, "-v", "error", *sources, "-c:v", "libx264", project / "clip.mp4"], check=True)
    site = compile_site(project, work / "site", toolchain)
    with (
        serve(site, toolchain) as server,
        browser_pool(session_settings).browser(chromium_flags(), deadline=Deadline(60)) as browser,
    ):
        spec = page_spec(
            server,
            "index.html",
            width=320,
            height=180,
            picture=PictureFormat("jpeg"),
            fps=Fraction(30),
            variables={},
            settings=session_settings,
            capture_mode="beginframe",
            scale=1,
        )
        page = Page(browser, spec, deadline=Deadline(60))
        page.load()
        page.capture(0)
        yield {element.key: element for element in page.media(3.5)}
        page.close()


def test_every_element_is_listed_once(elements: dict[str, MediaElement]) -> None:
    """Elements of the entry, of a sub-composition that is mounted twice, and of a script, in document order."""
    assert list(elements) == ["whole", "late", "v", "a", "v__hf2", "a__hf2", "hf-live-audio"]
    assert [element.order for element in elements.values()] == list(range(7))


def test_windows_are_those_of_the_video(elements: dict[str, MediaElement]) -> None:
    """Starts are resolved, lengths come from the files, and hosts and composition cut what goes beyond them."""
    windows = {key: (round(item.start, 6), item.stop and round(item.stop, 6)) for key, item in elements.items()}
    assert windows == {
        "whole": (0, 1),
        "late": (2, 3.5),
        "v": (1.5, 2.5),
        "a": (2, 3),
        "v__hf2": (2.5, 3.5),
        "a__hf2": (3, 3.5),
        "hf-live-audio": (1, 3),
    }


def test_sources_are_paths_of_the_project(elements: dict[str, MediaElement]) -> None:
    """A file of the project is its path; a remote one keeps its address."""
    assert {item.source for key, item in elements.items() if key != "hf-live-audio"} == {"clip.mp4"}
    assert elements["hf-live-audio"].source == "https://example.com/far.mp3"


def test_attributes_are_read(elements: dict[str, MediaElement]) -> None:
    """Trim, rate, loop, volume, fades, sound and hiding are those of the author."""
    late, sound = elements["late"], elements["a__hf2"]
    assert (late.media_start, late.rate, late.loop, late.has_audio) == (0.25, 2, True, True)
    assert (sound.volume, sound.fade_in, sound.fade_out, sound.hidden) == (0.5, 0.2, 0, True)
    assert (elements["v"].muted, elements["v"].has_audio, elements["v"].hidden) == (True, False, False)


def test_a_video_in_a_shadow_tree_is_told(open_screen: OpenScreen, tmp_path: Path) -> None:
    """It is in no list, so nothing shows it; that is said."""
    script = f"""{EMPTY_TIMELINE}
      customElements.define("x-player", class extends HTMLElement {{
        connectedCallback() {{ this.attachShadow({{ mode: "closed" }}).innerHTML = '<video src="a.mp4"></video>'; }}
      }});
    """
    screen = open_screen(write_project(tmp_path / "project", "<x-player></x-player>", script=script))
    assert any("shadow tree of <x-player>" in warning for warning in screen.page.report.warnings)
