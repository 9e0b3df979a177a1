"""Tells animated image files from still ones by their bytes."""

import re
from pathlib import Path

_ANIMATED_SUFFIXES = frozenset((".gif", ".png", ".apng", ".webp", ".avif"))
_LARGEST_READ = 8 << 20
# A frame: extension block that ends, then an image descriptor.
_GIF_FRAME = re.compile(rb"\x00\x21\xf9\x04.{4}\x00[\x2c\x21]", re.DOTALL)


def is_animated_image(path: Path) -> bool:
    """Whether a file is a GIF, PNG, WebP or AVIF with several frames; false where it cannot be read."""
    if path.suffix.lower() not in _ANIMATED_SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_LARGEST_READ)
    except (OSError, ValueError):
        return False
    if head.startswith(b"GIF8"):
        return len(_GIF_FRAME.findall(head)) > 1
    if head.startswith(b"\x89PNG"):
        control, data = head.find(b"acTL"), head.find(b"IDAT")
        return 0 <= control < data
    if head.startswith(b"RIFF"):
        return head[8:16] == b"WEBPVP8X" and bool(head[20] & 2) if len(head) > 20 else False
    return head[4:12] == b"ftypavis"
