"""What a page gives to WebGL is looked into, wherever in it that happens."""

from pathlib import Path

import pytest

from hf_lambda.capture.shaders import hangs_on_driver
from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.sites import OpenScreen
from tests.functional.webgl import CANVAS, NOISE, WAVES, drawing_script, fragment_shader, write_webgl_project

pytestmark = pytest.mark.browser

LOOKS = pytest.mark.parametrize(("body", "hangs"), [(WAVES, False), (NOISE, True)], ids=["waves", "noise"])


@pytest.mark.parametrize("version", ["webgl", "webgl2"])
@LOOKS
def test_noise_hangs_on_the_driver(
    body: str, hangs: bool, version: str, open_screen: OpenScreen, tmp_path: Path
) -> None:
    """With either version of WebGL."""
    project = write_webgl_project(tmp_path / "project", fragment_shader(body), version=version)
    screen = open_screen(project)
    assert hangs_on_driver(screen.page) is hangs
    assert screen.report.script_errors == []


def test_a_page_without_webgl_hangs_on_none(open_screen: OpenScreen, tmp_path: Path) -> None:
    """There is nothing to draw otherwise."""
    assert not hangs_on_driver(open_screen(write_project(tmp_path / "project", "<p>words</p>")).page)


@LOOKS
def test_documents_in_the_page_count(body: str, hangs: bool, open_screen: OpenScreen, tmp_path: Path) -> None:
    """They are drawn as the page is."""
    script = drawing_script(fragment_shader(body)).replace('window.__timelines["main"]', "window.ended")
    framed = f"<!doctype html>{CANVAS}<script>const gsap = {{ timeline: () => 0 }};{script}</script>"
    project = write_project(tmp_path / "project", '<iframe src="frame.html"></iframe>')
    (project / "frame.html").write_text(framed)
    assert hangs_on_driver(open_screen(project).page) is hangs


@LOOKS
def test_shaders_made_by_a_seek_count(body: str, hangs: bool, open_screen: OpenScreen, tmp_path: Path) -> None:
    """Although the runtime calls for them."""
    drawing = drawing_script(fragment_shader(body)).replace(EMPTY_TIMELINE, "")
    script = f'{EMPTY_TIMELINE} window.addEventListener("hf-seek", () => {{ {drawing} }}, {{ once: true }});'
    screen = open_screen(write_project(tmp_path / "project", CANVAS, script=script))
    screen.frame(3)
    assert screen.page.evaluate("__hfLambda.shaders.size") == 2
    assert hangs_on_driver(screen.page) is hangs


def test_colour_grading_does_not(open_screen: OpenScreen, tmp_path: Path) -> None:
    """Its shader has grain, which few use, and takes SwiftShader seconds for each frame."""
    picture = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
    graded = f"""<img src="{picture}" width="90" height="90" data-color-grading='{{"adjust": {{"exposure": 1}}}}'>"""
    page = open_screen(write_project(tmp_path / "project", graded)).page
    assert page.evaluate("document.querySelectorAll('canvas').length") == 1  # it is graded
    assert not hangs_on_driver(page)


@pytest.mark.parametrize(
    "breaking",
    ["HTMLCanvasElement.prototype.getContext = undefined;", "delete window.__hfLambda.shaders;"],
    ids=["context", "memory"],
)
def test_a_page_that_breaks_what_this_needs_is_drawn_as_ever(
    breaking: str, open_screen: OpenScreen, tmp_path: Path
) -> None:
    """Nobody fails for speed."""
    script = drawing_script(fragment_shader(WAVES)).replace(EMPTY_TIMELINE, f"{EMPTY_TIMELINE} {breaking}")
    assert breaking in script
    project = write_project(tmp_path / "project", CANVAS, script=script)
    assert hangs_on_driver(open_screen(project).page)
