"""How much the sound of two videos differs: how far one comes after the other, and what is left once aligned."""

import math
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hf_lambda.toolchain import Toolchain

RATE = 48_000
"""Samples a second; everything is decoded to this."""
SILENT_DBFS = -140.0
"""The level of no difference at all."""
_MOST_OFFSET = 4800
"""How far sounds are searched for their match, in samples: a tenth of a second."""
_NEARLY_AS_GOOD = 1 - 1e-6
"""Offsets that match as well as the best but for rounding: the smallest of them is meant."""

Samples = npt.NDArray[np.float32]
"""Of shape (samples, 2), 1.0 being full scale."""


@dataclass(frozen=True)
class Sound:
    """The difference of two sounds. Levels are root mean squares against full scale."""

    seconds: tuple[float, float]
    offset: int
    """By how many samples ours comes later than the original's."""
    residual_dbfs: float
    """Of what is left of ours when the original is taken away, both aligned."""
    worst_dbfs: float
    """The same over the worst tenth of a second."""
    level_dbfs: float
    """Of the original itself."""


def read_sound(toolchain: Toolchain, video: Path) -> Samples | None:
    """The first sound track, or None where there is none."""
    probe = [str(toolchain.ffprobe), "-v", "error", "-select_streams", "a", "-show_entries", "stream=index"]
    if not subprocess.run([*probe, "-of", "csv", str(video)], capture_output=True, check=True).stdout.strip():
        return None
    argv = [
        *(str(toolchain.ffmpeg), "-v", "error", "-nostdin", "-i", str(video), "-map", "0:a:0"),
        *("-ac", "2", "-ar", str(RATE), "-f", "f32le", "-"),
    ]
    raw = subprocess.run(argv, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


def compare_sound(ours: Samples, original: Samples) -> Sound:
    """Align two sounds, each of at least one sample, and take one from the other."""
    offset = find_offset(ours, original)
    one, other = ours[max(0, offset) :], original[max(0, -offset) :]
    common = min(len(one), len(other))
    difference = one[:common] - other[:common]
    step = RATE // 10
    pieces = [difference[start : start + step] for start in range(0, common, step)]
    return Sound(
        seconds=(len(ours) / RATE, len(original) / RATE),
        offset=offset,
        residual_dbfs=level_dbfs(difference),
        worst_dbfs=max(map(level_dbfs, pieces), default=SILENT_DBFS),
        level_dbfs=level_dbfs(original),
    )


def find_offset(ours: Samples, original: Samples) -> int:
    """By how many samples ours comes later, found by cross-correlation within a tenth of a second."""
    one, other = (samples.astype(np.float64).mean(axis=1) for samples in (ours, original))
    size = 1 << math.ceil(math.log2(len(one) + len(other)))
    spectrum = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    correlation = np.fft.irfft(spectrum, size)
    offsets = sorted(range(-_MOST_OFFSET, _MOST_OFFSET + 1), key=abs)
    best = max(correlation[offset] for offset in offsets)
    if best <= 0:
        return 0
    return next(offset for offset in offsets if correlation[offset] >= best * _NEARLY_AS_GOOD)


def level_dbfs(samples: Samples) -> float:
    """The root mean square against full scale, in dB."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return max(SILENT_DBFS, 10 * math.log10(power)) if power > 0 else SILENT_DBFS
