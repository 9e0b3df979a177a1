"""Visits the URLs of a stylesheet, each with what it is for."""

from collections.abc import Callable
from typing import Any, Literal

import tinycss2

from hf_lambda.composition.css_scoping import set_url

UrlKind = Literal["script", "module", "style", "font", "image", "media"]
"""What a page does with a remote file."""
Visit = Callable[[str, UrlKind], str]
"""Takes a URL as it is written and what it is for, and gives the URL to write instead."""

_URL_TESTS = ("url(", "@import", "image-set(")

# tinycss2 has no types; a node is one of its tokens.
_Node = Any


def rewrite_css(css: str, visit: Visit) -> str:
    """The stylesheet, or style attribute, with its URLs rewritten; untouched where none changes."""
    lowered = css.lower()
    if not any(test in lowered for test in _URL_TESTS):
        return css
    nodes = tinycss2.parse_component_value_list(css)
    return str(tinycss2.serialize(nodes)) if _visit_nodes(nodes, visit, "image") else css


def _visit_nodes(nodes: list[_Node], visit: Visit, kind: UrlKind) -> bool:
    changed = False
    rule = ""
    for node in nodes:
        if node.type == "at-keyword":
            rule = node.lower_value
        elif node.type == "literal" and node.value == ";":
            rule = ""
        elif node.type == "{} block":
            changed |= _visit_nodes(node.content, visit, "font" if rule == "font-face" else kind)
            rule = ""
        else:
            changed |= _visit_value(node, visit, "style" if rule == "import" else kind, is_import=rule == "import")
            if rule == "import" and node.type not in ("whitespace", "comment"):
                rule = "import-conditions"
    return changed


def _visit_value(node: _Node, visit: Visit, kind: UrlKind, *, is_import: bool) -> bool:
    if node.type == "url" or (is_import and node.type == "string"):
        return set_url(node, lambda url: visit(url, kind))
    if node.type == "function":
        takes_strings = node.lower_name in ("url", "image-set", "-webkit-image-set")
        found = [_visit_value(argument, visit, kind, is_import=takes_strings) for argument in node.arguments]
        return any(found)
    if node.type in ("() block", "[] block"):
        found = [_visit_value(item, visit, kind, is_import=False) for item in node.content]
        return any(found)
    return False
