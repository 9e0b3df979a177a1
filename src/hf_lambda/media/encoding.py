"""How each format is encoded: options that make segments copyable into one stream, and equal on every retry.

A segment is one closed group of pictures: one key frame at its start, no frame that looks beyond its end,
PTS equal to DTS. The thread count is part of the recipe, because x264's output depends on it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from hf_lambda.config import RenderConfig
from hf_lambda.errors import FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED
from hf_lambda.media.commands import Input, build_command

_PRESETS = {"draft": ("ultrafast", 28), "standard": ("medium", 18), "high": ("slow", 15)}
_TIMESCALE = 90_000
_JPEG_TO_VIDEO: list[tuple[str, dict[str, str]]] = [
    # JPEG is full-range BT.601; converted, not only relabelled, or pure colours shift by up to 40 codes.
    # The colorspace filter does it within 1 code for a tenth of the time of an equally exact scale filter.
    ("setparams", {"range": "pc", "colorspace": "smpte170m", "color_primaries": "bt709", "color_trc": "bt709"}),
    ("colorspace", {"all": "bt709", "range": "tv", "format": "yuv420p"}),
]
_BT709_TAGS = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}


@dataclass(frozen=True)
class EncoderRecipe:
    """Everything that decides an encoded segment but its pictures; frozen in the plan."""

    suffix: str
    """Of segment, chunk and output files."""
    picture_codec: str
    """What ffmpeg calls the pictures that it is fed."""
    filters: list[tuple[str, dict[str, str]]]
    """From the pictures' colours to the video's."""
    options: dict[str, str]
    """Of the output, but for those that depend on the segment's length."""
    params_option: str
    """The codec's own parameter list …"""
    params: list[str]
    """… and its contents."""

    def to_json(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "EncoderRecipe":
        """The recipe from `to_json`."""
        filters = [(name, options) for name, options in values["filters"]]
        return cls(**{**values, "filters": filters})


def encoder_recipe(config: RenderConfig) -> EncoderRecipe:
    """The recipe for a configuration.

    Raises:
        FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED: the format has none yet.
    """
    if config.format != "mp4":
        raise FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED(f"format {config.format} cannot be rendered yet, only mp4")
    preset, table_crf = _PRESETS[config.quality]
    rate = {"b:v": config.bitrate} if config.bitrate else {"crf": str(table_crf if config.crf is None else config.crf)}
    codec = config.codec or "h264"
    shaping = [] if preset == "ultrafast" else ["aq-mode=3", "aq-strength=0.8", "deblock=1,1"]
    colours = ["colorprim=bt709", "transfer=bt709", "colormatrix=bt709"]
    stream = ["scenecut=0", "open-gop=0", "repeat-headers=1"]
    x265_only = [f"pools={config.encoder_threads}", "frame-threads=1", "info=0", "log-level=error"]
    return EncoderRecipe(
        suffix=".mp4",
        picture_codec="mjpeg",
        filters=_JPEG_TO_VIDEO,
        options={
            "c:v": {"h264": "libx264", "h265": "libx265"}[codec],
            **({"tag:v": "hvc1"} if codec == "h265" else {}),  # Apple players want it
            "preset": preset,
            **rate,
            "threads": str(config.encoder_threads),
            "bf": "0",  # no reordering: PTS equal DTS, and no frame refers across a seam
            "sc_threshold": "0",  # key frames only where we say
            "pix_fmt": "yuv420p",
            **_BT709_TAGS,
            "video_track_timescale": str(track_timescale(config.fps)),
            "fflags": "+bitexact",  # no library versions, dates or random ids in the file
            "flags:v": "+bitexact",
        },
        params_option={"h264": "x264-params", "h265": "x265-params"}[codec],
        params=[*shaping, *colours, *stream, *(x265_only if codec == "h265" else [])],
    )


def track_timescale(fps: Fraction) -> int:
    """Ticks per second in which every frame time is a whole number."""
    return _TIMESCALE if fps.denominator == 1 else fps.numerator


def segment_command(ffmpeg: Path, recipe: EncoderRecipe, *, fps: Fraction, frame_count: int, output: Path) -> list[str]:
    """The argv that encodes `frame_count` pictures from stdin as one segment."""
    rate = f"{fps.numerator}/{fps.denominator}"
    pictures = Input(
        "pipe:0",
        "v",
        {
            "f": "image2pipe",
            "c:v": recipe.picture_codec,
            "framerate": rate,
            # Begin with the first picture: by default ffmpeg first gathers 5 MB to guess from, a whole segment.
            "probesize": 32,
            "analyzeduration": 0,
        },
    )
    keyframes = [f"keyint={frame_count}", f"min-keyint={frame_count}"]
    return build_command(
        ffmpeg,
        [pictures],
        output,
        filters=recipe.filters,
        output_options={
            **recipe.options,
            "g": str(frame_count),
            recipe.params_option: ":".join([*recipe.params, *keyframes]),
            "frames:v": str(frame_count),
            "r": rate,
        },
    )
