"""The variables of compositions at plan time: what files declare, what hosts pass, and where the page finds both.

The runtime sets CSS custom properties only when the document has been parsed. Scripts run before that, and an
animation that starts from a colour reads it at once, so the same properties are also written as a stylesheet.
"""

import json
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, NoReturn

import tinycss2

from hf_lambda.composition.css_scoping import attribute_selector
from hf_lambda.composition.css_urls import without_surrogates
from hf_lambda.composition.markup import Element

Values = dict[str, Any]

DECLARATIONS = "data-composition-variables"
_HOST_VALUES = "data-variable-values"
_UNSAFE_IN_CSS = re.compile(r"[;{}<>\r\n]")


def declared_defaults(element: Element | None) -> Values:
    """The defaults that an element declares, by variable id; none where the attribute cannot be read."""
    return {entry["id"]: entry["default"] for entry in declarations(element) if "default" in entry}


def declarations(element: Element | None) -> list[Values]:
    """The declarations on an element, those that have an id; none where the attribute cannot be read."""
    entries = _parse(element, DECLARATIONS)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def host_values(host: Element) -> Values:
    """The values that a host passes to its sub-composition; none where the attribute cannot be read."""
    values = _parse(host, _HOST_VALUES)
    return values if isinstance(values, dict) else {}


def variables_table_script(values_by_id: Mapping[str, Values]) -> str:
    """The script that gives every mounted composition its values, under its runtime id."""
    table = script_literal(values_by_id)
    return f"window.__hfVariablesByComp = Object.assign({{}}, window.__hfVariablesByComp, {table});"


def variables_css(
    elements: Iterable[Element],
    values_by_id: Mapping[str, Values],
    overrides: Mapping[str, Any],
    authored_css: str,
) -> str:
    """Custom properties for the hosts and for the declaring elements of a document, as CSS rules.

    A property that some stylesheet of the document defines is left to it, except where `overrides`, the values
    of the render request, name it.
    """
    mounted = {attribute_selector("data-composition-id", key): values for key, values in values_by_id.items()}
    declared = {
        selector: _values_at(element)
        for element in elements
        if DECLARATIONS in element.attributes and (selector := _declarer_selector(element))
    }
    rules = [
        _rule(selector, values | {key: overrides[key] for key in values if key in overrides}, overrides, authored_css)
        for selector, values in (declared | mounted).items()
    ]
    return "\n".join(filter(None, rules))


def script_literal(value: Any) -> str:
    """A JavaScript literal that is safe inside a script element."""
    return json.dumps(value).replace("<", "\\u003c")


def _values_at(declarer: Element) -> Values:
    declared = declared_defaults(declarer)
    host = next((element for element in declarer.ancestors() if _HOST_VALUES in element.attributes), None)
    passed = host_values(host) if host else {}
    return declared | {key: value for key, value in passed.items() if key in declared}


def _declarer_selector(element: Element) -> str | None:
    if element.tag == "html":
        return ":root"
    composition_id = element.attributes.get("data-composition-id")
    return attribute_selector("data-composition-id", composition_id) if composition_id else None


def _rule(selector: str, values: Values, overridden: Container[str], authored_css: str) -> str:
    properties = {name: key for key in values for name in _property_names(key)}
    texts = {key: _css_value(value) for key, value in values.items()}
    lines = [
        f"{name}: {texts[key]};"
        for name, key in properties.items()
        if texts[key]
        and _is_self_contained(texts[key])
        and (key in overridden or not re.search(rf"{name}\s*:", authored_css))
    ]
    return f"{selector} {{ {' '.join(lines)} }}" if lines else ""


def _property_names(variable_id: str) -> list[str]:
    """Both names that the runtime writes: as a slug, and as the id is spelt where CSS can spell it so."""
    slug = "--" + re.sub(r"[^a-z0-9]+", "-", variable_id.lower()).strip("-")
    return [slug, *([f"--{variable_id}"] if re.fullmatch(r"[\w-]+", variable_id) else [])]


def _css_value(value: Any) -> str:
    """What the runtime sets a property to: text, a number, or the name of a font; else nothing."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # As JavaScript writes it.
    is_text = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return without_surrogates(_UNSAFE_IN_CSS.sub("", str(value))) if is_text else ""


def _is_self_contained(css: str) -> bool:
    """Whether no quote, bracket, comment or escape of the value takes along what follows; setProperty refuses those."""
    return bool(tinycss2.serialize(tinycss2.parse_component_value_list(f"{css};x")[-2:]) == ";x")


def _parse(element: Element | None, attribute: str) -> Any:
    text = element.attributes.get(attribute) if element else None
    try:
        return json.loads(text, parse_constant=_refuse_constant) if text else None
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
