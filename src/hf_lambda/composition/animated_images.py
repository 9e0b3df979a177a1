"""Marks the `<img>` elements whose files can move, so that pages drive them by the composition's time."""

from pathlib import Path

from hf_lambda.composition.asset_paths import is_local_reference, project_path
from hf_lambda.composition.markup import Edit, apply_edits, edit_start_tag, scan_elements

MARK = "data-hf-lambda-animated"
"""Holds the media type, which a file's name need not say."""
_SUFFIXES = (".gif", ".png", ".apng", ".webp")
_HEAD_BYTES = 1 << 16
_WEBP_ANIMATION_FLAG = 0x02


def mark_animated_images(html: str, project: Path) -> str:
    """The document with a mark on each image of the project that may have several frames."""
    edits = []
    for element in scan_elements(html):
        url = element.attributes.get("src", "")
        if element.tag != "img" or not is_local_reference(url) or not url.split("?")[0].lower().endswith(_SUFFIXES):
            continue
        if media_type := animated_type(_read_head(project / project_path(url))):
            tag = html[element.start : element.inner_start]
            edits.append(Edit(element.start, element.inner_start, edit_start_tag(tag, {MARK: media_type})))
    return apply_edits(html, edits)


def animated_type(head: bytes) -> str | None:
    """The media type of a GIF, PNG or WebP that begins with `head` and may have several frames; else None.

    Of a GIF, only its blocks tell.
    """
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"\x89PNG\r\n"):
        control, data = head.find(b"acTL"), head.find(b"IDAT")
        return "image/png" if control > 0 and (data < 0 or control < data) else None
    is_extended_webp = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) > 20
    return "image/webp" if is_extended_webp and head[20] & _WEBP_ANIMATION_FLAG else None


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return b""  # the page will say that it is missing
