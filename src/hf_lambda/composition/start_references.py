"""Reads starts that refer to the end of another clip, and writes them as seconds where both are in one file.

The runtime looks for the clip in the whole document. For a sub-composition that may be another mount's clip of the same
id; and it finds none where the clip is a composition whose name had to change because it is shared.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hf_lambda.composition.document import read_number
from hf_lambda.composition.markup import Element

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|0[xX][\da-fA-F]+")
_REFERENCE = re.compile(r"(?P<id>[A-Za-z0-9_.:-]+?)(?P<offset>\s*\+\s*\d+(?:\.\d+)?|\s+-\s*\d+(?:\.\d+)?)?")


class StartReference(NamedTuple):
    """The name of a clip, and the seconds from its end to the start."""

    id: str
    offset: float


def is_number(start: str) -> bool:
    """Whether a start is a number as JavaScript reads it."""
    return _NUMBER.fullmatch(start.strip()) is not None


def read_reference(start: str) -> StartReference | None:
    """What a start refers to; None where it is a number or cannot be read."""
    match = None if is_number(start) else _REFERENCE.fullmatch(start.strip())
    return StartReference(match["id"], float("".join((match["offset"] or "0").split()))) if match else None


def starts_in_seconds(elements: Sequence[Element]) -> dict[Element, str]:
    """Numbers in place of the starts that refer to a clip of the same composition with a start and a duration."""
    clips = _by_name(elements)
    known = {e: max(0.0, n) for e in elements if (n := read_number(e.attributes.get("data-start"))) is not None}
    waiting = {e: reference for e in elements if (reference := read_reference(e.attributes.get("data-start", "")))}
    count = 0
    while count < len(known):  # clips may wait for one another, and be written in any order
        count = len(known)
        for element, reference in waiting.items():
            end = _find_end(element, clips.get(reference.id), known)
            if element not in known and end is not None and end + reference.offset >= 0:
                known[element] = end + reference.offset
    return {element: str(known[element]) for element in waiting if element in known}


def _by_name(elements: Sequence[Element]) -> dict[str, Element]:
    """The first element of each id, else of each composition id."""
    named: dict[str, Element] = {}
    for name in ("id", "data-composition-id"):
        for element in elements:
            named.setdefault(element.attributes.get(name, ""), element)
    return named


def _find_end(element: Element, clip: Element | None, starts: Mapping[Element, float]) -> float | None:
    """The end of a clip that an element's start refers to, in seconds of the composition around both."""
    if clip is None or clip not in starts or _composition(clip) is not _composition(element):
        return None
    duration = read_number(clip.attributes.get("data-duration"))
    return starts[clip] + duration if duration is not None and duration > 0 else None


def _composition(clip: Element) -> Element | None:
    return next((around for around in clip.ancestors() if "data-composition-id" in around.attributes), None)
