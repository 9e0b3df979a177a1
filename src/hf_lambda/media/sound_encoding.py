"""Encodes a mix, once: AAC for mp4 and mov, Opus for webm. Its length is that of the video, to the sample."""

from dataclasses import dataclass
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.commands import Filter, Input, Options, build_command
from hf_lambda.media.envelopes import SAMPLE_RATE
from hf_lambda.media.mixing import measure_peak
from hf_lambda.media.runner import run_ffmpeg
from hf_lambda.media.sound_sources import RAW_OPTIONS

_BITEXACT: Options = {"fflags": "+bitexact", "flags:a": "+bitexact"}
_LIMITER: Filter = (
    "alimiter",
    {
        "limit": 1,
        "attack": 5,  # ms that it looks ahead
        "release": 50,  # ms until it is transparent again
        "level": 0,  # what is below the limit keeps its level
        "latency": 1,  # what it looks ahead does not shift the sound
    },
)


@dataclass(frozen=True)
class SoundFormat:
    """How the sound of an output format is stored beside its plan."""

    suffix: str
    options: Options


_AAC = SoundFormat(
    ".m4a",
    # The edit list says where the sound begins and ends; its clock has to be able to say it.
    {"c:a": "aac", "b:a": "192k", "movie_timescale": SAMPLE_RATE, **_BITEXACT},
)
_OPUS = SoundFormat(".webm", {"c:a": "libopus", "b:a": "160k", **_BITEXACT})
_FORMATS = {"mp4": _AAC, "mov": _AAC, "webm": _OPUS, "png-sequence": _AAC}


def sound_format(video_format: str) -> SoundFormat:
    """How the sound of a video in `video_format` is stored."""
    return _FORMATS[video_format]


def encode_sound(ffmpeg: Path, raw: Path, output: Path, sound: SoundFormat, *, deadline: Deadline) -> bool:
    """Encode a raw mix; where it goes beyond full scale, a limiter holds it there. Gives whether it did.

    Raises:
        ENCODER_FAILED: ffmpeg failed.
    """
    is_over = measure_peak(raw) > 1
    argv = build_command(
        ffmpeg,
        [Input(raw, "a:0", RAW_OPTIONS)],
        output,
        filters=[_LIMITER] if is_over else [],
        output_options=sound.options,
    )
    run_ffmpeg(argv, deadline=deadline)
    return is_over
