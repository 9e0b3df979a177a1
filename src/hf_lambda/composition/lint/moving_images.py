"""Tells animated image files from still ones by their bytes."""

import re
from pathlib import Path

from hf_lambda.composition.animated_images import animated_type

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
    return animated_type(head) is not None or head[4:12] == b"ftypavis"
