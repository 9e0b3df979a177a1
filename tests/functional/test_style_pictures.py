"""Pictures that styles bring into a page are in the first frame that shows them, however long they take to load."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.deadline import Deadline
from hf_lambda.stages.serving import site_resolver
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.sites import colour_at, compile_site

pytestmark = pytest.mark.browser

BLACK, GREEN, WHITE = (0, 0, 0), (0, 255, 0), (255, 255, 255)
SLOW_SECONDS = 0.15
STRIP = 20
"""Pixels across, of each way to show a picture."""

RULES = {
    "background": "#background.on { background: url(background.png) }",
    "hidden": "#hidden { display: none; background: url('hidden.png') } #hidden.on { display: block }",
    "mask": "#mask.on { background: #fff; mask-image: url(mask.png) }",
    "border": "#border.on { box-sizing: border-box; border: 10px solid; border-image: url(border.png) 9 }",
    "before": "#before.on::before { content: url(before.png) }",
    "nested": "@media all { #root { > .on#nested { background: linear-gradient(#0000, #0000), url(nested.png) } } }",
    "variable": ":root { --picture: url(variable.png) } #variable.on { background: var(--picture) }",
    "keyed": "@keyframes keyed { 0%, 100% { background: url(keyed.png) } } #keyed.on { animation: keyed 9s }",
    "file": "",
}
SET = {
    "inline": "find('inline').style.background = 'url(inline.png)'",
    "masked": "Object.assign(find('masked').style, { background: '#fff', maskImage: 'url(masked.png)' })",
    "svg": "find('svg').firstElementChild.setAttribute('href', 'svg.png')",
}
NAMES = [*RULES, *SET]
BODY = "".join(
    f'<div id="{name}" style="position:absolute;left:{STRIP * index}px;width:{STRIP}px;height:180px"></div>'
    for index, name in enumerate(NAMES)
)
RULES_TEXT = " ".join(["#root > * { overflow: hidden }", *RULES.values()])
HEAD = f'<style>{RULES_TEXT}</style><link rel="stylesheet" href="styles/file.css">'
FIRST = 10
"""Frame of the first way; each other comes a frame later."""
SHOWING = "".join(
    f"tl.call(() => {{ find('{name}').classList.add('on'); {SET.get(name, '')} }}, [], {FIRST + index} / 30);"
    for index, name in enumerate(NAMES)
)
SCRIPT = f"""
  const find = (id) => document.getElementById(id);
  find("svg").outerHTML = find("svg").outerHTML.replaceAll("div", "svg");
  find("svg").innerHTML = '<image width="100" height="100"/>';
  const tl = gsap.timeline({{ paused: true }});
  {SHOWING}
  tl.call(() => {{ find("inline").style.background = "url(other.png)"; }}, [], 25 / 30);
  tl.call(() => {{ find("inline").style.background = "url(inline.png)"; }}, [], 26 / 30);
  window.__timelines["main"] = tl;
"""


class SlowPage:
    """A page whose pictures take their time to load."""

    def __init__(self, page: Page, requested: list[str]) -> None:
        self._page = page
        self.requested = requested
        """Pictures that it asked for."""

    def colours(self, frame: int) -> dict[str, tuple[int, ...]]:
        """What is in each strip of a frame."""
        picture = Image.open(io.BytesIO(self._page.capture(frame))).convert("RGB")
        return {name: colour_at(picture, STRIP * index + 5, 5) for index, name in enumerate(NAMES)}


@pytest.fixture
def page(session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> Iterator[SlowPage]:
    """One that shows a picture in each way."""
    project = write_project(tmp_path / "project", BODY, script=SCRIPT, head=HEAD)
    (project / "styles").mkdir()
    (project / "styles" / "file.css").write_text("#file.on { background: url(file.png) }")
    for name in [*NAMES, "other", "styles/file"]:
        Image.new("RGB", (100, 100), GREEN).save(project / f"{name}.png")
    site = compile_site(project, tmp_path / "site", toolchain)
    with serve_slowly(site.folder, toolchain) as (server, requested):
        settings = PageSettings(Fraction(30), {}, 20)
        spec = PageSpec(f"{server.origin}/{site.entry_file}", 320, 180, PictureFormat("png"), settings)
        opened = Page(session_browser, spec, deadline=Deadline(60))
        opened.load()
        yield SlowPage(opened, requested)
        opened.close()


@contextmanager
def serve_slowly(folder: Path, toolchain: Toolchain) -> Iterator[tuple[PageServer, list[str]]]:
    """A server of a site, and the pictures that were asked for so far."""
    requested: list[str] = []

    def find(path: str) -> Path | None:
        if path.endswith(".png"):
            requested.append(Path(path).stem)
            time.sleep(SLOW_SECONDS)
        file = folder / path
        return file if file.is_file() else None

    with PageServer(site_resolver(find, toolchain)) as server:
        yield server, requested


def test_pictures_are_in_the_first_frame_that_shows_them(page: SlowPage) -> None:
    """Those of rules that apply later, of elements that appear, and of what scripts write into elements."""
    for index, _ in enumerate(NAMES):
        shown = {name: WHITE if "mask" in name else GREEN for name in NAMES[: index + 1]}
        assert page.colours(FIRST + index) == {**dict.fromkeys(NAMES, BLACK), **shown}
    assert [page.colours(frame)["inline"] for frame in (25, 26)] == [GREEN, GREEN]


def test_pictures_of_rules_are_fetched_once(page: SlowPage) -> None:
    """While the page loads; but for masks, for which others' pictures do not do. Fonts are no pictures."""
    assert sorted(page.requested) == sorted([*RULES, "mask"])
    page.colours(FIRST + len(RULES) - 1)
    assert len(page.requested) == len(RULES) + 1
