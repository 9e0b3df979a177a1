"""Values against declarations."""

import json
from typing import Any

import pytest

from hf_lambda.composition.variable_rules import check_variables
from hf_lambda.config import parse_config
from hf_lambda.errors import INVALID_CONFIG

DECLARED = [
    {"id": "title", "type": "string"},
    {"id": "paint", "type": "color"},
    {"id": "size", "type": "number", "min": 1, "max": 9.5},
    {"id": "is_on", "type": "boolean"},
    {"id": "mood", "type": "enum", "options": [{"value": "calm"}, "wild"]},
    {"id": "face", "type": "font"},
    {"id": "logo", "type": "image"},
    {"id": "other", "type": "from-the-future"},
    {"no": "id"},
]
HTML = f"<html data-composition-variables='{json.dumps(DECLARED)}'><body></body></html>"


def check(variables: dict[str, Any], **config: Any) -> list[str]:
    """The findings on these values."""
    return check_variables(HTML, parse_config({"variables": variables, **config}))


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"title": "", "paint": "red", "size": 1, "is_on": False, "mood": "calm"},
        {"size": 9.5, "mood": "wild", "face": "Inter", "logo": "a.png"},
        {"face": {"name": "Inter", "source": "google"}, "logo": {"url": "a.png"}, "other": [1]},
    ],
)
def test_values_within_the_rules_are_fine(variables: dict[str, Any]) -> None:
    """Limits are inclusive; a type that is not known has no rule."""
    assert check(variables, strictVariables=True) == []


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("secret", "s3cret", "is not declared in data-composition-variables"),
        ("title", 77123, "must be text"),
        ("paint", None, "must be text"),
        ("size", "77123", "must be a number"),
        ("size", True, "must be a number"),
        ("size", 0.5, "must be at least 1"),
        ("size", 77123, "must be at most 9.5"),
        ("is_on", "yes77123", "must be true or false"),
        ("mood", "77123", "must be one of its declared options"),
        ("mood", 77123, "must be text"),
        ("face", {"name": "77123"}, "must be text, or a font object with name and source"),
        ("logo", ["77123"], "must be text, or an image object with url"),
    ],
)
def test_findings_name_variable_and_rule_but_no_value(name: str, value: Any, rule: str) -> None:
    """They are warnings, and an error where the request is strict."""
    assert check({name: value}) == [f"variables.{name} {rule}"]
    with pytest.raises(INVALID_CONFIG, match=f"Config.variables.{name} ") as raised:
        check({name: value}, strictVariables=True)
    assert "77123" not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_every_declaring_element_counts() -> None:
    """html first, then the others; the first declaration of a name is the one."""
    html = (
        """<html data-composition-variables='[{"id": "a", "type": "string"}]'>"""
        """<div data-composition-variables='[{"id": "b", "type": "number"}]'></div></html>"""
    )
    config = parse_config({"variables": {"a": "x", "b": 1, "c": 1}})
    assert check_variables(html, config) == ["variables.c is not declared in data-composition-variables"]
