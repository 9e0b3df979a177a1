"""Rules about the shape of documents: the root, tags, ids, what comments leave behind."""

import re
from collections import Counter
from collections.abc import Iterator

from hf_lambda.composition.document import read_fps
from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.sources import Document, Project
from hf_lambda.composition.markup import Element
from hf_lambda.config import DECIMAL_FPS, INTEGER_FPS

NO_ROOT = Rule(
    "root_missing_id",
    "Nothing in the entry document is a composition, so there is nothing to render.",
    "Give the outermost element data-composition-id, data-width, data-height and data-duration.",
)
NO_SIZE = Rule(
    "root_missing_size",
    "Without data-width and data-height the picture is 1080x1920.",
    "Give the root data-width and data-height, in pixels.",
)
NO_DURATION = Rule(
    "missing_duration_source",
    "The root declares no data-duration, and nothing else tells how long the video is: no timeline, no media, no "
    "animation.",
    "Give the root data-duration, in seconds.",
)
UNKNOWN_FPS = Rule(
    "unknown_frame_rate",
    "data-fps is no rate that can be rendered: the video has 30 frames a second, unless the request says else.",
    f"Write one of {', '.join(map(str, (*INTEGER_FPS, *DECIMAL_FPS)))}.",
)
SEVERAL = Rule(
    "multiple_roots",
    "Only the first outermost composition is the video's root; its size, duration and timeline count.",
    'Put one composition around the others, or mark the root with data-root="true".',
)
IN_TEMPLATE = Rule(
    "root_in_template",
    "That form is for files that others mount: rendered by itself it is shown where index.html mounts it, from second "
    "0, or alone.",
    "Take the root of the entry document out of its template.",
)
COMMENT = Rule(
    "visible_comment",
    "A comment ends at the first `-->`: what follows is text of the page, and is shown.",
    "Take the inner comment out.",
)
SELF_CLOSING = Rule(
    "self_closing_tag",
    "In HTML `/>` does not close this element: all that follows becomes its content, and content of video, audio and "
    "iframe is not shown.",
    "Write the end tag.",
)
DUPLICATE = Rule(
    "duplicate_id",
    "References, media and timelines find the first element with an id; the second keeps still or shows the first's "
    "picture.",
    "Give each element an id of its own.",
)
EMPTY_HOST = Rule(
    "host_without_file",
    "The element has the id of a composition, but neither content nor a file, so it shows nothing.",
    "Give it data-composition-src.",
)

RULES = (
    NO_ROOT, NO_SIZE, NO_DURATION, UNKNOWN_FPS, SEVERAL, IN_TEMPLATE, COMMENT, SELF_CLOSING, DUPLICATE, EMPTY_HOST,
)  # fmt: skip

_VOID_OR_HARMLESS = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param", "p")
)
_FOREIGN = frozenset(("svg", "math"))
_RAW_TEXT = frozenset(("script", "style", "textarea", "title", "pre", "code", "xmp"))
_COMMENT_TEXT = re.compile(r"<!--(?s:.*?)(?:-->|\Z)")
_MOVES = re.compile(r"__timelines|@keyframes|\.animate\s*\(|__hfLottie|loadAnimation|__hfAnime|hf-seek|__hfThree")


def check(project: Project) -> Iterator[Finding]:
    """Findings in documents."""
    for document in project.documents:
        if document.is_entry:
            yield from _check_entry(project, document)
        yield from _check_comments(document)
        yield from _check_ids(document)
        for element in document.elements:
            yield from _check_element(project, document, element)


