"""Who draws a page's WebGL: Mesa, in a half to a fiftieth of SwiftShader's time, where it is there and draws alike.

A page is probed by Mesa where its text speaks of WebGL; if its shaders then turn out to be drawn otherwise by another
driver, SwiftShader takes its frames, as in the original.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hf_lambda.capture.flags import WebglDriver
from hf_lambda.capture.page import Page
from hf_lambda.capture.shaders import hangs_on_driver
from hf_lambda.config import RenderConfig
from hf_lambda.errors import TOOLCHAIN_MISSING
from hf_lambda.toolchain import Toolchain

_SIGN = re.compile(rb"webgl|color-?grading", re.IGNORECASE)
_TEXTS = frozenset({".html", ".htm", ".js", ".mjs"})


def probing_driver(texts: Iterable[Path], config: RenderConfig, toolchain: Toolchain) -> WebglDriver:
    """The driver that a page of these texts is probed with: as asked for, or Mesa where it is there and wanted.

    Raises:
        TOOLCHAIN_MISSING: Mesa is asked for and is not there.
    """
    if config.webgl_driver == "mesa" and not toolchain.has_mesa:
        raise TOOLCHAIN_MISSING("webglDriver is mesa, but the toolchain was built without it, for want of a mirror")
    if config.webgl_driver != "auto":
        return config.webgl_driver
    return "mesa" if toolchain.has_mesa and any(map(_speaks_of_webgl, texts)) else "swiftshader"


def drawing_driver(page: Page, probed_by: WebglDriver, config: RenderConfig) -> WebglDriver:
    """The driver that takes the frames of `page`, which has shown some."""
    if probed_by == "mesa" and config.webgl_driver == "auto" and hangs_on_driver(page):
        return "swiftshader"
    return probed_by


def texts_of(site: Path) -> Iterator[Path]:
    """The documents and scripts of a compiled site."""
    return (path for path in site.rglob("*") if path.suffix.lower() in _TEXTS)


def _speaks_of_webgl(text: Path) -> bool:
    try:
        return _SIGN.search(text.read_bytes()) is not None
    except OSError:
        return False  # compiling says what is wrong with it
