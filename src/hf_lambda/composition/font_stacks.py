"""Which font families a project asks for, in which order of preference.

A stack is the value of a font-family: what the author wants first, then what may stand in for it. Stacks come from
stylesheets, style attributes, custom properties that they use, `data-font-family` and SVG's `font-family`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import tinycss2

from hf_lambda.composition.markup import Edit, apply_edits, edit_start_tag, scan_elements

GENERIC_FAMILIES = frozenset(
    (
        *("sans-serif", "serif", "monospace", "cursive", "fantasy", "system-ui", "emoji", "math", "fangsong"),
        *("ui-sans-serif", "ui-serif", "ui-monospace", "ui-rounded", "-apple-system", "blinkmacsystemfont"),
    )
)
"""Names that stand for whatever a system has."""
FAMILY_ATTRIBUTES = ("data-font-family", "font-family")

_PRIMARY = "Inter"
_KEYWORDS = frozenset(("inherit", "initial", "unset", "revert", "revert-layer", "default"))
_MOST_NESTED_VARIABLES = 8
_NEWLINE = re.compile(r"\r\n|[\n\r\f]")

# tinycss2 has no types; a node is one of its tokens.
_Node = Any


@dataclass(frozen=True)
class Declaration:
    """A declaration of a stylesheet: lower-case name (custom properties as they are), and its value's tokens."""

    name: str
    value: list[_Node]

    @property
    def is_custom(self) -> bool:
        """Whether it sets a custom property."""
        return self.name.startswith("--")


def read_declarations(css: str) -> Iterator[Declaration]:
    """The font-family, font and custom property declarations of a stylesheet or style attribute."""
    return _declarations(tinycss2.parse_component_value_list(css))


@dataclass(frozen=True)
class FamilyStacks:
    """Stacks as they are spelt."""

    drawn: list[list[str]]
    possible: list[list[str]]
    """Of values that a variable has beside its last one: a scope of its own may draw them, or nothing does."""


def family_stacks(stylesheets: Iterable[str], attributes: Iterable[str]) -> FamilyStacks:
    """Every stack that stylesheets (or style attributes) declare and that `attributes` hold."""
    declarations = [declaration for css in stylesheets for declaration in read_declarations(css)]
    variables = {declaration.name: declaration.value for declaration in declarations if declaration.is_custom}
    values = [
        d.value if d.name == "font-family" else _shorthand_family(d.value) for d in declarations if not d.is_custom
    ]
    values += [tinycss2.parse_component_value_list(attribute) for attribute in attributes]
    asked = _variables_asked_for(values, declarations)
    others = [d.value for d in declarations if d.name in asked and d.value is not variables[d.name]]
    return FamilyStacks(_stacks(values, variables), _stacks(others, variables))


def document_styles(html: str) -> tuple[list[str], list[str]]:
    """The stylesheets and style attributes of a document, and the values of its attributes that name families."""
    styles, families = [], []
    for element in scan_elements(html):
        if element.tag == "style":
            styles.append(html[element.inner_start : element.inner_stop])
        if "style" in element.attributes:
            styles.append(element.attributes["style"])
        families += [element.attributes[name] for name in FAMILY_ATTRIBUTES if element.attributes.get(name)]
    return styles, families


def put_inter_first(html: str) -> str:
    """The document with `Inter` in front of every stack that begins with a generic family.

    As in the original renderer: in style elements, style attributes, custom properties and data-font-family, whatever
    the generic family; the font shorthand and linked stylesheets are left to the base fonts.
    """
    edits = []
    for element in scan_elements(html):
        if element.tag == "style":
            css = html[element.inner_start : element.inner_stop]
            edits += [
                Edit(element.inner_start + at, element.inner_start + at, f"{_PRIMARY}, ") for at in _generics(css)
            ]
        changes: dict[str, str | None] = {}
        style = element.attributes.get("style", "")
        if at := list(_generics(style)):
            changes["style"] = apply_edits(style, [Edit(offset, offset, f"{_PRIMARY}, ") for offset in at])
        families = element.attributes.get("data-font-family", "")
        if _is_generic(_families(tinycss2.parse_component_value_list(families), {})):
            changes["data-font-family"] = f"{_PRIMARY}, {families}"
        if changes:
            tag = edit_start_tag(html[element.start : element.inner_start], changes)
            edits.append(Edit(element.start, element.inner_start, tag))
    return apply_edits(html, edits)


def _generics(css: str) -> Iterator[int]:
    """The offsets of values whose first family is generic."""
    if not any(name in css.lower() for name in GENERIC_FAMILIES):
        return
    lines = [0, *(match.end() for match in _NEWLINE.finditer(css))]
    for declaration in read_declarations(css):
        value = _primary(declaration.value)
        if declaration.name != "font" and value and _is_generic(_families(value, {})):
            yield lines[value[0].source_line - 1] + value[0].source_column - 1


