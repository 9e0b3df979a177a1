"""What `snapping.js` does: what asked for a layer lies where Chromium would have put it with one."""

from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_moving_project, write_project
from tests.functional.sites import OpenScreen, Screen

pytestmark = pytest.mark.browser

BETWEEN_PIXELS = "left: 40.4px; top: 40.6px"
ON_PIXELS = "left: 40px; top: 41px"
HINT = "#it { will-change: opacity, transform }"
TIMELINES = {
    "nothing moves": "",
    "GSAP moves it": 'tl.fromTo("#it", { x: -30 }, { x: 50, duration: 0.5 }, 0);',
    "GSAP fades it": 'tl.fromTo("#it", { opacity: 0 }, { opacity: 1, duration: 0.5 }, 0);',
    "GSAP begins late": 'tl.set("#it", { x: 20 }, 0.3);',
}
RULES = {
    "a rule": HINT,
    "a rule in a rule": "body { & #it { will-change: transform } }",
    "a rule for some screens": f"@media all {{ {HINT} }}",
    "a rule with a transition": f"{HINT} #it {{ transition: all 1s }}",
}


def picture(folder: Path, place: str, css: str, movement: str, browser: Browser, toolchain: Toolchain) -> bytes:
    """The page after everything came to rest."""
    words = (
        f'<p id="it" style="position: absolute; {place}; margin: 0; color: #fff; font: 20px Inter">Words of text</p>'
    )
    screen = Screen(browser, toolchain, write_moving_project(folder, words, movement, css))
    for frame in (0, 10):
        screen.page.capture(frame)
    taken = bytes(screen.page.capture(24))
    screen.close()
    return taken


@pytest.mark.parametrize("movement", TIMELINES.values(), ids=TIMELINES)
def test_words_lie_on_whole_pixels(
    movement: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """With a hint words between pixels look as words on them do without, and not as they do between pixels."""
    looks = [(BETWEEN_PIXELS, HINT), (ON_PIXELS, ""), (BETWEEN_PIXELS, "")]
    hinted, on_pixels, between = [
        picture(tmp_path / str(number), place, css, movement, session_browser, toolchain)
        for number, (place, css) in enumerate(looks)
    ]
    assert hinted == on_pixels != between


@pytest.mark.parametrize("css", RULES.values(), ids=RULES)
def test_any_rule_can_ask(css: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """Wherever the hint stands, and whatever else is said beside it."""
    looks = [(BETWEEN_PIXELS, css), (ON_PIXELS, "")]
    hinted, on_pixels = [
        picture(tmp_path / str(number), place, rule, "", session_browser, toolchain)
        for number, (place, rule) in enumerate(looks)
    ]
    assert hinted == on_pixels


@pytest.mark.parametrize("movement", [TIMELINES["GSAP moves it"], TIMELINES["GSAP begins late"]])
def test_style_can_ask(movement: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """As a rule can, also where GSAP writes to the style later, and takes all scales away."""
    hinted, on_pixels = [
        picture(tmp_path / str(number), place, "", movement, session_browser, toolchain)
        for number, place in enumerate([f"{BETWEEN_PIXELS}; will-change: transform", ON_PIXELS])
    ]
    assert hinted == on_pixels


def test_what_asks_no_more_lies_where_it_is(session_browser: Browser, toolchain: Toolchain, tmp_path: Path) -> None:
    """Without its hint an element looks as if it had never had one."""
    css = "#it.hinted { will-change: transform } #it { transition: all 1s }"
    movement = """
      const it = document.getElementById("it");
      it.className = "hinted";
      tl.call(() => { it.className = ""; }, [], 0.5);
    """
    left, between = [
        picture(tmp_path / str(number), BETWEEN_PIXELS, css, script, session_browser, toolchain)
        for number, script in enumerate([movement, ""])
    ]
    assert left == between


@pytest.mark.parametrize(
    ("css", "scale"), [("", "1"), ("#it { scale: 1.5 }", "1.5"), ("#it { scale: 2 !important }", "2")]
)
def test_what_an_author_scales_stays(css: str, scale: str, open_screen: OpenScreen, tmp_path: Path) -> None:
    """Only what has no scale gets one, and it begins no transition."""
    head = f"<style>{HINT} {css} #it {{ transition: all 1s }}</style>"
    screen = open_screen(write_project(tmp_path / "project", '<p id="it">words</p>', head=head))
    screen.page.capture(0)
    assert screen.page.evaluate("getComputedStyle(document.getElementById('it')).scale") == scale
    running = "document.getElementById('it').getAnimations().map(({ transitionProperty }) => transitionProperty)"
    assert "scale" not in screen.page.evaluate(running)
