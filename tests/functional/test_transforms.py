"""What `transforms.js` knows of a page's elements, and that `drift.js` draws anew what it tells of."""

from collections.abc import Iterator
from contextlib import contextmanager
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

BODY = """
  <style>div[style] { position: absolute; top: 40px; width: 80px; height: 50px; }</style>
  <div id="turned" style="left:40px;background:#45d73d;rotate:10deg"></div>
  <div id="plain" style="left:180px;background:#d7453d"></div>
  <svg width="300" height="60"><g id="shape"><rect x="9.5" y="9" width="50" height="30" fill="#fff"/></g></svg>
"""
PLAIN = "document.getElementById('plain')"
SHAPE = "document.getElementById('shape')"
TURN_A_LITTLE = f"{PLAIN}.style.rotate = '9deg'"
TURN = f"{PLAIN}.style.rotate = '10deg'"
MOVE_A_LITTLE = f"{PLAIN}.style.translate = '0.007px 0.007px'"
ASK = """(() => {
  const { elements, written } = __hfLambda.transformed();
  const ids = (found) => [...found].map(({ id }) => id).sort().join();
  return [ids(elements), ids(written)];
})()"""


@pytest.fixture
def spec(toolchain: Toolchain, tmp_path: Path) -> Iterator[PageSpec]:
    """The served composition."""
    project = write_project(tmp_path / "project", BODY, duration=1)
    with serve(compile_site(project, tmp_path / "site", toolchain), toolchain) as server:
        settings = PageSettings(RenderConfig().fps, {}, 20)
        yield PageSpec(f"{server.origin}/index.html", 320, 180, PictureFormat("png"), settings)


@contextmanager
def opened(browser: Browser, spec: PageSpec) -> Iterator[Page]:
    """The page, loaded."""
    page = Page(browser, spec, deadline=Deadline(60))
    page.load()
    yield page
    page.close()


def test_elements_are_known_as_they_are_transformed(session_browser: Browser, spec: PageSpec) -> None:
    """By whichever way a script writes; written is what is new or was written to, and only by the page."""
    with opened(session_browser, spec) as page:

        def after(step: str) -> list[str]:
            page.evaluate(f"void ({step})")
            known: list[str] = page.evaluate(ASK)
            return known

        assert after("0") == ["turned", "turned"]
        assert after(f"{PLAIN}.style.opacity = 0.5") == ["turned", "plain"]
        assert after(f"{PLAIN}.style.opacity = 0.5") == ["turned", ""]
        assert after(f"{PLAIN}.style.transform = 'scale(2)'") == ["plain,turned", "plain"]
        assert after(f"{PLAIN}.attributeStyleMap.set('translate', '3px')") == ["plain,turned", "plain"]
        assert after(f"{SHAPE}.setAttribute('transform', 'scale(2)')") == ["plain,shape,turned", "shape"]
        assert after("0") == ["plain,shape,turned", ""]
        ours = f"__hfLambda.redraw([{PLAIN}])"
        assert after(ours) == ["plain,shape,turned", "plain"]
        assert after(f"__hfLambda.unnoticed(() => {ours})") == ["plain,shape,turned", ""]
        theirs = f"{SHAPE}.setAttribute('transform', 'scale(3)')"
        assert after(f"{theirs}, __hfLambda.unnoticed(() => {ours})") == ["plain,shape,turned", "shape"]
        inner = "x<i><b id=inner style=scale:2></b></i>"
        assert after(f"{PLAIN}.innerHTML = '{inner}'") == ["inner,plain,shape,turned", "inner"]
        assert after(f"{PLAIN}.remove()") == ["shape,turned", ""]
        assert after(f"document.body.append(({SHAPE}, document.createElement('p')))") == ["shape,turned", ""]


@pytest.mark.parametrize(
    "steps",
    [
        [f"{PLAIN}.style.transform = 'rotate(10deg)'", f"{PLAIN}.style.transform = 'translate(0.007px) rotate(10deg)'"],
        [TURN_A_LITTLE, TURN, MOVE_A_LITTLE],
        [f"{SHAPE}.setAttribute('transform', 'rotate(4)')", f"{SHAPE}.setAttribute('transform', 'rotate(4.005)')"],
        [
            f"{PLAIN}.innerHTML = '<b id=b style=\"display:block;height:30px;background:red;rotate:5deg\"></b>'",
            "document.getElementById('b').style.translate = '0.007px 0.007px'",
        ],
        [TURN_A_LITTLE, TURN, "0", MOVE_A_LITTLE],
    ],
    ids=["transformed late", "after a large step", "shape", "added late", "after a rest"],
)
def test_small_steps_look_as_if_the_page_had_been_sent_there(
    steps: list[str], session_browser: Browser, spec: PageSpec
) -> None:
    """Taken step by step, a frame for each, or all before the first frame."""

    def last_picture(*steps_of_frames: str) -> bytes:
        picture: bytes | memoryview = b""
        with opened(session_browser, spec) as page:
            for frame, step in enumerate(steps_of_frames):
                page.evaluate(f"void ({step})")
                picture = page.capture(frame)
        return bytes(picture)

    straight = last_picture(",".join(steps))
    assert last_picture("0", *steps) == straight
