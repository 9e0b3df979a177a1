from pathlib import Path

import pytest

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.h264.parameters import (
    read_picture_parameters,
    read_sequence_parameters,
    with_frame_number_bits,
)
from tests.unit.media.h264.conftest import MakeStream

_START_CODE = b"\0\0\1"


def first_unit(path: Path, kind: int) -> bytes:
    """The first unit of a kind in a stream, without its start code."""
    units = path.read_bytes().split(_START_CODE)[1:]
    return next(unit.rstrip(b"\0") for unit in units if unit[0] & 31 == kind)


@pytest.mark.parametrize(
    ("size", "macroblocks"), [("64x48", 12), ("66x50", 20), ("1920x1080", 8160), ("1080x1920", 8160)]
)
def test_macroblocks_cover_the_picture(make_stream: MakeStream, size: str, macroblocks: int) -> None:
    """Those at its edges are only in part on it."""
    unit = first_unit(make_stream(size=size, pictures=1), 7)
    assert read_sequence_parameters(unit).macroblocks == macroblocks


@pytest.mark.parametrize("params", ["bframes=0", "bframes=0:qp=0", "bframes=0:ref=16"])
def test_frame_numbers_get_more_bits(make_stream: MakeStream, params: str) -> None:
    """Nothing else of the set changes: back at its first size it is as it was."""
    unit = first_unit(make_stream(params), 7)
    found = read_sequence_parameters(unit)
    longer = with_frame_number_bits(unit, found.frame_number_bits + 8)
    assert read_sequence_parameters(longer).frame_number_bits == found.frame_number_bits + 8
    assert read_sequence_parameters(longer).macroblocks == found.macroblocks
    assert longer != unit
    assert with_frame_number_bits(longer, found.frame_number_bits) == unit


@pytest.mark.parametrize(
    ("params", "is_arithmetic", "is_weighted"),
    [("cabac=1:weightp=1", True, True), ("cabac=0:weightp=0", False, False), ("cabac=0:weightp=1", False, True)],
)
def test_pictures_are_as_x264_was_told(
    make_stream: MakeStream, params: str, is_arithmetic: bool, is_weighted: bool
) -> None:
    """What slices will hold is read from the set."""
    found = read_picture_parameters(first_unit(make_stream(f"bframes=0:crf=23:{params}"), 8))
    assert (found.is_arithmetic, found.is_weighted) == (is_arithmetic, is_weighted)
    assert found.has_deblocking_control
    assert found.quantizer == 23


@pytest.mark.parametrize(
    ("params", "message"),
    [("bframes=2", "reordered"), ("bframes=0:interlaced=1", "interlaced")],
)
def test_other_streams_are_refused(make_stream: MakeStream, params: str, message: str) -> None:
    """Their slices are not what is written here."""
    unit = first_unit(make_stream(params, "-flags", "+ildct+ilme" if "interlaced" in params else "+bitexact"), 7)
    with pytest.raises(ENCODER_FAILED, match=message):
        read_sequence_parameters(unit)
