"""What `layers.js` does: no element keeps pixels of its own from frame to frame, and all else stays as it was."""

from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_moving_project, write_project
from tests.functional.runs import FRAMES, differing_frames
from tests.functional.sites import Screen

pytestmark = pytest.mark.browser

WORDS = """<p id="it" style="position:absolute;left:60.5px;top:20.5px;width:120px;margin:0;background:#f80;
  font:600 20px Inter">Words of text</p>"""
MOVE = 'tl.to("#it", {x: 50.3, y: 20.7, duration: 0.6}, 0.1);'
GROW = 'tl.fromTo("#it", {scale: 0.9}, {scale: 1.8, duration: 0.6}, 0.1);'
SHRINK = 'tl.to("#it", {scale: 0.7, duration: 0.6}, 0.1);'
HINT = "#it { will-change: transform }"
PAGES = {
    "moved words": (MOVE, HINT),
    "growing words": (GROW, f"@media all {{ {HINT} }}"),
    "shrinking words": (SHRINK, "#it { will-change: opacity, top }"),
    "a hint in the element's style": (MOVE + 'document.getElementById("it").style.willChange = "transform";', ""),
    "a hint that comes late": (MOVE + 'tl.set("#it", {willChange: "transform"}, 0.25);', ""),
    "keyframes": ("", "@keyframes k { to { transform: scale(0.7) } } #it { animation: k 0.8s linear }"),
    "keyframes of a script": ('document.getElementById("it").animate([{scale: 1}, {scale: 0.7}], 800);', ""),
    "keyframes and a hint": ("", f"@keyframes k {{ to {{ scale: 0.7 }} }} #it {{ animation: k 0.8s linear }} {HINT}"),
}


@pytest.mark.parametrize(("movement", "css"), PAGES.values(), ids=PAGES)
def test_pictures_of_moving_elements_do_not_depend_on_the_frames_before(
    movement: str, css: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """A run of all frames equals runs of one frame each."""
    project = write_moving_project(tmp_path / "project", WORDS, movement, css, duration=FRAMES / 30)
    assert differing_frames(project, session_browser, toolchain) == []


def picture_of(project: Path, frame: int, browser: Browser, toolchain: Toolchain) -> bytes:
    """One frame of a project."""
    screen = Screen(browser, toolchain, project)
    picture = bytes(screen.page.capture(frame))
    screen.close()
    return picture


def first_picture(css: str, browser: Browser, toolchain: Toolchain, folder: Path) -> bytes:
    """Of a box with one that is fixed in it and one that is behind it, on a background."""
    square = "width:20px;height:20px;z-index:-1"
    body = f"""<div style="position:absolute;inset:0;background:#345"></div>
      <div id="it" style="position:absolute;left:40px;top:40px">words
      <b style="position:fixed;left:5px;top:25px;background:#fff;{square}"></b>
      <i style="position:absolute;left:30px;top:5px;background:#f0f;{square}"></i></div>"""
    project = write_project(folder, body, head=f"<style>#it {{ {css} }}</style>")
    return picture_of(project, 0, browser, toolchain)


def test_what_follows_from_a_hint_stays(session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """An element with it holds what is fixed in it, and keeps what is behind it before its background."""
    looks = ("transform: translate(0)", "will-change: transform", "will-change: opacity, transform", "color: black")
    pictures = [
        first_picture(css, session_browser, toolchain, tmp_path / str(number)) for number, css in enumerate(looks)
    ]
    assert pictures[0] == pictures[1] == pictures[2] != pictures[3]


def test_only_hints_are_changed(session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """Whatever else an author said keeps its words, its weight and its place."""
    css = """#a { will-change: transform !important } #b { will-change: scroll-position, -webkit-transform }
      #c { will-change: auto } #d { --hint: transform; will-change: var(--hint) } #e { will-change: contents }"""
    body = "".join(f'<i id="{name}"></i>' for name in "abcde") + '<i id="f" style="will-change: left"></i>'
    script = 'const tl = gsap.timeline({ paused: true }); tl.to("#f", { x: 3 }); window.__timelines.main = tl;'
    project = write_project(tmp_path / "project", body, script=script, head=f"<style>{css}</style>")
    screen = Screen(session_browser, toolchain, project)
    screen.page.capture(0)
    rules = screen.page.evaluate("""
      [...document.styleSheets].map(({ cssRules }) => [...cssRules]).find(([{ selectorText }]) => selectorText === "#a")
        .map(({ style }) => style.cssText)
    """)
    own = screen.page.evaluate("document.getElementById('f').style.willChange")
    screen.close()
    assert rules == [
        "will-change: contain, contents !important;",
        "will-change: scroll-position, contain, contents;",
        "will-change: auto;",
        "--hint: transform; will-change: var(--hint);",
        "will-change: contents;",
    ]
    assert own == "left, contents"


def turned_list(css: str, style: str, browser: Browser, toolchain: Toolchain, folder: Path) -> bytes:
    """A picture of a turned list that is longer than its box."""
    body = f"""<div id="it" style="position:absolute;left:90px;top:20px;width:120px;height:90px;{style}">
      <p style="height:300px;margin:0;font:600 20px Inter;color:#fff">Words of text</p></div>"""
    project = write_moving_project(folder, body, 'tl.to("#it", {rotation: 30}, 0);', css)
    return picture_of(project, 8, browser, toolchain)


@pytest.mark.parametrize(
    ("css", "style"),
    {
        "in a style sheet": ("#it { overflow: auto }", ""),
        "in one direction": ("@media all { #it { overflow-x: hidden; overflow-y: scroll !important } }", ""),
        "in the element's style": ("", "overflow:auto"),
    }.values(),
)
def test_what_could_be_scrolled_has_no_layer_to_be_turned_in(
    css: str, style: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """It looks like what is only clipped."""
    scrolled = turned_list(css, style, session_browser, toolchain, tmp_path / "scrolled")
    assert scrolled == turned_list("#it { overflow: hidden }", "", session_browser, toolchain, tmp_path / "clipped")
