import pytest

from hf_lambda.composition.lint.gsap_calls import find_tweens
from hf_lambda.composition.lint.javascript import Code


def test_tween_is_read_from_its_literals() -> None:
    """Target, values, settings and window are those of the text."""
    (tween,) = find_tweens(Code('const tl = gsap.timeline(); tl.to("#a", { x: 1, duration: 2, ease: "none" }, 3)'))
    assert (tween.method, tween.target, list(tween.values), sorted(tween.settings)) == (
        *("to", "#a", ["x"]),
        ["duration", "ease"],
    )
    assert (tween.start, tween.end, tween.is_predictable) == (3, 5, True)


@pytest.mark.parametrize(
    "call",
    [
        'tl.to("#a", { x: 1 })',
        'tl.to("#a", { x: 1 }, "+=1")',
        'tl.to("#a", { x: 1 }, at)',
        'tl.to("#a", { x: 1, duration: d }, 1)',
        'tl.to("#a", { x: 1, repeat: 2 }, 1)',
        'tl.to("#a", { x: 1, stagger: 0.1 }, 1)',
    ],
)
def test_windows_that_literals_do_not_tell_are_unknown(call: str) -> None:
    """Where a position or a length is computed, the window is not guessed."""
    (tween,) = find_tweens(Code(f"const tl = gsap.timeline(); {call}"))
    assert not tween.is_predictable


def test_defaults_of_a_timeline_leave_durations_unknown() -> None:
    """A timeline's defaults may hold a duration."""
    (tween,) = find_tweens(Code('const tl = gsap.timeline({ defaults: { ease: "none" } }); tl.to("#a", { x: 1 }, 1)'))
    assert tween.duration is None


def test_chains_belong_to_the_timeline_that_they_begin_with() -> None:
    """Every link of a chain has the chain's timeline, named or not."""
    code = Code("const tl = gsap.timeline(); tl.to(a, {}).to(b, {}); gsap.timeline().from(c, {}).to(d, {}); gsap.to(e)")
    first, second, third, fourth, fifth = find_tweens(code)
    assert first.timeline == second.timeline is not None
    assert third.timeline == fourth.timeline is not None
    assert first.timeline != third.timeline
    assert fifth.timeline is None


def test_methods_of_other_objects_are_no_tweens() -> None:
    """`to`, `from` and `set` of what is no timeline are left alone."""
    assert find_tweens(Code("Array.from(a); map.set(1, 2); x.tl.to(1); app.gsap.to(1); promise.then().to(1)")) == []


def test_values_that_stay_the_same_are_not_moved() -> None:
    """A fromTo that holds a value does not animate it."""
    (tween,) = find_tweens(Code("gsap.fromTo(a, { x: 1, opacity: 1 }, { x: 2, opacity: 1 })"))
    assert list(tween.values) == ["x"]
