"""Timers that animate follow the frames; those that build the page run until it is built."""

from pathlib import Path

import pytest

from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.sites import OpenScreen, Screen, colour_at

pytestmark = pytest.mark.browser

STEP, EVERY_MS = 10, 50
"""Pixels of a step, and how often it is taken."""
BOX = '<i id="box" style="position:absolute;left:0;top:0;width:10px;height:10px;background:#fff"></i>'
STEPPING = f"""
  let steps = 0;
  setInterval(() => {{ document.getElementById("box").style.left = `${{{STEP} * ++steps}}px`; }}, {EVERY_MS});
"""
SLOW = "for (const { realNow } = __HF_VIRTUAL_TIME__, end = realNow() + 120; realNow() < end; );"
"""A script that takes its time, as each does on a busy machine."""


def steps_taken(screen: Screen, frame: int) -> int:
    """How many steps the box has taken."""
    picture = screen.frame(frame)
    return next(x for x in range(0, picture.width, STEP) if sum(colour_at(picture, x + 5, 5)) > 700) // STEP


@pytest.mark.parametrize("frames", [[0, 15], [15]])
def test_intervals_do_not_count_the_time_that_a_page_takes_to_load(
    open_screen: OpenScreen, tmp_path: Path, frames: list[int]
) -> None:
    """Between the scripts of a document, however slow they are, nothing of its animation happens."""
    slow = '<script src="slow.js"></script>'
    body = f"{BOX}<script>{STEPPING}</script>{slow * 4}"
    project = write_project(tmp_path / "project", body, script=EMPTY_TIMELINE)
    (project / "slow.js").write_text(SLOW)
    screen = open_screen(project)
    assert [steps_taken(screen, frame) for frame in frames] == [frame * 1000 // 30 // EVERY_MS for frame in frames]


def test_intervals_build_the_page_while_its_timeline_is_missing(open_screen: OpenScreen, tmp_path: Path) -> None:
    """A document that looks again and again for what it needs gets its timeline."""
    script = """
      let looks = 0;
      const poll = setInterval(() => {
        if (++looks < 5) return;
        clearInterval(poll);
        const tl = gsap.timeline({ paused: true });
        tl.to("#box", { x: 100, duration: 1, ease: "none" });
        window.__timelines["main"] = tl;
      }, 100);
    """
    screen = open_screen(write_project(tmp_path / "project", BOX, script=script))
    assert (screen.report.warnings, steps_taken(screen, 15)) == ([], 5)
