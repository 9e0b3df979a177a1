"""Encodes a mix, once: AAC for mp4 and mov, Opus for webm. Its length is that of the video, to the sample."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.commands import Filter, Input, Options, build_command
from hf_lambda.media.envelopes import SAMPLE_RATE
from hf_lambda.media.mixing import measure_peak
from hf_lambda.media.runner import run_ffmpeg
from hf_lambda.media.sound_sources import RAW_OPTIONS

_BITEXACT: Options = {"fflags": "+bitexact", "flags:a": "+bitexact"}
_LOUDEST_DBTP = -1.0
"""True peak of the encoded sound that is let pass; players and further encoders need what is above."""
_HEADROOM_DB = 0.5
"""How far below that a lowered mix is aimed, because each encoding overshoots differently."""
_CORRECTIONS = 3
_QUIET_PEAK = 0.5
"""A mix whose samples stay below this cannot reach that true peak once it is encoded."""
_TRUE_PEAK = re.compile(r"lavfi\.r128\.true_peaks_ch\d+=([\d.e+-]+)")


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
    if measure_peak(raw) < _QUIET_PEAK:
        _encode(ffmpeg, raw, output, sound, 0.0, deadline=deadline)
        return 0.0
    lowered_db = _encode_lowered(ffmpeg, raw, output, sound, 0.0, deadline=deadline)
    if lowered_db is not None:
        return lowered_db
    # Encoders hold what is far beyond full scale down in ways of their own: begin with the mix within it.
    mix_db = _measure_true_peak(ffmpeg, Input(raw, "a:0", RAW_OPTIONS), output, deadline=deadline)
    start_db = mix_db - _LOUDEST_DBTP + _HEADROOM_DB
    lowered_db = _encode_lowered(ffmpeg, raw, output, sound, start_db, deadline=deadline)
    if lowered_db is None:
        raise ENCODER_FAILED(f"the sound stays above {_LOUDEST_DBTP:g} dBTP however far it is lowered")
    return lowered_db


def _encode_lowered(
    ffmpeg: Path, raw: Path, output: Path, sound: SoundFormat, lowered_db: float, *, deadline: Deadline
) -> float | None:
    """Encode, further lowered until the true peak is let pass; gives by how many dB, or None where it never was."""
    for _ in range(1 + _CORRECTIONS):
        _encode(ffmpeg, raw, output, sound, lowered_db, deadline=deadline)
        peak_db = _measure_true_peak(ffmpeg, Input(output, "a:0"), output, deadline=deadline)
        if peak_db <= _LOUDEST_DBTP:
            return lowered_db
        lowered_db += peak_db - _LOUDEST_DBTP + _HEADROOM_DB
    return None


def _encode(
    ffmpeg: Path, raw: Path, output: Path, sound: SoundFormat, lowered_db: float, *, deadline: Deadline
) -> None:
    lowering: Filter = ("volume", {"volume": f"{-lowered_db:.6f}dB", "precision": "float"})
    argv = build_command(
        ffmpeg,
        [Input(raw, "a:0", RAW_OPTIONS)],
        output,
        filters=[lowering] if lowered_db else [],
        output_options=sound.options,
    )
    run_ffmpeg(argv, deadline=deadline)


def _measure_true_peak(ffmpeg: Path, sound: Input, beside: Path, *, deadline: Deadline) -> float:
    """The largest value of a sound, between its samples too, in dB relative to full scale (EBU R 128)."""
    report = beside.with_suffix(".peaks.txt")
    filters: list[Filter] = [
        ("ebur128", {"peak": "true", "metadata": 1}),
        ("ametadata", {"mode": "print", "file": str(report)}),
    ]
    argv = build_command(ffmpeg, [sound], Path("-"), filters=filters, output_options={"f": "null"})
    try:
        run_ffmpeg(argv, deadline=deadline)
        peak = max((float(value) for value in _TRUE_PEAK.findall(report.read_text())), default=0.0)
    finally:
        report.unlink(missing_ok=True)
    return 20 * math.log10(peak) if peak > 0 else -math.inf
