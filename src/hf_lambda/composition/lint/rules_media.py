"""Rules about video, audio and images."""

import re
from collections.abc import Iterator
from itertools import takewhile

from hf_lambda.composition.document import read_number
from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.javascript import Code
from hf_lambda.composition.lint.moving_images import is_animated_image
from hf_lambda.composition.lint.sources import Document, Project, Script
from hf_lambda.composition.markup import Element

CONTROL = Rule(
    "imperative_media_control",
    "The renderer places media by their data attributes, frame by frame; what scripts play or seek is set back.",
    "Use data-start, data-duration, data-media-start and data-playback-rate.",
)
DOUBLE = Rule(
    "video_audio_double_source",
    "The sound of a video without `muted` is mixed, and so is that of an audio element with the same file: it is heard "
    "twice.",
    "Mute the video, or take the audio element out.",
)
NO_START = Rule(
    "media_missing_start",
    "Media without data-start begin with their composition, not with the clip around them: their start is not seen.",
    "Give it the data-start of its clip.",
)
PRELOAD = Rule(
    "media_preload_none",
    'Without data-duration the length comes from the file, and preload="none" keeps the page from reading it.',
    "Take preload out, or declare data-duration.",
)
BASE64 = Rule(
    "base64_blob",
    "Data inside the document cannot be stored or fetched by itself: every page of every worker reads all of it.",
    "Put the data into a file of the project.",
)
MOVING = Rule(
    "animated_image",
    "Animated images in CSS backgrounds and in SVG are not seeked: they stand still, or jump where segments meet.",
    "Show it with an img element, which is.",
)

RULES = (CONTROL, DOUBLE, NO_START, PRELOAD, BASE64, MOVING)

_LARGEST_BLOB = 1 << 20
_MEDIA = ("video", "audio")
_MEDIA_SELECTOR = re.compile(r"(^|[\s>,])(video|audio)(?![\w-])")
_MEDIA_METHODS = ("play", "pause", "fastSeek")
_BLOB = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=]*")


def check(project: Project) -> Iterator[Finding]:
    """Findings in media elements, stylesheets and scripts."""
    for document, element in project.elements():
        if element.tag in _MEDIA:
            yield from _check_media(document, element)
        yield from _check_image(project, document, element)
    for document in project.documents:
        yield from _check_doubles(project, document)
        yield from _check_blobs(document)
    yield from _check_backgrounds(project)
    media_ids = {e.attributes["id"] for _, e in project.elements() if e.tag in _MEDIA and e.attributes.get("id")}
    for script in project.scripts:
        yield from _check_control(script, media_ids)


def _check_media(document: Document, element: Element) -> Iterator[Finding]:
    attributes = element.attributes
    name = attributes.get("id") or element.tag
    if "data-start" not in attributes:
        clips = takewhile(lambda around: "data-composition-id" not in around.attributes, element.ancestors())
        if any(read_number(clip.attributes.get("data-start") or "0") != 0.0 for clip in clips):
            message = f"{name} begins with its composition, the clip around it later"
            yield NO_START.at(document.file, element.start, message)
    if attributes.get("preload", "").lower() == "none" and "data-duration" not in attributes:
        offset = document.attribute_offset(element, "preload")
        yield PRELOAD.at(document.file, offset, f"{name} has neither a length nor leave to read it")


def _check_image(project: Project, document: Document, element: Element) -> Iterator[Finding]:
    attributes = element.attributes
    if element.tag == "image":  # those of HTML follow the composition's time
        url = attributes.get("href") or attributes.get("xlink:href") or ""
        if _is_moving(project, url, document.file.path):
            yield MOVING.at(document.file, element.start, f"{url} is animated")


def _check_doubles(project: Project, document: Document) -> Iterator[Finding]:
    def source(element: Element) -> str:
        children = (e for e in document.elements if e.parent is element and e.tag == "source")
        url = element.attributes.get("src") or next((e.attributes.get("src", "") for e in children), "")
        return project.resolve(url, document.file.path) or url

    heard = {source(e) for e in document.elements if e.tag == "audio" and "muted" not in e.attributes} - {""}
    for element in document.elements:
        is_silent = "muted" in element.attributes or element.attributes.get("data-has-audio") == "false"
        if element.tag == "video" and not is_silent and (path := source(element)) in heard:
            yield DOUBLE.at(document.file, element.start, f"{path} is heard from an audio element too")


def _check_blobs(document: Document) -> Iterator[Finding]:
    for match in _BLOB.finditer(document.file.text):
        size = len(match.group())
        if size > _LARGEST_BLOB:
            yield BASE64.at(document.file, match.start(), f"{size / 1e6:.1f} MB of data are written into the document")


def _check_backgrounds(project: Project) -> Iterator[Finding]:
    for style in project.styles:
        for match in re.finditer(r"url\(\s*[\"']?([^\"')\s]+)", style.css):
            if _is_moving(project, match.group(1), style.file.path):
                offset = style.start + match.start()
                yield MOVING.at(style.file, offset, f"{match.group(1)} is animated")
    for document, element in project.elements():
        for match in re.finditer(r"url\(\s*[\"']?([^\"')\s]+)", element.attributes.get("style", "")):
            if _is_moving(project, match.group(1), document.file.path):
                offset = document.attribute_offset(element, "style")
                yield MOVING.at(document.file, offset, f"{match.group(1)} is animated")


def _is_moving(project: Project, url: str, source: str) -> bool:
    path = project.resolve(url, source)
    return path is not None and is_animated_image(project.folder / path)


def _check_control(script: Script, media_ids: set[str]) -> Iterator[Finding]:
    code = script.code
    names = _media_names(code, media_ids)
    for name in _MEDIA_METHODS:
        for bracket in code.methods(name):
            if _is_media(code, bracket - 3, names, media_ids):
                yield CONTROL.at(script.file, script.offset(bracket - 1), f"{name}() is called on media")
    for index in range(len(code.tokens)):
        is_write = code.is_code(index, "currentTime") and code.text(index + 1) in ("=", "+=", "-=")
        if is_write and code.is_code(index - 1, ".") and _is_media(code, index - 2, names, media_ids):
            yield CONTROL.at(script.file, script.offset(index), "currentTime is set on media")


def _media_names(code: Code, media_ids: set[str]) -> set[str]:
    names = set()
    for index in range(2, len(code.tokens)):
        if code.is_code(index, "=") and code.tokens[index - 1].kind == "name":
            end = next((i for i in range(index, min(index + 20, len(code.tokens))) if code.is_code(i, ")")), -1)
            if end > 0 and _is_media(code, end, set(), media_ids) and not code.is_code(end + 1, "."):
                names.add(code.text(index - 1))
    return names


def _is_media(code: Code, index: int, names: set[str], media_ids: set[str]) -> bool:
    """Whether the value that ends at a token is a media element."""
    if not code.is_code(index, ")"):
        return code.text(index) in names and code.text(index - 1) not in (".", "?.")
    bracket = code.partner[index]
    items = code.arguments(bracket) if bracket >= 0 else []
    method, text = code.text(bracket - 1), code.string(items[0]) if items else None
    if method == "Audio" and code.is_code(bracket - 2, "new"):
        return True
    if text is None:
        return False
    if method == "getElementById":
        return text in media_ids
    if method == "createElement":
        return text in _MEDIA
    return method == "querySelector" and (bool(_MEDIA_SELECTOR.search(text)) or text.lstrip("#") in media_ids)
