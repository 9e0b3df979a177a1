"""What lies still behind movement is not painted anew with it, and looks the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.deadline import Deadline
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_moving_project
from tests.functional.runs import FRAMES, differing_frames
from tests.functional.sites import OpenScreen, Screen

pytestmark = pytest.mark.browser

ROUNDING = 2
"""Levels of 255 that colours may differ by which are put together in one step more."""
FULL = "position:absolute;inset:0"
GRADIENT = "background:radial-gradient(circle at 40% 50%, #246, #a53 60%, #000)"
SMALL = '<i id="small" style="position:absolute;left:9px;top:9px;width:9px;height:9px;background:#fff"></i>'
BEHIND = SMALL.replace("left", "z-index:-1;left")
GROUND = f'<div id="ground" style="{FULL};{GRADIENT}"></div>'
MASKED = f'<div style="{FULL};background:#7fa;mask-image:linear-gradient(#000, transparent)"></div>'
CARD = """<p id="it" style="position:absolute;left:60.5px;top:40.5px;width:120px;margin:0;background:#f80;
  border-radius:9px;font:600 20px Inter">Words of text</p>"""
BOX = """<div style="position:absolute;left:100px;top:10px;width:200px;height:60px;background:#fff">
  <p style="margin:20px;font:20px Inter">Words</p></div>"""
MOVE = 'tl.to("#it", {x: 50.3, y: 20.7, duration: 0.6}, 0.1);'
COME = 'tl.fromTo("#it", {y: -90, rotation: 20}, {y: -60, rotation: 30, duration: 0.8}, 0);'
TURN_SMALL = 'tl.to("#small", {rotation: 30}, 0);'
TURN = 'tl.to("#it", {rotation: 40, scale: 1.4, duration: 0.6}, 0.1);'


def stage(style: str = "", inner: str = "", attributes: str = "") -> str:
    """A stage that fills the picture, with the card on it."""
    return f'<div id="stage" style="{FULL};{style}" {attributes}>{inner}{CARD}</div>'


PARTED = {
    "a ground and what moves beside it": (GROUND + CARD, MOVE, "", "ground"),
    "something alone that turns": (GROUND + CARD, TURN, "", "ground"),
    "words and something small that turn": (GROUND + CARD + SMALL, TURN + TURN_SMALL, "", "ground"),
    "what turns on its way into the picture": (GROUND + CARD, COME, "", "ground"),
    "words on a plain box, and others that turn": (GROUND + BOX + CARD, TURN, "", "ground"),
    "the composition itself": (CARD, TURN, f"#root {{ {GRADIENT} }}", "root"),
    "a stage after what is masked": (MASKED + stage("z-index:1"), TURN, "", "stage"),
    "a stage with heights on it": (stage(f"z-index:0;{GRADIENT}", BEHIND), MOVE, "", "stage"),
    "a stage on which something blends": (
        f'<div id="stage" style="{FULL};{GRADIENT}"><div style="{FULL};z-index:1">{CARD}</div></div>',
        MOVE,
        "#it { mix-blend-mode: screen }",
        "stage",
    ),
}
TOGETHER = {
    "a plain ground": (f'<div style="{FULL};background:#246"></div>{CARD}', MOVE, ""),
    "a small gradient": (f'<div style="position:absolute;width:90px;height:90px;{GRADIENT}"></div>{CARD}', MOVE, ""),
    "a ground with something faint on it": (GROUND + MASKED + CARD, MOVE, ""),
    "a stage that turns": (stage(GRADIENT), 'tl.fromTo("#stage", {rotation: 5}, {rotation: 20, duration: 1}, 0);', ""),
    "a stage that grows": (stage(GRADIENT), 'tl.fromTo("#stage", {scale: 1.1}, {scale: 1.5, duration: 1}, 0);', ""),
    "a stage between pixels": (stage(f"{GRADIENT};top:0.5px"), MOVE, ""),
    "a stage that fades": (stage(GRADIENT), 'tl.fromTo("#stage", {opacity: 0}, {opacity: 0.9, duration: 1}, 0);', ""),
    "a stage out of focus": (stage(f"{GRADIENT};filter:brightness(0.8)"), MOVE, ""),
    "a stage that the author finishes": (stage(GRADIENT), MOVE, '#stage::after { content: "!" }'),
    "a stage that is finished later": (
        stage(GRADIENT, attributes='class="late"'),
        MOVE,
        '.late::before { content: "!"; color: #fff }',
    ),
    "what lies behind a stage": (
        f'<b style="{FULL};z-index:1"></b>{stage(GRADIENT, BEHIND)}',
        MOVE,
        "",
    ),
    "what blends with a stage": (stage(GRADIENT), MOVE, "#it { mix-blend-mode: screen }"),
}