def _check_entry(project: Project, document: Document) -> Iterator[Finding]:
    root = document.root
    if root is None:
        yield NO_ROOT.at(document.file, 0, "no element has data-composition-id")
        return
    if any(ancestor.tag == "template" for ancestor in root.ancestors()):
        yield IN_TEMPLATE.at(document.file, root.start, "the root is inside a template")
    missing = [name for name in ("data-width", "data-height") if not root.attributes.get(name)]
    if missing:
        yield NO_SIZE.at(document.file, root.start, f"the root has no {' and no '.join(missing)}")
    if not _has_duration(project, document, root):
        yield NO_DURATION.at(document.file, root.start, "nothing tells how long the video is")
    fps = root.attributes.get("data-fps")
    if fps and read_fps(fps) is None:
        yield UNKNOWN_FPS.at(document.file, document.attribute_offset(root, "data-fps"), f"data-fps is {fps}")
    yield from _check_roots(document, root)


def _has_duration(project: Project, document: Document, root: Element) -> bool:
    if root.attributes.get("data-duration") or root.attributes.get("data-composition-duration"):
        return True
    timed = (e for e in document.elements if e is not root and "data-start" in e.attributes)
    if any(True for _ in timed) or any(e.tag in ("video", "audio") for e in document.elements):
        return True
    texts = [*(d.file.text for d in project.documents), *(s.css for s in project.styles)]
    return any(_MOVES.search(text) for text in (*texts, *(s.source for s in project.scripts)))


def _check_roots(document: Document, root: Element) -> Iterator[Finding]:
    if root.attributes.get("data-root") == "true":
        return
    for element in document.elements:
        if element is root or "data-composition-id" not in element.attributes:
            continue
        is_inside = any("data-composition-id" in a.attributes or a.tag == "template" for a in element.ancestors())
        if not is_inside:
            name = element.attributes["data-composition-id"]
            yield SEVERAL.at(document.file, element.start, f"{name} is beside the root, not inside it")


def _check_comments(document: Document) -> Iterator[Finding]:
    text = document.file.text
    raw = [(e.start, e.stop) for e in document.elements if e.tag in _RAW_TEXT]
    blank = _COMMENT_TEXT.sub(lambda match: " " * len(match.group()), text)
    for match in re.finditer("-->", blank):
        is_raw = any(start <= match.start() < stop for start, stop in raw)
        is_in_tag = any(e.start <= match.start() < e.inner_start for e in document.elements)
        if not is_raw and not is_in_tag:
            yield COMMENT.at(document.file, match.start(), "text after a comment's end is shown")


def _check_ids(document: Document) -> Iterator[Finding]:
    counts = Counter(element.attributes["id"] for element in document.elements if element.attributes.get("id"))
    seen = set()
    for element in document.elements:
        name = element.attributes.get("id", "")
        if counts[name] > 1 and name in seen and _is_found_by_id(element):
            yield DUPLICATE.at(document.file, document.attribute_offset(element, "id"), f"a second element is {name}")
        seen.add(name)


def _is_found_by_id(element: Element) -> bool:
    is_timed = "data-start" in element.attributes or "data-composition-id" in element.attributes
    return is_timed or element.tag in ("video", "audio")


def _check_element(project: Project, document: Document, element: Element) -> Iterator[Finding]:
    attributes = element.attributes
    is_foreign = element.tag in _FOREIGN or any(ancestor.tag in _FOREIGN for ancestor in element.ancestors())
    is_closed = not document.tag_text(element).endswith("/>") or element.tag in _VOID_OR_HARMLESS
    if not is_foreign and not is_closed:
        yield SELF_CLOSING.at(document.file, element.start, f"{element.tag} is not closed by />")
    if _is_empty_host(project, document, element):
        name = attributes["data-composition-id"]
        yield EMPTY_HOST.at(document.file, element.start, f"{name} has neither content nor data-composition-src")


def _is_empty_host(project: Project, document: Document, element: Element) -> bool:
    attributes = element.attributes
    name = attributes.get("data-composition-id", "")
    if not name or element is document.root or "data-composition-src" in attributes:
        return False
    if "data-composition-file" in attributes or document.file.text[element.inner_start : element.inner_stop].strip():
        return False
    has_template = any(e.attributes.get("id") == f"{name}-template" for e in document.elements)
    names = (name, attributes.get("id", name))
    return not has_template and not any(part in text for part in names for text in project.script_strings)
