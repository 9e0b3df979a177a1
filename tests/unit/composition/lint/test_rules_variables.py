from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page

HOST = "<div data-composition-id='b' data-composition-src='b.html' data-variable-values='{}'></div>"
SUB = """<html data-composition-variables='[{"id": "title", "type": "string", "default": "x"}]'><body>
<div data-composition-id="b"><p data-var-text="title">x</p></div></body></html>"""


def declare(json: str) -> str:
    """A page that declares variables."""
    return page(root=f"data-duration='5' data-composition-variables='{json}'")


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("invalid_variable_declaration", declare("[{")),
        ("invalid_variable_declaration", declare('{"id": "a"}')),
        ("invalid_variable_declaration", declare('[{"type": "string"}]')),
        ("invalid_variable_declaration", declare('["a"]')),
        ("variable_default_mismatch", declare('[{"id": "a", "type": "number", "default": "1"}]')),
        ("variable_default_mismatch", declare('[{"id": "a", "type": "number", "default": true}]')),
        ("variable_default_mismatch", declare('[{"id": "a", "type": "boolean", "default": "true"}]')),
        ("variable_default_mismatch", declare('[{"id": "a", "type": "enum", "options": ["x"], "default": "y"}]')),
        ("invalid_variable_values", page(HOST.format("{title: 1}"))),
        ("invalid_variable_values", page(HOST.format("[1]"))),
        ("unknown_variable", page(HOST.format('{"titel": "x"}'))),
        ("unknown_variable", page('<p data-var-text="nothing">x</p>')),
    ],
)
def test_faults_of_variables_are_found(tmp_path: Path, code: str, document: str) -> None:
    """A declaration, value or binding with one fault gives its one code."""
    assert codes(tmp_path, document, {"b.html": SUB}) == [code]


@pytest.mark.parametrize(
    "document",
    [
        declare('[{"id": "a", "type": "number", "default": 1.5}, {"id": "b", "type": "color", "default": "red"}]'),
        declare('[{"id": "a", "type": "enum", "options": [{"value": "x"}], "default": "x"}]'),
        declare('[{"id": "a", "type": "image", "default": {"url": "x.png"}}, {"id": "b", "type": "new"}]'),
        declare('[{"id": "a", "type": ["odd"], "default": 1}]'),
        page(HOST.format('{"title": "x"}')),
    ],
)
def test_sound_variables_are_left_alone(tmp_path: Path, document: str) -> None:
    """What can be read and is used gives nothing."""
    assert codes(tmp_path, document, {"b.html": SUB}) == []


def test_values_for_a_file_without_declarations_are_left_alone(tmp_path: Path) -> None:
    """Scripts may read values that nothing declares."""
    sub = '<div data-composition-id="b"><p>x</p></div>'
    assert codes(tmp_path, page(HOST.format('{"any": 1}')), {"b.html": sub}) == []
