import pytest

from hf_lambda.composition.css_urls import UrlKind, rewrite_css


def visits(css: str) -> list[tuple[str, str]]:
    """Every URL with what it is for."""
    found: list[tuple[str, str]] = []

    def visit(url: str, kind: UrlKind) -> str:
        found.append((kind, url))
        return url

    assert rewrite_css(css, visit) == css
    return found


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a { background: url(x.png) no-repeat }", [("image", "x.png")]),
        ("background: URL('a b.png'), url( \"c.png\" )", [("image", "a b.png"), ("image", "c.png")]),
        ("@import 'a' screen; @import url(b) supports(display: grid);", [("style", "a"), ("style", "b")]),
        ("@font-face { font-family: X; src: local(Y), url(f.woff2) format('woff2') }", [("font", "f.woff2")]),
        ("@media print { a { b: url(c) } @font-face { src: url(f) } d { e: url(g) } }",
         [("image", "c"), ("font", "f"), ("image", "g")]),
        ("a { background: image-set('1.png' 1x, url(2.png) 2x) }", [("image", "1.png"), ("image", "2.png")]),
        ("a { b { mask: url(m.svg#x) } } @keyframes k { to { c: url(d) } }", [("image", "m.svg#x"), ("image", "d")]),
        ("a { content: 'url(no)' } /* url(no) */", []),
        ("@namespace 'http://x'; a { }", []),
    ],
)  # fmt: skip
def test_urls_are_found_with_their_purpose(css: str, expected: list[tuple[str, str]]) -> None:
    """Imports, fonts and pictures are told apart; strings and comments are no URLs; nothing changes by itself."""
    assert visits(css) == expected


def test_urls_are_replaced_and_the_rest_stays() -> None:
    """Only the URL's text changes."""
    css = '@import "a";\nx{ y : url( b ) ; z:url("c")}/* d */'
    assert rewrite_css(css, lambda url, kind: f"/{kind}/{url}") == (
        '@import "/style/a";\nx{ y : url("/image/b") ; z:url("/image/c")}/* d */'
    )
