"""Who draws a page's WebGL: Mesa, in a half to a fiftieth of SwiftShader's time, where it is there and draws the same.

A page is probed by Mesa where its text speaks of WebGL; if its shaders then turn out to be drawn otherwise by another
driver, SwiftShader takes its frames, as in the original.
"""

import re
from pathlib import Path

from hf_lambda.capture.flags import WebglDriver
from hf_lambda.capture.page import Page
from hf_lambda.capture.shaders import hangs_on_driver
from hf_lambda.config import RenderConfig
from hf_lambda.errors import TOOLCHAIN_MISSING
from hf_lambda.toolchain import Toolchain

_SIGN = re.compile(rb"webgl|color-?grading", re.IGNORECASE)
_TEXTS = frozenset({".html", ".htm", ".js", ".mjs"})


def probing_driver(site: Path | None, config: RenderConfig, toolchain: Toolchain) -> WebglDriver:
    """The driver that a site is probed with: as asked for, or Mesa where there is one and something for it to do.

    A site that is not known yet is taken for one that has nothing for it.

    Raises:
        TOOLCHAIN_MISSING: Mesa is asked for and is not there.
    """
    if config.webgl_driver == "mesa" and not toolchain.has_mesa:
        raise TOOLCHAIN_MISSING("webglDriver is mesa, but the toolchain was built without it, for want of a mirror")
    if config.webgl_driver != "auto":
        return config.webgl_driver
    return "mesa" if toolchain.has_mesa and site and _speaks_of_webgl(site) else "swiftshader"


def drawing_driver(page: Page, probed_by: WebglDriver, config: RenderConfig) -> WebglDriver:
    """The driver that takes the frames of `page`, which has shown some."""
    if probed_by == "mesa" and config.webgl_driver == "auto" and hangs_on_driver(page):
        return "swiftshader"
    return probed_by


def _speaks_of_webgl(site: Path) -> bool:
    texts = (path for path in site.rglob("*") if path.suffix.lower() in _TEXTS and path.is_file())
    return any(_SIGN.search(path.read_bytes()) for path in texts)
