from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page, timeline


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("date_dependent_content", "box.textContent = new Date().toLocaleDateString()"),
        ("date_dependent_content", "box.textContent = Date()"),
        ("random_at_tween_start", timeline('tl.to("#a", { x: () => Math.random() * 9 }, 1)')),
        ("random_at_tween_start", timeline('tl.to("#a", { x: "random(0, 9)" }, 1)')),
        ("random_at_tween_start", timeline('tl.to("#a", { x: "+=random(0, 9)" }, 1)')),
        ("repeat_refresh", timeline('tl.to("#a", { x: 9, repeat: 3, repeatRefresh: true }, 1)')),
        ("state_carried_between_frames", "let x = 0; function f() { x += 2; requestAnimationFrame(f) } f()"),
        ("state_carried_between_frames", "let n = 0; const f = () => { n++ }; requestAnimationFrame(f)"),
        ("state_carried_between_frames", "gsap.ticker.add(() => { for (const p of all) { p.x += p.vx } })"),
        ("state_carried_between_frames", "addEventListener('hf-seek', (e) => { const p = all[0]; p.y -= 1 })"),
        ("state_carried_between_frames", timeline('tl.to("#a", { x: 9, onUpdate() { count += 1 } }, 1)')),
    ],
)
def test_wall_clock_and_history_are_found(tmp_path: Path, code: str, script: str) -> None:
    """What runs by the wall clock or builds on the frame before gives its one code."""
    assert codes(tmp_path, page(script=script)) == [code]


@pytest.mark.parametrize(
    "script",
    [
        "// new Date()\n/* Date() */ const s = 'Date()', t = `new Date()`",
        "const d = new Date(2024, 1, 1), e = new Date('2024-01-01'), t = Date.now(), u = new Date().getTime()",
        "const passed = new Date() - begun, now = +new Date()",
        "const x = Math.random() * 9",
        timeline('tl.to("#a", { x: Math.random() * 9 }, 1)'),
        timeline('tl.from("#a", { x: () => Math.random() * 9, stagger: { from: "random", each: 1 } }, 1)'),
        "function f(now) { draw(now / 1000); requestAnimationFrame(f) } requestAnimationFrame(f)",
        "function f(t) { for (let i = 0; i < 9; i++) { draw(i, t) } } requestAnimationFrame(f)",
        "function f(t) { let sum = 0; for (const v of all) { sum += v.at(t) } draw(sum) } requestAnimationFrame(f)",
        "function f(t) { const p = { x: 0 }; p.x += t } requestAnimationFrame(f)",
        "function f(t) { let y = top; y += t; draw(y) } requestAnimationFrame(f)",
        timeline("tl.to(state, { n: 9, onUpdate: () => { box.textContent = state.n.toFixed() } }, 1)"),
    ],
)
def test_clocks_that_follow_the_video_are_left_alone(tmp_path: Path, script: str) -> None:
    """What a seek reproduces, and what is no code, gives nothing."""
    assert codes(tmp_path, page(script=script)) == []
