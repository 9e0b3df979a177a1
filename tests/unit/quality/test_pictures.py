import math
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.quality.pictures import IDENTICAL_DB, compare_pictures, summarise
from hf_lambda.toolchain import Toolchain
from tests.unit.quality.conftest import MakeVideo


def test_squared_errors_are_pooled_not_decibels() -> None:
    """One frame of 10 dB among 99 of 50 dB is 29.96 dB together, though the mean of the decibels is 49.6."""
    compared = summarise([50.0] * 60 + [10.0] + [50.0] * 39)
    assert compared.pooled_db == pytest.approx(29.96, abs=0.01)
    assert compared.average_db == pytest.approx(49.6)
    assert (compared.worst_db, compared.worst_frame, compared.frames) == (10.0, 60, 100)


def test_identical_frames_are_counted_and_stay_numbers() -> None:
    """An infinite PSNR is neither nothing nor infinite: it is written as 100 dB."""
    compared = summarise([math.inf, math.inf])
    assert compared.identical_frames == 2
    assert {compared.pooled_db, compared.average_db, compared.worst_db} == {IDENTICAL_DB}
    mixed = summarise([math.inf, 40.0])
    assert mixed.pooled_db == pytest.approx(43.01, abs=0.01)
    assert mixed.identical_frames == 1


def test_nothing_to_compare_is_as_bad_as_can_be() -> None:
    """No frame compared is no success."""
    assert summarise([]).pooled_db == 0.0


def test_frame_that_differs_is_named(toolchain: Toolchain, make_video: MakeVideo, tmp_path: Path) -> None:
    """A single frame turned to its negative is the worst, by its number."""
    reference, wrong = make_video("reference"), make_video("negated", "negate=enable='eq(n,17)'")
    compared = compare_pictures(toolchain.ffmpeg, reference, wrong, scratch=tmp_path, deadline=Deadline(60))
    assert compared.frames == 30
    assert compared.worst_frame == 17
    assert compared.worst_db < 15


def test_frames_are_paired_by_number(toolchain: Toolchain, make_video: MakeVideo, tmp_path: Path) -> None:
    """Where the last frames are missing the others are compared, and the last is not compared again and again."""
    reference, short = make_video("reference"), make_video("short", "trim=end_frame=20")
    compared = compare_pictures(toolchain.ffmpeg, reference, short, scratch=tmp_path, deadline=Deadline(60))
    assert compared.frames == 20
    assert compared.worst_db > 30
    first_missing = make_video("first-missing", "trim=start_frame=1,setpts=PTS-STARTPTS")
    shifted = compare_pictures(toolchain.ffmpeg, reference, first_missing, scratch=tmp_path, deadline=Deadline(60))
    assert shifted.worst_db < 30
