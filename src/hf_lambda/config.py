"""RenderConfig: every field a request may set, its rule and its default, in one place."""

import math
import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import replace

from hf_lambda.errors import INVALID_CONFIG
from hf_lambda.wire import Rule, parse_struct

INTEGER_FPS = (24, 25, 30, 50, 60)
NTSC_FPS = ("24000/1001", "30000/1001", "60000/1001")
DECIMAL_FPS = dict(zip(("23.976", "29.97", "59.94"), NTSC_FPS, strict=True))
"""NTSC rates by what people call them."""
FIXED_RATE_FORMATS = ("mov", "png-sequence")
"""Formats without a quality to choose: pictures come out as they were taken, or nearly."""
RESOLUTIONS: dict[str, tuple[int, int]] = {
    "landscape": (1920, 1080),
    "portrait": (1080, 1920),
    "square": (1080, 1080),
    "landscape-4k": (3840, 2160),
    "portrait-4k": (2160, 3840),
    "square-4k": (2160, 2160),
    "landscape-720p": (1280, 720),
    "portrait-720p": (720, 1280),
    "square-720p": (720, 720),
    "1080p": (1920, 1080),
    "hd": (1920, 1080),
    "4k": (3840, 2160),
    "uhd": (3840, 2160),
    "720p": (1280, 720),
    "1080p-portrait": (1080, 1920),
    "portrait-1080p": (1080, 1920),
    "4k-portrait": (2160, 3840),
    "1080p-square": (1080, 1080),
    "square-1080p": (1080, 1080),
    "4k-square": (2160, 2160),
    "720p-portrait": (720, 1280),
    "720p-square": (720, 720),
}
"""Width and height by the names that `outputResolution` may have."""
TURNING_RESOLUTIONS = ("1080p", "hd", "4k", "uhd", "720p")
"""Names that say a size but no orientation: the composition's is taken."""
_BITRATE = re.compile(r"\d+(\.\d+)?[kKmM]?")
_MIN_PIXELS, _MAX_PIXELS = 16, 7680
_DEEPEST_VARIABLE = 64
_DEFAULT_FPS = Fraction(30)


def is_renderable_size(pixels: int) -> bool:
    """Whether `pixels` can be a width or height: even (chroma is halved), 16 to 7680."""
    return pixels % 2 == 0 and _MIN_PIXELS <= pixels <= _MAX_PIXELS


def parse_fps(value: object) -> Fraction:
    """A frame rate from its wire form: 24, 25, 30, 50, 60, or an NTSC rate as text such as "30000/1001".

    Raises:
        ValueError: any other value.
    """
    if isinstance(value, Fraction):
        value = format_fps(value)
    known = {str(rate): Fraction(rate) for rate in (*INTEGER_FPS, *NTSC_FPS)}
    if isinstance(value, bool) or not isinstance(value, int | str) or str(value) not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return known[str(value)]


def format_fps(fps: Fraction) -> int | str:
    """The wire form of a frame rate."""
    return fps.numerator if fps.denominator == 1 else f"{fps.numerator}/{fps.denominator}"


def check_resolution(name: str) -> str:
    """A preset or alias of `outputResolution`, in lower case.

    Raises:
        ValueError: there is none of this name.
    """
    if name.lower() not in RESOLUTIONS:
        raise ValueError(f"must be one of {', '.join(RESOLUTIONS)}")
    return name.lower()


def check_cfr(container: str, codec: str | None) -> None:
    """Refuse cfr where the original renderer refuses it too.

    Raises:
        ValueError: for anything but h264 in mp4.
    """
    if container != "mp4" or codec == "h265":
        output = f"{codec} in mp4" if container == "mp4" else container
        raise ValueError(f"cfr applies to h264 in mp4 only; the frame rate of {output} is constant without it")


