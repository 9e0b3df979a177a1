"""Holds the values of a render request against what the composition declares of its variables.

Findings name the variable and the rule that it breaks, never the value, which may be a customer's own.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from hf_lambda.composition.markup import Element, scan_elements
from hf_lambda.composition.variables import DECLARATIONS, declarations
from hf_lambda.config import RenderConfig
from hf_lambda.errors import INVALID_CONFIG

Declaration = Mapping[str, Any]


def check_variables(html: str, config: RenderConfig) -> list[str]:
    """The findings on the request's variables, as warnings.

    Raises:
        INVALID_CONFIG: there are some, and the request is strict about them.
    """
    findings = variable_findings(scan_elements(html), config.variables)
    if findings and config.strict_variables:
        raise INVALID_CONFIG("; ".join(f"Config.{finding}" for finding in findings))
    return findings


def variable_findings(elements: Iterable[Element], values: Mapping[str, Any]) -> list[str]:
    """What is wrong with `values`, variable by variable, by the declarations on the elements of a document."""
    declared = {
        entry["id"]: entry
        for element in elements
        if DECLARATIONS in element.attributes
        for entry in reversed(declarations(element))
    }
    return [
        f"variables.{name} {finding}" for name, value in values.items() for finding in _check(name, value, declared)
    ]


def _check(name: str, value: Any, declared: Mapping[str, Declaration]) -> Iterator[str]:
    if name not in declared:
        yield f"is not declared in {DECLARATIONS}"
        return
    rule = _RULES.get(str(declared[name].get("type")))
    if rule and (finding := rule(value, declared[name])):
        yield finding


def _check_text(value: Any, _declaration: Declaration) -> str | None:
    return None if isinstance(value, str) else "must be text"


def _check_boolean(value: Any, _declaration: Declaration) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _check_number(value: Any, declaration: Declaration) -> str | None:
    if not _is_number(value):
        return "must be a number"
    least, most = declaration.get("min"), declaration.get("max")
    if _is_number(least) and value < least:
        return f"must be at least {least}"
    if _is_number(most) and value > most:
        return f"must be at most {most}"
    return None


def _check_enum(value: Any, declaration: Declaration) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    options = declaration.get("options")
    entries = options if isinstance(options, list) else []
    allowed = [entry.get("value") if isinstance(entry, dict) else entry for entry in entries]
    return None if value in allowed else "must be one of its declared options"


def _object_rule(kind: str, *fields: str) -> Callable[[Any, Declaration], str | None]:
    def check(value: Any, _declaration: Declaration) -> str | None:
        if isinstance(value, str):
            return None
        if isinstance(value, dict) and all(isinstance(value.get(field), str) for field in fields):
            return None
        return f"must be text, or {kind} object with {' and '.join(fields)}"

    return check


_RULES: Mapping[str, Callable[[Any, Declaration], str | None]] = {
    "string": _check_text,
    "color": _check_text,
    "boolean": _check_boolean,
    "number": _check_number,
    "enum": _check_enum,
    "font": _object_rule("a font", "name", "source"),
    "image": _object_rule("an image", "url"),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
