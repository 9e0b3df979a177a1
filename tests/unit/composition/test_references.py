import pytest

from hf_lambda.composition.css_urls import UrlKind
from hf_lambda.composition.references import rewrite_document, rewrite_module


def visits(html: str) -> list[tuple[str, str]]:
    """Every URL with what it is for."""
    found: list[tuple[str, str]] = []

    def visit(url: str, kind: UrlKind) -> str:
        found.append((kind, url))
        return url

    assert rewrite_document(html, visit) == html
    return found


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<script src=a></script>", [("script", "a")]),
        ("<script type='module' src='a'></script>", [("module", "a")]),
        ("<link rel='preload stylesheet' href=a><link rel=icon href=b>", [("style", "a")]),
        ("<link rel=preload as=font href=a><link rel=modulepreload href=b>", [("font", "a"), ("module", "b")]),
        ("<link rel=preconnect href=https://a>", []),
        ("<img src=a srcset='b 1x, c 2x'>", [("image", "a"), ("image", "b"), ("image", "c")]),
        ("<img srcset='data:image/png;base64,x 1x, b 2x'>", [("image", "data:image/png;base64,x"), ("image", "b")]),
        ("<picture><source srcset='a.webp 640w,b.webp 2x'></picture>", [("image", "a.webp"), ("image", "b.webp")]),
        ("<video src=a poster=b><source src=c></video>", [("media", "a"), ("image", "b"), ("media", "c")]),
        ("<audio src=a></audio>", [("media", "a")]),
        ("<svg><image href=a /><image xlink:href=b /><use href='c#d'/></svg>",
         [("image", "a"), ("image", "b"), ("image", "c#d")]),
        ("<p style='background:url(&quot;a&amp;b&quot;)'>", [("image", "a&b")]),
        ("<style>@import 'a'; p { b: url(c) }</style>", [("style", "a"), ("image", "c")]),
        ("<script>const x = 'url(https://a)'; // <img src=b>\n</script>", []),
        ("<script type=module>import x from 'https://a/x.js'; import y from 'bare';</script>",
         [("module", "https://a/x.js")]),
        ("<script>await import('//a/x.js')</script>", [("module", "//a/x.js")]),
        ('<script type="importmap">{"imports": {"x": "https://a/x.js", "y/": "https://a/y/"}}</script>',
         [("module", "https://a/x.js")]),
        ("<script type=importmap>not json</script><a href=b>", []),
        ("<template><img src=a></template>", [("image", "a")]),
    ],
)  # fmt: skip
def test_what_a_browser_loads_is_found(html: str, expected: list[tuple[str, str]]) -> None:
    """Every place from which a browser loads by itself is visited with its purpose, and nothing changes by itself."""
    assert visits(html) == expected


def test_urls_are_replaced_where_they_stand() -> None:
    """The author's text stays, but for the URLs; a digest of the old file goes."""
    html = (
        "<IMG  alt=x SRC='a' srcset=\"b 1x,c 2x\"><script defer integrity=sha256-x src=d></script><p style='e:url(f)'>g"
    )
    assert rewrite_document(html, lambda url, _: f"/{url}?&") == (
        '<IMG  alt=x src="/a?&amp;" srcset="/b?&amp; 1x,/c?&amp; 2x"><script defer src="/d?&amp;"></script>'
        '<p style="e:url(&quot;/f?&amp;&quot;)">g'
    )


def test_import_map_stays_one() -> None:
    """An import map with other URLs is JSON that cannot end its script."""
    html = '<script type="importmap">{"imports": {"<": "https://a/x.js"}}</script>'
    assert rewrite_document(html, lambda *_: "/x.js") == (
        '<script type="importmap">{"imports": {"\\u003c": "/x.js"}}</script>'
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a from './a.js'", "import a from '/X'"),
        ('import"/npm/b@1/+esm";', 'import"/X";'),
        ("export * from '../c.js'; import('https://d/e.js')", "export * from '/X'; import('/X')"),
        ("import three from 'three'", "import three from 'three'"),
        ("reimport('./a.js'); _from './b.js'", "reimport('./a.js'); _from './b.js'"),
        ("/** @import {A} from './a.js'\n * @type {import('./a.js').B} */import './b.js'",
         "/** @import {A} from './a.js'\n * @type {import('./a.js').B} */import '/X'"),
        ("// import './a.js'\n  // import './b.js'\nimport './c.js'",
         "// import './a.js'\n  // import './b.js'\nimport '/X'"),
        ("a('image/*', 'http://b', /[/*\"]/); import './c.js'; d('*/')",
         "a('image/*', 'http://b', /[/*\"]/); import '/X'; d('*/')"),
        ("const from = 'x'; say('from ./a')", "const from = 'x'; say('from ./a')"),
    ],
)  # fmt: skip
def test_imports_of_modules_are_rewritten(source: str, expected: str) -> None:
    """Relative, rooted and absolute specifiers are URLs; bare names are the import map's, and comments nobody's."""
    assert rewrite_module(source, lambda *_: "/X") == expected