def check_bitrate(bitrate: str) -> str:
    """A bit rate as ffmpeg takes it.

    Raises:
        ValueError: it is none.
    """
    if not _BITRATE.fullmatch(bitrate):
        raise ValueError('must be digits with an optional k or M, such as "8M"')
    return bitrate


def check_entry(entry: str) -> str:
    """The path of a document inside the project.

    Raises:
        ValueError: it leads elsewhere, or is none.
    """
    parts = entry.split("/")
    if not entry or entry.startswith("/") or "\\" in entry or "\0" in entry or ".." in parts or "" in parts:
        raise ValueError("must be a relative path inside the project")
    return entry


def check_variables(variables: dict[str, Any]) -> dict[str, Any]:
    """Values that JSON can carry, in UTF-8, not too deeply nested.

    Raises:
        ValueError: one of them is not; the text says where it is, not what.
    """
    _check_json(variables, "variables")
    return variables


Fps = Annotated[Fraction, Rule(parse_fps)]
Pixels = Annotated[int, Meta(ge=_MIN_PIXELS, le=_MAX_PIXELS, multiple_of=2)]
FrameCount = Annotated[int, Meta(ge=1, le=3600)]
Resolution = Annotated[str, Rule(check_resolution)]
Bitrate = Annotated[str, Rule(check_bitrate)]
EntryFile = Annotated[str, Rule(check_entry)]
Variables = Annotated[dict[str, Any], Rule(check_variables)]


EncoderPreset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]
"""What x264 and x265 call their trades of time for size."""


class RenderConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """How to render. Wire names are camelCase; unknown keys are ignored."""

    wanted_fps: Fps | UnsetType = field(name="fps", default=UNSET)
    """Frames per second; where a request gives none, those that the composition declares, else 30."""
    width: Pixels | None = None
    """Composition pixels; optional, and must agree with the composition where it is given."""
    height: Pixels | None = None
    """As `width`."""
    format: Literal["mp4", "mov", "webm", "png-sequence"] = "mp4"
    """Container of the output: mp4 is opaque; mov, webm and png-sequence (a tar of pictures) carry alpha."""
    codec: Literal["h264", "h265"] | None = None
    """Video codec, for mp4 only; h264 where it is not given."""
    quality: Literal["draft", "standard", "high"] = "standard"
    """Encoder preset and rate factor of mp4 (draft ultrafast/28, standard fast/18, high slow/15) and of webm."""
    crf: Annotated[int, Meta(ge=0, le=51)] | None = None
    """Constant rate factor in place of the quality's, for mp4 and webm; excludes `bitrate`."""
    bitrate: Bitrate | None = None
    """Target bit rate such as "8M" or "2500k", for mp4 and webm; excludes `crf`."""
    cfr: bool = False
    """Verify that every frame lasts equally long, for mp4 with h264. The outputs of all formats are made so."""
    output_resolution: Resolution | None = None
    """Size of the output, where it is a whole multiple of the composition's; None is the composition's own."""
    output_resolution_aspect_agnostic: bool = False
    """Whether `output_resolution` may be turned to the composition's orientation."""
    chunk_size: FrameCount | None = None
    """Frames per chunk (240); wins over `target_chunk_frames`."""
    target_chunk_frames: FrameCount | None = None
    """Frames per chunk to aim at."""
    max_parallel_chunks: Annotated[int, Meta(ge=1, le=256)] = 256
    """Most chunks to split a render into; chunks grow where there would be more."""
    segment_frames: FrameCount | None = None
    """Frames per segment to aim at; those of a chunk are rendered side by side. By default `cores` decides."""
    cores: Annotated[int, Meta(ge=1)] | None = None
    """CPUs that share all of the render, where that is known: as few segments as keep them busy. Else segments have
    240 frames, or 60 where the page is full of moving blurs."""
    encoder_preset: EncoderPreset | None = None
    """Preset of x264 or x265 in place of the quality's, for mp4: a slower one gives smaller files."""
    encoder_threads: Annotated[int, Meta(ge=1, le=16)] = 2
    """Threads of each encoder. Part of the plan, because x264's output depends on it."""
    variables: Variables = field(default_factory=dict)
    """Values for the composition's variables."""
    strict_variables: bool = False
    """Whether a variable that is not declared, or breaks its declaration, is an error; else it is a warning."""
    entry_file: EntryFile = "index.html"
    """The document to render, relative to the project."""
    strictness: Literal["strict", "best-effort"] = "strict"
    """Whether script errors, live maps and WebGPU end the render, or are warnings."""
    capture_mode: Literal["auto", "framebuffer", "beginframe", "screenshot"] = "auto"
    """How frames are taken: auto finds out while planning which is the fastest way that works (framebuffer, which only
    opaque formats can have, then beginframe, then screenshot)."""
    webgl_driver: Literal["auto", "swiftshader", "mesa"] = "auto"
    """What draws WebGL: auto is Mesa where it is there and the page would not look otherwise."""
    fail_closed_font_fetch: bool = True
    """Whether a font family that nobody has ends the render, or is a warning and its fallback is drawn."""
    runtime_cap: Literal["lambda", "temporal", "cloud-run-job", "k8s-job", "none"] | None = None
    """Recorded for the caller's own use; nothing here reads it."""

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return _DEFAULT_FPS if self.wanted_fps is UNSET else self.wanted_fps

    @property
    def warnings(self) -> list[str]:
        """What can be had, and may not be wanted."""
        if self.format == "mp4" and self.codec != "h265" and self.crf == 0:
            return ["crf 0 makes H.264 lossless, in the profile High 4:4:4 Predictive, which many players refuse"]
        return []

    def with_default_fps(self, fps: Fraction | None) -> "RenderConfig":
        """This configuration, at `fps` where the request named no rate and the composition declares one."""
        if fps is None or self.wanted_fps is not UNSET:
            return self
        return replace(self, wanted_fps=fps)

    def __post_init__(self) -> None:
        if self.crf is not None and self.bitrate is not None:
            raise ValueError("crf and bitrate exclude each other")
        if self.capture_mode == "framebuffer" and self.format != "mp4":
            raise ValueError(f"captureMode framebuffer is for mp4 only: it has no alpha for {self.format}")
        if self.codec is not None and self.format != "mp4":
            raise ValueError(f"codec applies to mp4 only, not to {self.format}")
        if self.encoder_preset is not None and self.format != "mp4":
            raise ValueError(f"encoderPreset applies to mp4 only, not to {self.format}")
        if self.format in FIXED_RATE_FORMATS and (self.crf is not None or self.bitrate is not None):
            raise ValueError(f"crf and bitrate apply to mp4 and webm only; {self.format} has a rate of its own")
        if self.cfr:
            check_cfr(self.format, self.codec)


def parse_config(config: object) -> RenderConfig:
    """The wire form of Config, checked.

    Raises:
        INVALID_CONFIG: a field breaks its rule; the message names it, never the value of a variable.
    """
    if isinstance(config, RenderConfig):
        return config
    try:
        return parse_struct(RenderConfig, config, "Config")
    except ValueError as error:
        raise INVALID_CONFIG(str(error)) from None


def _check_json(value: object, path: str, depth: int = 0) -> None:
    if depth > _DEEPEST_VARIABLE:
        raise ValueError(f"variables are nested more than {_DEEPEST_VARIABLE} deep")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{path} has a key that is not text")
            _check_leaf(key, f"a key of {path}")
            _check_json(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_json(item, f"{path}[{index}]", depth + 1)
    else:
        _check_leaf(value, path)


def _check_leaf(value: object, path: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{path} is not a finite number")
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"{path} is not valid Unicode text")
    if value is not None and not isinstance(value, str | bool | int | float):
        raise ValueError(f"{path} is not a JSON value")
