"""Which attributes of an element hold addresses, and how they are spelled from another folder."""

import re
from collections.abc import Callable

from hf_lambda.composition.css_urls import rewrite_css_urls
from hf_lambda.composition.markup import Element

Rewrite = Callable[[str], str]
"""From an address as its author wrote it to the address from the top of the project."""

_ADDRESSES = ("src", "href", "xlink:href", "poster", "data-lottie-src")
_CANDIDATE = re.compile(r"(?P<gap>[\s,]*)(?P<url>\S*[^\s,])(?P<rest>(?:\s+[^\s,]+)*\s*(?:,|$))")


def asset_changes(element: Element, rewrite: Rewrite) -> dict[str, str | None]:
    """The attributes of an element that `rewrite` changes, with their new values."""
    attributes = element.attributes
    new = {name: rewrite(attributes[name]) for name in _ADDRESSES if name in attributes}
    if element.tag == "object" and "data" in attributes:
        new["data"] = rewrite(attributes["data"])
    if "srcset" in attributes:
        new["srcset"] = rewrite_srcset(attributes["srcset"], rewrite)
    if "style" in attributes:
        new["style"] = rewrite_css_urls(attributes["style"], rewrite)
    return {name: value for name, value in new.items() if value != attributes[name]}


def rewrite_srcset(srcset: str, rewrite: Rewrite) -> str:
    """Every candidate's address rewritten. A comma inside an address is part of it, one after it ends the candidate."""
    return _CANDIDATE.sub(lambda match: f"{match['gap']}{rewrite(match['url'])}{match['rest']}", srcset)
