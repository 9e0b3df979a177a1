"""Tells natural pictures from drawn ones: an encoder's time is well spent on other things in each."""

import zlib
from typing import Literal

Content = Literal["drawn", "natural"]
"""What most of a video's picture is: shapes and words, or photos and film."""

_ROW_STEP = 24
"""One row of so many is looked at."""
_INCOMPRESSIBLE = 0.4
"""Deflate leaves this much of natural rows, or more: of photos 0.65 to 0.7, of blurred gradients up to 0.35, of shapes
and words less than 0.2."""
_COLOUR_BYTES = 3


def content_of(pixels: memoryview, row_bytes: int) -> Content:
    """What a picture of raw pixels, in rows of `row_bytes` bytes, is."""
    rows = range(0, len(pixels), row_bytes * _ROW_STEP)
    sample = b"".join(pixels[start : start + row_bytes] for start in rows)
    return _content(len(zlib.compress(sample, 1)), len(sample))


def content_of_png(png: bytes, pixels: int) -> Content:
    """What a PNG of so many pixels is: it is Deflate's already. What is transparent in it counts as drawn."""
    return _content(len(png), _COLOUR_BYTES * pixels)


def _content(compressed_bytes: int, raw_bytes: int) -> Content:
    return "natural" if compressed_bytes >= _INCOMPRESSIBLE * raw_bytes else "drawn"
