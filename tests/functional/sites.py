"""Compiles and serves projects for tests that open pages themselves."""

import io
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.page_scripts import FONTS_PATH, RUNTIME_PATH, PageSettings
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.composition.compiling import CompiledSite, compile_project
from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.errors import MEDIA_UNREADABLE
from hf_lambda.media.probing import MediaFacts, probe_media
from hf_lambda.stages.serving import site_resolver
from hf_lambda.toolchain import Toolchain


def compile_site(project: Path, folder: Path, toolchain: Toolchain, **config: Any) -> CompiledSite:
    """Compile a copy of `project` in `folder`, as the plan stage does."""
    shutil.copytree(project, folder)
    return compile_project(
        folder,
        parse_config(config),
        fonts_dir=toolchain.fonts_dir,
        fonts_url=f"/{FONTS_PATH}",
        runtime_url=f"/{RUNTIME_PATH}",
        probe=lambda path: _probe(path, toolchain),
    )


def _probe(path: Path, toolchain: Toolchain) -> MediaFacts | None:
    try:
        return probe_media(toolchain.ffprobe, path, deadline=Deadline(60))
    except MEDIA_UNREADABLE:
        return None


def serve(site: CompiledSite, toolchain: Toolchain) -> PageServer:
    """A server for a compiled site."""

    def find(path: str) -> Path | None:
        file = site.folder / path
        return file if file.is_file() else None

    return PageServer(site_resolver(find, toolchain))


def colour_at(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """The colour of one pixel of an RGB picture."""
    return picture.getpixel((x, y))  # type: ignore[return-value]  # RGB has no single numbers


class Screen:
    """A page of a compiled project that shows any frame; its colours are read off, exactly."""

    def __init__(
        self, browser: Browser, toolchain: Toolchain, project: Path, *, parts_backdrops: bool = False, **config: Any
    ) -> None:
        self.site = compile_site(project, project.with_name(f"{project.name}-site"), toolchain, **config)
        self._server = serve(self.site, toolchain)
        self._server.__enter__()
        fps, variables = Fraction(config.get("fps", 30)), config.get("variables", {})
        settings = PageSettings(fps, variables, 20, parts_backdrops)
        root = self.site.root
        spec = PageSpec(
            f"{self._server.origin}/{self.site.entry_file}", root.width, root.height, PictureFormat("png"), settings
        )
        self.page = Page(browser, spec, deadline=Deadline(60))
        self.report: PageReport = self.page.load()

    def frame(self, number: int) -> Image.Image:
        """A frame's picture, without alpha."""
        return Image.open(io.BytesIO(self.page.capture(number))).convert("RGB")

    def colour(self, number: int, x: int, y: int) -> tuple[int, ...]:
        """The colour of one pixel of a frame."""
        return colour_at(self.frame(number), x, y)

    def missing(self) -> list[str]:
        """Paths that the page asked for in vain."""
        return self._server.missing

    def close(self) -> None:
        """Close the page and its server."""
        self.page.close()
        self._server.__exit__(None, None, None)


OpenScreen = Callable[..., Screen]
"""Opens a project, with the fields of its configuration, as the fixture `open_screen` does."""
