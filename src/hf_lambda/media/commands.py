"""ffmpeg command lines, built with ffmpeg-python. The only module that touches its untyped API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ffmpeg

Options = Mapping[str, str | int]
"""ffmpeg options without their dash."""

_GLOBAL_OPTIONS = (
    "-hide_banner",
    "-nostdin",  # never read the terminal that started us
    "-xerror",  # an input that cannot be read is an error, not a shorter output
    *("-loglevel", "warning"),
    *("-progress", "pipe:1"),  # machine-readable progress on stdout
)


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
    filters: Sequence[tuple[str, Options]] = (),
    keeps_alpha_aside: bool = False,
) -> list[str]:
    """The argv that reads `inputs`, runs the first one's stream through `filters` and writes `output`.

    With `keeps_alpha_aside` the first stream's alpha goes around the filters and is merged in after them.
    """
    streams = [ffmpeg.input(str(item.path), **item.options)[item.stream] for item in inputs]
    if keeps_alpha_aside:
        # Chromium leaves alpha out of a PNG that is opaque throughout.
        copies = streams[0].filter("format", pix_fmts="rgba").split()
        colours, alpha = _filtered(copies[0], filters), copies[1].filter("alphaextract")
        streams[0] = ffmpeg.filter([colours, alpha], "alphamerge")
    else:
        streams[0] = _filtered(streams[0], filters)
    node = ffmpeg.output(*streams, str(output), **output_options).global_args(*_GLOBAL_OPTIONS)
    argv: list[str] = node.overwrite_output().compile(cmd=str(program))
    return argv


def _filtered(stream: Any, filters: Sequence[tuple[str, Options]]) -> Any:
    for name, options in filters:
        stream = stream.filter(name, **options)
    return stream
