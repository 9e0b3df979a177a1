"""What scripts fetch is there when the page is rendered, however late storage sends it."""

import time
from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.stages.serving import site_resolver
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.sites import compile_site

pytestmark = pytest.mark.browser

SCRIPT = f"""{EMPTY_TIMELINE}
  const get = (name) => fetch(name).then((answer) => answer.json());
  window.drawn = [];
  get("first.json").then(async (first) => window.drawn.push(first, await get("second.json")));
"""


def drawn_from(late_seconds: float, ready_seconds: float, browser: Browser, toolchain: Toolchain, work: Path) -> Page:
    """The loaded page of a script that fetches one file after another, each sent late."""
    project = write_project(work / "project", "", script=SCRIPT)
    for name in ("first", "second"):
        (project / f"{name}.json").write_text(f'"{name}"', "utf-8")
    site = compile_site(project, work / "site", toolchain)

    def find(path: str) -> Path | None:
        if path.endswith(".json"):
            time.sleep(late_seconds)
        file = site.folder / path
        return file if file.is_file() else None

    with PageServer(site_resolver(find, toolchain)) as server:
        spec = PageSpec(
            f"{server.origin}/{site.entry_file}",
            *(320, 180),
            PictureFormat("png"),
            PageSettings(RenderConfig().fps, {}, ready_seconds),
            is_fetching=server.is_fetching,
        )
        page = Page(browser, spec, deadline=Deadline(60))
        page.load()
        return page


def test_files_are_waited_for(session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """Those too that a script asks for when it has the first."""
    page = drawn_from(0.6, 20, session_browser, toolchain, tmp_path)
    assert page.evaluate("drawn") == ["first", "second"]
    assert page.report.warnings == []
    page.close()


def test_files_that_never_come_are_a_warning(session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """The page is rendered without them."""
    page = drawn_from(3, 1, session_browser, toolchain, tmp_path)
    assert page.evaluate("drawn") == []
    assert [warning for warning in page.report.warnings if "fetch" in warning]
    page.close()