def moving(folder: Path, body: str, movement: str, css: str = "") -> Path:
    """A project as long as the runs of its frames."""
    return write_moving_project(folder, body, movement, css, duration=FRAMES / 30)


def pictures(screen: Screen) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Some frames one after the other, as (frame, height, width, 3)."""
    return np.stack([np.asarray(screen.frame(number), np.int16) for number in (0, 8, 9, 16)])


def parted(screen: Screen) -> list[str]:
    """The ids of the elements after whose backgrounds a layer begins."""
    ids: list[str] = screen.page.evaluate("""
      [...document.querySelectorAll("*")].filter((one) => getComputedStyle(one, "::before").willChange === "opacity")
        .map(({ id }) => id)
    """)
    return ids


def count_layers(screen: Screen, browser: Browser) -> int:
    """How many layers Chromium draws of the only page, as it tells while the next frames are taken."""
    deadline = Deadline(30)
    heard: list[Any] = []
    targets = browser.devtools.call("Target.getTargets", deadline=deadline)["targetInfos"]
    page = next(target["targetId"] for target in targets if target["type"] == "page")
    attached = browser.devtools.call("Target.attachToTarget", targetId=page, flatten=True, deadline=deadline)
    session = attached["sessionId"]
    browser.devtools.listen(session, lambda _, params: heard.append(params.get("layers")))
    browser.devtools.call_all([("DOM.enable", {}), ("LayerTree.enable", {})], session_id=session, deadline=deadline)
    for frame in range(20, FRAMES):
        screen.frame(frame)
        if any(heard):
            break
    browser.devtools.listen(session, None)
    browser.devtools.call("Target.detachFromTarget", sessionId=session, deadline=deadline)
    layers = next(layers for layers in reversed(heard) if layers)
    return sum(one["drawsContent"] and one["width"] > 0 for one in layers)


@pytest.mark.parametrize(("body", "movement", "css", "holder"), PARTED.values(), ids=PARTED)
def test_a_backdrop_has_a_layer_of_its_own_and_all_else_another(
    body: str, movement: str, css: str, holder: str, open_screen: OpenScreen, session_browser: Browser, tmp_path: Path
) -> None:
    """Backdrop, parting and everything else; colours are rounded once more."""
    screen = open_screen(moving(tmp_path / "parted", body, movement, css), parts_backdrops=True)
    shown = pictures(screen)
    assert parted(screen) == [holder]
    assert count_layers(screen, session_browser) == 3
    together = open_screen(moving(tmp_path / "together", body, movement, css))
    assert parted(together) == []
    assert abs(shown - pictures(together)).max() <= ROUNDING


@pytest.mark.parametrize(("body", "movement", "css"), TOGETHER.values(), ids=TOGETHER)
def test_nothing_is_parted_that_would_look_otherwise_or_costs_little(
    body: str, movement: str, css: str, open_screen: OpenScreen, tmp_path: Path
) -> None:
    """The very pictures."""
    screen = open_screen(moving(tmp_path / "parted", body, movement, css), parts_backdrops=True)
    together = open_screen(moving(tmp_path / "together", body, movement, css))
    assert (pictures(screen) == pictures(together)).all()
    assert parted(screen) == []


def test_a_pseudo_element_that_the_author_brings_in_later_is_shown(open_screen: OpenScreen, tmp_path: Path) -> None:
    """From then on nothing is parted there."""
    late = MOVE + 'tl.set("#stage", { className: "late" }, 0.4);'
    css = '.late::before { content: "late"; color: #fff }'
    screen = open_screen(moving(tmp_path / "parted", stage(GRADIENT), late, css), parts_backdrops=True)
    together = open_screen(moving(tmp_path / "together", stage(GRADIENT), late, css))
    screen.frame(9)
    assert parted(screen) == ["stage"]
    assert screen.frame(15).tobytes() == together.frame(15).tobytes()
    assert parted(screen) == []


@pytest.mark.parametrize(
    ("body", "movement"),
    {
        "something alone that turns": (GROUND + CARD, TURN),
        "a stage that comes to rest": (
            stage(GRADIENT),
            'tl.fromTo("#stage", {scale: 1.3}, {scale: 1, duration: 0.4}, 0);' + TURN,
        ),
        "a stage that fades in": (stage(GRADIENT), 'tl.from("#stage", {opacity: 0, duration: 0.4}, 0);' + MOVE),
    }.values(),
)
def test_pictures_do_not_depend_on_the_frames_before(
    body: str, movement: str, session_browser: Browser, toolchain: Toolchain, tmp_path: Path
) -> None:
    """A run of all frames equals runs of one frame each, whatever was parted when."""
    project = moving(tmp_path / "project", body, movement)
    assert differing_frames(project, session_browser, toolchain, parts_backdrops=True) == []
