"""Animations that a change of style begins in the middle of a composition."""

from pathlib import Path

import pytest

from tests.functional.projects import write_project
from tests.functional.sites import OpenScreen, Screen, colour_at

HEAD = """<style>
  @keyframes go { to { transform: translateX(240px); } }
  i { position: absolute; left: 0; width: 20px; height: 20px; background: #fff; }
  #moved { top: 0; transition: transform 0.8s linear; } #moved.on { transform: translateX(240px); }
  @keyframes appear { from { opacity: 0.97; } }
  #again { top: 80px; animation: appear 0.1s both; } #again.on { animation: go 0.8s linear both; }
  #sent { top: 40px; } #sent.on { animation: go 0.8s linear both; }
</style>"""
SCRIPT = """
  const tl = gsap.timeline({ paused: true });
  for (const id of ["moved", "sent", "again"]) tl.call(() => document.getElementById(id).classList.add("on"), [], 0.3);
  tl.to({}, { duration: 2 }, 0);
  window.__timelines["main"] = tl;
"""
BEGUN, LENGTH, WAY = 9, 24, 240
"""Frame of the class, frames until the end, pixels in between."""
ROWS = {"moved": 10, "sent": 50, "again": 90}


@pytest.fixture
def screen(open_screen: OpenScreen, tmp_path: Path) -> Screen:
    """The page, freshly loaded: two elements without other animations, and one that had another when it loaded."""
    body = '<i id="moved"></i><i id="sent"></i><i id="again"></i>'
    return open_screen(write_project(tmp_path / "project", body, script=SCRIPT, head=HEAD, duration=2))


@pytest.mark.parametrize("frames", [[0, 9, 10, 21], [21], [8, 21], [40]])
def test_it_counts_from_the_moment_of_the_change(screen: Screen, frames: list[int]) -> None:
    """A page that is sent past the change shows what one that was taken through every moment shows."""
    for frame in frames:
        picture = screen.frame(frame)
        left = WAY * min(max(frame - BEGUN, 0), LENGTH) / LENGTH
        for name, y in ROWS.items():
            inside, outside = (sum(colour_at(picture, round(left) + x, y)) for x in (10, 30))
            assert (inside > 700, outside < 60) == (True, True), f"{name} in frame {frame}"
