"""Which frames a source video has at an output rate, and the ffmpeg command that cuts a run of them out.

Frame k of a source, at F frames a second from its trim point on, is the one that is on at k / F: the last that has
begun by then, give or take half a tick of the file's clock, to which its times were rounded; but not half a frame,
where the clock ticks in frames. A run is decoded from the key frame before it, on the source's own clock, so that it
holds the same pictures as if the whole file had been decoded.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

from hf_lambda.media.commands import Input, Options, build_command
from hf_lambda.media.probing import MediaFacts, VideoStream

VIDEO_STREAM = "V:0"
"""The first video stream that is no cover picture."""
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""ffmpeg's own decoders leave the alpha of a WebM out."""
_CONVERTIBLE = "|".join(
    [f"yuv{kind}p{bits}" for kind in ("420", "422", "444") for bits in ("", "10", "12")]
    + ["yuvj420p", "yuvj422p", "yuvj444p"]
)
"""What the `colorspace` filter takes."""
_EXACTLY = {"flags": "bicubic+accurate_rnd+full_chroma_int"}
_JPEG_MATRIX = "smpte170m"
_MATRICES = frozenset(("bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c"))
"""What the `colorspace` filter converts from, in ffprobe's words."""
_FINEST_TIME_BASE = 2**31 - 1
_COARSEST_ROUNDING_SECONDS = Fraction(1, 1000)
_REORDERING_FRAMES = 20
"""A key frame is stored up to this many frames before it is shown."""
_LONGEST_GROUP_SECONDS = 12.0
"""In files without an index a seek ends anywhere, and a key frame comes at least this often."""

Filters = list[tuple[str, Options]]


