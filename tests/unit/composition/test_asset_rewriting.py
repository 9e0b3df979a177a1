"""Attributes that hold addresses."""

import pytest

from hf_lambda.composition.asset_rewriting import asset_changes
from hf_lambda.composition.markup import scan_elements


def change(html: str) -> dict[str, str | None]:
    """What changes when every address gets a prefix."""
    return asset_changes(scan_elements(html)[0], lambda url: f"d/{url}")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="a.png" alt="a.png">', {"src": "d/a.png"}),
        ('<video poster="p.png" src="v.mp4">', {"src": "d/v.mp4", "poster": "d/p.png"}),
        ('<image xlink:href="a.png" href="b.png">', {"xlink:href": "d/a.png", "href": "d/b.png"}),
        ('<div data-lottie-src="l.json">', {"data-lottie-src": "d/l.json"}),
        ('<object data="o.svg">', {"data": "d/o.svg"}),
        ('<div data="o.svg">', {}),
        ("<p style=\"background:image-set('b.png' 1x)\">", {"style": 'background:image-set("d/b.png" 1x)'}),
        ("<p style=\"color:red;background:url('b.png')\">", {"style": 'color:red;background:url("d/b.png")'}),
        ('<p class="x">', {}),
    ],
)
def test_addresses_are_rewritten_and_nothing_else(html: str, expected: dict[str, str]) -> None:
    """Only attributes that are addresses change, and only those that become different."""
    assert change(html) == expected


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("a.png", "d/a.png"),
        ("a.png 1x, b.png 2x", "d/a.png 1x, d/b.png 2x"),
        ("a.png 100w,\n  b,c.png 200w", "d/a.png 100w,\n  d/b,c.png 200w"),
        ("a.png , b.png", "d/a.png , d/b.png"),
        ("a.png, b.png", "d/a.png, d/b.png"),
    ],
)
def test_every_candidate_of_a_srcset_is_rewritten(srcset: str, expected: str) -> None:
    """Commas end a candidate only after white space or at the end of its address."""
    assert change(f'<img srcset="{srcset}">') == {"srcset": expected}
