import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.commands import Input
from hf_lambda.media.peaks import sample_peak_db, true_peak_db
from hf_lambda.media.sound_sources import RAW_OPTIONS
from hf_lambda.toolchain import Toolchain

RATE = 48_000
Measure = Callable[..., float]


@pytest.fixture(params=[sample_peak_db, true_peak_db])
def measure(request: pytest.FixtureRequest, toolchain: Toolchain, tmp_path: Path) -> Measure:
    """Either measurement, of a raw file of one channel's values, with silence in the other."""

    def peak(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        raw = tmp_path / "raw.f32"
        raw.write_bytes(np.stack([values, np.zeros_like(values)], axis=1).astype("<f4").tobytes())
        found: float = request.param(toolchain.ffmpeg, Input(raw, "a:0", RAW_OPTIONS), tmp_path, deadline=Deadline(60))
        assert [path.name for path in tmp_path.iterdir()] == ["raw.f32"]
        return found

    return peak


@pytest.mark.parametrize("level", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("at", [0.1, 2.499])
def test_peak_is_the_largest_magnitude(measure: Measure, level: float, sign: int, at: float) -> None:
    """Wherever it lies, in one channel only, beyond full scale too; positive and negative count alike."""
    seconds = np.arange(round(2.5 * RATE)) / RATE
    wave = 0.1 * np.sin(2 * np.pi * 440 * seconds)
    burst = np.abs(seconds - at) < 0.05
    wave[burst] = sign * level * np.abs(np.sin(2 * np.pi * 440 * seconds[burst]))
    assert measure(wave) == pytest.approx(20 * math.log10(level), abs=0.1)


@pytest.mark.parametrize(("values", "peak"), [((0.5, -0.75, 0), 0.75), ((0.5, 1.25, -1), 1.25), ((0.5, -1.25), 1.25)])
def test_sample_peak_is_that_of_the_largest_sample(
    toolchain: Toolchain, tmp_path: Path, values: tuple[float, ...], peak: float
) -> None:
    """Not of what lies around it, and however short the sound is."""
    raw = tmp_path / "raw.f32"
    raw.write_bytes(np.repeat(np.array(values, "<f4"), 2).tobytes())
    found = sample_peak_db(toolchain.ffmpeg, Input(raw, "a:0", RAW_OPTIONS), tmp_path, deadline=Deadline(60))
    assert found == pytest.approx(20 * math.log10(peak), abs=1e-5)


def test_silence_has_no_peak(measure: Measure) -> None:
    """It is as quiet as can be, however long it is."""
    assert measure(np.zeros(RATE)) == -math.inf
    assert measure(np.zeros(0)) == -math.inf


def test_true_peak_lies_between_samples(toolchain: Toolchain, tmp_path: Path) -> None:
    """A quarter of the sample rate, sampled beside its peaks, is 3 dB louder than its samples."""
    raw = tmp_path / "raw.f32"
    wave = 0.5 * np.hanning(RATE) * np.sin(2 * np.pi * (np.arange(RATE) / 4 + 1 / 8))
    raw.write_bytes(np.stack([wave, wave], axis=1).astype("<f4").tobytes())
    sound = Input(raw, "a:0", RAW_OPTIONS)
    samples, between = (
        peak(toolchain.ffmpeg, sound, tmp_path, deadline=Deadline(60)) for peak in (sample_peak_db, true_peak_db)
    )
    assert samples == pytest.approx(-9.03, abs=0.05)
    assert between == pytest.approx(-6.02, abs=0.2)


def test_a_sound_that_is_missing_is_a_failure(toolchain: Toolchain, tmp_path: Path) -> None:
    """What cannot be read has no peak."""
    with pytest.raises(ENCODER_FAILED, match=r"none\.f32"):
        sample_peak_db(
            toolchain.ffmpeg, Input(tmp_path / "none.f32", "a:0", RAW_OPTIONS), tmp_path, deadline=Deadline(9)
        )
