"""Visits the URLs of a document and of module scripts, each with what it is for, and rewrites them in the text."""

import json
import re
from collections.abc import Mapping

from hf_lambda.composition.asset_rewriting import rewrite_srcset
from hf_lambda.composition.css_urls import UrlKind, Visit, rewrite_css
from hf_lambda.composition.markup import Edit, Element, apply_edits, edit_start_tag, scan_elements

_SIMPLE: Mapping[str, Mapping[str, UrlKind]] = {
    "img": {"src": "image"},
    "video": {"src": "media", "poster": "image"},
    "audio": {"src": "media"},
    "image": {"href": "image", "xlink:href": "image"},
    "feimage": {"href": "image", "xlink:href": "image"},
    "use": {"href": "image", "xlink:href": "image"},
    "input": {"src": "image"},
}
_PRELOADS: Mapping[str, UrlKind] = {
    "style": "style",
    "font": "font",
    "image": "image",
    "script": "script",
    "video": "media",
    "audio": "media",
}
# What opens like a comment behind anything but these signs may be of a string or a regular expression.
_COMMENT = r"(?:\n|\A)[ \t]*//.*|/\*(?<![^\s;{}(),=:?&|>]/\*)(?s:.*?)\*/"
_MODULE_URL = re.compile(
    rf"""{_COMMENT}|(?P<head>\b(?:from|import)\s*\(?\s*)"""
    r"""(?P<quote>["'])(?P<url>(?:https?:)?//[^"'\s]+|\.{0,2}/[^"'\s]+)(?P=quote)"""
)
_INLINE_TYPES = {"", "text/javascript", "application/javascript"}


def rewrite_document(html: str, visit: Visit) -> str:
    """The document with every URL that a browser would load by itself rewritten; the rest stays byte for byte."""
    edits = []
    for element in scan_elements(html):
        tag = html[element.start : element.inner_start]
        changes = _changed_attributes(element, visit)
        if changes:
            edits.append(Edit(element.start, element.inner_start, edit_start_tag(tag, changes)))
        inner = html[element.inner_start : element.inner_stop]
        rewritten = _rewrite_inner(element, inner, visit)
        if rewritten != inner:
            edits.append(Edit(element.inner_start, element.inner_stop, rewritten))
    return apply_edits(html, edits)


def rewrite_module(source: str, visit: Visit) -> str:
    """A module script with the URLs of its imports rewritten; bare names are an import map's affair."""

    def replace(found: re.Match[str]) -> str:
        if found["url"] is None:  # a comment
            return found.group()
        return f"{found['head']}{found['quote']}{visit(found['url'], 'module')}{found['quote']}"

    return _MODULE_URL.sub(replace, source)


def _changed_attributes(element: Element, visit: Visit) -> dict[str, str | None]:
    changes: dict[str, str | None] = {}

    def change(name: str, new: str) -> None:
        if new != element.attributes[name]:
            changes[name] = new

    for name, kind in _kinds(element).items():
        if element.attributes.get(name, "").strip():
            change(name, visit(element.attributes[name].strip(), kind))
    if element.tag in ("img", "source") and "srcset" in element.attributes:
        change("srcset", rewrite_srcset(element.attributes["srcset"], lambda url: visit(url, "image")))
    if "style" in element.attributes:
        change("style", rewrite_css(element.attributes["style"], visit))
    if changes and element.tag in ("script", "link") and "integrity" in element.attributes:
        changes["integrity"] = None  # the file may be rewritten, too, and its bytes are in the plan's hash
    return changes


def _kinds(element: Element) -> Mapping[str, UrlKind]:
    attributes = element.attributes
    if element.tag == "script":
        return {"src": "module" if attributes.get("type", "").strip().lower() == "module" else "script"}
    if element.tag == "source":
        in_picture = element.parent is not None and element.parent.tag == "picture"
        return {"src": "image" if in_picture else "media"}
    if element.tag == "link":
        return _link_kinds(attributes)
    return _SIMPLE.get(element.tag, {})


def _link_kinds(attributes: Mapping[str, str]) -> Mapping[str, UrlKind]:
    relations = attributes.get("rel", "").lower().split()
    if "stylesheet" in relations:
        return {"href": "style"}
    if "modulepreload" in relations:
        return {"href": "module"}
    kind = _PRELOADS.get(attributes.get("as", "").lower())
    return {"href": kind} if "preload" in relations and kind else {}


def _rewrite_inner(element: Element, inner: str, visit: Visit) -> str:
    if element.tag == "style":
        return rewrite_css(inner, visit)
    if element.tag != "script" or "src" in element.attributes:
        return inner
    kind = element.attributes.get("type", "").strip().lower()
    if kind == "importmap":
        return _rewrite_import_map(inner, visit)
    return rewrite_module(inner, visit) if kind == "module" or (kind in _INLINE_TYPES and "import(" in inner) else inner


def _rewrite_import_map(text: str, visit: Visit) -> str:
    try:
        values = json.loads(text)
        tables = [values.get("imports", {}), *values.get("scopes", {}).values()]
        changed = False
        for table in tables:
            for name, url in table.items():
                if isinstance(url, str) and not url.endswith("/"):
                    table[name] = visit(url, "module")
                    changed |= table[name] != url
    except (ValueError, AttributeError):
        return text
    return json.dumps(values).replace("<", "\\u003c") if changed else text
