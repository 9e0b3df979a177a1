"""Reads an entry document: its root, size and duration; and finds where to insert into its text.

The author's text is kept byte for byte and only added to, because parsing and serialising again would
change what browsers make of it.
"""

import math
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser, LexborNode

from hf_lambda.config import is_renderable_size
from hf_lambda.errors import COMPOSITION_ROOT_MISSING, COMPOSITION_SIZE_OUT_OF_RANGE

_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 1080, 1920
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Root:
    """The root composition. Size in CSS pixels; `duration_seconds` is None where it is not declared."""

    composition_id: str
    width: int
    height: int
    duration_seconds: float | None


def read_root(html: str, entry_file: str) -> Root:
    """The root composition of a document.

    Raises:
        COMPOSITION_ROOT_MISSING: there is none.
        COMPOSITION_SIZE_OUT_OF_RANGE: its size cannot be rendered.
    """
    tree = LexborHTMLParser(html)
    node = tree.css_first('[data-composition-id][data-root="true"]') or tree.css_first("[data-composition-id]")
    if node is None:
        raise COMPOSITION_ROOT_MISSING(f"{entry_file} has no element with data-composition-id")
    width = _read_size(node, "data-width", _DEFAULT_WIDTH)
    height = _read_size(node, "data-height", _DEFAULT_HEIGHT)
    duration = read_number(node.attributes.get("data-duration"))
    if duration is None:
        duration = read_number(node.attributes.get("data-composition-duration"))
    return Root(node.attributes["data-composition-id"] or "", width, height, duration)


def read_number(text: str | None) -> float | None:
    """A finite number as JavaScript's Number reads an attribute, or None."""
    stripped = (text or "").strip()
    number = float(stripped) if _NUMBER.fullmatch(stripped) else math.nan
    return number if math.isfinite(number) else None


def insert_into_head(html: str, *, at_start: str, at_end: str) -> str:
    """The document with text added at the start and at the end of its head, where a browser would see it."""
    finder = _HeadFinder(html)
    start, end = finder.head_start, finder.head_end
    return f"{html[:start]}{at_start}{html[start:end]}{at_end}{html[end:]}"


def _read_size(node: LexborNode, attribute: str, default: int) -> int:
    text = node.attributes.get(attribute)
    digits = re.match(r"\s*([+-]?\d{1,9})", text or "")
    size = int(digits.group(1)) if digits else default
    if not is_renderable_size(size):
        raise COMPOSITION_SIZE_OUT_OF_RANGE(f"{attribute} is {size}")
    return size


class _HeadFinder(HTMLParser):
    """Offsets of the head's start and end in the text, by the tags that really are tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._line_starts = [0, *(match.end() for match in re.finditer(r"\n", html))]
        self._after_doctype = 0
        self._after_html: int | None = None
        self._after_head: int | None = None
        self._head_end: int | None = None
        self.feed(html)
        self.close()

    @property
    def head_start(self) -> int:
        """After <head>, else after <html>, else after the doctype."""
        candidates = (self._after_head, self._after_html, self._after_doctype)
        return next(offset for offset in candidates if offset is not None)

    @property
    def head_end(self) -> int:
        """Before </head>, else before <body>, else where the head starts."""
        return self.head_start if self._head_end is None else max(self._head_end, self.head_start)

    def handle_decl(self, decl: str) -> None:
        self._after_doctype = self._offset() + len(decl) + len("<!>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        after = self._offset() + len(self.get_starttag_text() or "")
        if tag == "html" and self._after_html is None:
            self._after_html = after
        elif tag == "head" and self._after_head is None:
            self._after_head = after
        elif tag == "body" and self._head_end is None:
            self._head_end = self._offset()

    def handle_endtag(self, tag: str) -> None:
        if tag == "head" and self._head_end is None:
            self._head_end = self._offset()

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column
