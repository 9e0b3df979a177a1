"""How long a composition is where its root does not say so: the page knows, from whatever moves in it."""

import math
from pathlib import Path

import pytest

from tests.functional.projects import write_project
from tests.functional.sites import OpenScreen

pytestmark = pytest.mark.browser

NO_TIMELINE = "delete window.__timelines;"


@pytest.mark.parametrize(
    ("body", "script", "seconds"),
    [
        ("", "window.__timelines.main = gsap.timeline({paused: true}).to({}, {duration: 1.25});", 1.25),
        ("", "window.__timelines.other = gsap.timeline({paused: true}).to({}, {duration: 1.5});", 1.5),
        ("", "window.__timelines = [gsap.timeline({paused: true}).to({}, {duration: 1.75})];", 1.75),
        ("", "setTimeout(() => { window.__timelines.main = gsap.timeline().to({}, {duration: 2}); }, 30);", 2),
        ("<style>@keyframes k{to{left:9px}} p{animation:k .5s .25s 2}</style><p>x</p>", NO_TIMELINE, 1.25),
        ("<p id=p>x</p>", f"{NO_TIMELINE} p.animate([{{left: 0}}, {{left: 1}}], {{duration: 700, delay: 50}});", 0.75),
        ('<div data-composition-id="a" data-no-timeline data-start="1" data-duration="2"></div>', NO_TIMELINE, 3),
    ],
    ids=["gsap", "gsap-other-id", "gsap-array", "gsap-late", "css", "waapi", "child-window"],
)
def test_duration_is_that_of_the_longest(
    open_screen: OpenScreen, tmp_path: Path, body: str, script: str, seconds: float
) -> None:
    """GSAP under any id, CSS, WAAPI and the windows of compositions inside."""
    project = write_project(tmp_path / "project", body, script=script, duration=None)
    screen = open_screen(project)
    assert screen.site.root.duration_seconds is None
    assert screen.report.duration_seconds == pytest.approx(seconds, abs=1e-6)


def test_endless_animations_have_no_end(open_screen: OpenScreen, tmp_path: Path) -> None:
    """An animation that repeats for ever gives no duration to render."""
    style = "<style>@keyframes k{to{left:9px}} p{animation:k 1s infinite}</style><p>x</p>"
    project = write_project(tmp_path / "project", style, script=NO_TIMELINE, duration=None)
    duration = open_screen(project).report.duration_seconds
    assert duration == 0 or math.isinf(duration)
