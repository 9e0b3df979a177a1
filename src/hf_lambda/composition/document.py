"""Reads an entry document: its root, size and duration; and finds where to insert into its text.

The author's text is kept byte for byte and only added to, because parsing and serialising again would
change what browsers make of it.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from selectolax.lexbor import LexborHTMLParser, LexborNode

from hf_lambda.composition.markup import scan_elements
from hf_lambda.config import DECIMAL_FPS, is_renderable_size, parse_fps
from hf_lambda.errors import COMPOSITION_ROOT_MISSING, COMPOSITION_SIZE_OUT_OF_RANGE

_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 1080, 1920
_DOCTYPE = re.compile(r"(?>\s+|<!--.*?-->)*<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Root:
    """The root composition. Size in CSS pixels; `duration_seconds` and `fps` are None where they are not declared."""

    composition_id: str
    width: int
    height: int
    duration_seconds: float | None
    fps: Fraction | None = None


def read_root(html: str, entry_file: str) -> Root:
    """The root composition of a document.

    Raises:
        COMPOSITION_ROOT_MISSING: there is none.
        COMPOSITION_SIZE_OUT_OF_RANGE: its size cannot be rendered.
    """
    tree = LexborHTMLParser(html)
    node = tree.css_first('[data-composition-id][data-root="true"]') or tree.css_first("[data-composition-id]")
    if node is None:
        media = (
            "; it is a page of media, which needs such an element around it" if tree.css_first("video, audio") else ""
        )
        raise COMPOSITION_ROOT_MISSING(f"{entry_file} has no element with data-composition-id{media}")
    width = _read_size(node, "data-width", _DEFAULT_WIDTH)
    height = _read_size(node, "data-height", _DEFAULT_HEIGHT)
    duration = read_number(node.attributes.get("data-duration"))
    if duration is None:
        duration = read_number(node.attributes.get("data-composition-duration"))
    fps = read_fps(node.attributes.get("data-fps"))
    return Root(node.attributes["data-composition-id"] or "", width, height, duration, fps)


def read_fps(text: str | None) -> Fraction | None:
    """A declared frame rate that can be rendered; every other is as good as none."""
    stripped = (text or "").strip()
    try:
        return parse_fps(DECIMAL_FPS.get(stripped, stripped))
    except ValueError:
        return None


def read_number(text: str | None) -> float | None:
    """A finite number as JavaScript's Number reads an attribute, or None."""
    stripped = (text or "").strip()
    number = float(stripped) if _NUMBER.fullmatch(stripped) else math.nan
    return number if math.isfinite(number) else None


def insert_into_head(html: str, *, at_start: str, at_end: str) -> str:
    """The document with text added at the start and at the end of its head, where a browser would see it."""
    first = {element.tag: element for element in reversed(scan_elements(html))}
    head, body = first.get("head"), first.get("body")
    doctype = _DOCTYPE.match(html)
    if head is not None:
        start = head.inner_start
    else:
        start = first["html"].inner_start if "html" in first else doctype.end() if doctype else 0
    # A head without an end tag ends where the body begins.
    ends = [*([head.inner_stop] if head and head.is_closed else []), *([body.start] if body else [])]
    end = max(start, min(ends, default=start))
    return f"{html[:start]}{at_start}{html[start:end]}{at_end}{html[end:]}"


def insert_at_body_end(html: str, addition: str) -> str:
    """The document with text added behind everything else that its body holds."""
    first = {element.tag: element for element in reversed(scan_elements(html))}
    container = first.get("body") or first.get("html")
    end = container.inner_stop if container else len(html)
    return f"{html[:end]}{addition}{html[end:]}"


def _read_size(node: LexborNode, attribute: str, default: int) -> int:
    text = node.attributes.get(attribute)
    digits = re.match(r"\s*([+-]?\d{1,9})", text or "")
    size = int(digits.group(1)) if digits else default
    if not is_renderable_size(size):
        raise COMPOSITION_SIZE_OUT_OF_RANGE(f"{attribute} is {size}")
    return size
