"""Takes one sub-composition's file apart: what its content is, and what belongs to it besides.

Reads nothing but the text it is given.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from html import unescape

from hf_lambda.composition.asset_paths import AssetPaths
from hf_lambda.composition.markup import Element, scan_elements

_HOISTED_LINKS = frozenset(("stylesheet", "preconnect"))
_SVG_TEXT = re.compile(r"<!\[CDATA\[(?P<bare>.*?)\]\]>|<!--.*?-->|(?P<markup>[^<]+)", re.DOTALL)


class SubComposition:
    """A file that hosts can mount: the content of its first template, else its body, else all of it."""

    def __init__(self, html: str, paths: AssetPaths) -> None:
        self.html = html
        self.paths = paths
        self.elements = scan_elements(html)
        self._template = self._find_template()
        self._head = self._first("head")
        self._start, self._stop = self._find_content()

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show."""
        return not self.html[self._start : self._stop].strip()

    @cached_property
    def roots(self) -> list[Element]:
        """The elements of the content that can act as the composition's root."""
        return [element for element in self._content() if element.attributes.get("data-composition-id")]

    @property
    def ids(self) -> set[str]:
        """The ids of its elements."""
        return {element.attributes["id"] for element in self.elements if "id" in element.attributes}

    def text_of(self, element: Element) -> str:
        """What lies between an element's tags."""
        return self.html[element.inner_start : element.inner_stop]

    def css_of(self, style: Element) -> str:
        """The stylesheet in a style element. In SVG it is markup: CDATA sections, comments and references."""
        text = self.text_of(style)
        if not _is_svg(style):
            return text
        return _SVG_TEXT.sub(lambda match: match["bare"] or unescape(match["markup"] or ""), text)

    def assets(self, tag: str) -> list[Element]:
        """The elements of one kind that belong to the composition: the head is a template's host page's own."""
        head = [] if self._template else self._in_head()
        return [element for element in [*head, *self._content()] if element.tag == tag]

    def links(self) -> list[Element]:
        """The links to hoist. Fonts matter as much where there is a template, so the head counts always."""
        candidates = [*self._in_head(), *self._content()]
        return [element for element in candidates if is_hoisted_link(element)]

    def content_range(self) -> tuple[int, int]:
        """Where the content lies in the text."""
        return self._start, self._stop

    def document_element(self) -> Element | None:
        """The html element, if it is written out."""
        return self._first("html")

    def _first(self, tag: str) -> Element | None:
        return next((element for element in self.elements if element.tag == tag), None)

    def _find_template(self) -> Element | None:
        """The template around the composition; one inside it is for its scripts to use."""
        templates = [element for element in self.elements if element.tag == "template"]
        roots = [element for element in self.elements if "data-composition-id" in element.attributes]
        # An id on html names the file, wherever its composition lies.
        around = (e for e in templates if any(e.contains(root) for root in roots))
        outer = (e for e in templates if not any(root.contains(e) for root in roots if root.tag != "html"))
        return next(around, None) or next(outer, None)

    def _find_content(self) -> tuple[int, int]:
        container = self._template or self._first("body")
        if container is not None:
            return container.inner_start, container.inner_stop
        document = self._first("html")
        if document is None:
            return 0, len(self.html)
        return (self._head.stop if self._head else document.inner_start), document.inner_stop

    def _content(self) -> Iterator[Element]:
        """The elements of the content. What lies in templates of its own is for its scripts to use."""
        for element in self.elements:
            if self._start <= element.start < self._stop and not self._is_inert(element):
                yield element

    def _is_inert(self, element: Element) -> bool:
        return any(a.tag == "template" and a is not self._template for a in element.ancestors())

    def _in_head(self) -> list[Element]:
        if self._head is None or self._start <= self._head.start < self._stop:
            return []
        return [element for element in self.elements if self._head.contains(element) and element.start < self._start]


def _is_svg(element: Element) -> bool:
    return next((a.tag for a in element.ancestors() if a.tag in ("svg", "foreignobject")), "") == "svg"


def is_hoisted_link(element: Element) -> bool:
    """Whether an element is a link that belongs into a document's head: a stylesheet or a connection hint."""
    return element.tag == "link" and bool(_HOISTED_LINKS & set(element.attributes.get("rel", "").lower().split()))
