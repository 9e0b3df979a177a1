from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.quality.comparing import Comparison, compare_videos
from hf_lambda.quality.gates import Thresholds, find_reasons
from hf_lambda.toolchain import Toolchain
from tests.unit.quality.conftest import MakeVideo


def compare(toolchain: Toolchain, scratch: Path, *videos: Path) -> Comparison:
    """The comparison of two clips."""
    return compare_videos(toolchain, *videos, scratch=scratch / "scratch", deadline=Deadline(60))


def test_like_videos_pass(toolchain: Toolchain, make_video: MakeVideo, tmp_path: Path) -> None:
    """The same pictures and sound, encoded twice, have everything equal."""
    compared = compare(toolchain, tmp_path, make_video("reference"), make_video("again"))
    assert find_reasons(compared, Thresholds()) == []
    assert compared.pictures is not None
    assert compared.sound is not None


def test_other_size_is_not_compared_but_found(toolchain: Toolchain, make_video: MakeVideo, tmp_path: Path) -> None:
    """Pictures of another size cannot be compared, and fail."""
    compared = compare(toolchain, tmp_path, make_video("reference"), make_video("larger", size="128x96"))
    assert compared.pictures is None
    assert "128x96 instead of 96x64" in find_reasons(compared, Thresholds())


def test_silence_is_found(toolchain: Toolchain, make_video: MakeVideo, tmp_path: Path) -> None:
    """A video without the sound that it should have fails."""
    compared = compare(toolchain, tmp_path, make_video("reference"), make_video("silent", audio=None))
    assert compared.sound is None
    assert find_reasons(compared, Thresholds()) == ["sound is missing"]
