import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.composition.lint.javascript import Code, tokenize

ODD_TEXT = st.text(alphabet="ab1.\"'`${}()[]/*\\\n\r=>+-, ;<!🎬", max_size=60)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("a // b\nc", "a:name c:name"),
        ("a /* b\n */ c", "a:name c:name"),
        ("'//' + \"/*\"", "'//':string +:punct \"/*\":string"),
        (r"'it\'s' x", r"'it\'s':string x:name"),
        ("a / b / c", "a:name /:punct b:name /:punct c:name"),
        ("x = /[/'\"]\\//g", "x:name =:punct /[/'\"]\\//g:regex"),
        ("return /a/", "return:name /a/:regex"),
        ("f(/a/)", "f:name (:punct /a/:regex ):punct"),
        ("(a) / b / c", "(:punct a:name ):punct /:punct b:name /:punct c:name"),
        ("`a${`c`}d`", "`:punct a:template ${:punct `:punct c:template `:punct }:punct d:template `:punct"),
        ("`a${{b}}`", "`:punct a:template ${:punct {:punct b:name }:punct }:punct :template `:punct"),
        ("a?.b ?? c => 1.5e-3", "a:name ?.:punct b:name ??:punct c:name =>:punct 1.5e-3:number"),
        ("a ? .5 : #b", "a:name ?:punct .5:number ::punct #b:name"),
        ("'open\nx", "'open:string x:name"),
    ],
)  # fmt: skip
def test_tokens(source: str, kinds: str) -> None:
    """Code, strings, templates and expressions are told apart, and comments are gone."""
    assert " ".join(f"{token.text}:{token.kind}" for token in tokenize(source)) == kinds


@given(ODD_TEXT | st.text(max_size=60))
def test_any_text_gives_tokens_of_that_text(source: str) -> None:
    """Tokens are pieces of the source, in order, and do not overlap."""
    position = 0
    for token in tokenize(source):
        assert token.start >= position
        assert source.startswith(token.text, token.start)
        position = token.start + len(token.text)
    assert position <= len(source)


@given(ODD_TEXT)
def test_brackets_of_any_text_are_matched_both_ways(source: str) -> None:
    """A bracket's partner has it for a partner, and what is around a token begins before it."""
    code = Code(source)
    for index, partner in enumerate(code.partner):
        assert partner < 0 or code.partner[partner] == index
        assert code.outer[index] < index
        for bracket in (index,) if code.text(index) in ("(", "{", "[") else ():
            code.arguments(bracket)
            code.properties((bracket, code.stop(bracket) + 1))


def test_calls_are_of_a_global_or_of_a_path() -> None:
    """A bare name is a global function, and a path is followed."""
    code = Code("f(1); x.f(2); window.f(3); a.b.f(4); function f() {} f?.(5)")
    assert [code.text(bracket + 1) for bracket in code.calls("f")] == ["1", "3", "5"]
    assert [code.text(bracket + 1) for bracket in code.calls("b", "f")] == ["4"]
    assert [code.text(bracket + 1) for bracket in code.methods("f")] == ["2", "3", "4"]


def test_arguments_and_properties_are_split_at_their_own_commas() -> None:
    """Commas of inner brackets divide nothing, and methods are properties too."""
    code = Code("f([1, 2], { a: g(1, 2), 'b': -3, c() { x, y }, ...rest, d }, 'end',)")
    items = code.arguments(1)
    assert len(items) == 3
    properties = code.properties(items[1])
    assert list(properties) == ["a", "b", "c"]
    assert code.number(properties["b"]) == -3
    assert code.string(items[2]) == "end"


@pytest.mark.parametrize(
    "source",
    [
        "f(function () { BODY })",
        "f(() => { BODY })",
        "f(async ({ a }) => { BODY })",
        "f(x => BODY)",
        "function go(a) { BODY } f(go)",
        "const go = (a) => { BODY }; f(go)",
        "const go = a => BODY; f(go)",
        "const go = function () { BODY }; f(go)",
    ],
)
def test_function_bodies_are_found_where_they_are_written(source: str) -> None:
    """A function that is written in place or named has its body found."""
    code = Code(source)
    (bracket,) = code.calls("f")
    body = code.function_body(code.arguments(bracket)[0])
    assert body is not None
    assert [token.text for token in code.tokens[slice(*body)]] == ["BODY"]


def test_unknown_functions_have_no_body() -> None:
    """A function from elsewhere has none."""
    code = Code("f(elsewhere); f(a.b)")
    bodies = [code.function_body(code.arguments(bracket)[0]) for bracket in code.calls("f")]
    assert bodies == [None, None]
