"""Test sounds, and what ffmpeg makes of files with sound."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hf_lambda.toolchain import Toolchain

Samples = npt.NDArray[np.float32]
"""Stereo samples, (count, 2)."""


def chirp(seconds: float, rate: int, channels: int = 2) -> Samples:
    """A tone that rises all the time, so that no two places in it are alike; each channel a little lower."""
    times = np.arange(round(seconds * rate)) / rate
    phases = 2 * np.pi * (300 + 150 * times) * times
    return np.stack([0.4 * np.sin(phases / (1 + channel / 4)) for channel in range(channels)], axis=1).astype("<f4")


def write_sound(toolchain: Toolchain, path: Path, samples: Samples, rate: int, *options: str) -> Path:
    """Encode samples as a file."""
    given = ["-f", "f32le", "-ar", str(rate), "-ac", str(samples.shape[1]), "-i", "pipe:0"]
    argv = [str(toolchain.ffmpeg), "-v", "error", "-y", *given, *options, str(path)]
    subprocess.run(argv, input=samples.tobytes(), check=True)
    return path


def read_raw(path: Path) -> Samples:
    """The samples of a raw file."""
    return np.frombuffer(path.read_bytes(), "<f4").reshape(-1, 2)


def decode_sound(toolchain: Toolchain, path: Path) -> Samples:
    """A whole file from its start, as 48 kHz stereo."""
    mapping = "aresample=48000:out_chlayout=stereo:out_sample_fmt=flt:rematrix_maxval=1"
    argv = [str(toolchain.ffmpeg), "-v", "error", "-i", str(path), "-map", "0:a:0", "-af", mapping, "-f", "f32le", "-"]
    raw = subprocess.run(argv, capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, 2)


def decibels(samples: Samples) -> float:
    """The RMS level in dB of full scale."""
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-12))
