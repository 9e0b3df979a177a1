"""An independent browser driver sees the same pixels.

Playwright drives the same Chromium binary to the same page, without begin-frame control and without
`--deterministic-mode` (with which it hangs), seeks it through the page's own bridge, and takes its own screenshot.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser as PlaywrightBrowser
from playwright.sync_api import sync_playwright

from hf_lambda.capture.chromium import chromium_environment
from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings, page_scripts
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.conftest import EXAMPLES
from tests.functional.sites import compile_site, serve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def playwright_browser(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlaywrightBrowser]:
    """The toolchain's Chromium, driven by Playwright over its own WebSocket."""
    flags = chromium_flags(takes_screenshots=True)
    folder = tmp_path_factory.mktemp("playwright")
    environment = chromium_environment(toolchain.chromium_dir, folder, folder, toolchain.system_font_dirs)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=toolchain.chromium_dir / "chromium",
            args=flags,
            ignore_default_args=["--headless"],
            env=dict(environment),
        )
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("example", "frames", "scale"),
    [
        ("title-card", [0, 40, 95, 130, 185], 1),
        ("explainer", [20, 70, 140, 230, 330], 1),
        ("data-story", [10, 75, 160, 240], 1),
        ("explainer", [140], 2),
    ],
)
def test_captured_frames_equal_the_oracles(
    example: str,
    frames: list[int],
    scale: int,
    playwright_browser: PlaywrightBrowser,
    session_settings: Settings,
    toolchain: Toolchain,
    tmp_path: Path,
) -> None:
    """Losslessly captured frames equal Playwright's screenshots of the seeked page, pixel for pixel, enlarged too."""
    site = compile_site(EXAMPLES / example, tmp_path / "site", toolchain)
    settings = PageSettings(RenderConfig().fps, {}, 30)
    width, height = site.root.width, site.root.height
    with serve(site, toolchain) as server:
        ours = _capture(server, width, height, settings, frames, session_settings, scale)
        theirs = _screenshots(server, width, height, settings, frames, playwright_browser, scale)
    for frame in frames:
        assert _pixels(ours[frame]).shape == (height * scale, width * scale, 3)
        difference = np.abs(_pixels(ours[frame]) - _pixels(theirs[frame]))
        assert difference.max() == 0, f"frame {frame}: {(difference.max(2) > 0).sum()} pixels differ"


def _capture(
    server: PageServer,
    width: int,
    height: int,
    page_settings: PageSettings,
    frames: list[int],
    settings: Settings,
    scale: int,
) -> dict[int, bytes]:
    deadline = Deadline(120)
    spec = PageSpec(f"{server.origin}/index.html", width, height, PictureFormat("png"), page_settings, scale=scale)
    with browser_pool(settings).browser(chromium_flags(), deadline=deadline) as browser:
        page = Page(browser, spec, deadline=deadline)
        page.load()
        pictures = {frame: bytes(page.capture(frame)) for frame in frames}
        page.close()
    return pictures


def _screenshots(
    server: PageServer,
    width: int,
    height: int,
    page_settings: PageSettings,
    frames: list[int],
    browser: PlaywrightBrowser,
    scale: int,
) -> dict[int, bytes]:
    pictures = {}
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    for frame in frames:  # a new page for each, so that nothing is left from another frame
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Animation.enable")
        session.send("Animation.setPlaybackRate", {"playbackRate": 0})
        for script in page_scripts(page_settings):
            page.add_init_script(script)
        page.goto(f"{server.origin}/index.html")
        assert page.evaluate("__hfLambda.ready()")["ready"]
        wants_unseen = page.evaluate(f"__hfLambda.frame({float(frame / page_settings.fps)!r})")
        while wants_unseen:
            wants_unseen = page.evaluate("__hfLambda.afterUnseen()")
        pictures[frame] = page.screenshot()
        page.close()
    context.close()
    return pictures


def _pixels(png: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int16)
