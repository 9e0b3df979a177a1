from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page, timeline

CLIP = '<p id="a" class="clip big" data-start="0" data-duration="1">a</p><p class="big">b</p>'
MOVE = timeline('tl.to("#a", { x: 9 }, 0)')


def style(css: str) -> str:
    """A style element."""
    return f"<style>{css}</style>"


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("clip_visibility", page(CLIP, head=style(".clip { visibility: hidden }"))),
        ("clip_visibility", page(CLIP, head=style("@media all { p, #a { visibility: visible } }"))),
        ("clip_visibility", page('<p data-start="0" style="visibility:hidden">a</p>')),
        ("transition_on_animated_element", page(CLIP, MOVE, head=style("#a { transition: transform 1s }"))),
        ("transition_on_animated_element", page(CLIP, MOVE, head=style("#a { transition: all 1s }"))),
        ("transition_on_animated_element", page(CLIP, MOVE, head=style("#a { transition: 0.3s ease }"))),
    ],
)
def test_styles_that_the_render_overrides_are_found(tmp_path: Path, code: str, document: str) -> None:
    """A style with one fault gives its one code."""
    assert codes(tmp_path, document) == [code]


@pytest.mark.parametrize(
    "document",
    [
        page(CLIP, head=style(".big { visibility: hidden } .clip p { visibility: hidden }")),
        page(CLIP, head=style(".clip { opacity: 0 } /* .clip { visibility: hidden } */")),
        page(CLIP, MOVE, head=style("#a { transition: none } #a { transition: all 0s }")),
        page(CLIP, MOVE, head=style("#a { transition: color 1s } .big { transition: all 1s }")),
        page(CLIP, head=style("html.dark p { color: red } :root p { color: red } {{ ; } }")),
    ],
)
def test_styles_that_hold_are_left_alone(tmp_path: Path, document: str) -> None:
    """Styles that come out as written give nothing."""
    assert codes(tmp_path, document) == []


@pytest.mark.parametrize(
    ("selector", "is_found"),
    [("html.dark .x", True), (":root .x", True), ("body > .x", True), ("body", False), (":root", False), (".x", False)],
)
def test_selectors_outside_of_a_sub_composition(tmp_path: Path, selector: str, is_found: bool) -> None:
    """In a sub-composition, a selector that begins outside of it is found; `body` alone means its box."""
    sub = f'<template><style>{selector} {{ color: red }}</style><div data-composition-id="b">b</div></template>'
    host = '<div data-composition-id="b" data-composition-src="b.html"></div>'
    assert codes(tmp_path, page(host), {"b.html": sub}) == ["scoped_selector_never_matches"] * is_found
