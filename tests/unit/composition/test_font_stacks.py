import pytest

from hf_lambda.composition.font_stacks import document_styles, family_stacks, put_inter_first


@pytest.mark.parametrize(
    ("css", "stacks"),
    [
        ("a { font-family: Foo Bar, 'Baz, x', \"Q\" , sans-serif }", [["Foo Bar", "Baz, x", "Q", "sans-serif"]]),
        ("FONT-FAMILY:foo!important", [["foo"]]),
        ("a { font: italic 700 12px/1.5 Foo, serif }", [["Foo", "serif"]]),
        ("font: bold calc(1px + 2vw) 'Foo'", [["Foo"]]),
        ("a { font: inherit; font-family: inherit } b { font: caption }", []),
        ("@media x { a { &:hover { font-family: Foo } } } @font-face { font-family: Own; src: url(x) }", [["Foo"]]),
        (":root { --f: 'Foo', serif; --g: var(--f) } a { font-family: var(--g), Bar }", [["Foo", "serif", "Bar"]]),
        ("a { font-family: var(--none, Foo, Bar) } b { font-family: var(--none), Baz }", [["Foo", "Bar"], ["Baz"]]),
        ("a { font-family: var(--x) } b { --x: var(--x) }", []),
        ("a { font-family: var(font-family) } b { font: 2px var(font) }", []),
        ("a{font-family:Foo}b{font-family:Foo}", [["Foo"]]),
        ("/* font-family: No */ a { content: 'font-family: No' } a:font-family { }", []),
        ("a { font-variation-settings: 'wght' 400; font-size: 2px }", []),
    ],
)
def test_stacks_are_read_from_styles(css: str, stacks: list[list[str]]) -> None:
    """Every stack is read whole and in order: long and short forms, nested rules, variables with their fallbacks."""
    assert family_stacks([css], []).drawn == stacks


@pytest.mark.parametrize(
    ("css", "possible"),
    [
        ("a { --f: Foo } b { --f: Bar; --s: Baz } p { font-family: var(--f), serif }", [["Foo"]]),
        ("a { --f: Foo } b { --f: Bar } p { --g: var( --f ); font-family: var(--g) }", [["Foo"]]),
        ("a { --f: Foo } b { --f: Bar }", []),
    ],
)
def test_other_values_of_a_variable_may_be_drawn(css: str, possible: list[list[str]]) -> None:
    """All that it has in the page, where a family is asked for by it, through others too."""
    assert family_stacks([css], []).possible == possible


def test_documents_name_families_in_several_places() -> None:
    """Styles, style attributes, data-font-family and SVG's font-family are all looked at."""
    html = (
        "<style>a { font-family: A }</style><p style='font-family: &quot;B&quot;'><i data-font-family='C, D'>"
        "<svg><text font-family='E'></text></svg>"
    )
    assert family_stacks(*document_styles(html)).drawn == [["A"], ["B"], ["C", "D"], ["E"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<style>a { font-family: system-ui, Foo }</style>", "<style>a { font-family: Inter, system-ui, Foo }</style>"),
        ("<style>\r\na{}\n\fb{\r\n font-family:\r\n  MONOSPACE}</style>",
         "<style>\r\na{}\n\fb{\r\n font-family:\r\n  Inter, MONOSPACE}</style>"),
        ("<style>:root{--f: -apple-system, x}</style>", "<style>:root{--f: Inter, -apple-system, x}</style>"),
        ("<style>a{font-family:var(--none, serif)}</style>", "<style>a{font-family:var(--none, Inter, serif)}</style>"),
        ("<p style='color:red;font-family:serif'>", '<p style="color:red;font-family:Inter, serif">'),
        ("<p data-font-family='sans-serif'>", '<p data-font-family="Inter, sans-serif">'),
    ],
)  # fmt: skip
def test_generic_family_gets_inter_before_it(before: str, after: str) -> None:
    """A stack that begins with a generic family is drawn in Inter, wherever it stands; all else stays as written."""
    assert put_inter_first(before) == after


@pytest.mark.parametrize(
    "html",
    [
        "<style>a { font-family: Foo, sans-serif }</style>",
        "<style>a { font: 12px monospace }</style>",
        "<style>@font-face { font-family: serif; src: url(x) }</style>",
        "<style>a { font-family: var(--f) }</style>",
        "<style>a { font-family: 'sans-serif-condensed' }</style>",
        "<svg><text font-family='monospace'></text></svg>",
        "<script>x = 'font-family: serif'</script><p>font-family: serif</p>",
    ],
)
def test_other_stacks_stay(html: str) -> None:
    """Stacks that begin with a name, the shorthand, and what is no style are left alone."""
    assert put_inter_first(html) == html
