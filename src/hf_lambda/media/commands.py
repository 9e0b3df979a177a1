"""ffmpeg command lines, built with ffmpeg-python. The only module that touches its untyped API."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ffmpeg

Options = Mapping[str, str | int | None]
"""ffmpeg options without their dash; None where an option has no value."""

Filter = tuple[str, Options]
"""A filter's name and its options."""

_GLOBAL_OPTIONS = (
    "-hide_banner",
    "-nostdin",  # never read the terminal that started us
    *("-loglevel", "warning"),
    *("-progress", "pipe:1"),  # machine-readable progress on stdout
)
_STOP_AT_DAMAGE = "-xerror"  # an input that cannot be read is an error, not a shorter output


@dataclass(frozen=True)
class Input:
    """One input: a path (or "pipe:0") and the options before it; `stream` is what is taken from it."""

    path: Path | str
    stream: str
    options: Options = field(default_factory=dict)


def build_command(
    program: Path,
    inputs: Sequence[Input],
    output: Path,
    *,
    output_options: Options,
    filters: Sequence[Filter] = (),
    keeps_alpha_aside: bool = False,
    stops_at_damage: bool = True,
) -> list[str]:
    """The argv that reads `inputs`, runs the first one's stream through `filters` and writes `output`.

    With `keeps_alpha_aside` the first stream's alpha goes around the filters and is merged in after them.
    Files of strangers may be damaged in places: they are read without `stops_at_damage`.
    """
    streams = [_stream(item) for item in inputs]
    if keeps_alpha_aside:
        # Chromium leaves alpha out of a PNG that is opaque throughout.
        copies = streams[0].filter("format", pix_fmts="rgba").split()
        colours, alpha = _filtered(copies[0], filters), copies[1].filter("alphaextract")
        streams[0] = ffmpeg.filter([colours, alpha], "alphamerge")
    else:
        streams[0] = _filtered(streams[0], filters)
    return _compile(program, streams, output, output_options, stops_at_damage=stops_at_damage)


@dataclass(frozen=True)
class Layer:
    """One sound of a sum: its input, an input of gains (one channel) to multiply it with, and filters after that."""

    sound: Input
    gains: Input | None
    filters: Sequence[Filter]


def build_sum_command(
    program: Path, base: Input, layers: Sequence[Layer], output: Path, *, output_options: Options
) -> list[str]:
    """The argv that adds stereo `layers` to a stereo `base`, sample by sample, and ends with the base."""
    streams = [_stream(base)]
    for layer in layers:
        stream = _stream(layer.sound)
        if layer.gains is not None:
            gains = _stream(layer.gains).filter("pan", args="stereo|c0=c0|c1=c0")
            stream = ffmpeg.filter([stream, gains], "amultiply")
        streams.append(_filtered(stream, layer.filters))
    # normalize=0: a sum, not a mean.
    total = ffmpeg.filter(streams, "amix", inputs=len(streams), duration="first", normalize=0)
    return _compile(program, [total], output, output_options)


def source_graph(source: Filter, filters: Sequence[Filter]) -> str:
    """The name of a lavfi input: what `source`, a filter without an input, gives and `filters` make of it."""
    return ",".join(f"{name}={_option_text(options)}" for name, options in [source, *filters])


def _option_text(options: Options) -> str:
    """Escaped twice: as values among options, and all of them as a part of a graph."""
    values = {name: re.sub(r"([\\':])", r"\\\1", str(value)) for name, value in options.items()}
    return re.sub(r"([\\'\[\],;])", r"\\\1", ":".join(f"{name}={value}" for name, value in values.items()))


def _stream(item: Input) -> Any:
    return ffmpeg.input(str(item.path), **item.options)[item.stream]


def _filtered(stream: Any, filters: Sequence[Filter]) -> Any:
    for name, options in filters:
        stream = stream.filter(name, **options)
    return stream


def _compile(
    program: Path, streams: Sequence[Any], output: Path, output_options: Options, *, stops_at_damage: bool = True
) -> list[str]:
    node = ffmpeg.output(*streams, str(output), **output_options).global_args(*_GLOBAL_OPTIONS)
    if stops_at_damage:
        node = node.global_args(_STOP_AT_DAMAGE)
    argv: list[str] = node.overwrite_output().compile(cmd=str(program))
    return argv


def psnr_command(program: Path, first: Path, second: Path, statistics: Path) -> list[str]:
    """The argv that pairs the frames of two videos by their number and writes the PSNR of each pair to `statistics`.

    Where one video is longer, its surplus is not compared: the filter would repeat the other's last frame.
    """
    frames = [ffmpeg.input(str(path)).video.filter("settb", "1/1000").filter("setpts", "N") for path in (first, second)]
    compared = ffmpeg.filter(frames, "psnr", stats_file=str(statistics), shortest=1, repeatlast=0)
    node = ffmpeg.output(compared, "-", format="null", fps_mode="passthrough").global_args(*_GLOBAL_OPTIONS)
    argv: list[str] = node.compile(cmd=str(program))
    return argv
