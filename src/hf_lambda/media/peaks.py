"""How loud a sound is at its loudest, in dB relative to full scale, as ffmpeg's filters measure it."""

import math
import re
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.commands import Filter, Input, build_command
from hf_lambda.media.runner import run_ffmpeg

_SECOND: Filter = ("asetnsamples", {"n": 48_000})
"""A line of the report for each second of 48 kHz, not for each block that happens to be read."""
_SAMPLES: Filter = (
    "astats",
    {"metadata": 1, "reset": 1, "measure_perchannel": "none", "measure_overall": "Peak_level"},
)
_BETWEEN_SAMPLES: Filter = ("ebur128", {"peak": "true", "metadata": 1})
_SAMPLE_PEAK = re.compile(r"lavfi\.astats\.Overall\.Peak_level=(-?inf|[\d.e+-]+)")
_TRUE_PEAK = re.compile(r"lavfi\.r128\.true_peaks_ch\d+=([\d.e+-]+)")


def sample_peak_db(ffmpeg: Path, sound: Input, folder: Path, *, deadline: Deadline) -> float:
    """The largest sample of a sound; -inf for silence. It takes a tenth of the time that the true peak takes.

    Raises:
        ENCODER_FAILED: the sound cannot be read.
    """
    peaks = _report(ffmpeg, sound, [_SECOND, _SAMPLES], _SAMPLE_PEAK, folder, deadline)
    return max(map(float, peaks), default=-math.inf)


def true_peak_db(ffmpeg: Path, sound: Input, folder: Path, *, deadline: Deadline) -> float:
    """The largest value of a sound, between its samples too (EBU R 128); -inf for silence.

    Raises:
        ENCODER_FAILED: the sound cannot be read.
    """
    peaks = _report(ffmpeg, sound, [_BETWEEN_SAMPLES], _TRUE_PEAK, folder, deadline)
    peak = max(map(float, peaks), default=0.0)
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def _report(
    ffmpeg: Path, sound: Input, filters: list[Filter], wanted: re.Pattern[str], folder: Path, deadline: Deadline
) -> list[str]:
    """What the filters say of the whole sound; `folder` holds that for a moment."""
    report = folder / "peaks.txt"
    printed: Filter = ("ametadata", {"mode": "print", "file": str(report)})
    argv = build_command(ffmpeg, [sound], Path("-"), filters=[*filters, printed], output_options={"f": "null"})
    try:
        run_ffmpeg(argv, deadline=deadline)
        return wanted.findall(report.read_text())
    finally:
        report.unlink(missing_ok=True)
