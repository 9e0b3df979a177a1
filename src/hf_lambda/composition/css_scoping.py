"""Confines a sub-composition's stylesheet to the place where it is mounted.

Text in, text out. Rules that no selector governs (@keyframes, @font-face, @import) stay as they are, and so do
rules nested in other rules, which inherit their parent's scope. Selectors follow the original renderer,
oddities included: `*` stays global, and `html`, `body`, `:root` mean the composition's own box.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tinycss2
from tinycss2.serializer import serialize_name

from hf_lambda.composition.css_urls import rewrite_nodes, without_surrogates

INNER_ROOT = "data-hf-inner-root"
AUTHORED_ID = "data-hf-authored-id"

_CONDITIONAL_RULES = frozenset(("media", "supports", "layer", "container", "scope", "starting-style", "document"))
_DOCUMENT_SELECTORS = frozenset(("html", "body", ":root"))
_TIMING_ATTRIBUTES = frozenset(("data-start", "data-duration"))
_MATCHES = frozenset(("=", "^=", "$=", "*="))

# tinycss2 has no types; a node is one of its token or rule objects.
_Node = Any


@dataclass(frozen=True)
class CssScope:
    """What selectors of one stylesheet refer to.

    `selector` finds the mounted composition, `composition_id` is what its author calls it, `root_id` the id that
    its root element had. An anonymous host leaves the author's id on the inner root, which then is the scope.
    """

    selector: str
    composition_id: str
    root_id: str | None = None
    is_inner_root: bool = False
    renamed_ids: Mapping[str, str] = field(default_factory=dict)
    """New ids by old ones, of elements of this mount that had to give theirs up to another mount."""

    @property
    def box(self) -> str:
        """The element that the composition is laid out in: its inner root where it has one, else the host."""
        return f"{self.selector}:not(:has([{INNER_ROOT}])), {self.selector} > [{INNER_ROOT}]"

    @property
    def root(self) -> str:
        """The inner root by the id that it had."""
        return attribute_selector(AUTHORED_ID, self.root_id or "")


def attribute_selector(name: str, value: str) -> str:
    """A selector for an exact attribute value, safe inside a style element."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f'[{name}="{escaped}"]'


def scope_css(css: str, scope: CssScope, rewrite_url: Callable[[str], str]) -> str:
    """The stylesheet with every selector confined to the scope and every URL rewritten."""
    return without_surrogates(_serialize_rules(tinycss2.parse_stylesheet(css), scope, rewrite_url))


def _serialize_rules(rules: list[_Node], scope: CssScope, rewrite_url: Callable[[str], str]) -> str:
    return "".join(_serialize_rule(rule, scope, rewrite_url) for rule in rules)


def _serialize_rule(rule: _Node, scope: CssScope, rewrite_url: Callable[[str], str]) -> str:
    if rule.type == "error":
        return ""  # A browser skips what it cannot parse, too.
    if rule.type == "qualified-rule":
        rewrite_nodes(rule.content, rewrite_url)
        selectors = ", ".join(_scope_selector(part, scope) for part in _split_at_commas(rule.prelude))
        return f"{selectors} {{{tinycss2.serialize(rule.content)}}}"
    if rule.type == "at-rule":
        rewrite_nodes(rule.prelude, rewrite_url, at_rule=rule.lower_at_keyword)
        if rule.content is not None and rule.lower_at_keyword in _CONDITIONAL_RULES:
            inner = _serialize_rules(tinycss2.parse_rule_list(rule.content), scope, rewrite_url)
            return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        rewrite_nodes(rule.content or [], rewrite_url)
    return str(rule.serialize())


def _split_at_commas(tokens: list[_Node]) -> Iterator[list[_Node]]:
    part: list[_Node] = []
    for token in tokens:
        if token == ",":
            yield part
            part = []
        elif token.type != "comment":
            part.append(token)
    yield part


def _scope_selector(tokens: list[_Node], scope: CssScope) -> str:
    text = str(tinycss2.serialize(tokens)).strip()
    if text in ("", "*"):
        return text
    if text.lower() in _DOCUMENT_SELECTORS:
        return scope.box
    pieces, names_scope = _replace_own_names(_drop_timing(tokens, scope), scope)
    replaced = "".join(pieces).strip()
    if replaced == scope.selector:
        return scope.box
    if names_scope:
        return replaced
    # The scope and the inner root are one element there, so a descendant selector would find nothing.
    joint = "" if scope.is_inner_root and scope.root_id and replaced.startswith(scope.root) else " "
    return f"{scope.selector}{joint}{replaced}"


def _drop_timing(tokens: list[_Node], scope: CssScope) -> list[_Node]:
    """Without [data-start] and [data-duration] beside the composition's id: flattening took them off the root."""
    kept = list(tokens)
    for step in (1, -1):
        index = next((i for i, token in enumerate(kept) if _is_composition_id(token, scope)), None)
        while index is not None and 0 <= index + step < len(kept) and _is_timing(kept[index + step]):
            del kept[index + step]
            index -= step < 0
    return kept


def _replace_own_names(tokens: list[_Node], scope: CssScope) -> tuple[list[str], bool]:
    """The tokens' text with the composition's own ids replaced, and whether its composition id was among them."""
    pieces, names_scope = [], False
    for token in tokens:
        if _is_composition_id(token, scope):
            pieces.append(scope.selector)
            names_scope = True
        elif token.type == "hash" and scope.root_id and token.value == scope.root_id:
            pieces.append(scope.root)
        elif token.type == "hash" and token.value in scope.renamed_ids:
            pieces.append(f"#{serialize_name(scope.renamed_ids[token.value])}")
        elif token.type == "function":
            inner, inner_names_scope = _replace_own_names(token.arguments, scope)
            pieces.append(f"{token.name}({''.join(inner)})")
            names_scope = names_scope or inner_names_scope
        else:
            pieces.append(token.serialize())
    return pieces, names_scope


def _is_composition_id(token: _Node, scope: CssScope) -> bool:
    parts = _attribute_parts(token)
    if len(parts) != 3 or parts[0].value != "data-composition-id":
        return False
    return str(parts[1].value) in _MATCHES and getattr(parts[2], "value", None) == scope.composition_id


def _is_timing(token: _Node) -> bool:
    parts = _attribute_parts(token)
    return len(parts) == 3 and parts[0].value in _TIMING_ATTRIBUTES


def _attribute_parts(token: _Node) -> list[_Node]:
    if token.type != "[] block":
        return []
    parts = [part for part in token.content if part.type not in ("whitespace", "comment")]
    return parts if len(parts) == 3 and parts[0].type == "ident" and parts[1].type == "literal" else []
