"""Recognises files that are not what their place in the page asks for: error pages, JSON, git-LFS pointers.

Servers and tools save an error page under a picture's name; Chromium and ffmpeg then say something obscure.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from hf_lambda.composition.asset_paths import project_path
from hf_lambda.composition.markup import Element
from hf_lambda.errors import NOT_MEDIA_PAYLOAD

HEAD_BYTES = 4096
"""How much of a file `describe_text` wants to see."""

_MEDIA_TAGS = frozenset(("video", "audio", "img", "image", "source"))
_MEDIA_ATTRIBUTES = ("src", "href", "xlink:href", "poster")
_LFS = re.compile(rb"version https://git-lfs\.github\.com/spec/v\d")
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|title|script)\b", re.IGNORECASE)
_XML = re.compile(rb"<(\?xml|error\b|[a-z]+\s+xmlns)", re.IGNORECASE)
_SVG = re.compile(rb"<(!doctype\s+)?(\w+:)?svg[\s>]", re.IGNORECASE)
_JSON = re.compile(rb"[\[{]\s*(\"|[\]}])")


def describe_text(head: bytes) -> str | None:
    """What a file is that begins with `head`, where it is text of a known kind and no SVG picture; else None."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _LFS.match(text):
        return "a git-LFS pointer"
    if _HTML.match(text):
        return "an HTML page"
    if _XML.match(text) and not _SVG.search(text):
        return "an XML document"
    return "JSON" if _JSON.match(text) else None


def check_media_payloads(elements: Iterable[Element], project: Path) -> None:
    """Look into every local file that a media or picture element of the entry document names.

    Raises:
        NOT_MEDIA_PAYLOAD: one is text.
    """
    for element in elements:
        if element.tag not in _MEDIA_TAGS:
            continue
        for name in _MEDIA_ATTRIBUTES:
            url = element.attributes.get(name, "").strip()
            if url and ":" not in url and not url.startswith(("#", "//")):
                _check_file(project, project_path(url), element.tag)


def _check_file(project: Path, path: str, tag: str) -> None:
    kind = describe_text(read_head(project / path))
    if kind is None:
        return
    cure = "; run `git lfs pull` before packing the project" if "LFS" in kind else ""
    raise NOT_MEDIA_PAYLOAD(f"{path}, which a <{tag}> shows, is {kind}{cure}")


def read_head(path: Path) -> bytes:
    """The first bytes of a file; none where it is not there."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return b""
