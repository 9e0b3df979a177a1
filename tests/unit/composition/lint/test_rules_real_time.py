from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page, timeline


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("timer_driven_content", "setTimeout(() => { box.hidden = false }, 500)"),
        ("timer_driven_content", "window.setTimeout(show, 20); function show() { box.hidden = false }"),
        ("timer_driven_content", "setInterval(tick)"),
        ("unseeded_randomness", "box.id = crypto.randomUUID()"),
        ("callback_starts_animation", timeline("tl.call(() => { box.animate([], 500) }, [], 1)")),
        ("callback_starts_animation", timeline("function go() { box.animate([], 500) }\ntl.call(go, null, 1)")),
    ],
)
def test_what_keeps_real_time_is_found(tmp_path: Path, code: str, script: str) -> None:
    """What the video's clock does not govern gives its one code."""
    assert codes(tmp_path, page(script=script)) == [code]


@pytest.mark.parametrize(
    "script",
    [
        "setTimeout(() => build(), 0); setTimeout(build)",
        "await new Promise((resolve) => setTimeout(resolve, 50))",
        "setTimeout(() => { parent.postMessage('ready', '*') }, 300)",
        "// setInterval(tick, 9)\n/* new Date() */ const s = 'setInterval(tick, 9)', t = `new Date()`",
        "player.setTimeout(show, 5)",
        timeline('tl.call(() => { box.textContent = "two" }, [], 1)'),
    ],
)
def test_what_only_waits_is_left_alone(tmp_path: Path, script: str) -> None:
    """Timers that let a page load, and what is no code, give nothing."""
    assert codes(tmp_path, page(script=script)) == []


def test_animation_elements_are_found_in_svg_alone(tmp_path: Path) -> None:
    """SVG's own animation is found, and an element of the same name elsewhere is not."""
    svg = '<svg><rect><animate attributeName="x" to="9" dur="1s"/></rect></svg>'
    assert codes(tmp_path, page(svg)) == ["smil_animation"]
    assert codes(tmp_path, page("<animate></animate>")) == []
