"""Encodes a mix, once: AAC for mp4 and mov, Opus for webm. Its length is that of the video, to the sample."""

import math
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.commands import Filter, Input, Options, build_command
from hf_lambda.media.envelopes import SAMPLE_RATE
from hf_lambda.media.peaks import sample_peak_db, true_peak_db
from hf_lambda.media.runner import run_ffmpeg
from hf_lambda.media.sound_sources import RAW_OPTIONS

_BITEXACT: Options = {"fflags": "+bitexact", "flags:a": "+bitexact"}
_LOUDEST_DBTP = -1.0
"""True peak of the encoded sound that is let pass; players and further encoders need what is above."""
_HEADROOM_DB = 0.5
"""How far below that a lowered mix is aimed, because each encoding overshoots differently."""
_CORRECTIONS = 3
_QUIET_DB = 20 * math.log10(0.5)
"""A mix whose samples stay below this cannot reach that true peak once it is encoded."""


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


def encode_sound(ffmpeg: Path, raw: Path, output: Path, sound: SoundFormat, *, deadline: Deadline) -> float:
    """Encode a raw mix; one whose true peak is above -1 dBTP is lowered as a whole. Gives by how many dB.

    Raises:
        ENCODER_FAILED: ffmpeg failed, or what it encodes is never quiet enough.
    """
    mix = Input(raw, "a:0", RAW_OPTIONS)
    samples_db = sample_peak_db(ffmpeg, mix, raw.parent, deadline=deadline)
    if samples_db < _QUIET_DB:
        _encode(ffmpeg, mix, output, sound, 0.0, deadline=deadline)
        return 0.0
    lowered_db = 0.0
    if samples_db > _LOUDEST_DBTP:
        # Encoding it as it is would be in vain; and what is far beyond full scale, encoders hold down in their own way.
        lowered_db = true_peak_db(ffmpeg, mix, raw.parent, deadline=deadline) - _LOUDEST_DBTP + _HEADROOM_DB
    for _ in range(1 + _CORRECTIONS):
        _encode(ffmpeg, mix, output, sound, lowered_db, deadline=deadline)
        peak_db = true_peak_db(ffmpeg, Input(output, "a:0"), raw.parent, deadline=deadline)
        if peak_db <= _LOUDEST_DBTP:
            return lowered_db
        lowered_db += peak_db - _LOUDEST_DBTP + _HEADROOM_DB
    raise ENCODER_FAILED(f"the sound stays above {_LOUDEST_DBTP:g} dBTP however far it is lowered")


def _encode(
    ffmpeg: Path, mix: Input, output: Path, sound: SoundFormat, lowered_db: float, *, deadline: Deadline
) -> None:
    lowering: Filter = ("volume", {"volume": f"{-lowered_db:.6f}dB", "precision": "float"})
    argv = build_command(
        ffmpeg,
        [mix],
        output,
        filters=[lowering] if lowered_db else [],
        output_options=sound.options,
    )
    run_ffmpeg(argv, deadline=deadline)