@dataclass(frozen=True)
class FrameSource:
    """What decides the frames of one source file. Times in seconds."""

    zero: Fraction
    """The file's own time at its beginning."""
    time_base: Fraction
    begin: float
    """From `zero` to its first picture, which is seen before it, too."""
    length: float
    """From `zero` to the end of its pictures."""
    width: int
    height: int
    decoder: str | None
    has_alpha: bool
    colours: str
    """How its colours become a JPEG's: "yuv", "rgb", "hdr", or "jpeg", which are that already."""
    matrix: str
    primaries: str
    transfer: str
    colour_range: str
    chroma: str
    """Pixel format of its JPEGs."""
    lead: float
    """How far before the first wanted frame decoding begins at the latest."""

    @property
    def suffix(self) -> str:
        """Of its frames' files."""
        return ".png" if self.has_alpha else ".jpg"

    def to_json(self) -> dict[str, Any]:
        """The source as JSON values."""
        return {**asdict(self), "zero": str(self.zero), "time_base": str(self.time_base)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "FrameSource":
        """The source from `to_json`."""
        times = {name: Fraction(values[name]) for name in ("zero", "time_base")}
        return cls(**{**values, **times})


def describe_source(facts: MediaFacts) -> FrameSource | None:
    """How to take frames from a file, or None where it has no video, or none with a length."""
    video = facts.video
    length = facts.video_seconds
    if video is None or length is None or video.width < 1 or video.height < 1:
        return None
    zero = _on_grid(facts.start_seconds, video.time_base)
    has_alpha = video.has_alpha_tag or _has_alpha_format(video.pixel_format)
    fps = float(video.avg_fps or video.r_fps or 25)
    return FrameSource(
        zero=zero,
        time_base=video.time_base,
        begin=facts.begin_of(video),
        length=length,
        width=video.width,
        height=video.height,
        decoder=_ALPHA_DECODERS.get(video.codec) if has_alpha else None,
        has_alpha=has_alpha,
        colours=_colours(video),
        matrix=_matrix(video),
        primaries=_primaries(video),
        transfer=_transfer(video),
        colour_range="pc" if video.colour_range == "pc" or video.pixel_format.startswith("yuvj") else "tv",
        chroma=_chroma(video.pixel_format),
        lead=max(1.0 if _is_indexed(facts.container) else _LONGEST_GROUP_SECONDS, _REORDERING_FRAMES / fps),
    )


@dataclass(frozen=True)
class FrameRun:
    """Frames [start, stop) of a source at `fps`, counted from `media_start` seconds after its beginning."""

    source: FrameSource
    media_start: float
    fps: Fraction
    start: int
    stop: int


def extraction_command(ffmpeg: Path, file: Path, run: FrameRun, folder: Path) -> list[str]:
    """The argv that writes each frame of `run` to `folder`, named by its number; each file appears whole.

    Where the first of them is missing, decoding began behind it: it must begin with a longer `lead`.
    """
    source = run.source
    trim = source.zero + _as_written(run.media_start)
    seek = float(trim + run.start / run.fps) - source.lead
    options: dict[str, str | int | None] = {"c:v": source.decoder} if source.decoder else {}
    is_seeking = seek > float(source.zero) + source.begin
    if is_seeking:
        # On the file's own clock, so that a cut of the file and the file itself are read alike.
        options = {**options, "seek_timestamp": 1, "ss": f"{seek:.6f}", "noaccurate_seek": None}
    # Huffman tables of its own would make a JPEG 3 % smaller, for a sixth of the time that it takes.
    quality: dict[str, str | int] = {"compression_level": 1} if source.has_alpha else {"q:v": 2, "huffman": "default"}
    return build_command(
        ffmpeg,
        [Input(file, VIDEO_STREAM, {**options, "copyts": None})],
        folder / f"%08d{source.suffix}",
        filters=[*_timing_filters(run, trim, from_beginning=not is_seeking), *colour_filters(source)],
        output_options={
            "fps_mode": "passthrough",
            "frames:v": run.stop - run.start,
            "frame_pts": 1,
            "atomic_writing": 1,
            "f": "image2",
            **quality,
        },
        stops_at_damage=False,
    )


def _timing_filters(run: FrameRun, trim: Fraction, *, from_beginning: bool) -> Filters:
    """One frame per step of the output's clock, which begins at `trim`; the last one for as long as it takes."""
    ticks = lcm(2 * run.source.time_base.denominator, run.fps.numerator, trim.denominator)
    if ticks > _FINEST_TIME_BASE:
        ticks = run.source.time_base.denominator
    rounding = int(ticks * min(run.source.time_base / 2, _COARSEST_ROUNDING_SECONDS))
    rate = {"fps": f"{run.fps.numerator}/{run.fps.denominator}", "round": "up"}
    return [
        ("settb", {"expr": f"1/{ticks}"}),
        ("setpts", {"expr": f"PTS-({round(trim * ticks) + rounding})"}),
        ("fps", {**rate, "start_time": 0} if from_beginning else rate),  # a late first frame counts from the beginning
        ("tpad", {"stop": -1, "stop_mode": "clone"}),
        ("trim", {"start_pts": run.start}),
    ]


def colour_filters(source: FrameSource) -> Filters:
    """From the source's colours to full-range BT.601, which is what a JPEG is read as, or to RGB with alpha."""
    if source.has_alpha:
        return [
            ("scale", {"in_color_matrix": "auto", **_EXACTLY}),
            ("format", {"pix_fmts": "rgba"}),
        ]
    if source.colours == "jpeg":
        return []  # the `colorspace` filter fails where nothing is to be converted
    if source.colours == "hdr":
        return _tone_mapping(source)
    if source.colours == "rgb" or source.width % 2 or source.height % 2:
        # The `colorspace` filter takes neither RGB nor odd sizes.
        return [
            ("scale", {"in_color_matrix": "auto", **_EXACTLY}),
            ("format", {"pix_fmts": "gbrp"}),
            ("scale", {"out_color_matrix": "bt601", "out_range": "pc"}),
            ("format", {"pix_fmts": "yuvj444p"}),
        ]
    tags = {
        "range": source.colour_range,
        "colorspace": source.matrix,
        "color_primaries": source.primaries,
        "color_trc": source.transfer,
    }
    return [
        ("format", {"pix_fmts": _CONVERTIBLE}),
        ("setparams", tags),
        ("colorspace", {"all": "bt709", "space": _JPEG_MATRIX, "range": "pc", "format": source.chroma}),
        ("setparams", {"range": "pc"}),
    ]


def _tone_mapping(source: FrameSource) -> Filters:
    light = {"tin": source.transfer, "pin": "bt2020", "min": "bt2020nc", "rin": source.colour_range}
    return [
        ("zscale", {**light, "t": "linear", "npl": 203}),
        ("format", {"pix_fmts": "gbrpf32le"}),
        ("zscale", {"p": "bt709"}),
        ("tonemap", {"tonemap": "hable", "desat": 0}),
        ("zscale", {"t": "bt709", "m": "170m", "r": "pc"}),
        ("format", {"pix_fmts": "yuv420p"}),
        ("setparams", {"range": "pc"}),
    ]


def _is_indexed(container: str) -> bool:
    return "mov" in container or "matroska" in container


def _on_grid(seconds: float, time_base: Fraction) -> Fraction:
    return round(_as_written(seconds) / time_base) * time_base


def _as_written(seconds: float) -> Fraction:
    """The number that an author wrote, not its nearest binary fraction; to the microsecond."""
    return Fraction(round(seconds * 1_000_000), 1_000_000)


def _has_alpha_format(pixel_format: str) -> bool:
    return pixel_format.startswith(("yuva", "rgba", "argb", "bgra", "abgr", "gbrap", "ya", "pal8"))


def _colours(video: VideoStream) -> str:
    if video.is_hdr:
        return "hdr"
    if video.pixel_format.startswith(("gbr", "rgb", "bgr", "pal")):
        return "rgb"
    is_jpeg = video.pixel_format.startswith("yuvj") and _matrix(video) in ("bt470bg", _JPEG_MATRIX)
    return "jpeg" if is_jpeg else "yuv"


def _matrix(video: VideoStream) -> str:
    return video.colour_space if video.colour_space in _MATRICES else _JPEG_MATRIX


def _primaries(video: VideoStream) -> str:
    tag = video.colour_primaries if video.colour_space == "bt2020nc" else None
    return "bt709" if tag is None or tag in ("unknown", "reserved") else tag


def _transfer(video: VideoStream) -> str:
    return (video.colour_transfer or "bt709") if video.is_hdr else "bt709"


def _chroma(pixel_format: str) -> str:
    kind = next((kind for kind in ("444", "422") if kind in pixel_format), "420")
    return f"yuv{kind}p"
