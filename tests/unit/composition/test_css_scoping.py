import pytest

from hf_lambda.composition.css_scoping import (
    CssScope,
    attribute_selector,
    scope_css,
)

HOST = '[data-composition-id="card__hf1"]'
BOX = f"{HOST}:not(:has([data-hf-inner-root])), {HOST} > [data-hf-inner-root]"
ROOT = '[data-hf-authored-id="main"]'
SCOPE = CssScope(HOST, "card", "main")


def keep(url: str) -> str:
    """Leave a URL as it is."""
    return url


def selectors(css: str, scope: CssScope = SCOPE) -> str:
    """The selectors of a stylesheet of one rule, scoped."""
    return scope_css(f"{css}{{}}", scope, keep).removesuffix(" {}")


@pytest.mark.parametrize(
    ("selector", "scoped"),
    [
        (".a > b", f"{HOST} .a > b"),
        (".a, .b:is(.c, .d)", f"{HOST} .a, {HOST} .b:is(.c, .d)"),
        ('[title="a, b"]', f'{HOST} [title="a, b"]'),
        ("*", "*"),
        ("html", BOX),
        ("BODY", BOX),
        (":root", BOX),
        ("body.dark", f"{HOST} body.dark"),
        ("#main .a", f"{HOST} {ROOT} .a"),
        (".a:not(#main)", f"{HOST} .a:not({ROOT})"),
        ("#mainly", f"{HOST} #mainly"),
        ('[data-composition-id="card"]', BOX),
        ("[ data-composition-id='card' ][data-start='0'][data-duration=2]", BOX),
        ('[data-start="0"][data-composition-id="card"]', BOX),
        ('[data-composition-id="card"] .a', f"{HOST} .a"),
        ('[data-composition-id="card"].x > .a', f"{HOST}.x > .a"),
        ('[data-composition-id="card"][data-start="0"] .a', f"{HOST} .a"),
        ('[data-composition-id="other"] .a', f'{HOST} [data-composition-id="other"] .a'),
        (".a/* , */> .b", f"{HOST} .a> .b"),
    ],
)
def test_selector_is_confined(selector: str, scoped: str) -> None:
    """Each kind of selector finds, inside the mount only, what its author meant."""
    assert selectors(selector) == scoped


def test_root_of_an_anonymous_host_is_the_scope_itself() -> None:
    """There the inner root carries the id, so its own id is compounded with it."""
    scope = CssScope('[data-composition-id="card"]', "card", "main", is_inner_root=True)
    assert selectors("#main .a", scope) == f'[data-composition-id="card"]{ROOT} .a'


@pytest.mark.parametrize("rule", ["@media (width > 1px)", "@supports (a: b)", "@layer x", "@container (width > 1px)"])
def test_rules_in_conditional_rules_are_confined(rule: str) -> None:
    """Conditions are looked into, to any depth."""
    assert scope_css(f"{rule}{{@media print{{.a{{}}}}}}", SCOPE, keep) == f"{rule}{{@media print{{{HOST} .a {{}}}}}}"


@pytest.mark.parametrize(
    "css",
    [
        "@keyframes k{from{left:0}50%{left:1px}}",
        "@-webkit-keyframes k{to{left:0}}",
        '@font-face{font-family:"F";src:url("f.woff2")}',
        "@layer a, b;",
        "@property --x{syntax:'*';inherits:false}",
    ],
)
def test_rules_without_selectors_stay(css: str) -> None:
    """What no selector governs is left alone."""
    assert scope_css(css, SCOPE, keep).replace('"*"', "'*'") == css


def test_nested_rules_inherit_the_scope() -> None:
    """A rule in a rule is not confined a second time."""
    assert (
        scope_css(".a{color:red; & .b{left:0} .c{}}", SCOPE, keep) == f"{HOST} .a {{color:red; & .b{{left:0}} .c{{}}}}"
    )


def test_broken_rule_does_not_spoil_the_next() -> None:
    """An unfinished rule at the end is dropped, as browsers do."""
    assert scope_css(".a{} .b", SCOPE, keep).strip() == f"{HOST} .a {{}}"


def test_every_url_is_rewritten() -> None:
    """URLs of all spellings, of imports too, but no other string."""
    css = (
        '@import "x.css";@media print{.a{b:url(1.png)}}'
        ".a{b:url(\"2.png\") 't', c(url('3.png'))}@font-face{src:url(4.woff)}"
        '.c{b:image-set("5.png" 1x)}'
    )
    scoped = scope_css(css, SCOPE, lambda url: f"d/{url}")
    for url in (
        '@import "d/x.css"',
        'url("d/1.png")',
        'url("d/2.png") "t"',
        'url("d/3.png")',
        'url("d/4.woff")',
        '"d/5.png" 1x',
    ):
        assert url in scoped


def test_attribute_selector_is_safe_in_a_style_element() -> None:
    """No id ends the string, or the style element around it."""
    assert attribute_selector("a", 'x"\\</style>') == '[a="x\\"\\\\\\3c /style>"]'


def test_renamed_ids_keep_their_weight() -> None:
    """A rule for an id that another mount has stays a rule for an id."""
    scope = CssScope(HOST, "card", renamed_ids={"shape": "shape__m:1"})
    assert selectors("#shape .a", scope) == f"{HOST} #shape__m\\:1 .a"
    assert selectors(".b:not(#shape)", scope) == f"{HOST} .b:not(#shape__m\\:1)"


def test_halves_of_characters_are_replaced() -> None:
    """What a scene's style escapes as JavaScript would can be written to a file."""
    assert scope_css('p{content:"\\D83D\\DE80"}', SCOPE, keep) == f'{HOST} p {{content:"\ufffd\ufffd"}}'
