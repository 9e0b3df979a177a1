"""Finds elements in HTML text by their offsets, and edits the text there.

Inlining moves pieces of several authors' files into one document. Pieces are cut out and pasted as text,
because parsing and serialising again would change what browsers make of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from html.entities import html5
from html.parser import HTMLParser

_VOID_TAGS = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_OPTIONAL_END_TAGS = frozenset(
    (
        "html", "head", "body", "p", "li", "dt", "dd", "rt", "rp", "option", "optgroup",
        "caption", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th",
    )
)  # fmt: skip
_FORMATTING_TAGS = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
"""Browsers reopen these behind the end of what they were left open in."""
_FOREIGN_TAGS = frozenset(("svg", "math"))
_TEXT_TAGS = frozenset(("textarea", "title", "xmp", "iframe", "noembed"))
"""What they hold is text, which not every Python knows."""
_TAG_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""[\s/]*(?P<name>[^\s/>=]+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s>"'][^\s>]*))?""")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*)[;=]?")


@dataclass(eq=False)
class Element:
    """An element and where it is: its tag at `start`, its content between `inner_start` and `inner_stop`."""

    tag: str
    attributes: Mapping[str, str]
    parent: "Element | None"
    start: int
    inner_start: int
    inner_stop: int
    stop: int

    @property
    def is_closed(self) -> bool:
        """Whether it has an end tag."""
        return self.stop > self.inner_stop

    @property
    def lacks_end_tag(self) -> bool:
        """Whether it ought to have an end tag and has none."""
        if self.is_closed or self.tag in _VOID_TAGS or self.tag in _OPTIONAL_END_TAGS:
            return False
        return not any(element.tag in _FOREIGN_TAGS | _TEXT_TAGS for element in (self, *self.ancestors()))

    def ancestors(self) -> Iterator["Element"]:
        """The parent, its parent, and so on."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def contains(self, other: "Element") -> bool:
        """Whether `other` lies between this element's tags."""
        return self.inner_start <= other.start and other.stop <= self.inner_stop


@dataclass(frozen=True)
class Edit:
    """A replacement for the text between two offsets."""

    start: int
    stop: int
    text: str


@lru_cache(maxsize=4)  # each step of compiling asks, and few of them change the text
def scan_elements(html: str) -> tuple[Element, ...]:
    """Every element of the text in document order, those inside templates included. They are not to be changed."""
    scanner = _Scanner(html)
    scanner.feed(html)
    scanner.close()
    scanner.close_open_elements(len(html))
    return tuple(scanner.elements)


def apply_edits(html: str, edits: Iterable[Edit], start: int = 0, stop: int | None = None) -> str:
    """The text between two offsets with the edits made; an edit inside text that another replaces is dropped."""
    end = len(html) if stop is None else stop
    pieces, position = [], start
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.stop)):
        if edit.start < position or edit.stop > end:
            continue
        pieces += [html[position : edit.start], edit.text]
        position = edit.stop
    return "".join([*pieces, html[position:end]])


def missing_end_tags(elements: Sequence[Element], stop: int) -> list[Edit]:
    """The end tags that keep text up to `stop`, with these elements in it, from reaching into what follows it."""
    ends = [
        (stop if element.tag in _FORMATTING_TAGS else element.stop, f"</{element.tag}>")
        for element in reversed(elements)
        if element.lacks_end_tag
    ]
    return [Edit(end, end, tag) for end, tag in ends]


def edit_start_tag(tag: str, changes: Mapping[str, str | None]) -> str:
    """A start tag with attributes set, or removed where the new value is None; the others stay as written."""
    name = _TAG_NAME.match(tag)
    assert name is not None
    pieces, position, pending = [name.group()], name.end(), dict(changes)
    while attribute := _ATTRIBUTE.match(tag, position):
        position = attribute.end()
        key = attribute["name"].lower()
        pieces.append(_write_attribute(key, pending.pop(key, None)) if key in changes else attribute.group())
    pieces += [_write_attribute(key, value) for key, value in pending.items()]
    return "".join([*pieces, tag[position:]])


def _read_attributes(tag: str) -> dict[str, str]:
    """A start tag's attributes as browsers read them; most Pythons decode the `&copy` of `?a=1&copy=2`, too."""
    name = _TAG_NAME.match(tag)
    assert name is not None
    found = list(_ATTRIBUTE.finditer(tag, name.end()))
    return {attribute["name"].lower(): _decode_value(attribute["value"] or "") for attribute in reversed(found)}


def _decode_value(value: str) -> str:
    return _REFERENCE.sub(_decode_reference, value[1:-1] if value.startswith(('"', "'")) else value)


def _decode_reference(reference: re.Match[str]) -> str:
    text = reference.group()
    # A name that lacks its semicolon counts only where neither "=" nor a letter or digit follows.
    return unescape(text) if text.startswith("&#") or text[1:] in html5 else text


def _write_attribute(name: str, value: str | None) -> str:
    return "" if value is None else f' {name}="{escape(value)}"'


class _Scanner(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._html = html
        self._open: list[Element] = []
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", html))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in _VOID_TAGS:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Browsers honour "/>" in SVG and MathML only; elsewhere the element stays open.
        if any(element.tag in _FOREIGN_TAGS for element in self._open):
            self._add(tag, attrs)
        else:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].tag == tag:
                break
            if self._open[depth].tag == "template":
                return
        else:
            return
        offset = self._offset()
        closed = self._open[depth]
        self.close_open_elements(offset, depth)
        closed.stop = self._html.find(">", offset) + 1 or len(self._html)

    def close_open_elements(self, offset: int, depth: int = 0) -> None:
        for element in self._open[depth:]:
            element.inner_stop = element.stop = offset
        del self._open[depth:]

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        start = self._offset()
        text = self.get_starttag_text() or ""
        after = start + len(text)
        # The first of two attributes with one name counts, so later ones are laid down first.
        attributes = _read_attributes(text) if "&" in text else {name: value or "" for name, value in reversed(attrs)}
        parent = self._open[-1] if self._open else None
        element = Element(tag, attributes, parent, start, after, after, after)
        self.elements.append(element)
        return element

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column
