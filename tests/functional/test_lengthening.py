"""What a benchmark makes longer does go on moving."""

from pathlib import Path

import pytest
from bench.lengthening import play_repeatedly

from hf_lambda.settings import Settings
from tests.functional.projects import write_project
from tests.functional.renders import render

pytestmark = pytest.mark.browser

BOX = '<p id="box" style="position:absolute;margin:0;width:20px;height:20px;background:#c87828"></p>'
MOVE = """const tl = gsap.timeline({ paused: true });
  tl.to("#box", { x: 240, duration: 1.5, ease: "none" });
  window.__timelines["main"] = tl;"""
FRAMES = 24


def test_each_play_shows_what_the_first_one_shows(session_settings: Settings, tmp_path: Path) -> None:
    """Frame by frame, but for the first: between two plays the end of one is shown."""
    project = write_project(tmp_path / "project", BOX, script=MOVE, duration=1)
    play_repeatedly(project, "main", 3)
    pictures = render(project, tmp_path, session_settings, fps=FRAMES).pictures
    first, *others = (pictures[start + 1 : start + FRAMES] for start in range(0, len(pictures), FRAMES))
    assert others == [first, first]
    assert len(set(first)) == len(first)
