"""What a local render does with its browsers, and with a video whose place is taken."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import PAGE_SCRIPT_ERROR, SCRATCH_UNAVAILABLE, STORAGE_UNAVAILABLE
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


def test_browsers_end_with_the_render(fresh_settings: Settings, tmp_path: Path) -> None:
    """A render leaves no browser to a program that does not ask for one, whether it succeeds or not."""
    render_page(tmp_path / "project", EMPTY_TIMELINE, fresh_settings)
    assert chromium_pids(fresh_settings) == set()
    with pytest.raises(PAGE_SCRIPT_ERROR):
        render_page(tmp_path / "thrown", f"{EMPTY_TIMELINE} throw new Error('boom');", fresh_settings)
    assert chromium_pids(fresh_settings) == set()


def test_kept_browsers_serve_the_next_render(fresh_settings: Settings, tmp_path: Path) -> None:
    """A program that renders again finds the browser that it kept."""
    render_page(tmp_path / "one", EMPTY_TIMELINE, fresh_settings, keeps_browsers=True)
    kept = chromium_pids(fresh_settings)
    render_page(tmp_path / "two", EMPTY_TIMELINE, fresh_settings, keeps_browsers=True)
    assert kept
    assert chromium_pids(fresh_settings) == kept
    assert_nothing_left(fresh_settings)


@dataclass
class PlaceTaker(FrameDigests):
    """Takes the place of the output away while the render is under way, when nobody expects it."""

    take: Callable[[], None] = lambda: None

    def planned(self, plan: dict[str, Any]) -> None:
        """Take it."""
        self.take()


def undelivered(output: Path, take: Callable[[], None], settings: Settings, keep: Path | None = None) -> str:
    """What the error says of a video whose place is taken away."""
    with pytest.raises(STORAGE_UNAVAILABLE, match=r"out\.mp4 cannot be written: .*; the video is .*") as caught:
        render_project(
            write_project(output.parents[1] / "project", "", duration=0.2),
            output,
            {"quality": "draft"},
            settings=settings,
            deadline=Deadline(120),
            observer=PlaceTaker(take=take),
            keep=keep,
        )
    return str(caught.value)


def test_video_that_cannot_be_delivered_is_kept(fresh_settings: Settings, tmp_path: Path) -> None:
    """When a render is done and its place is gone, or full, the error says where the video lies."""
    output = tmp_path / "videos" / "out.mp4"
    said = undelivered(output, lambda: shutil.rmtree(output.parent), fresh_settings)
    (saved,) = fresh_settings.scratch_dir.glob("hf-lambda-render-*")
    assert f"the video is {saved}" in said
    assert saved.suffix == ".mp4"
    assert saved.stat().st_size > 0


@pytest.mark.parametrize("is_kept", [False, True])
def test_video_whose_name_is_taken_is_kept(is_kept: bool, fresh_settings: Settings, tmp_path: Path) -> None:
    """When only the last step fails, the video is in its folder, and the error says under which name."""
    output = tmp_path / "videos" / "out.mp4"
    said = undelivered(output, output.mkdir, fresh_settings, tmp_path / "kept" if is_kept else None)
    (saved,) = (path for path in output.parent.iterdir() if path != output)
    assert f"the video is {saved}" in said
    assert saved.stat().st_size > 0


def test_scratch_folder_that_cannot_be_made_is_named(fresh_settings: Settings, tmp_path: Path) -> None:
    """The error is that of the scratch folder, and comes before anything else."""
    (tmp_path / "file").write_text("")
    settings = replace(fresh_settings, scratch_dir=tmp_path / "file" / "scratch")
    with pytest.raises(SCRATCH_UNAVAILABLE, match="file/scratch"):
        render_page(tmp_path / "project", EMPTY_TIMELINE, settings)
