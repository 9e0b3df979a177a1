from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page, timeline


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("timeline_not_registered", "const tl = gsap.timeline({ paused: true }); tl.to('#a', { x: 9 })"),
        ("timeline_not_registered", "window.__timelines = window.__timelines || {}; const tl = gsap.timeline()"),
        ("timeline_not_registered", "if (!window.__timelines) window.__timelines = {}; const tl = gsap.timeline()"),
        ("timeline_not_registered", "window.__timelines ??= {}; const tl = gsap.timeline()"),
        ("tween_outside_timeline", 'gsap.to("#a", { x: 9, duration: 1 })'),
        ("tween_outside_timeline", "items.forEach((item) => { window.gsap.from(item, { opacity: 0 }); })"),
        (
            "timeline_id_mismatch",
            "window.__timelines = {}; window.__timelines['intro'] = a; window.__timelines.main = gsap.timeline()",
        ),
        ("overlapping_tweens", timeline('tl.to("#a", { x: 9, duration: 2 }, 0);\ntl.to("#a", { x: 5 }, 1.9)')),
        ("overlapping_tweens", timeline('tl.to("#a", { x: 5 }, 1);\ntl.from("#a", { x: 9, duration: 2 }, 0)')),
        ("overlapping_tweens", timeline('tl.to("#a", { x: 9 }, 0).to("#a", { x: 5, y: 1 }, 0.2)')),
        ("second_from", timeline('tl.from("#a", { opacity: 0 }, 0); tl.from("#a", { opacity: 0 }, 3)')),
        ("layout_read_at_tween_start", timeline('tl.to("#a", { x: () => box.offsetWidth }, 1)')),
        ("layout_read_at_tween_start", timeline('tl.to("#a", { x: function () { return w(getBBox()) } }, 1)')),
    ],
)
def test_timelines_that_depend_on_history_are_found(tmp_path: Path, code: str, script: str) -> None:
    """What the renderer does not seek, or what a direct seek shows differently, gives its one code."""
    assert codes(tmp_path, page(script=script)) == [code]


@pytest.mark.parametrize(
    "script",
    [
        timeline('tl.to("#a", { x: 9, duration: 2 }, 0);\ntl.to("#a", { x: 5 }, 2)'),
        timeline('tl.to("#a", { x: 9, duration: 2 }, 0);\ntl.to("#a", { y: 5 }, 1)'),
        timeline('tl.to("#a", { x: 9, duration: 2 }, 0);\ntl.to("#b", { x: 5 }, 1)'),
        timeline('tl.to("#a", { x: 9, duration: 2 }, 0);\ntl.fromTo("#a", { x: 1 }, { x: 5 }, 1)'),
        timeline('tl.to("#a", { x: 9, duration: 2 }, 0);\ntl.to("#a", { x: 5, overwrite: true }, 1)'),
        timeline('tl.to("#a", { x: 9, duration: 2 }, at);\ntl.to("#a", { x: 5 }, at + 1)'),
        timeline('if (wide) { tl.to("#a", { x: 9 }, 0) } else { tl.to("#a", { x: 5 }, 0) }'),
        timeline('tl.fromTo("#a", { opacity: 1 }, { opacity: 1, duration: 3 }, 0);\ntl.to("#a", { opacity: 0 }, 2)'),
        timeline('tl.from("#a", { x: 9 }, 0); tl.from("#a", { x: 9, immediateRender: false }, 3)'),
        timeline('tl.set("#a", { x: 9 }, 0); tl.to("#a", { x: 5 }, 0)'),
        timeline("const w = box.offsetWidth;\ntl.to('#a', { x: () => w }, 1)"),
        timeline('tl.add(gsap.to("#a", { x: 9 }), 1); const t = gsap.to("#b", { x: 9 }); tl.add(t, 2)'),
        timeline('items.map((item) => gsap.to(item, { x: 9 })); gsap.set("#a", { x: 9 })'),
        timeline('tl.to("#a", { x: 9, repeat: -1 }, 0)'),
        "const all = window.__timelines || (window.__timelines = {}); all.main = gsap.timeline()",
        "window.__timelines = window.__timelines || {}; Object.assign(window.__timelines, { main: gsap.timeline() })",
        "window.__timelines = [gsap.timeline()]",
        "__timelines['main'] = gsap.timeline()",
        "window.__timelines = { main: gsap.timeline({ paused: true }) }",
        "window.__timelines = {}; window.__timelines['other'] = gsap.timeline({ paused: true })",
        'other.to("#a", { x: 9 }); promise.from(1); path.to(2); const s = "gsap.to(1)"',
    ],
)
def test_timelines_that_any_seek_reproduces_are_left_alone(tmp_path: Path, script: str) -> None:
    """What comes out the same from any first frame gives nothing."""
    assert codes(tmp_path, page(script=script)) == []


def test_endless_repeat_needs_a_declared_duration(tmp_path: Path) -> None:
    """An endless repeat is found only where the root declares no duration."""
    script = timeline('tl.to("#a", { x: 9, repeat: -1 }, 0)')
    assert codes(tmp_path, page(script=script, root="")) == ["gsap_infinite_repeat"]


def test_two_timelines_of_one_name_are_two(tmp_path: Path) -> None:
    """Tweens of two functions' timelines do not overlap, though both are called `tl`."""
    part = '(() => {{ const tl = gsap.timeline({{ paused: true }}); tl.to("#a", {{ x: {} }}, 0); all.add(tl) }})();'
    script = f"{part.format(1)}\n{part.format(2)}\nwindow.__timelines = {{ main: all }};"
    assert codes(tmp_path, page(script=script)) == []
