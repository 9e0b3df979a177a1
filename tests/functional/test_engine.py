"""What a local render does with its browsers."""

from contextlib import suppress
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import PAGE_SCRIPT_ERROR
from hf_lambda.local.engine import render_project
from hf_lambda.settings import Settings
from tests.functional.leftovers import assert_nothing_left, children
from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.renders import FrameDigests

pytestmark = pytest.mark.browser


def chromium_pids(settings: Settings) -> set[int]:
    """The browsers that are left, with all their processes."""
    return {process.pid for process in children("chromium", settings)}


def render_page(project: Path, script: str, settings: Settings, *, keeps_browsers: bool = False) -> None:
    """Render a page with nothing but a script."""
    render_project(
        write_project(project, "", script=script),
        project.with_suffix(".mp4"),
        {"quality": "draft"},
        settings=settings,
        deadline=Deadline(120),
        observer=FrameDigests(),
        keeps_browsers=keeps_browsers,
    )


@pytest.mark.parametrize("script", [EMPTY_TIMELINE, f"{EMPTY_TIMELINE} throw new Error('boom');"])
def test_browsers_end_with_the_render(script: str, fresh_settings: Settings, tmp_path: Path) -> None:
    """A render leaves no browser to a program that does not ask for one, whether it succeeds or not."""
    with suppress(PAGE_SCRIPT_ERROR):
        render_page(tmp_path / "project", script, fresh_settings)
    assert chromium_pids(fresh_settings) == set()


def test_kept_browsers_serve_the_next_render(fresh_settings: Settings, tmp_path: Path) -> None:
    """A program that renders again finds the browser that it kept."""
    render_page(tmp_path / "one", EMPTY_TIMELINE, fresh_settings, keeps_browsers=True)
    kept = chromium_pids(fresh_settings)
    render_page(tmp_path / "two", EMPTY_TIMELINE, fresh_settings, keeps_browsers=True)
    assert kept
    assert chromium_pids(fresh_settings) == kept
    assert_nothing_left(fresh_settings)
