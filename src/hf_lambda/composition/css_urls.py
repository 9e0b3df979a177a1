"""Visits the URLs of a stylesheet, each with what it is for."""

import re
from collections.abc import Callable
from typing import Any, Literal

import tinycss2

UrlKind = Literal["script", "module", "style", "font", "image", "media"]
"""What a page does with a remote file."""
Visit = Callable[[str, UrlKind], str]
"""Takes a URL as it is written and what it is for, and gives the URL to write instead."""

_URL_TESTS = ("url(", "@import", "image-set(")
_TAKE_STRINGS = frozenset(("url", "image-set", "-webkit-image-set"))
"""Functions whose strings are URLs."""

_SURROGATE = re.compile("[\ud800-\udfff]")

# tinycss2 has no types; a node is one of its tokens.
_Node = Any


def rewrite_css(css: str, visit: Visit) -> str:
    """The stylesheet, or style attribute, with its URLs rewritten; untouched where none changes."""
    lowered = css.lower()
    if not any(test in lowered for test in _URL_TESTS):
        return css
    nodes = tinycss2.parse_component_value_list(css)
    return without_surrogates(tinycss2.serialize(nodes)) if _visit_nodes(nodes, visit, "image") else css


def rewrite_css_urls(css: str, rewrite_url: Callable[[str], str]) -> str:
    """As `rewrite_css`, whatever the URLs are for."""
    return rewrite_css(css, lambda url, _: rewrite_url(url))


def without_surrogates(css: str) -> str:
    """Text that can be written to a file: escapes can name halves of characters, in whose place browsers put U+FFFD."""
    return _SURROGATE.sub("\ufffd", css)


def rewrite_nodes(nodes: list[_Node], rewrite_url: Callable[[str], str], *, at_rule: str = "") -> None:
    """Rewrite the URLs of parsed CSS in place; `at_rule` is the name that it stands behind."""
    _visit_nodes(nodes, lambda url, _: rewrite_url(url), "image", rule=at_rule)


def _visit_nodes(nodes: list[_Node], visit: Visit, kind: UrlKind, rule: str = "") -> bool:
    changed = False
    for node in nodes:
        if node.type == "at-keyword":
            rule = node.lower_value
        elif node.type == "literal" and node.value == ";":
            rule = ""
        elif node.type == "{} block":
            changed |= _visit_nodes(node.content, visit, "font" if rule == "font-face" else kind)
            rule = ""
        elif rule != "namespace":  # which has a name in the form of a URL
            changed |= _visit_value(node, visit, "style" if rule == "import" else kind, takes_strings=rule == "import")
            if rule == "import" and node.type not in ("whitespace", "comment"):
                rule = "import-conditions"
    return changed


def _visit_value(node: _Node, visit: Visit, kind: UrlKind, *, takes_strings: bool) -> bool:
    if node.type == "url" or (takes_strings and node.type == "string"):
        return _set_url(node, visit(without_surrogates(node.value), kind))
    if node.type == "function":
        of_function = node.lower_name in _TAKE_STRINGS
        found = [_visit_value(argument, visit, kind, takes_strings=of_function) for argument in node.arguments]
        return any(found)
    if node.type in ("() block", "[] block"):
        found = [_visit_value(item, visit, kind, takes_strings=False) for item in node.content]
        return any(found)
    return False


def _set_url(node: _Node, url: str) -> bool:
    """Give a url or string token another URL; whether it is another."""
    if url == node.value:
        return False
    quoted = url.replace("\\", "\\\\").replace('"', '\\"')
    node.value = url
    node.representation = f'"{quoted}"' if node.type == "string" else f'url("{quoted}")'
    return True
