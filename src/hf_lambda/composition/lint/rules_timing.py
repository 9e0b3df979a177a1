"""Rules about timing attributes: where clips begin and end."""

import re
from collections.abc import Iterator

from hf_lambda.composition.document import read_number
from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.sources import Document, Project
from hf_lambda.composition.markup import Element
from hf_lambda.composition.start_references import is_number, read_reference

BAD_START = Rule(
    "invalid_start",
    "The value is no number and no reference, so the clip begins at 0.",
    "Write seconds without a unit, or the id of a clip whose end is meant, such as `intro`, `intro + 0.5`.",
)
UNKNOWN_START = Rule(
    "unknown_start_reference",
    "No element has this id, so the clip begins at 0. Ids may hold hyphens, dots and digits: `intro-0.5` is an id.",
    "Correct the id; put spaces around the sign of an offset, and no unit behind numbers.",
)
CIRCULAR_START = Rule(
    "circular_start_reference",
    "Clips that wait for one another never begin by their rule: one of them begins at 0.",
    "Give one of them a start in seconds.",
)
BAD_DURATION = Rule(
    "invalid_duration",
    "The value is not a number above 0, so it is ignored, and the clip lasts to the end of the video or of its media.",
    "Write seconds without a unit.",
)
NEGATIVE = Rule(
    "negative_start",
    "A start before 0 counts as 0; the beginning is not cut off.",
    "Use data-media-start to leave out the beginning of media.",
)
CONTRADICTION = Rule(
    "data_end_contradiction",
    "data-end and data-duration tell different ends; data-duration wins.",
    "Leave data-end out.",
)
OUTSIDE = Rule(
    "window_outside_composition",
    "The composition ends before the clip begins, or before it ends: what comes after is not in the video.",
    "Give the composition a longer data-duration, or the clip an earlier place.",
)

RULES = (BAD_START, UNKNOWN_START, CIRCULAR_START, BAD_DURATION, NEGATIVE, CONTRADICTION, OUTSIDE)

_PLACEHOLDER = re.compile(r"__[A-Z_]+__|<<|\{\{|\$\{")
_TOLERANCE_SECONDS = 0.05


def check(project: Project) -> Iterator[Finding]:
    """Findings in timing attributes."""
    ids = {e.attributes.get(name, "") for _, e in project.elements() for name in ("id", "data-composition-id")}
    ids |= project.script_strings
    for document, element in project.elements():
        yield from _check_start(document, element, ids)
        yield from _check_duration(document, element)
        yield from _check_window(document, element)
    yield from _check_circles(project)


def _check_circles(project: Project) -> Iterator[Finding]:
    timed = [(document, element) for document, element in project.elements() if _referenced(element)]
    named: dict[str, Element] = {}
    for name in ("id", "data-composition-id"):
        for _, element in timed:
            named.setdefault(element.attributes.get(name, ""), element)
    for document, element in timed:
        seen: set[Element] = set()
        node: Element | None = element
        while node is not None and node not in seen:
            seen.add(node)
            node = named.get(_referenced(node))
        if node is element:
            offset = document.attribute_offset(element, "data-start")
            message = f'data-start="{element.attributes["data-start"]}" waits for a clip that waits for this one'
            yield CIRCULAR_START.at(document.file, offset, message)


def _referenced(element: Element) -> str:
    """The id that an element's start refers to; empty where it does not refer."""
    reference = read_reference(element.attributes.get("data-start", ""))
    return reference.id if reference else ""


def _check_start(document: Document, element: Element, ids: set[str]) -> Iterator[Finding]:
    text = element.attributes.get("data-start", "").strip()
    if not text or _PLACEHOLDER.search(text):
        return
    offset = document.attribute_offset(element, "data-start")
    if is_number(text):
        if (read_number(text) or 0.0) < 0:
            yield NEGATIVE.at(document.file, offset, f'data-start="{text}" counts as 0')
        return
    reference = read_reference(text)
    if reference is None:
        yield BAD_START.at(document.file, offset, f'data-start="{text}" is neither a number nor a reference')
    elif reference.id not in ids:
        yield UNKNOWN_START.at(document.file, offset, f'data-start="{text}": nothing has the id {reference.id}')


def _check_duration(document: Document, element: Element) -> Iterator[Finding]:
    attributes = element.attributes
    text = attributes.get("data-duration", "").strip()
    if not text or _PLACEHOLDER.search(text):
        return
    duration = read_number(text)
    offset = document.attribute_offset(element, "data-duration")
    if duration is None or duration <= 0:
        if not re.fullmatch(r"0[xX][\da-fA-F]+", text):
            yield BAD_DURATION.at(document.file, offset, f'data-duration="{text}" is not a number above 0')
        return
    start, end = read_number(attributes.get("data-start")), read_number(attributes.get("data-end"))
    if start is not None and end is not None and abs(start + duration - end) > _TOLERANCE_SECONDS:
        message = f'data-end="{attributes["data-end"]}" is not {start:g} + {duration:g}'
        yield CONTRADICTION.at(document.file, document.attribute_offset(element, "data-end"), message)


def _check_window(document: Document, element: Element) -> Iterator[Finding]:
    start = read_number(element.attributes.get("data-start"))
    around = next((a for a in element.ancestors() if a.attributes.get("data-composition-id")), None)
    length = read_number(around.attributes.get("data-duration")) if around else None
    if start is None or around is None or length is None or length <= 0:
        return
    name = around.attributes["data-composition-id"]
    duration = read_number(element.attributes.get("data-duration"))
    offset = document.attribute_offset(element, "data-start")
    if start >= length:
        yield OUTSIDE.at(document.file, offset, f"it begins at {start:g} s, when {name} has ended ({length:g} s)")
    # Music that is longer than the video is the rule, not a mistake.
    elif duration is not None and element.tag != "audio" and start + duration > length + _TOLERANCE_SECONDS:
        message = f"it ends at {start + duration:g} s, {name} at {length:g} s"
        yield OUTSIDE.at(document.file, offset, message)
