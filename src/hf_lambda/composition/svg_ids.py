"""Gives SVG ids that two mounts share a name of their own in the later one.

A gradient, filter, clip path, mask or symbol is found by its id in the whole document, and the first element that
has it wins: a second mount of one file would paint with the first one's gradients.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from hf_lambda.composition.asset_rewriting import Rewrite
from hf_lambda.composition.css_urls import rewrite_css_urls
from hf_lambda.composition.markup import Element

_URL_REFERENCE = re.compile(r"""url\(\s*["']?#([^"')\s]+)""", re.IGNORECASE)
_HREFS = ("href", "xlink:href")


def rename_shared_ids(
    elements: Iterable[Element], styles: Iterable[str], taken: AbstractSet[str], suffix: str
) -> dict[str, str]:
    """New names by old ones, for the ids of SVG elements that something refers to and that `taken` has already."""
    mounted = list(elements)
    referenced = {id_ for css in styles for id_ in _URL_REFERENCE.findall(css)}
    for element in mounted:
        for name, value in element.attributes.items():
            referenced.update(_URL_REFERENCE.findall(value))
            if name in _HREFS and value.startswith("#"):
                referenced.add(value[1:])
    own = {element.attributes["id"] for element in mounted if "id" in element.attributes and _is_in_svg(element)}
    return {id_: f"{id_}__{suffix}" for id_ in sorted(own & referenced & taken)}


def with_renamed(renamed: Mapping[str, str], rewrite: Rewrite) -> Rewrite:
    """An address rewriter that also follows renamed ids."""

    def rewrite_address(url: str) -> str:
        return f"#{renamed[url[1:]]}" if url.startswith("#") and url[1:] in renamed else rewrite(url)

    return rewrite_address


def svg_changes(element: Element, renamed: Mapping[str, str], authored_id: str) -> dict[str, str | None]:
    """What renaming changes on an element: its id, kept in the attribute `authored_id`, and its paint references."""
    changes: dict[str, str | None] = {}
    rewrite = with_renamed(renamed, lambda url: url)
    for name, value in element.attributes.items():
        if name != "style" and "url(" in value.lower() and (new := rewrite_css_urls(value, rewrite)) != value:
            changes[name] = new
    own = element.attributes.get("id", "")
    if own in renamed and _is_in_svg(element):
        changes |= {"id": renamed[own], authored_id: own}
    return changes


def _is_in_svg(element: Element) -> bool:
    return any(node.tag == "svg" for node in (element, *element.ancestors()))
