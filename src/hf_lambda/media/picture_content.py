"""Tells natural pictures, shaded and drawn ones apart: an encoder's time is well spent on other things in each."""

import zlib
from typing import Literal

Content = Literal["drawn", "shaded", "natural"]
"""What most of a video's picture is: shapes and words, these on gradients, or photos and film."""

_ROW_STEP = 24
"""One row of so many is looked at."""
_INCOMPRESSIBLE = 0.4
"""Deflate leaves this much of natural rows, or more: of photos 0.65 to 0.7, of blurred gradients up to 0.35, of shapes
and words less than 0.2."""
_SHADED = 0.4
"""So many neighbours in a row are nearly alike, and not alike, where gradients are the ground: with lights, grids and
words on them 0.5 to 0.85, of words that glow 0.3, of shapes and words 0.02 at most."""
_NEARLY_ALIKE = 2
"""Levels of 255 that the pixels of a gradient are apart, dithered as Chromium has it."""
_PAIR_STEP = 4
"""One pair of neighbours of so many is looked at: all of them would take 18 ms of 1080p."""
_COLOUR_BYTES = 3
_PIXEL_BYTES = 4


def content_of(pixels: memoryview, row_bytes: int) -> Content:
    """What a picture of raw pixels, in rows of `row_bytes` bytes, is."""
    rows = range(0, len(pixels), row_bytes * _ROW_STEP)
    sample = b"".join(pixels[start : start + row_bytes] for start in rows)
    content = _content(len(zlib.compress(sample, 1)), len(sample))
    return "shaded" if content == "drawn" and _is_shaded(sample[1::_PIXEL_BYTES]) else content


def content_of_png(png: bytes, pixels: int) -> Content:
    """What a PNG of so many pixels is: it is Deflate's already. What is transparent in it counts as drawn."""
    return _content(len(png), _COLOUR_BYTES * pixels)


def _is_shaded(greens: bytes) -> bool:
    pairs = zip(greens[::_PAIR_STEP], greens[1::_PAIR_STEP], strict=False)
    alike = [0 < abs(left - right) <= _NEARLY_ALIKE for left, right in pairs]
    return sum(alike) >= _SHADED * len(alike)


def _content(compressed_bytes: int, raw_bytes: int) -> Content:
    return "natural" if compressed_bytes >= _INCOMPRESSIBLE * raw_bytes else "drawn"
