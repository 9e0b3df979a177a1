from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from hf_lambda.media.probing import VideoFacts
from hf_lambda.quality.comparing import Comparison
from hf_lambda.quality.gates import Thresholds, find_reasons
from hf_lambda.quality.pictures import PictureComparison
from hf_lambda.quality.sound import SoundComparison

FACTS = VideoFacts(
    codec="h264",
    width=640,
    height=360,
    fps=Fraction(30),
    average_fps=Fraction(30),
    frame_count=90,
    duration_seconds=3.0,
    start_seconds=0.0,
    has_alpha=False,
    has_audio=True,
)
PICTURES = PictureComparison(90, 3, pooled_db=45.0, average_db=46.0, worst_db=41.0, worst_frame=7)
SOUND = SoundComparison(
    lag_ms=0.0, residual_dbfs=-80.0, worst_window_dbfs=-70.0, worst_window_seconds=1.2, length_delta_ms=0.0
)
GOOD = Comparison(FACTS, FACTS, PICTURES, SOUND)


def test_good_comparison_passes() -> None:
    """Nothing wrong, nothing said."""
    assert find_reasons(GOOD, Thresholds()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"frame_count": 89}, "89 frames instead of 90"),
        ({"duration_seconds": 2.967}, "2.9670 s instead of 3.0000 s"),
        ({"fps": Fraction(25)}, "25 frames a second instead of 30"),
        ({"width": 320}, "320x360 instead of 640x360"),
        ({"has_audio": False}, "sound is missing"),
    ],
)
def test_facts_must_be_equal(changes: dict[str, Any], reason: str) -> None:
    """No threshold excuses a missing frame, another length, rate or size, or silence."""
    assert find_reasons(replace(GOOD, candidate=replace(FACTS, **changes)), Thresholds()) == [reason]


def test_sound_that_nobody_asked_for_fails() -> None:
    """A silent project stays silent."""
    silent = replace(GOOD, reference=replace(FACTS, has_audio=False), sound=None)
    assert find_reasons(silent, Thresholds()) == ["there is sound where there should be none"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pooled_db": 39.99}, "pooled PSNR 39.99 dB is below 40 dB"),
        ({"worst_db": 29.9}, "frame 7 has a PSNR of 29.90 dB, below 30 dB"),
    ],
)
def test_pictures_have_thresholds(changes: dict[str, Any], reason: str) -> None:
    """The pool and the worst frame are judged each for itself; the average is not."""
    assert find_reasons(replace(GOOD, pictures=replace(PICTURES, **changes)), Thresholds()) == [reason]
    assert find_reasons(replace(GOOD, pictures=replace(PICTURES, average_db=1.0)), Thresholds()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lag_ms": 50.0}, "sound is 50.0 ms late"),
        ({"lag_ms": -1.0}, "sound is 1.0 ms early"),
        ({"residual_dbfs": -44.0}, "sound differs by -44.0 dBFS, above -50 dBFS"),
        ({"worst_window_dbfs": -30.0}, "sound differs by -30.0 dBFS for 100 ms from 1.2 s, above -40 dBFS"),
        ({"length_delta_ms": -21.3}, "sound is 21.3 ms too short"),
    ],
)
def test_sound_has_thresholds(changes: dict[str, Any], reason: str) -> None:
    """Lag, residual, worst window and length are judged each for itself."""
    assert find_reasons(replace(GOOD, sound=replace(SOUND, **changes)), Thresholds()) == [reason]
