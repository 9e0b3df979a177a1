"""Tells natural pictures, shaded and drawn ones apart: an encoder's time is well spent on other things in each."""

import operator
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
_AT_REST = 0.95
"""So much of a picture is the same in the next one where little moves: before captions 0.97, before figures 0.99, with
particles all over it 0.93."""
_COLOUR_BYTES = 3
_PIXEL_BYTES = 4


def content_of(pixels: memoryview, row_bytes: int) -> Content:
    """What a picture of raw pixels, in rows of `row_bytes` bytes, is."""
    sample = _sample(pixels, row_bytes)
    content = _content(len(zlib.compress(sample, 1)), len(sample))
    return "shaded" if content == "drawn" and _is_shaded(sample[1::_PIXEL_BYTES]) else content


def is_at_rest(pixels: memoryview, after: memoryview, row_bytes: int) -> bool:
    """Whether nearly all of a picture is the same in the one after it."""
    before, now = (_sample(picture, row_bytes)[1 :: _PIXEL_BYTES * _PAIR_STEP] for picture in (pixels, after))
    unchanged: int = sum(map(operator.eq, before, now))
    return unchanged >= _AT_REST * len(before)


def content_of_png(png: bytes, pixels: int) -> Content:
    """What a PNG of so many pixels is: it is Deflate's already. What is transparent in it counts as drawn."""
    return _content(len(png), _COLOUR_BYTES * pixels)


def _sample(pixels: memoryview, row_bytes: int) -> bytes:
    return b"".join(pixels[start : start + row_bytes] for start in range(0, len(pixels), row_bytes * _ROW_STEP))


def _is_shaded(greens: bytes) -> bool:
    pairs = zip(greens[::_PAIR_STEP], greens[1::_PAIR_STEP], strict=False)
    alike = [0 < abs(left - right) <= _NEARLY_ALIKE for left, right in pairs]
    return sum(alike) >= _SHADED * len(alike)


def _content(compressed_bytes: int, raw_bytes: int) -> Content:
    return "natural" if compressed_bytes >= _INCOMPRESSIBLE * raw_bytes else "drawn"
