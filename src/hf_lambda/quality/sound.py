"""How far the sound of one file is from that of another: shifted by how much, and what is left after that.

Both are decoded to 48 kHz stereo floats on disk and read in windows, so their length does not matter.
"""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from operator import mul, sub
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.commands import Input, build_command
from hf_lambda.media.runner import run_ffmpeg

SILENCE_DBFS = -200.0
"""Stands for nothing at all, so that it can be compared and written as JSON."""
_RATE = 48000
_CHANNELS = 2
_FRAME_BYTES = 4 * _CHANNELS
_WINDOW = _RATE // 10
_SEARCHED = 20 * _WINDOW
"""Samples of the loudest passage that is searched for: two seconds."""
_COARSE = 6
"""Samples in one step of the first search, which then runs at 8 kHz."""
_MOST_LAG = 60 * _RATE // 1000
_FINE_SEARCHED = _WINDOW * 3


@dataclass(frozen=True)
class SoundComparison:
    """Differences of two sounds. Levels are RMS in dBFS, over both channels."""

    lag_ms: float
    """How much later the candidate is; searched for up to 60 ms to either side."""
    residual_dbfs: float
    """Of the difference, once the lag is taken out, over all that both have."""
    worst_window_dbfs: float
    """The same, over the worst 100 ms."""
    worst_window_seconds: float
    """Where those begin."""
    length_delta_ms: float
    """How much longer the candidate is."""


def compare_sound(
    ffmpeg: Path, reference: Path, candidate: Path, *, scratch: Path, deadline: Deadline
) -> SoundComparison:
    """Compare the sound of two files that have some.

    Raises:
        ENCODER_FAILED: one of them cannot be decoded.
    """
    files = [scratch / f"{name}.f32" for name in ("reference", "candidate")]
    for source, file in zip((reference, candidate), files, strict=True):
        options: dict[str, str | int] = {"format": "f32le", "ar": _RATE, "ac": _CHANNELS}
        run_ffmpeg(build_command(ffmpeg, [Input(source, "a:0")], file, output_options=options), deadline=deadline)
    try:
        return _compare(Samples(files[0]), Samples(files[1]))
    finally:
        for file in files:
            file.unlink()


@dataclass(frozen=True)
class Samples:
    """Interleaved stereo floats in a file; outside of it there is silence."""

    path: Path

    def __len__(self) -> int:
        """Samples of each channel."""
        return self.path.stat().st_size // _FRAME_BYTES

    def read(self, start: int, count: int) -> "array[float]":
        """`count` samples of both channels from `start`, which may be negative."""
        before = min(count, max(0, -start))
        with self.path.open("rb") as file:
            file.seek(max(0, start) * _FRAME_BYTES)
            inside = file.read((count - before) * _FRAME_BYTES)
        padded = bytes(before * _FRAME_BYTES) + inside
        return array("f", padded + bytes(count * _FRAME_BYTES - len(padded)))

    def windows(self) -> Iterator[tuple[int, "array[float]"]]:
        """Windows of 100 ms and where they start; the last is padded with silence."""
        for start in range(0, len(self), _WINDOW):
            yield start, self.read(start, _WINDOW)


def _compare(reference: Samples, candidate: Samples) -> SoundComparison:
    lag = _find_lag(reference, candidate)
    common = min(len(reference), len(candidate) - lag)
    total, worst, worst_start = 0.0, 0.0, 0
    for start in range(max(0, -lag), common, _WINDOW):
        count = min(_WINDOW, common - start)
        difference = array("f", map(sub, reference.read(start, count), candidate.read(start + lag, count)))
        energy = _energy(difference)
        total += energy
        if energy / count > worst:
            worst, worst_start = energy / count, start
    heard = max(1, common - max(0, -lag))
    return SoundComparison(
        lag_ms=1000 * lag / _RATE,
        residual_dbfs=_dbfs(total / heard),
        worst_window_dbfs=_dbfs(worst),
        worst_window_seconds=worst_start / _RATE,
        length_delta_ms=1000 * (len(candidate) - len(reference)) / _RATE,
    )


def _find_lag(reference: Samples, candidate: Samples) -> int:
    """The shift, in samples, after which the loudest passage of the reference differs least."""
    loudest = max(((_energy(window), -start) for start, window in reference.windows()), default=(0.0, 0))
    middle = -loudest[1]
    start = max(0, min(middle - _SEARCHED // 2, len(reference) - _SEARCHED))
    coarse = _COARSE * _best_shift(
        _mono(reference.read(start, _SEARCHED), _COARSE),
        _mono(candidate.read(start - _MOST_LAG, _SEARCHED + 2 * _MOST_LAG), _COARSE),
        _MOST_LAG // _COARSE,
    )
    return coarse + _best_shift(
        _mono(reference.read(middle, _FINE_SEARCHED), 1),
        _mono(candidate.read(middle + coarse - _COARSE, _FINE_SEARCHED + 2 * _COARSE), 1),
        _COARSE,
    )


def _best_shift(wanted: list[float], padded: list[float], most: int) -> int:
    """Where in `padded`, which has `most` samples more on either side, `wanted` fits best; the least shift of equals.

    Best is the least squared difference, not the highest product: that one prefers what is louder.
    """
    sums = [0.0]
    for value in padded:
        sums.append(sums[-1] + value * value)
    energy = sum(map(mul, wanted, wanted))
    best, least = 0, math.inf
    for shift in sorted(range(-most, most + 1), key=abs):
        start = most + shift
        product = sum(map(mul, wanted, padded[start : start + len(wanted)]))
        distance = energy + sums[start + len(wanted)] - sums[start] - 2 * product
        if distance < least - 1e-6 * energy:
            best, least = shift, distance
    return best


def _mono(samples: "array[float]", step: int) -> list[float]:
    """The mean of both channels and of `step` samples each."""
    width = step * _CHANNELS
    return [sum(samples[at : at + width]) / width for at in range(0, len(samples) - width + 1, width)]


def _energy(samples: "array[float]") -> float:
    """Of one channel, on average."""
    total: float = sum(map(mul, samples, samples))
    return total / _CHANNELS


def _dbfs(mean_square: float) -> float:
    return max(SILENCE_DBFS, 10 * math.log10(mean_square)) if mean_square > 0 else SILENCE_DBFS