def _primary(value: list[_Node]) -> list[_Node]:
    """The value, or what stands in for the variable that it begins with."""
    nodes = [node for node in value if node.type not in ("whitespace", "comment")]
    if not nodes or nodes[0].type != "function":
        return nodes
    comma = next((index for index, node in enumerate(nodes[0].arguments) if node == ","), None)
    return [] if comma is None else _primary(nodes[0].arguments[comma + 1 :])


def _is_generic(families: list[str]) -> bool:
    return bool(families) and families[0].lower() in GENERIC_FAMILIES


def _declarations(nodes: list[_Node]) -> Iterator[Declaration]:
    """Declarations among component values, at any depth of nesting but for @font-face."""
    rule = ""
    index = 0
    while index < len(nodes):
        node = nodes[index]
        if node.type == "at-keyword":
            rule = node.lower_value
        elif node.type == "{} block":
            if rule not in ("font-face", "font-palette-values", "property"):
                yield from _declarations(node.content)
            rule = ""
        elif node.type == "literal" and node.value == ";":
            rule = ""
        elif node.type == "ident" and (name := _font_property(node.value)):
            stop = _value_stop(nodes, index + 1)
            if stop is not None:
                start = next(i for i in range(index + 1, stop + 1) if nodes[i] == ":")
                yield Declaration(name, nodes[start + 1 : stop])
                index = stop
                continue
        index += 1


def _font_property(name: str) -> str | None:
    if name.startswith("--"):
        return name
    return name.lower() if name.lower() in ("font-family", "font") else None


def _value_stop(nodes: list[_Node], start: int) -> int | None:
    """Where the value of a declaration ends, whose name ends at `start`; None where it is none."""
    colon = start
    while colon < len(nodes) and nodes[colon].type in ("whitespace", "comment"):
        colon += 1
    if colon == len(nodes) or nodes[colon] != ":":
        return None
    for index in range(colon + 1, len(nodes)):
        if nodes[index] == ";":
            return index
        if nodes[index].type == "{} block":  # `font:hover {`, a selector
            return None
    return len(nodes)


def _shorthand_family(value: list[_Node]) -> list[_Node]:
    """The family part of a font shorthand: what follows the size and its line height."""
    for index in range(len(value) - 1, -1, -1):
        node = value[index]
        is_size = node.type in ("dimension", "percentage", "number")
        if is_size or (node.type == "function" and node.lower_name in ("calc", "clamp", "min", "max")):
            return value[index + 1 :]
    return []


def _families(value: list[_Node], variables: Mapping[str, list[_Node]], depth: int = 0) -> list[str]:
    """The names in a value, with variables put in; what a variable that nobody sets would give is left out."""
    families: list[str] = []
    piece: list[str] = []
    for node in [*value, None]:
        if node is None or node == ",":
            families += [" ".join(piece)] if piece and " ".join(piece).lower() not in _KEYWORDS else []
            piece = []
        elif node == "!":
            return _families(value[: value.index(node)], variables, depth)
        elif node.type in ("ident", "string"):
            piece.append(node.value.strip())
        elif node.type == "function" and node.lower_name == "var" and depth < _MOST_NESTED_VARIABLES:
            families += _variable_families(node.arguments, variables, depth)
    return [family for family in families if family]


def _stacks(values: Iterable[list[_Node]], variables: Mapping[str, list[_Node]]) -> list[list[str]]:
    found = (tuple(_families(value, variables)) for value in values)
    return [list(stack) for stack in dict.fromkeys(found) if stack]


def _variables_asked_for(values: Iterable[list[_Node]], declarations: Iterable[Declaration]) -> set[str]:
    """The custom properties that values ask for, and those that these ask for in any of theirs."""
    custom = [declaration for declaration in declarations if declaration.is_custom]
    asked: set[str] = set()
    pending = list(values)
    while pending:
        functions = (node for value in pending for node in value if node.type == "function")
        names = {_variable_name(node.arguments) for node in functions if node.lower_name == "var"} - asked
        asked |= names
        pending = [declaration.value for declaration in custom if declaration.name in names]
    return {declaration.name for declaration in custom} & asked


def _variable_name(arguments: list[_Node]) -> str:
    return next((node.value for node in arguments if node.type == "ident"), "")


def _variable_families(arguments: list[_Node], variables: Mapping[str, list[_Node]], depth: int) -> list[str]:
    name = _variable_name(arguments)
    if name in variables:
        return _families(variables[name], variables, depth + 1)
    comma = next((index for index, node in enumerate(arguments) if node == ","), None)
    return [] if comma is None else _families(arguments[comma + 1 :], variables, depth + 1)
