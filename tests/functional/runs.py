"""Compares a run of all frames of a page with runs that start anywhere."""

from pathlib import Path

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.toolchain import Toolchain
from tests.functional.sites import compile_site, serve

FRAMES = 24
_EVERY = 3
"""How far the frames that runs start at are apart."""


def differing_frames(
    project: Path, browser: Browser, toolchain: Toolchain, *, parts_backdrops: bool = False
) -> list[int]:
    """Those of the first `FRAMES` frames that look otherwise when a page is sent straight to them.

    Raises:
        AssertionError: the page moves too little to show anything.
    """
    site = compile_site(project, project.with_name(f"{project.name}-site"), toolchain)
    with serve(site, toolchain) as server:
        url = f"{server.origin}/{site.entry_file}"
        settings = PageSettings(RenderConfig().fps, {}, 20, parts_backdrops)
        spec = PageSpec(url, site.root.width, site.root.height, PictureFormat("png"), settings)

        def photographs(start: int, stop: int) -> list[bytes]:
            page = Page(browser, spec, deadline=Deadline(60))
            page.load()
            pictures = [bytes(page.capture(frame)) for frame in range(start, stop)]
            page.close()
            return pictures

        together = photographs(0, FRAMES)
        assert len(set(together)) > FRAMES // 4
        return [frame for frame in range(2, FRAMES, _EVERY) if photographs(frame, frame + 1) != [together[frame]]]
