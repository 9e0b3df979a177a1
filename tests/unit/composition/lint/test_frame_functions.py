import pytest

from hf_lambda.composition.lint.frame_functions import carried_state, frame_functions
from hf_lambda.composition.lint.javascript import Code


@pytest.mark.parametrize(
    "source",
    [
        "requestAnimationFrame(f); function f() { BODY }",
        "window.requestAnimationFrame(() => { BODY })",
        "gsap.ticker.add(() => { BODY })",
        "window.addEventListener('hf-seek', (event) => { BODY })",
        "tl.to(a, { x: 1, onUpdate: () => { BODY } })",
        "tl.to(a, { x: 1, onRepeat() { BODY } })",
    ],
)
def test_functions_of_each_frame_are_found(source: str) -> None:
    """Callbacks of frames, seeks and updates are found wherever they are written."""
    code = Code(source)
    bodies = [[token.text for token in code.tokens[slice(*body)]] for body in frame_functions(code)]
    assert bodies == [["BODY"]]


@pytest.mark.parametrize(
    "source", ["addEventListener('click', () => { BODY })", "f(() => { BODY })", "({ onClick() {} })"]
)
def test_other_functions_are_not(source: str) -> None:
    """What runs now and then, or once, is no function of each frame."""
    assert list(frame_functions(Code(source))) == []


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("x += 1", 1),
        ("x++; --y", 2),
        ("state.particles[i].x -= v", 1),
        ("const p = all[0]; p.x += 1", 1),
        ("for (let i = 0; i < 9; i++) { all[i].x *= 2 }", 1),
        ("x = t * 2; y = x + 1", 0),
        ("let x = 0; x += 1", 0),
        ("const p = { x: 0 }, q = [1]; p.x += 1; q[0]++", 0),
        ("let x = start; x += 1", 0),
        ("for (let i = 0; i < 9; i++) {}", 0),
    ],
)
def test_state_from_outside_is_told_from_state_of_the_body(body: str, count: int) -> None:
    """Changes of what the body did not make itself are found."""
    code = Code(f"function f(t) {{ {body} }}")
    assert len(list(carried_state(code, (6, len(code.tokens) - 1)))) == count
