import pytest

from hf_lambda.composition.css_urls import UrlKind, rewrite_css, rewrite_css_urls


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
        ("@namespace 'http://x'; @namespace svg url(http://y); a { b: url(c) }", [("image", "c")]),
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


def test_style_attribute_without_change_stays_as_written() -> None:
    """Text is written anew only where a URL changes."""
    style = "background:URL( a.png );left:1.50px"
    assert rewrite_css_urls(style, lambda url: url) == style
    assert 'url("b")' in rewrite_css_urls(style, lambda _: "b")


@pytest.mark.parametrize(
    ("css", "rewritten"),
    [
        ('@import "a.css" screen; p{}', '@import "d/a.css" screen; p{}'),
        ("@import/**/'a.css';", '@import/**/"d/a.css";'),
        ('p{background:image-set("a.png" 1x)}', 'p{background:image-set("d/a.png" 1x)}'),
        ("p{background:url(a.png)}", 'p{background:url("d/a.png")}'),
        ('p::before{content:"a.png"}', 'p::before{content:"a.png"}'),
        ('@charset "utf-8"; p { color : red }', '@charset "utf-8"; p { color : red }'),
    ],
)
def test_whole_stylesheets_are_rewritten(css: str, rewritten: str) -> None:
    """Addresses in url() and after @import; other strings and everything else stay as written."""
    assert rewrite_css_urls(css, lambda url: f"d/{url}") == rewritten


def test_halves_of_characters_are_replaced_as_browsers_do() -> None:
    """Escapes for both halves of an emoji, as JavaScript writes them, are two unknown characters in CSS."""
    assert (
        rewrite_css_urls('p{content:"\\D83D\\DE80";b:url(a)}', lambda _: "b") == 'p{content:"\ufffd\ufffd";b:url("b")}'
    )
    assert rewrite_css_urls("p{b:url(\\D83D)}", lambda url: f"d/{url}") == 'p{b:url("d/\ufffd")}'
