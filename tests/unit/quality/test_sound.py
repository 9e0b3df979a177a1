from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.quality.sound import SILENCE_DBFS, SoundComparison, compare_sound
from hf_lambda.toolchain import Toolchain
from tests.unit.quality.conftest import MakeVideo


@pytest.fixture
def compare(toolchain: Toolchain, make_video: MakeVideo, tmp_path: Path) -> "Compare":
    """Compares the sound of a clip with the same sound through a filter."""
    return Compare(toolchain, make_video, tmp_path)


class Compare:
    """Calls `compare_sound`."""

    def __init__(self, toolchain: Toolchain, make_video: MakeVideo, scratch: Path) -> None:
        self._toolchain, self._make, self._scratch = toolchain, make_video, scratch

    def __call__(self, name: str, filters: str) -> SoundComparison:
        """The comparison with what `filters` make of the sound."""
        files = self._make("reference"), self._make(name, audio=filters)
        return compare_sound(self._toolchain.ffmpeg, *files, scratch=self._scratch, deadline=Deadline(60))


def test_equal_sounds_have_no_residual(compare: Compare, tmp_path: Path) -> None:
    """The same sound differs by nothing, and no decoded file stays behind."""
    compared = compare("same", "anull")
    assert compared.residual_dbfs == compared.worst_window_dbfs == SILENCE_DBFS
    assert (compared.lag_ms, compared.length_delta_ms) == (0.0, 0.0)
    assert list(tmp_path.glob("*.f32")) == []


@pytest.mark.parametrize("milliseconds", [21, 50])
def test_late_sound_is_measured(compare: Compare, milliseconds: int) -> None:
    """A delay is found to the sample, and what is left after it is small."""
    compared = compare(f"late-{milliseconds}", f"adelay={milliseconds}:all=1,atrim=end=1")
    assert compared.lag_ms == pytest.approx(milliseconds, abs=0.03)
    assert compared.residual_dbfs < -35


def test_early_sound_is_measured(compare: Compare) -> None:
    """A sound that begins too soon has a negative lag."""
    compared = compare("early", "atrim=start=0.03,asetpts=PTS-STARTPTS,apad=whole_dur=1")
    assert compared.lag_ms == pytest.approx(-30, abs=0.03)


def test_short_error_is_in_the_worst_window(compare: Compare) -> None:
    """Fifty milliseconds of silence drown in the whole and stand out in their window."""
    compared = compare("gap", "volume=enable='between(t,0.3,0.35)':volume=0")
    assert compared.worst_window_dbfs > compared.residual_dbfs + 5
    assert compared.worst_window_seconds == pytest.approx(0.3, abs=0.11)


def test_half_the_volume_is_a_residual(compare: Compare) -> None:
    """A difference in level is no lag."""
    compared = compare("quiet", "volume=0.5")
    assert compared.lag_ms == 0
    assert -40 < compared.residual_dbfs < -10


def test_missing_end_is_a_length(compare: Compare) -> None:
    """A sound that stops early is shorter."""
    compared = compare("cut", "atrim=end=0.8")
    assert compared.length_delta_ms == pytest.approx(-200, abs=25)
