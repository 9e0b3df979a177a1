"""Rules about a composition's variables: declarations, values that hosts pass, bindings."""

import json
from collections.abc import Iterator
from typing import Any

from hf_lambda.composition.asset_paths import project_path
from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.sources import Document, Project
from hf_lambda.composition.markup import Element
from hf_lambda.composition.variables import DECLARATIONS, declarations

DECLARATION = Rule(
    "invalid_variable_declaration",
    "A declaration that cannot be read declares nothing: scripts and styles get no defaults.",
    'Write a JSON array of objects: `[{"id": "title", "type": "string", "default": "…"}]`.',
)
DEFAULT = Rule(
    "variable_default_mismatch",
    "The default is not of the declared type, or not among the options, and is used all the same.",
    "Correct the default or the type.",
)
VALUES = Rule(
    "invalid_variable_values",
    "Values that cannot be read are not passed: the sub-composition shows its defaults.",
    'Write a JSON object: `{"title": "…"}`; inside an attribute with double quotes write `&quot;`.',
)
UNKNOWN = Rule(
    "unknown_variable",
    "Nothing declares this variable, so the value is not used, or the element keeps its own.",
    "Correct the name, or declare the variable.",
)

RULES = (DECLARATION, DEFAULT, VALUES, UNKNOWN)

_HOST_VALUES = "data-variable-values"
_BINDINGS = ("data-var-text", "data-var-src")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "color": (str,), "boolean": (bool,), "font": (str, dict),
    "image": (str, dict),
}  # fmt: skip


def check(project: Project) -> Iterator[Finding]:
    """Findings in attributes."""
    for document, element in project.elements():
        if DECLARATIONS in element.attributes:
            yield from _check_declarations(document, element)
        if _HOST_VALUES in element.attributes:
            yield from _check_values(project, document, element)
        yield from _check_bindings(project, document, element)


def _check_declarations(document: Document, element: Element) -> Iterator[Finding]:
    offset = document.attribute_offset(element, DECLARATIONS)
    entries, error = _read(element.attributes[DECLARATIONS])
    if error or not isinstance(entries, list):
        yield DECLARATION.at(document.file, offset, error or "the declarations are not a JSON array")
        return
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            yield DECLARATION.at(document.file, offset, f"{_short(entry)} has no id")
        elif "default" in entry and (reason := _mismatch(entry)):
            yield DEFAULT.at(document.file, offset, f"{entry['id']}: {reason}")


def _mismatch(entry: dict[str, Any]) -> str | None:
    kind, default = entry.get("type"), entry["default"]
    if kind == "enum":
        options = entry.get("options")
        if not isinstance(options, list) or default is None:
            return None
        values = [option.get("value") if isinstance(option, dict) else option for option in options]
        return None if default in values else f"the default {_short(default)} is not among its options"
    wanted = _TYPES.get(kind) if isinstance(kind, str) else None
    if wanted is None or default is None:
        return None
    is_bool_for_number = isinstance(default, bool) and bool not in wanted
    return (
        f"the default {_short(default)} is no {kind}" if is_bool_for_number or not isinstance(default, wanted) else None
    )


def _check_values(project: Project, document: Document, host: Element) -> Iterator[Finding]:
    offset = document.attribute_offset(host, _HOST_VALUES)
    values, error = _read(host.attributes[_HOST_VALUES])
    if error or not isinstance(values, dict):
        yield VALUES.at(document.file, offset, error or "the values are not a JSON object")
        return
    path = project_path(host.attributes.get("data-composition-src", ""))
    mounted = next((d for d in project.documents if d.file.path == path), None)
    declared = _declared_ids(mounted) if mounted else set()
    if mounted is None or not declared:  # scripts may read undeclared values
        return
    for name in sorted(set(values) - declared):
        if name not in mounted.file.text:
            yield UNKNOWN.at(document.file, offset, f"{path} declares no {name}; it has {', '.join(sorted(declared))}")


def _check_bindings(project: Project, document: Document, element: Element) -> Iterator[Finding]:
    for attribute in _BINDINGS:
        name = element.attributes.get(attribute, "").strip()
        if name and not any(name in _declared_ids(d) for d in project.documents) and not _is_passed(project, name):
            offset = document.attribute_offset(element, attribute)
            yield UNKNOWN.at(document.file, offset, f"nothing declares {name}")


def _is_passed(project: Project, name: str) -> bool:
    return any(f'"{name}"' in element.attributes.get(_HOST_VALUES, "") for _, element in project.elements())


def _declared_ids(document: Document) -> set[str]:
    return {entry["id"] for element in document.elements for entry in declarations(element)}


def _read(text: str) -> tuple[Any, str | None]:
    try:
        return json.loads(text), None
    except (ValueError, RecursionError) as error:
        return None, f"not JSON: {error}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"
