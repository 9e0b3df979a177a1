"""ffmpeg command lines, built with ffmpeg-python. The only module that touches its untyped API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ffmpeg

Options = Mapping[str, str | int | None]
"""ffmpeg options without their dash; None where an option has no value."""

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
    filters: Sequence[tuple[str, Options]] = (),
    stops_at_damage: bool = True,
) -> list[str]:
    """The argv that reads `inputs`, runs the first one's stream through `filters` and writes `output`.

    Files of strangers may be damaged in places: they are read without `stops_at_damage`.
    """
    streams = [ffmpeg.input(str(item.path), **item.options)[item.stream] for item in inputs]
    for name, options in filters:
        streams[0] = streams[0].filter(name, **options)
    node = ffmpeg.output(*streams, str(output), **output_options).global_args(*_GLOBAL_OPTIONS)
    if stops_at_damage:
        node = node.global_args(_STOP_AT_DAMAGE)
    argv: list[str] = node.overwrite_output().compile(cmd=str(program))
    return argv
