import json

import pytest

from hf_lambda.composition.markup import scan_elements
from hf_lambda.composition.variables import (
    Values,
    declared_defaults,
    host_values,
    script_literal,
    variables_css,
    variables_table_script,
)


def css_of(html: str, mounted: dict[str, Values], overrides: Values | None = None, authored_css: str = "") -> str:
    """The rules for a document."""
    return variables_css(scan_elements(html), mounted, overrides or {}, authored_css)


def test_defaults_are_read_by_id() -> None:
    """Entries without an id or a default declare no value."""
    declared = '[{"id": "a", "default": 1}, {"id": "b"}, {"default": 2}, 3, {"id": "c", "default": null}]'
    element = scan_elements(f"<html data-composition-variables='{declared}'>")[0]
    assert declared_defaults(element) == {"a": 1, "c": None}


@pytest.mark.parametrize("text", ["", "{", "[1", "NaN", '"text"', "[NaN]", pytest.param("[" * 100_000, id="deep")])
def test_unreadable_attributes_give_no_values(text: str) -> None:
    """A broken attribute counts as absent, as in the runtime."""
    element = scan_elements(f"<p data-composition-variables='{text}' data-variable-values='{text}'>")[0]
    assert declared_defaults(element) == host_values(element) == {}
    assert declared_defaults(None) == {}


def test_table_is_safe_in_a_script_element() -> None:
    """No value ends the script element around the table."""
    script = variables_table_script({"a": {"x": "</script><!--"}})
    assert "<" not in script
    assert script_literal({"x": "<"}) == '{"x": "\\u003c"}'


def test_scalars_become_custom_properties() -> None:
    """Strings, numbers and names of fonts do; truth values, other objects and blanks do not."""
    values: Values = {
        "size": 2.0,
        "flag": True,
        "image": {"url": "x"},
        "blank": "",
        "face": {"name": "Foo", "source": "x"},
    }
    assert css_of("", {"a": values}) == '[data-composition-id="a"] { --size: 2; --face: Foo; }'


def test_half_of_a_character_is_replaced() -> None:
    """JSON can escape one, files cannot hold it."""
    assert css_of("", {"a": json.loads('{"x": "\\ud83d"}')}) == '[data-composition-id="a"] { --x: \ufffd; }'


def test_properties_have_both_names_that_the_runtime_gives_them() -> None:
    """A slug, and the id itself where it is a name in CSS; each gives way to a stylesheet that defines it."""
    values: Values = {"Main Colour": "red", "titleFont": "Foo"}
    expected = '[data-composition-id="a"] { --main-colour: red; --titlefont: Foo; --titleFont: Foo; }'
    assert css_of("", {"a": values}) == expected
    assert "--titleFont" not in css_of("", {"a": values}, authored_css="p { --titleFont: Bar }")


def test_value_cannot_end_its_declaration() -> None:
    """Characters that could start another declaration or element are taken out."""
    assert "--a: redb:url(x)/style;" in css_of("", {"a": {"a": "red;}b:url(x)</style>\n"}})


@pytest.mark.parametrize("text", ["It's here", '12" screen', ":(", "[x", "50 /* %", "C:\\", "url(x", "calc(1px"])
def test_text_that_is_no_css_value_does_not_spoil_its_rule(text: str) -> None:
    """The runtime's setProperty refuses what is unfinished as CSS, and in a rule it would swallow what follows."""
    assert css_of("", {"a": {"title": text, "x": 1}}) == '[data-composition-id="a"] { --x: 1; }'
    assert css_of("", {"a": {"title": text}}) == ""


@pytest.mark.parametrize("text", ["Rock 'n' roll", "calc(1px + 2px)", "a, b!", "\\31 ", "50% /* half */", "5 > 3)"])
def test_other_text_is_written(text: str) -> None:
    """Finished strings, functions, comments and escapes may stand in a value; a stray bracket spoils its own only."""
    assert css_of("", {"a": {"t": text}}) == f'[data-composition-id="a"] {{ --t: {text.replace(">", "")}; }}'


def test_authored_property_wins_over_default_but_not_over_the_request() -> None:
    """A property that a stylesheet defines stays the author's, unless the render request sets the variable."""
    mounted: dict[str, Values] = {"a": {"x": 1, "y": 2}}
    assert css_of("", mounted, authored_css=".b{--x : 3}") == '[data-composition-id="a"] { --y: 2; }'
    assert "--x: 9;" in css_of("", mounted, {"x": 9, "z": 8}, ".b{--x:3}")


def test_declaring_elements_get_rules() -> None:
    """The html element speaks for the document, a composition for itself, with the values its host passes."""
    declared = json.dumps([{"id": "x", "default": 1}])
    html = (
        f"<html data-composition-variables='{declared}'><div data-variable-values='{{\"x\": 5, \"q\": 1}}'>"
        f"<p data-composition-id=in data-composition-variables='{declared}'></p></div>"
    )
    assert css_of(html, {}) == ':root { --x: 1; }\n[data-composition-id="in"] { --x: 5; }'


def test_mounted_values_win_over_the_defaults_of_the_same_element() -> None:
    """An anonymous host's inner root declares, but its values are in the table already."""
    declared = json.dumps([{"id": "x", "default": 1}])
    html = f"<p data-composition-id=a data-composition-variables='{declared}'></p>"
    assert css_of(html, {"a": {"x": 7}}) == '[data-composition-id="a"] { --x: 7; }'
