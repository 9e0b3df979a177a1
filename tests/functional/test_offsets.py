"""What `offsets.js` does: pictures at fractions of a pixel look the same wherever a run of frames begins."""

from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import noise_png, write_moving_project
from tests.functional.runs import FRAMES, differing_frames

pytestmark = pytest.mark.browser

MOVEMENTS = {
    "popping in": 'tl.from("#it", {scale: 0.5, duration: 0.3}, 0.1); tl.from("#it", {opacity: 0, duration: 0.1}, 0.1);',
    "shrinking": 'tl.to("#it", {scale: 0.8, duration: 0.3}, 0.1);',
    "growing, then rounded": 'tl.from("#it", {scale: 0.5, duration: 0.3}, 0.1); tl.to("#it", {borderRadius: 20}, 0.5);',
    "turning there and back": 'tl.to("#it", {rotation: 20, duration: 0.2, yoyo: true, repeat: 1}, 0.1);',
    "by keyframes": """
      const frames = [{scale: 1}, {scale: 0.7, offset: 0.3}, {scale: 1, offset: 0.6}, {scale: 1}];
      document.getElementById("it").animate(frames, 800);
    """,
    "in CSS variables": """
      const words = "translate(calc(1px + 2%), 1px) scale(var(--size))";
      tl.set("#it", {attr: {style: "transform:" + words}}, 0);
      tl.fromTo("#it", {"--size": 1}, {"--size": 0.6, duration: 0.3}, 0.1);
      tl.to("#it", {"--size": 1, duration: 0.2}, 0.45);
      tl.set("#it", {opacity: 0.9}, 0.5);
    """,
}


@pytest.mark.parametrize("movement", MOVEMENTS.values(), ids=MOVEMENTS)
def test_pictures_between_pixels_do_not_depend_on_the_frames_before(
    movement: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """A run of all frames equals runs of one frame each."""
    css = "#it { position: absolute; left: 60.5px; top: 20.5px; width: 84.83px; height: 120.3px; }"
    body = f'<img id="it" src="{noise_png(65)}">'
    project = write_moving_project(tmp_path / "project", body, movement, css, duration=FRAMES / 30)
    assert differing_frames(project, session_browser, toolchain) == []
