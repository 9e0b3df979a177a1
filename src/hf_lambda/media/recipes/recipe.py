"""The recipe of an encoder, frozen in the plan, and what all recipes share.

A segment is one closed group of pictures: one key frame at its start, no frame that looks beyond its end,
PTS equal to DTS. The thread count is part of the recipe, because x264's output depends on it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

_TIMESCALE = 90_000

Filters = list[tuple[str, dict[str, str]]]
"""A chain of ffmpeg filters with their options."""

BT709_TAGS = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
"""What the file says of its colours; every recipe's filters make it true."""
BIT_EXACT = {
    "fflags": "+bitexact",  # no library versions, dates or random ids in the file
    "flags:v": "+bitexact",
}


@dataclass(frozen=True)
class EncoderRecipe:
    """Everything that decides an encoded segment but its pictures; frozen in the plan."""

    suffix: str
    """Of chunk and output files; says which container they are."""
    picture_codec: str
    """What ffmpeg calls the pictures that it is fed."""
    filters: Filters = field(default_factory=list)
    """From the pictures' colours to the video's."""
    fills_gaps: bool = False
    """Whether ffmpeg, behind the filters, repeats a picture that is shown for several frames, and encodes it for each.
    Else it is encoded once, and frames are added to what was written."""
    longest_frames: int | None = None
    """For how many frames, at the most, the encoder is told that a picture is shown, where it is told at all."""
    keeps_alpha_aside: bool = False
    """Whether alpha goes around the filters, byte for byte, and joins the picture after them."""
    options: dict[str, str] = field(default_factory=dict)
    """Of the output, but for those that depend on the segment's length."""
    length_options: list[str] = field(default_factory=list)
    """Options of the output whose value is the segment's length in frames."""
    params_option: str = ""
    """The codec's own parameter list, or empty …"""
    params: list[str] = field(default_factory=list)
    """… and its contents."""

    @property
    def segment_suffix(self) -> str:
        """Of segments. Frames are added to files without times, or with such as mean nothing; joining sets them."""
        if self.fills_gaps or self.suffix == ".tar":
            return self.suffix
        return ".h264" if self.suffix == ".mp4" else ".mkv"

    def to_json(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "EncoderRecipe":
        """The recipe from `to_json`."""
        filters = [(name, options) for name, options in values["filters"]]
        return cls(**{**values, "filters": filters})


def track_timescale(fps: Fraction) -> int:
    """Ticks per second in which every frame time is a whole number."""
    return _TIMESCALE if fps.denominator == 1 else fps.numerator


def rgb_to_bt709(pixel_format: str) -> Filters:
    """From PNG's sRGB to limited-range BT.709, within half a code."""
    exact = "accurate_rnd+full_chroma_inp+full_chroma_int"
    return [
        ("scale", {"out_color_matrix": "bt709", "out_range": "tv", "flags": exact}),
        ("format", {"pix_fmts": pixel_format}),
    ]
