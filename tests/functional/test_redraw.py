"""What `redraw.js` does to Blink, which keeps pixels of what moved by less than a hundredth of a pixel."""

from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.sites import compile_site, serve

pytestmark = pytest.mark.browser

ELEMENT = 'id="it" style="position:absolute;left:60px;top:60px;width:80px;height:50px;transform:rotate(10deg);'
BODIES = {
    "box": f'<div {ELEMENT}background:#45d73d"></div>',
    "gradient": f'<div {ELEMENT}background:linear-gradient(90deg,red,#fff,blue);clip-path:circle(20px)"></div>',
    "nested": f'<div {ELEMENT}"><b style="display:block;height:30px;background:red"></b></div>',
    "of a style of its own": f'<div {ELEMENT}"><b style="display:block;height:30px;background:red;'
    'image-rendering:pixelated"></b></div>',
    "vector": f'<svg width="300" height="200"><g {ELEMENT}"><rect x="9.5" y="9" width="50" height="30" fill="#fff"/>'
    "</g></svg>",
    "animated": f'<style>@keyframes k {{ to {{ color: red }} }}</style><div {ELEMENT}animation:k 1s;background:#fff">'
    "</div>",
}
MOVE = "document.getElementById('it').style.transform = 'translate(0.007px, 0.007px) rotate(10deg)'"
REDRAW = "__hfLambda.redraw([document.getElementById('it')])"
HIDE = "document.getElementById('it').style.display = 'none'"
SHOW = "document.getElementById('it').style.display = ''"


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_redrawn_element_looks_as_a_new_one(
    body: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """Moved a little it keeps its old pixels; redrawn it has those of an element that was just put there."""
    project = write_project(tmp_path / "project", body, duration=1)
    deadline = Deadline(60)
    with serve(compile_site(project, tmp_path / "site", toolchain), toolchain) as server:
        settings = PageSettings(RenderConfig().fps, {}, 20)
        spec = PageSpec(f"{server.origin}/index.html", 320, 180, PictureFormat("png"), settings)

        def photograph(*steps: str) -> bytes:
            """The last of the pictures taken after each of the steps, without a seek between them."""
            page = Page(session_browser, spec, deadline=deadline)
            page.load()
            picture = page.capture(0)
            for frame, step in enumerate(steps, 1):
                page.evaluate(step)
                picture = page._shutter.take(frame) or b""  # a capture would redraw by itself
            page.close()
            return bytes(picture)

        new = photograph(HIDE, f"{SHOW}; {MOVE}")
        assert photograph(MOVE) != new
        assert photograph(f"{MOVE}; {REDRAW}") == new
